import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Channel } from './channel.ts';
import { EngineError } from './engine-error.ts';
import type { LocalEngine } from './local-engine.ts';
import { replay } from './replay.ts';
import { type Activation, type Completion, type Fields, milliseconds } from './wire.ts';

/** Serves a script that is client and worker at once: its `Client` asks the engine, its `Worker`s work for it. */
export class ScriptSession {
  readonly #engine: LocalEngine;
  readonly #channel: Channel;
  readonly #asks: Readonly<Record<string, (fields: Fields) => unknown>>;

  constructor(engine: LocalEngine, stream: Duplex) {
    this.#engine = engine;
    this.#asks = this.#answers();
    this.#channel = new Channel(stream, {
      answer: async (ask, fields) => {
        const answer = this.#asks[ask];
        if (!answer) throw new EngineError('INVALID_ARGUMENT', `nobody answers "${ask}"`);
        return await answer(fields);
      },
      notice: (notice, { token, details }) => {
        if (notice === 'heartbeat') engine.attempts.heartbeat(token, details);
      },
    });
  }

  close(): void {
    this.#channel.close();
  }

  #answers(): Record<string, (fields: Fields) => unknown> {
    const engine = this.#engine;
    const find = ({ workflowId, runId }: Fields) => engine.find(workflowId, runId ?? undefined);
    return {
      register: ({ taskQueue }) => this.#register(taskQueue),
      unregister: ({ taskQueue }) => engine.removeWorker(taskQueue),
      start: (fields) => start(engine, fields),
      result: (fields) => find(fields).closed,
      signal: (fields) => find(fields).signal(fields['signalName'], fields['input']),
      query: (fields) => find(fields).query(fields['queryType'], fields['arguments']),
      update: (fields) => update(find(fields), fields),
      updateResult: (fields) => find(fields).outcomeOf(fields['updateId']),
      cancel: (fields) => find(fields).cancel('requested by a client'),
      terminate: (fields) => find(fields).terminate(fields['reason']),
      describe: (fields) => find(fields).describe(),
      history: (fields) => find(fields).history,
      list: ({ query }) => {
        if (query)
          throw new EngineError('INVALID_ARGUMENT', 'the engine in memory lists everything and searches nothing');
        return engine.list().map((run) => run.describe());
      },
      replay: ({ taskQueue, events }) => replay(events, (activation) => this.#activate(taskQueue, activation)),
      completeActivity: ({ token, result }) => {
        if (!engine.attempts.complete(token, result)) {
          throw new EngineError('NOT_FOUND', 'that activity does not wait any more');
        }
      },
    };
  }

  async #activate(taskQueue: string, activation: Activation): Promise<Completion> {
    return (await this.#channel.do(`workflow:${taskQueue}`, activation)) as unknown as Completion;
  }

  #register(taskQueue: string): void {
    const channel = this.#channel;
    this.#engine.addWorker(taskQueue, {
      activate: (activation) => this.#activate(taskQueue, activation),
      runActivity: (token, start_) => channel.do(`activity:${taskQueue}`, { token, start: start_ }),
      cancelActivity: (token, reason) => channel.cancel(token, reason),
    });
  }
}

function start(engine: LocalEngine, fields: Fields): Fields {
  // Better no workflow than one that does not do what was asked.
  for (const unknown of ['startDelay', 'retryPolicy', 'cronSchedule']) {
    if (fields[unknown])
      throw new EngineError('INVALID_ARGUMENT', `the engine in memory knows no ${unknown} of workflows`);
  }
  const { workflowId, workflowType, taskQueue, input, idReusePolicy, idConflictPolicy, signal } = fields;
  const { executionTimeout, runTimeout, taskTimeout, retryPolicy, memo, searchAttributes } = fields;
  const run = engine.start({
    workflowId,
    workflowType,
    taskQueue,
    input,
    idReusePolicy,
    idConflictPolicy,
    signal,
    delay_ms: milliseconds(fields['startDelay']),
    options: {
      workflowExecutionTimeout: executionTimeout,
      workflowRunTimeout: runTimeout,
      workflowTaskTimeout: taskTimeout,
      retryPolicy,
      memo: memo && { fields: memo },
      searchAttributes,
    },
  });
  return { runId: run.runId };
}

async function update(run: ReturnType<LocalEngine['find']>, fields: Fields): Promise<Fields> {
  const updateId = (fields['updateId'] as string | null) ?? randomUUID();
  await run.update(updateId, fields['name'], fields['input']);
  return fields['stage'] === 'COMPLETED' ? { updateId, outcome: await run.outcomeOf(updateId) } : { updateId };
}
