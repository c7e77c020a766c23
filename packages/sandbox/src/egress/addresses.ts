/**
 * Which addresses are the public internet. The rows are IANA's special-purpose registries; for IPv6 only 2000::/3 has
 * been given out, so that everything else (mapped and compatible addresses, NAT64, unique local, site-local, zones) is
 * refused without being listed. A library that names ranges was tried and left: it calls what it does not know unicast,
 * ::127.0.0.1 among it. `fixtures/egress/addresses.json` is the test, with Python's ipaddress as a second opinion.
 */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

const NOT_PUBLIC_4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // the host agent of a large cloud, reached from inside its machines only
  '169.254.0.0/16', // link-local, metadata services
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
];

const GIVEN_OUT_6 = ['2000::/3'];

const NOT_PUBLIC_6 = [
  '2001::/23', // protocol assignments: Teredo, benchmarking, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, which carries any IPv4 address
  '3fff::/20', // documentation
];

const notPublic4 = blockList(NOT_PUBLIC_4, 'ipv4');
const givenOut6 = blockList(GIVEN_OUT_6, 'ipv6');
const notPublic6 = blockList(NOT_PUBLIC_6, 'ipv6');

/** Of the plain text of one address; anything else is not public. */
export function isPublicAddress(address: string): boolean {
  // A zone id makes an address one of a network next door.
  if (address.includes('%')) return false;
  switch (isIP(address)) {
    case 4:
      return !notPublic4.check(address, 'ipv4');
    case 6:
      return givenOut6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** A public address of this very machine leads to what listens on it, past every firewall in front of it. */
export function isOwnAddress(address: string): boolean {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const own = new BlockList();
  for (const list of Object.values(networkInterfaces())) {
    for (const entry of list ?? []) {
      if (entry.family === 'IPv4') own.addAddress(entry.address, 'ipv4');
      else own.addAddress(entry.address, 'ipv6');
    }
  }
  return own.check(address, family);
}

function blockList(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, bits] = range.split('/') as [string, string];
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}
