/** What the tests run inside a probe's frame: a client that sends exactly what it is told to, and keeps what it hears. */
import type { Frame } from '@playwright/test';

export interface Heard {
  v: number;
  type: string;
  rid: string | null;
  ok?: boolean;
  data?: Record<string, unknown>;
  error?: { code: string; category: string; message: string };
}

declare global {
  interface Window {
    heard: Heard[];
    raw(message: unknown): void;
    ask(type: string, payload?: Record<string, unknown>): Promise<Heard>;
  }
}

export async function listen(frame: Frame): Promise<void> {
  await frame.evaluate(() => {
    window.heard = [];
    addEventListener('message', (event) => {
      if (event.source === parent) window.heard.push(event.data as Heard);
    });
    window.raw = (message) => parent.postMessage(message, '*');
    let count = 0;
    window.ask = (type, payload = {}) => {
      count += 1;
      const rid = `probe-${count}`;
      return new Promise((resolve) => {
        const onMessage = (event: MessageEvent<Heard>) => {
          if (event.source !== parent || event.data.rid !== rid || event.data.ok === undefined) return;
          removeEventListener('message', onMessage);
          resolve(event.data);
        };
        addEventListener('message', onMessage);
        window.raw({ v: 1, type, rid, ...payload });
      });
    };
  });
}

export function ask(frame: Frame, type: string, payload: Record<string, unknown> = {}): Promise<Heard> {
  return frame.evaluate(([name, fields]) => window.ask(name, fields), [type, payload] as const);
}
