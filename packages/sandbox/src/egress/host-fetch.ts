/** One request that this host makes on behalf of a program, under the same checks as ctx.fetch of a job. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { Answer } from './answer.ts';
import { performFetch } from './fetch.ts';
import type { NetworkPolicy } from './policy.ts';
import { type FetchRecord, newRecord } from './record.ts';
import { dnsLookUp } from './resolve.ts';

export interface HostRequest {
  method: string;
  url: string;
  headers: [string, string][];
  body: Buffer;
}

/** Throws HanabiErrors only. Either way the record tells what was asked for and what came of it. */
export async function hostFetch(
  request: HostRequest,
  policy: NetworkPolicy | undefined,
  recorded: (record: FetchRecord) => void,
  signal: AbortSignal,
): Promise<Answer> {
  const record = newRecord(request, LIMITS);
  const startedAt = performance.now();
  const late = AbortSignal.timeout(LIMITS.fetch_timeout_ms);
  const agents = { http: new HttpAgent(), https: new HttpsAgent() };
  try {
    if (!policy) throw new HanabiError('HANABI-N001');
    const { method, url, headers, body } = request;
    const frame = { kind: 'fetch' as const, id: 0, method, url, headers, size_bytes: body.length };
    const fits = body.length <= LIMITS.fetch_request_bytes_max;
    return await performFetch(
      { frame, body: fits ? body : undefined, record, signal: AbortSignal.any([signal, late]) },
      {
        policy,
        limits: LIMITS,
        lookUp: dnsLookUp(),
        agentFor: ({ protocol }) => (protocol === 'https:' ? agents.https : agents.http),
        beforeRequest: async () => {},
        spend: () => {},
      },
    );
  } catch (error) {
    const known = hanabiErrorOf(error, signal, late);
    record.code = known.code;
    throw known;
  } finally {
    agents.http.destroy();
    agents.https.destroy();
    record.wall_ms = performance.now() - startedAt;
    recorded(record);
  }
}

function hanabiErrorOf(error: unknown, signal: AbortSignal, late: AbortSignal): HanabiError {
  if (signal.aborted) return new HanabiError('HANABI-W016');
  if (late.aborted) return new HanabiError('HANABI-N007', `more than ${LIMITS.fetch_timeout_ms / 1000} s`);
  return error instanceof HanabiError ? error : new HanabiError('HANABI-N010', undefined, { cause: error });
}
