import { HanabiError } from '@hanabi/protocol';
import { hostFetch } from '../egress/host-fetch.ts';
import type { Answer, Question } from './messages.ts';

/** One request for one connection, given up when that ends. */
export async function serveFetch(
  { request, policy }: Extract<Question, { kind: 'fetch' }>,
  signal: AbortSignal,
): Promise<Answer> {
  const body = Buffer.from(request.body, 'base64');
  const { record, outcome } = await hostFetch({ ...request, body }, policy, signal);
  if (outcome instanceof HanabiError) return { kind: 'fetched', record, outcome: outcome.toBody() };
  return { kind: 'fetched', record, outcome: { ...outcome, body: outcome.body.toString('base64') } };
}
