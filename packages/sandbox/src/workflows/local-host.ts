import { randomUUID } from 'node:crypto';
import { HanabiError } from '@hanabi/protocol';
import { EngineError } from './engine-error.ts';
import { parseListFilter } from './listing/list-filter.ts';
import { matches } from './listing/matches.ts';
import type { LocalEngine } from './local-engine.ts';
import type { LocalRun } from './local-run.ts';
import { replay } from './replay.ts';
import type { Asks, ScriptHost } from './script-host.ts';
import { type Fields, milliseconds, type Payload } from './wire.ts';
import type { WorkflowWorker } from './worker.ts';

/** Workflows of a script in memory. */
export class LocalHost implements ScriptHost {
  readonly #engine: LocalEngine;

  constructor(engine: LocalEngine) {
    this.#engine = engine;
  }

  asks(workerOf: (taskQueue: string) => WorkflowWorker): Asks {
    const engine = this.#engine;
    const find = ({ workflowId, runId }: Fields) => engine.find(workflowId, runId ?? undefined);
    return {
      register: ({ taskQueue }) => engine.addWorker(taskQueue, workerOf(taskQueue)),
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
      list: ({ query }) => filtered(engine.list(), query).map((run) => run.describe()),
      replay: ({ taskQueue, events }) => replay(events, (activation) => workerOf(taskQueue).activate(activation)),
      completeActivity: ({ result, ...which }) => engine.attempts.complete(this.#tokenOf(which), result),
      heartbeatActivity: ({ details, ...which }) => this.heartbeat(this.#tokenOf(which), details),
    };
  }

  heartbeat(token: string, details: readonly Payload[]): void {
    this.#engine.attempts.heartbeat(token, details);
  }

  /** Of an activity that is named by its token, or by its id in a workflow. */
  #tokenOf({ token, workflowId, runId, activityId }: Fields): string {
    const { attempts } = this.#engine;
    const found =
      token === undefined
        ? attempts.tokenOf(this.#engine.find(workflowId, runId ?? undefined).runId, activityId)
        : token;
    if (found === undefined || !attempts.has(found))
      throw new EngineError('NOT_FOUND', 'that activity does not wait any more');
    return found;
  }

  close(): Promise<void> {
    this.#engine.close();
    return Promise.resolve();
  }
}

/** EngineError INVALID_ARGUMENT where the filter is not understood. */
function filtered(runs: readonly LocalRun[], query: string): readonly LocalRun[] {
  if (!query) return runs;
  try {
    const filter = parseListFilter(query);
    return runs.filter((run) => matches(filter, run.listed()));
  } catch (error) {
    throw error instanceof HanabiError ? new EngineError('INVALID_ARGUMENT', error.message) : error;
  }
}

function start(engine: LocalEngine, fields: Fields): Fields {
  const { workflowId, workflowType, taskQueue, input, idReusePolicy, idConflictPolicy, signal } = fields;
  const { executionTimeout, runTimeout, taskTimeout, retryPolicy, memo, searchAttributes, cronSchedule } = fields;
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
      cronSchedule,
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
