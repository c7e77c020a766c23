import type { Duplex } from 'node:stream';
import { Channel } from './channel.ts';
import { EngineError } from './engine-error.ts';
import type { ScriptHost } from './script-host.ts';
import type { Completion } from './wire.ts';
import type { WorkflowWorker } from './worker.ts';

/** Serves a script that is client and worker at once: its `Client` asks the engine, its `Worker`s work for it. */
export class ScriptSession {
  readonly #channel: Channel;

  constructor(host: ScriptHost, stream: Duplex) {
    const asks = host.asks((taskQueue) => this.#workerOf(taskQueue));
    this.#channel = new Channel(stream, {
      answer: async (ask, fields) => {
        const answer = asks[ask];
        if (!answer) throw new EngineError('INVALID_ARGUMENT', `nobody answers "${ask}"`);
        return await answer(fields);
      },
      notice: (notice, { token, details }) => {
        if (notice === 'heartbeat') host.heartbeat(token, details);
      },
    });
  }

  close(): void {
    this.#channel.close();
  }

  #workerOf(taskQueue: string): WorkflowWorker {
    const channel = this.#channel;
    return {
      activate: async (activation) => (await channel.do(`workflow:${taskQueue}`, activation)) as unknown as Completion,
      runActivity: (token, start) => channel.do(`activity:${taskQueue}`, { token, start }),
      cancelActivity: (token, reason) => channel.cancel(token, reason),
    };
  }
}
