/** From the host of an address to the addresses that will be connected to, each of them looked at. */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { HanabiError } from '@hanabi/protocol';
import { isOwnAddress, isPublicAddress } from './addresses.ts';

/** All addresses of a name; none, or a throw, where there are none. */
export type LookUp = (name: string, signal: AbortSignal) => Promise<string[]>;

/**
 * Asks the DNS servers of the machine. Not `dns.lookup`: that blocks a thread of the few that the file system shares,
 * so that a name server which does not answer would hold up every job.
 */
export function dnsLookUp(servers?: readonly string[]): LookUp {
  return async (name, signal) => {
    const resolver = new Resolver();
    if (servers) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel);
    try {
      const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      const [failed] = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
      if (addresses.length === 0 && failed) throw failed;
      return addresses;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
}

/**
 * The addresses of a host, asked for once. One that is not public spoils them all: HANABI-N003. `mayBePrivate` is the
 * operator's exception.
 */
export async function resolveHost(
  hostname: string,
  mayBePrivate: boolean,
  lookUp: LookUp,
  signal: AbortSignal,
): Promise<string[]> {
  const addresses = await addressesOf(hostname.replace(/^\[|\]$/g, ''), lookUp, signal);
  if (mayBePrivate) return addresses;
  if (addresses.some((address) => !isPublicAddress(address) || isOwnAddress(address))) {
    throw new HanabiError('HANABI-N003', hostname);
  }
  return addresses;
}

async function addressesOf(host: string, lookUp: LookUp, signal: AbortSignal): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  // These never leave the machine, whatever a name server says.
  if (/(^|\.)localhost\.?$/.test(host)) return ['127.0.0.1', '::1'];
  let addresses: string[];
  try {
    addresses = await lookUp(host, signal);
  } catch (cause) {
    throw new HanabiError('HANABI-N010', `the name ${host} does not resolve`, { cause });
  }
  if (addresses.length === 0) throw new HanabiError('HANABI-N010', `the name ${host} does not resolve`);
  return addresses;
}
