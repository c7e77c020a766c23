/** One HTTP request over a connection to addresses that were checked. Nothing of the environment steers it. */
import { type Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { HanabiError } from '@hanabi/protocol';
import type { FetchLimits } from './fetch-limits.ts';
import type { RequestHeaders } from './request.ts';

export interface Exchange {
  url: URL;
  method: string;
  headers: RequestHeaders;
  body: Buffer | undefined;
  addresses: readonly string[];
  /** Keeps connections; undefined: one for this request alone. */
  agent: HttpAgent | undefined;
  limits: FetchLimits;
  signal: AbortSignal;
}

/** Methods that may be sent again when a connection that was kept turns out to be dead. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The answer, when its head is there. Whoever gets it reads it to the end or destroys it. */
export async function exchange(order: Exchange): Promise<IncomingMessage> {
  const keeps = REPEATABLE.has(order.method) && order.body === undefined;
  try {
    return await send({ ...order, agent: keeps ? order.agent : undefined });
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    return send({ ...order, agent: undefined });
  }
}

/** The other side had closed a kept connection before it saw the request. */
class StaleConnection extends Error {}

function send({ url, method, headers, body, addresses, agent, limits, signal }: Exchange): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const length = body?.length ?? (method === 'POST' || method === 'PUT' || method === 'PATCH' ? 0 : undefined);
    const outgoing = start({
      method,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: url.pathname + url.search,
      headers: { ...headers, host: url.host, ...(length === undefined ? {} : { 'content-length': String(length) }) },
      lookup: pinnedTo(addresses),
      agent: agent ?? false,
      // Said outright, so that no variable of the environment says otherwise.
      rejectUnauthorized: true,
      insecureHTTPParser: false,
      maxHeaderSize: limits.fetch_header_bytes_max,
      signal,
    });
    outgoing.maxHeadersCount = limits.fetch_headers_max + 1;
    outgoing.on('response', (answer) => {
      answer.on('error', () => {}); // whoever reads meets it too
      if (answer.rawHeaders.length / 2 <= limits.fetch_headers_max) return resolve(answer);
      answer.destroy();
      reject(new HanabiError('HANABI-N005', `more than ${limits.fetch_headers_max} headers in the answer`));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(isStale ? new StaleConnection() : networkError(error, url, limits));
    });
    // An answer that switches protocols, which nobody asked for, ends in neither of the above.
    outgoing.on('close', () => reject(networkError(new Error('no answer'), url, limits)));
    outgoing.end(body);
  });
}

/** Instead of asking a name server again, whose second answer nobody has looked at. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    if (options.all) callback(null, all);
    else callback(null, all[0]!.address, all[0]!.family);
  };
}

/** What went wrong on the network, told without anything of the machine. */
export function networkError(error: unknown, url: URL, limits: FetchLimits): HanabiError {
  if (error instanceof HanabiError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'HPE_HEADER_OVERFLOW') {
    const detail = `more than ${limits.fetch_header_bytes_max} bytes of headers in the answer`;
    return new HanabiError('HANABI-N005', detail, { cause: error });
  }
  return new HanabiError('HANABI-N010', `${url.origin} (${code ?? 'the connection broke'})`, { cause: error });
}
