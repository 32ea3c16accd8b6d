import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { checkLiteral, createGuardedLookup } from '../../../src/plugins/notify-webhook/guarded-lookup.ts';
import { isPublicAddress, isPublicOrLoopback } from '../../../src/plugins/notify-webhook/public-addresses.ts';

const CLOSED = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '239.255.255.255',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::ffff:a00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%lo',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'not an address',
];
const OPEN = [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.1',
  '172.32.0.1',
  '2606:4700::1111',
  '2a00::1',
];

describe('the addresses that a webhook may go to', () => {
  it.each(CLOSED)('not %s', address => expect(isPublicAddress(address)).toBe(false));
  it.each(OPEN)('%s', address => expect(isPublicAddress(address)).toBe(true));

  it('this machine too, where tests ask for it, and nothing else of what is closed', () => {
    const opened = CLOSED.filter(isPublicOrLoopback);
    expect(opened).toEqual(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1']);
  });

  it.each(['https://127.1/', 'https://2130706433/', 'https://0x7f000001/', 'https://[::1]/'])(
    'not %s, whichever way it is written',
    url => expect(() => checkLiteral(new URL(url).hostname, isPublicAddress)).toThrow('not public'),
  );
});

describe('the look-up of a name', () => {
  const lookUp = (addresses: LookupAddress[], all: boolean) =>
    new Promise((resolve, reject) => {
      const lookup = createGuardedLookup(isPublicAddress, (_host, _options, done) => done(null, addresses));
      lookup('hooks.example', { all }, (error, found) => (error ? reject(error) : resolve(found)));
    });
  const open = { address: '1.1.1.1', family: 4 };
  const inside = { address: '10.0.0.1', family: 4 };

  it('hands on what was judged', async () => {
    expect(await lookUp([open], true)).toEqual([open]);
    expect(await lookUp([open], false)).toBe('1.1.1.1');
  });

  it.each([[[inside]], [[open, inside]], [[]]])('refuses %j', async addresses => {
    await expect(lookUp(addresses, true)).rejects.toThrow('hooks.example leads to an address');
  });
});
