import {
  DATA_HEADER,
  DESKTOP_PATHS,
  type ErrorBody,
  HanabiError,
  type HanabiEvent,
  LAUNCH_HEADER,
  PAYLOAD_HEADER,
  REPEATABLE_CALLS,
} from '@hanabi/protocol';
import { Elsewhere } from '../live/live-call.ts';
import { ChannelBroke } from '../live/live-channel.ts';
import { live } from '../live/live.ts';
import { ndjsonLines } from './ndjson-lines.ts';
import { request } from './request.ts';

type Line = { event: HanabiEvent } | { ok: true; data: unknown } | { ok: false; error: ErrorBody };

/**
 * Makes one capability call on behalf of a launch: over the live channel, or over HTTP while there is none and for what is
 * too large for it. Yields the events of a streaming one as they arrive and returns the data of the answer; an abort of the
 * signal ends the work on the server too.
 */
export async function* callCapability(
  type: string,
  payload: Record<string, unknown>,
  launchId: string,
  signal: AbortSignal,
): AsyncGenerator<HanabiEvent, unknown, void> {
  const call = live.call(type, payload, launchId, signal);
  if (call) {
    try {
      return yield* call;
    } catch (error) {
      const broke = error instanceof ChannelBroke;
      if (broke && !REPEATABLE_CALLS.has(type)) {
        throw new HanabiError('HANABI-V011', 'the connection broke before the answer; it may have been done');
      }
      if (!broke && !(error instanceof Elsewhere)) throw error;
    }
  }
  return yield* callOverHttp(type, payload, launchId, signal);
}

async function* callOverHttp(
  type: string,
  payload: Record<string, unknown>,
  launchId: string,
  signal: AbortSignal,
): AsyncGenerator<HanabiEvent, unknown, void> {
  const { bytes, ...rest } = payload;
  const headers = { [LAUNCH_HEADER]: launchId };
  const response = await request(`${DESKTOP_PATHS.capabilities}/${type}`, {
    method: 'POST',
    signal,
    ...(bytes === undefined
      ? { json: payload, headers }
      : {
          body: bytes as BodyInit,
          headers: { ...headers, [PAYLOAD_HEADER]: encodeURIComponent(JSON.stringify(rest)) },
        }),
  });
  const data = response.headers.get(DATA_HEADER);
  if (data !== null) {
    const content = payload['encoding'] === 'blob' ? await response.blob() : await response.arrayBuffer();
    return { ...(JSON.parse(decodeURIComponent(data)) as object), bytes: content };
  }
  if (!response.headers.get('content-type')?.startsWith('application/x-ndjson')) {
    return ((await response.json()) as { data: unknown }).data;
  }
  for await (const line of ndjsonLines<Line>(response.body!)) {
    if ('event' in line) yield line.event;
    else if (line.ok) return line.data;
    else throw HanabiError.fromBody(line.error);
  }
  // The stream broke off before its last line.
  throw new HanabiError(signal.aborted ? 'HANABI-W016' : 'HANABI-V011');
}
