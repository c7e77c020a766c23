import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { Box } from '../box.ts';
import { Places } from '../places.ts';
import { startSession } from './box-session.ts';
import type { ServiceSession, ServiceSpec } from './service.ts';

interface OpenedBox {
  box: Box;
  libraries: string[];
  /** Settles when everything in it is dead. */
  readonly dispose: () => Promise<void>;
}

/** The services of one sandbox: counted, and ended with it. */
export class OpenServices {
  readonly #open = new Set<Promise<ServiceSession>>();
  /** All of a server that starts at once would be too late for their time limit, and leave nothing to jobs. */
  readonly #boots = new Places(LIMITS.service_boots_at_once_max);

  async open(spec: ServiceSpec, signal: AbortSignal, boot: () => Promise<OpenedBox>): Promise<ServiceSession> {
    if (this.#open.size >= LIMITS.services_max) throw new HanabiError('HANABI-Q014', `at most ${LIMITS.services_max}`);
    const session = this.#start(spec, signal, boot, () => this.#open.delete(session));
    this.#open.add(session);
    session.catch(() => this.#open.delete(session));
    return session;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open].map(async (session) => (await session).close()));
  }

  async #start(
    spec: ServiceSpec,
    signal: AbortSignal,
    boot: () => Promise<OpenedBox>,
    ended: () => void,
  ): Promise<ServiceSession> {
    await this.#boots.enter();
    const { box, libraries, dispose } = await this.#boot(signal, boot).finally(() => this.#boots.leave());
    return startSession(spec, { box, libraries, signal, dispose: () => dispose().finally(ended) });
  }

  async #boot(signal: AbortSignal, boot: () => Promise<OpenedBox>): Promise<OpenedBox> {
    if (signal.aborted) throw new HanabiError('HANABI-W016');
    return boot();
  }
}
