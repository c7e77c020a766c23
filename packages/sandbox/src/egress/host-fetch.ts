/**
 * One request that the host makes for a service, or with a credential that no program may see: under the same checks as
 * ctx.fetch of a job, in the same process.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { Answer } from './answer.ts';
import type { NetworkPolicy } from './policy.ts';
import { type FetchRecord, newRecord } from './record.ts';
import { dnsLookUp } from './resolve.ts';
import { timedFetch } from './timed-fetch.ts';

export interface HostRequest {
  method: string;
  url: string;
  headers: [string, string][];
  body: Buffer;
}

export interface HostFetched {
  /** What was asked for and what came of it. */
  record: FetchRecord;
  outcome: Answer | HanabiError;
}

/** `policy` undefined: the network is not approved. Throws where nobody could be asked. */
export type HostFetch = (
  request: HostRequest,
  policy: NetworkPolicy | undefined,
  signal: AbortSignal,
) => Promise<HostFetched>;

/** An answer travels on as one message, and ends up in one of a service. */
const LIMITS_OF_HOST = { ...LIMITS, fetch_response_bytes_max: LIMITS.service_http_answer_bytes_max };

/** In this process: the supervisor's. */
export async function hostFetch(
  request: HostRequest,
  policy: NetworkPolicy | undefined,
  signal: AbortSignal,
): Promise<HostFetched> {
  const record = newRecord(request, LIMITS_OF_HOST);
  const startedAt = performance.now();
  const outcome = await perform(request, policy, record, signal).catch((error: HanabiError) => error);
  if (outcome instanceof HanabiError) record.code = outcome.code;
  return { record: { ...record, wall_ms: performance.now() - startedAt }, outcome };
}

async function perform(
  { method, url, headers, body }: HostRequest,
  policy: NetworkPolicy | undefined,
  record: FetchRecord,
  signal: AbortSignal,
): Promise<Answer> {
  if (!policy) throw new HanabiError('HANABI-N001');
  const agents = { http: new HttpAgent(), https: new HttpsAgent() };
  const frame = { kind: 'fetch' as const, id: 0, method, url, headers, size_bytes: body.length };
  const fits = body.length <= LIMITS_OF_HOST.fetch_request_bytes_max;
  let left_bytes = policy.budget?.bytes_max ?? Infinity;
  const spend = (bytes: number) => {
    left_bytes -= bytes;
    if (left_bytes < 0 || policy.budget?.bytes_max === 0) throw new HanabiError('HANABI-N008');
  };
  try {
    return await timedFetch(
      { frame, body: fits ? body : undefined, record, signal },
      {
        policy,
        limits: LIMITS_OF_HOST,
        lookUp: dnsLookUp(),
        agentFor: ({ protocol }) => (protocol === 'https:' ? agents.https : agents.http),
        beforeRequest: async () => spend(0),
        spend,
      },
    );
  } finally {
    agents.http.destroy();
    agents.https.destroy();
  }
}
