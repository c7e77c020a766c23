import { HanabiError } from '@hanabi/protocol';
import type { HostFetch } from '../egress/host-fetch.ts';
import { askOnce } from './ask-once.ts';

/** The network of a supervisor: the process that asks for a request does not make it. */
export function connectEgress(socket_path: string): HostFetch {
  return async ({ body, ...request }, policy, signal) => {
    const question = { kind: 'fetch' as const, request: { ...request, body: body.toString('base64') }, policy };
    const { record, outcome } = await askOnce(socket_path, question, 'fetched', signal);
    if ('code' in outcome) return { record, outcome: HanabiError.fromBody(outcome) };
    return { record, outcome: { ...outcome, body: Buffer.from(outcome.body, 'base64') } };
  };
}
