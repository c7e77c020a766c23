/** A window with a parent that records what it is sent, for a client under test. */

export interface SentMessage {
  v: number;
  type: string;
  rid: string;
  [field: string]: unknown;
}

export interface FakeHost {
  window: Window;
  /** Every message that reached the parent window, oldest first. */
  sent: SentMessage[];
  /** Delivers a message to the page, from the parent unless told otherwise. */
  deliver(data: unknown, from?: unknown, ports?: MessagePort[]): void;
  /** The reply to a message: `ok` with data, or an error. */
  reply(to: SentMessage, outcome: Record<string, unknown>): void;
}

export function fakeHost(): FakeHost {
  const sent: SentMessage[] = [];
  const parent = { postMessage: (message: unknown) => sent.push(structuredClone(message) as SentMessage) };
  const page = Object.assign(new EventTarget(), { parent });
  const deliver: FakeHost['deliver'] = (data, from = parent, ports = []) => {
    page.dispatchEvent(Object.assign(new Event('message'), { data, source: from, ports }));
  };
  return {
    window: page as unknown as Window,
    sent,
    deliver,
    reply: (to, outcome) => deliver({ v: 1, type: `${to.type}_RESULT`, rid: to.rid, ...outcome }),
  };
}
