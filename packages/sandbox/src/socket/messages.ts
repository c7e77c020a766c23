/**
 * What travels over the supervisor's socket. One connection carries one question, so that backpressure is the
 * socket's own, order is kept, and a lost client is a closed connection.
 *
 * Client → supervisor: one `Question`, to the event "admitted" a `go`, and to an activity perhaps a `cancel`; ending its half of the
 * connection afterwards cancels the job. To a `service` any number of `order`; ending its half of the connection ends the service.
 * Supervisor → client: any number of `event`, then one of the other answers.
 */
import { type CancelReason, type ErrorBody, MIB } from '@hanabi/protocol';
import type { Answer as HttpAnswer } from '../egress/answer.ts';
import type { HostRequest } from '../egress/host-fetch.ts';
import type { NetworkPolicy } from '../egress/policy.ts';
import type { FetchRecord } from '../egress/record.ts';
import { FrameDecoder, FrameError } from '../frames.ts';
import type { LibraryLayer } from '../libraries/libraries.ts';
import type { JobEvent, JobResult, JobSpec, SandboxStatus } from '../sandbox.ts';
import type { ServiceEvent, ServiceOrder, ServiceSpec } from '../service/service.ts';

/** Bytes as base64: a message is JSON. */
type AsText<Shape> = Omit<Shape, 'body'> & { body: string };

export type Question =
  | { kind: 'status' }
  | { kind: 'run'; spec: JobSpec }
  /** The answer to the event "admitted": the job may start. */
  | { kind: 'go' }
  /** The activity is to end by itself. */
  | { kind: 'cancel'; reason: CancelReason }
  | { kind: 'service'; spec: ServiceSpec }
  /** To the service of this connection. */
  | { kind: 'order'; order: ServiceOrder }
  | { kind: 'fetch'; request: AsText<HostRequest>; policy: NetworkPolicy | undefined }
  | { kind: 'prepare-libraries'; requirements: readonly string[] }
  | { kind: 'collect-libraries'; needed: readonly (readonly string[])[] };

export type Answer =
  | { kind: 'status'; status: SandboxStatus }
  | { kind: 'event'; event: JobEvent }
  | { kind: 'result'; result: JobResult }
  | { kind: 'service-event'; event: ServiceEvent }
  | { kind: 'fetched'; record: FetchRecord; outcome: AsText<HttpAnswer> | ErrorBody }
  | { kind: 'layer'; layer: LibraryLayer }
  | { kind: 'collected' }
  | { kind: 'error'; error: ErrorBody };

/** Above the largest `output` event (a worker frame, escaped again) and the longest list of outputs. */
const MESSAGE_BYTES_MAX = 8 * MIB;

/** Both ends are processes of ours, so the shape is trusted; only the framing is checked. */
export async function* readMessages<Message>(socket: AsyncIterable<Buffer>): AsyncGenerator<Message, void, void> {
  const decoder = new FrameDecoder(MESSAGE_BYTES_MAX);
  for await (const chunk of socket) {
    for (const frame of decoder.push(chunk)) {
      if (frame.kind !== 'json') throw new FrameError('a frame of bytes between the server and its supervisor');
      yield frame.value as Message;
    }
  }
}
