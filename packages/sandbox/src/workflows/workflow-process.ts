import { HanabiError } from '@hanabi/protocol';
import type { ServiceSession } from '../service/service.ts';
import { type Deferred, deferred } from './deferred.ts';
import type { Activation, Completion } from './wire.ts';

interface Order {
  readonly activation: Activation;
  readonly done: Deferred<Completion>;
}

/**
 * A sealed process that executes the workflows of one module. It polls: with each question it tells what came of the
 * last activation and asks for the next one, so there is one at a time and the others wait in line.
 */
export class WorkflowProcess {
  /** Settles when the process is no more; until then it takes activations. */
  readonly ended: Promise<void>;
  readonly #session: ServiceSession;
  readonly #task_ms_max: number;
  readonly #line: Order[] = [];
  #running: Order | undefined;
  /** The question that waits for an activation. */
  #poll: number | undefined;
  #problem: HanabiError | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** An activation that takes longer than that ends the process. */
  constructor(session: ServiceSession, task_ms_max: number) {
    this.#session = session;
    this.#task_ms_max = task_ms_max;
    this.ended = this.#serve();
  }

  /** Rejects with a HanabiError when the process ends before it has answered. */
  activate(activation: Activation): Promise<Completion> {
    if (this.#problem) return Promise.reject(this.#problem);
    const order = { activation, done: deferred<Completion>() };
    this.#line.push(order);
    this.#next();
    return order.done.promise;
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.ended;
  }

  async #serve(): Promise<void> {
    let problem = new HanabiError('HANABI-W016');
    try {
      for await (const event of this.#session.events) {
        if (event.kind === 'ask') this.#asked(event.id, event.params);
        else if (event.kind !== 'loaded') throw new HanabiError('HANABI-W014', 'an answer to nothing');
      }
    } catch (error) {
      problem = error instanceof HanabiError ? error : new HanabiError('HANABI-V009', undefined, { cause: error });
    }
    clearTimeout(this.#timer);
    this.#problem ??= problem;
    for (const { done } of [this.#running, ...this.#line.splice(0)].filter((order) => order !== undefined)) {
      done.reject(this.#problem);
    }
    await this.#session.close().catch(() => {}); // it is dead, or whoever closed it is told
  }

  #asked(id: number, params: unknown): void {
    clearTimeout(this.#timer);
    const running = this.#running;
    const completion = (params as { done?: Completion } | null)?.done;
    if (running) {
      if (completion?.runId !== running.activation.runId || !(completion.successful ?? completion.failed)) {
        throw new HanabiError('HANABI-W014', 'an answer to something else');
      }
      running.done.resolve(completion);
      this.#running = undefined;
    }
    this.#poll = id;
    this.#next();
  }

  #next(): void {
    if (this.#poll === undefined) return;
    const order = this.#line.shift();
    if (!order) return;
    this.#running = order;
    this.#session.send({ kind: 'answer', id: this.#poll, told: { value: order.activation } });
    this.#poll = undefined;
    this.#timer = setTimeout(() => {
      this.#problem = new HanabiError('HANABI-W004', `more than ${this.#task_ms_max / 1000} s`);
      void this.#session.close().catch(() => {}); // whoever waits learns of the end
    }, this.#task_ms_max);
  }
}
