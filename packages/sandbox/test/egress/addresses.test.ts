/** The table in fixtures/egress/, which python/tests/test_egress_addresses.py reads too. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { ipV4, ipV6, assert, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwnAddress, isPublicAddress } from '../../src/egress/addresses.ts';
import { parseUrl } from '../../src/egress/policy.ts';
import { policyOf, workerSide } from './worker-side.ts';

interface Row {
  host: string;
  address: string;
  public: boolean;
  why: string;
}
const file = join(import.meta.dirname, '../../../../fixtures/egress/addresses.json');
const table = JSON.parse(readFileSync(file, 'utf8')) as { hosts: Row[]; not_hosts: string[] };
const notPublic = table.hosts.filter((row) => !row.public);

describe('an address', () => {
  it.each(table.hosts)('$host is $address: $why', (row) => {
    expect(parseUrl(`http://${row.host}/`).hostname.replace(/^\[|\]$/g, '')).toBe(row.address);
    expect(isPublicAddress(row.address)).toBe(row.public);
  });

  it.each(table.not_hosts)('%s is none', (host) => {
    expect(() => parseUrl(`http://${host}/`)).toThrow(/not an absolute URL/);
  });

  it.each(['fe80::1%eth0', '::1%lo', '2606:4700::1%eth0', '', 'localhost', '1.2.3', '08.8.8.8', ' 8.8.8.8'])(
    'of a resolver that is no plain one is not public: %j',
    (text) => expect(isPublicAddress(text)).toBe(false),
  );

  it('of this machine is known as such', () => {
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    expect(own.length).toBeGreaterThan(0);
    for (const { address } of own) expect(isOwnAddress(address)).toBe(true);
    expect(isOwnAddress('8.8.8.8')).toBe(false);
  });

  it('is never public inside ::/3 or below a listed range, whatever the rest of it is', () => {
    assert(property(ipV6(), (text) => !isPublicAddress(text) || /^[23][0-9a-f]{3}:/i.test(text)));
    assert(property(ipV4(), (text) => !/^(10|127|0|22[4-9]|2[345]\d)\./.test(text) || !isPublicAddress(text)));
  });
});

describe('a worker', () => {
  it.each(notPublic)('does not reach $host, declared or not', async ({ host }) => {
    const origin = new URL(`http://${host}:9`).origin;
    const declared = await workerSide(policyOf({ origins: [origin] })).ask(`http://${host}:9/`);
    expect(declared.code).toBe('HANABI-N003');
    const broad = policyOf({ origins: 'public', allow_domains: [new URL(origin).hostname.replace(/\.$/, '')] });
    expect((await workerSide(broad).ask(`http://${host}:1999/`)).code).toMatch(/HANABI-N00[23]/);
  });

  it.each(notPublic)('does not reach what a name of its own resolves to: $address', async ({ address }) => {
    const lookUp = async () => ['93.184.216.34', address];
    const side = workerSide(policyOf({ origins: ['http://own.example'] }), { lookUp });
    expect(await side.ask('http://own.example/')).toMatchObject({ code: 'HANABI-N003' });
    expect(side.records).toMatchObject([{ origin: 'http://own.example', path: '/', code: 'HANABI-N003', requests: 0 }]);
  });

  it.each(['localhost', 'a.localhost', 'localhost.', 'LOCALHOST'])('does not reach %s', async (host) => {
    const side = workerSide(policyOf({ origins: [`http://${host}`] }), { lookUp: async () => ['93.184.216.34'] });
    expect((await side.ask(`http://${host}/`)).code).toBe('HANABI-N003');
  });
});
