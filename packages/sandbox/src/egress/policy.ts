/** Which addresses a module may name. What such a name leads to is looked at afterwards, in resolve.ts. */
import { isIP } from 'node:net';
import { HanabiError, LIMITS } from '@hanabi/protocol';

export interface NetworkPolicy {
  /** Exactly these, or (network.fetch.broad) every public one that the lists of the operator let through. */
  origins: readonly string[] | 'public';
  /** Domains, each with all below it. For 'public'; an empty list allows every one. */
  allow_domains: readonly string[];
  /** Domains, each with all below it. They win over everything. */
  deny_domains: readonly string[];
  /** Origins that the operator lets lead to private addresses. Makes none of them reachable that is not so already. */
  private_origins: readonly string[];
  /** For the whole job; null: the limits of single requests are enough. */
  budget: {
    /** Bytes of all bodies, as they travel. */
    bytes_max: number;
    requests_per_s_max: number;
  } | null;
}

/** Services that are no web servers, yet do what the text of an HTTP request tells them to. */
const ODD_PORTS = new Set([1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6679, 6697, 10_080]);

/** The address as the WHATWG parser reads it, once; everything after looks at its parts. HANABI-N009. */
export function parseUrl(text: string): URL {
  if (text.length > LIMITS.fetch_url_chars_max) {
    throw new HanabiError('HANABI-N009', `the address has more than ${LIMITS.fetch_url_chars_max} characters`);
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new HanabiError('HANABI-N009', 'the address is not an absolute URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new HanabiError('HANABI-N009', `the address begins with ${url.protocol}, not http: or https:`);
  }
  if (url.username || url.password) throw new HanabiError('HANABI-N009', 'the address holds a user name or a password');
  url.hash = '';
  return url;
}

/** Undefined where it is no address that anybody may ask for. */
export function readUrl(text: string): URL | undefined {
  try {
    return parseUrl(text);
  } catch {
    return undefined;
  }
}

/** Ends with HANABI-N002 unless the module may name this origin. */
export function checkOrigin(url: URL, policy: NetworkPolicy): void {
  const denied = policy.deny_domains.find((domain) => isBelow(url.hostname, domain));
  if (denied) throw new HanabiError('HANABI-N002', `${url.origin} (the administrator excludes ${denied})`);
  if (policy.origins !== 'public') {
    if (policy.origins.some((origin) => sameOrigin(origin, url))) return;
    throw new HanabiError('HANABI-N002', `${url.origin} is not listed in the manifest`);
  }
  if (!isWebPort(url.port)) throw new HanabiError('HANABI-N002', `${url.origin} (not a port of web servers)`);
  const allowed = policy.allow_domains.some((domain) => isBelow(url.hostname, domain));
  // A list of domains says nothing about addresses, so these have to be on it themselves.
  if (allowed || (policy.allow_domains.length === 0 && !isAddress(url.hostname))) return;
  throw new HanabiError('HANABI-N002', `${url.origin} is not among the domains that the administrator allows`);
}

export function mayBePrivate(url: URL, policy: NetworkPolicy): boolean {
  return policy.private_origins.some((origin) => sameOrigin(origin, url));
}

function sameOrigin(origin: string, url: URL): boolean {
  return URL.canParse(origin) && new URL(origin).origin === url.origin;
}

function isBelow(hostname: string, domain: string): boolean {
  const host = hostname.replace(/\.$/, '');
  return host === domain || (host.endsWith(`.${domain}`) && !isAddress(host));
}

function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

function isWebPort(port: string): boolean {
  if (port === '') return true;
  const number = Number(port);
  const isIrc = number >= 6665 && number <= 6669;
  return number === 80 || number === 443 || (number >= 1024 && !isIrc && !ODD_PORTS.has(number));
}
