/** Envelopes out, replies and events in, matched by rid. */
import type {
  CapabilityType,
  ErrorBody,
  EventPayloads,
  EventType,
  HanabiEvent,
  Payloads,
  Results,
} from '@hanabi/protocol';
import { HanabiError } from './hanabi-error.ts';

export type OnProgress = (progress: EventPayloads['HANABI_JOB_PROGRESS']) => void;
export type OnOutput = (output: EventPayloads['HANABI_JOB_OUTPUT']) => void;

export interface Connection {
  call: <T extends CapabilityType>(
    type: T,
    payload?: Payloads[T],
    onProgress?: OnProgress,
    onOutput?: OnOutput,
  ) => Promise<Results[T]>;
  /** Events that belong to no request. Returns the way to stop listening. */
  onEvent: <T extends EventType>(type: T, listener: (event: EventPayloads[T]) => void) => () => void;
  /** Ends the client: pending requests are rejected and nothing more is sent. */
  dispose: () => void;
}

interface PendingRequest {
  readonly type: string;
  resolve(data: unknown): void;
  reject(error: HanabiError): void;
  readonly onProgress: OnProgress | undefined;
  readonly onOutput: OnOutput | undefined;
  /** Events that its callbacks have seen. */
  taken: number;
}

/** Well below the limit `job_events_ahead_max`, so that the host rarely waits for a page that keeps up. */
const CONFIRMED_EVERY = 16;

export function openConnection(page: Window): Connection {
  const host = page.parent;
  const pending = new Map<string, PendingRequest>();
  // Random, so that neither a second client in this page nor a sibling frame can name a request of this one.
  // crypto.randomUUID would need https.
  const ridPrefix = crypto.getRandomValues(new Uint32Array(4)).join('-');
  let ridCount = 0;
  let disposed = false;
  const listeners = new Set<(message: { type: string }) => void>();
  /** Handed over by the host in its READY replies; requests take the newest, replies may come by any. */
  const ports: MessagePort[] = [];

  function receive({ data: message, ports: handedOver }: MessageEvent): void {
    const request = pending.get(message?.rid);
    if (!request) {
      if (message?.type === 'HANABI_PING') return sayAlive();
      if (typeof message?.type === 'string') for (const listener of listeners) listener(message);
      return;
    }
    if (message.type !== `${request.type}_RESULT`) {
      receiveEvent(request, message);
      request.taken += 1;
      // The host waits for it before it sends many more: a slow page slows the worker, and nothing piles up in between.
      if (request.taken % CONFIRMED_EVERY === 0) {
        send({ v: 1, type: 'HANABI_EVENTS_TAKEN', rid: message.rid, count: request.taken });
      }
      return;
    }
    pending.delete(message.rid);
    if (message.ok !== true) return request.reject(new HanabiError(errorBodyOf(message.error)));
    const port = handedOver?.[0];
    if (port && request.type === 'HANABI_READY') {
      port.addEventListener('message', receive);
      port.start();
      ports.unshift(port);
      // Before the page goes on, which may never end.
      sayAlive();
    }
    request.resolve(message.data);
  }

  function receiveFromWindow(event: MessageEvent): void {
    // Any frame that can reach this window may post to it; only the host may answer.
    if (event.source === host) receive(event);
  }

  function send(message: Record<string, unknown>): void {
    const port = ports[0];
    // The frame has an opaque origin and cannot name the host's; what is sent reaches the parent window only.
    if (!port) return host.postMessage(message, '*');
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has one other end and no origin
    port.postMessage(message);
  }

  /** Whoever has the port is asked by it whether the page still answers, until they say that they leave. */
  function sayAlive(last = false): void {
    send({ v: 1, type: 'HANABI_ALIVE', rid: ridPrefix, ...(last && { last }) });
  }

  page.addEventListener('message', receiveFromWindow);

  return {
    call: (type, payload, onProgress, onOutput) =>
      new Promise((resolve, reject) => {
        if (disposed) return reject(disposedError());
        if (host === page) return reject(failure('HANABI-M003', 'PERMISSION_DENIED', 'Open this page in the desktop'));
        ridCount += 1;
        const rid = `${ridPrefix}-${ridCount}`;
        pending.set(rid, { type, resolve, reject, onProgress, onOutput, taken: 0 });
        try {
          send({ ...payload, v: 1, type, rid });
        } catch (error) {
          // What cannot be cloned, a function for one, never left this page.
          pending.delete(rid);
          reject(failure('HANABI-V002', 'INVALID', `Malformed payload: ${String(error)}`));
        }
      }),
    onEvent(type, listener) {
      const hear = (message: { type: string }) => {
        if (message.type === type) listener(message as never);
      };
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    dispose() {
      listeners.clear();
      disposed = true;
      page.removeEventListener('message', receiveFromWindow);
      if (ports.length > 0) sayAlive(true);
      for (const port of ports) port.close();
      for (const request of pending.values()) request.reject(disposedError());
      pending.clear();
    },
  };
}

/** A callback of the module that throws is its author's bug to see; it must not cost the reply or later events. */
function receiveEvent({ onProgress, onOutput }: PendingRequest, event: HanabiEvent): void {
  try {
    if (event.type === 'HANABI_JOB_PROGRESS') {
      const { jobId, progressPct, message } = event;
      onProgress?.({ jobId, progressPct, message });
    } else if (event.type === 'HANABI_JOB_OUTPUT') {
      const { jobId, seq, chunk, encoding } = event;
      onOutput?.({ jobId, seq, chunk, encoding });
    }
  } catch (error) {
    console.error(error);
  }
}

function errorBodyOf(error: ErrorBody | undefined): ErrorBody {
  return typeof error?.code === 'string' ? error : malformedReply;
}

const malformedReply: ErrorBody = { code: 'HANABI-V001', category: 'INVALID', message: 'Malformed reply of the host' };

function failure(code: ErrorBody['code'], category: ErrorBody['category'], message: string): HanabiError {
  return new HanabiError({ code, category, message });
}

function disposedError(): HanabiError {
  return failure('HANABI-M006', 'UNAVAILABLE', 'This client was disposed');
}
