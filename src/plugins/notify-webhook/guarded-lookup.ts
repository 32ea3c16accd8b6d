import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { AddressRule } from './public-addresses.ts';

export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';

  constructor(host: string) {
    super(`${host} leads to an address that is not public`);
  }
}

export type ResolveAll = (
  host: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Looks a name up and judges what it finds before anybody connects to it. The connection goes to the very address that
 * was judged, so a name that leads elsewhere a moment later gains nothing. One bad address condemns the name.
 */
export function createGuardedLookup(
  isAllowed: AddressRule,
  resolve: ResolveAll = systemLookup,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? new AddressRefused(host), '');
      if (!addresses.every(({ address }) => isAllowed(address)))
        return callback(new AddressRefused(host), '');
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** Of a host that is written as an address: nobody looks it up, so the guard above never sees it. */
export function checkLiteral(hostname: string, isAllowed: AddressRule): void {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0 && !isAllowed(address)) throw new AddressRefused(address);
}
