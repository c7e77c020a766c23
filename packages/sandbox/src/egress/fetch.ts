/** One ctx.fetch, from the frame of the worker to the answer: every check, and the record of what was decided. */
import type { Agent as HttpAgent, IncomingMessage } from 'node:http';
import { type FetchFrame, HanabiError } from '@hanabi/protocol';
import { type Answer, readAnswer } from './answer.ts';
import { exchange, networkError } from './exchange.ts';
import type { FetchLimits } from './fetch-limits.ts';
import { checkOrigin, mayBePrivate, type NetworkPolicy, parseUrl } from './policy.ts';
import type { FetchRecord } from './record.ts';
import { checkMethod, type RequestHeaders, requestHeaders } from './request.ts';
import { type LookUp, resolveHost } from './resolve.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** They describe a body, so they go with it. */
const BODY_HEADERS = ['content-type', 'content-encoding', 'content-language', 'content-location'];

/** What all requests of a job share. */
export interface FetchMeans {
  policy: NetworkPolicy;
  limits: FetchLimits;
  lookUp: LookUp;
  agentFor(url: URL): HttpAgent;
  /** Before each request that is made. HANABI-N006; waits where there is a rate. */
  beforeRequest(signal: AbortSignal): Promise<void>;
  /** Counts against the budget. HANABI-N008. */
  spend(bytes: number): void;
}

export interface FetchOrder {
  frame: FetchFrame;
  /** Undefined: too large to be taken at all. */
  body: Buffer | undefined;
  record: FetchRecord;
  signal: AbortSignal;
}

/** Writes into the record what it does. Throws HanabiErrors only, but for an abort. */
export async function performFetch({ frame, body, record, signal }: FetchOrder, means: FetchMeans): Promise<Answer> {
  const { policy, limits } = means;
  const start = parseUrl(frame.url);
  checkMethod(frame.method);
  const headers = requestHeaders(frame.headers, limits);
  if (!body) throw new HanabiError('HANABI-N005', `a body of more than ${limits.fetch_request_bytes_max} bytes`);
  checkOrigin(start, policy);
  const addresses = await resolveHost(start.hostname, mayBePrivate(start, policy), means.lookUp, signal);

  let step: Step = { url: start, method: frame.method, headers, body: body.length > 0 ? body : undefined };
  for (let redirects = 0; ; redirects += 1) {
    const response = await request(step, addresses, { record, signal }, means);
    // The same origin was allowed, resolved and checked a moment ago. Any other is a new decision: the worker's.
    const next = redirectOf(response, step);
    if (!next) return await read(response, step, record, means);
    response.destroy();
    if (redirects === limits.fetch_redirects_max) {
      throw new HanabiError('HANABI-N004', `more than ${limits.fetch_redirects_max} times`);
    }
    step = next;
  }
}

interface Step {
  url: URL;
  method: string;
  headers: RequestHeaders;
  body: Buffer | undefined;
}

async function request(
  step: Step,
  addresses: readonly string[],
  { record, signal }: Pick<FetchOrder, 'record' | 'signal'>,
  means: FetchMeans,
): Promise<IncomingMessage> {
  await means.beforeRequest(signal);
  const bytes = step.body?.length ?? 0;
  means.spend(bytes);
  record.requests += 1;
  record.sent_bytes += bytes;
  const response = await exchange({
    ...step,
    addresses,
    agent: means.agentFor(step.url),
    limits: means.limits,
    signal,
  });
  return response;
}

async function read(response: IncomingMessage, step: Step, record: FetchRecord, means: FetchMeans): Promise<Answer> {
  const received = (bytes: number) => {
    record.received_bytes += bytes;
    means.spend(bytes);
  };
  try {
    const answer = await readAnswer(response, step.method, means.limits, received);
    record.status = answer.status;
    return answer;
  } catch (error) {
    throw networkError(error, step.url, means.limits);
  }
}

/** Where to go on, as browsers do it; undefined: this is the answer. */
function redirectOf(response: IncomingMessage, step: Step): Step | undefined {
  const status = response.statusCode!;
  const location = response.headers.location;
  if (!REDIRECTS.has(status) || location === undefined || !URL.canParse(location, step.url.href)) return undefined;
  const url = new URL(location, step.url);
  if (url.origin !== step.url.origin || url.username || url.password) return undefined;
  url.hash = '';
  const becomesGet = status === 303 ? step.method !== 'HEAD' : status < 303 && step.method === 'POST';
  if (!becomesGet) return { ...step, url };
  const headers = { ...step.headers };
  for (const name of BODY_HEADERS) delete headers[name];
  return { url, method: 'GET', headers, body: undefined };
}
