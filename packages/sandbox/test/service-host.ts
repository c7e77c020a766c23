/** A host for one service: a map for its state, a list for its log, and every event in its order. */
import type { ServiceFunction } from '@hanabi/protocol';
import type { ServiceEvent, ServiceSession, Told } from '../src/index.ts';

interface Params {
  key: string;
  value: unknown;
  entries: { level: string; message: string }[];
}

export class ServiceHost {
  readonly state = new Map<string, unknown>();
  readonly lines: string[] = [];
  readonly #session: ServiceSession;
  #calls = 0;

  constructor(session: ServiceSession) {
    this.#session = session;
  }

  /** The first event that is no question. */
  async next(): Promise<ServiceEvent | undefined> {
    for (;;) {
      const step = await this.#session.events.next();
      if (step.done) return undefined;
      if (step.value.kind !== 'ask') return step.value;
      const { id, method, params } = step.value;
      this.#session.send({ kind: 'answer', id, told: this.#answer(method, params as Params) });
    }
  }

  call(name: ServiceFunction): Promise<ServiceEvent | undefined> {
    this.#calls += 1;
    this.#session.send({ kind: 'call', id: this.#calls, name });
    return this.next();
  }

  #answer(method: string, params: Params): Told {
    const { key, value, entries } = params;
    switch (method) {
      case 'state.get':
        return { value: { found: this.state.has(key), value: this.state.get(key) ?? null } };
      case 'state.set':
        this.state.set(key, value);
        return { value: null };
      case 'log.write':
        for (const { level, message } of entries) this.lines.push(`${level} ${message}`);
        return { value: null };
      default:
        return { error: `${method} is not approved`, code: 'HANABI-N001' };
    }
  }
}
