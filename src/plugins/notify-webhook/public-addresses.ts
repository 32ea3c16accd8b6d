import { BlockList, isIP } from 'node:net';

/** What no webhook of ours has to do with: this network, this machine, clouds' metadata, documentation, multicast. */
const CLOSED_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** Inside of 2000::/3, the only range that is routed: Teredo and its kin, documentation, 6to4 (it wraps any IPv4). */
const CLOSED_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const closed = new BlockList();
for (const [net, prefix] of CLOSED_IPV4) closed.addSubnet(net, prefix, 'ipv4');
const closedIpv6 = new BlockList();
for (const [net, prefix] of CLOSED_IPV6) closedIpv6.addSubnet(net, prefix, 'ipv6');
const routedIpv6 = new BlockList();
routedIpv6.addSubnet('2000::', 3, 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export type AddressRule = (address: string) => boolean;

/** Whether an address is one of the open internet. IPv4 in the clothes of IPv6 is not: it would pass every other list. */
export const isPublicAddress: AddressRule = address => {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, 'ipv4');
  if (family !== 6 || address.includes('%')) return false;
  return routedIpv6.check(address, 'ipv6') && !closedIpv6.check(address, 'ipv6');
};

/** For tests: this machine, too, and nothing else of what is closed. */
export const isPublicOrLoopback: AddressRule = address => {
  if (isPublicAddress(address)) return true;
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return false;
  return loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
};
