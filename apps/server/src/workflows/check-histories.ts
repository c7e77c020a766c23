/**
 * Would new code break workflows that are there? Their histories are played again with it, in sealed processes, of which
 * each sees the data of one user. Nothing is started, and nothing changes.
 */
import { HanabiError, LIMITS, type Manifest, type WorkflowCheck, type WorkflowCheckLine } from '@hanabi/protocol';
import { EngineError, type Playback, playBack, type WorkflowProcess } from '@hanabi/sandbox';
import type { SelectQueryBuilder } from 'kysely';
import type { Db } from '../storage/db.ts';
import type { Tables } from '../storage/schema.ts';
import { readEvents, type RunRow } from './history.ts';
import { openProcess, type OpenParts } from './open-process.ts';
import { timeForCheck } from './time-for-check.ts';
import { activateTraced } from './traced.ts';
import { type Telling, verdictOf } from './verdict.ts';

export interface CheckParts extends OpenParts {
  db: Db;
}

/** Whose workflows are looked at. */
export interface CheckScope {
  readonly module_id: string;
  /** Left out: everybody's. */
  readonly user_id?: string;
}

interface CheckedCode {
  readonly manifest: Manifest;
  readonly package_dir: string;
}

/** Those that have not ended come first, the newest of each kind before the others. That it is done, the caller says. */
export async function* checkHistories(
  parts: CheckParts,
  code: CheckedCode,
  scope: CheckScope,
  telling: Telling,
  signal: AbortSignal,
): AsyncGenerator<WorkflowCheckLine, WorkflowCheck, void> {
  const { runs, left_out } = await chosenRuns(parts.db, scope);
  yield { kind: 'begun', total: runs.length, left_out };
  const counts = { fits: 0, breaks: 0, breaks_open: 0, untried: 0 };
  const attempts = new Attempts(parts, code, signal);
  try {
    for (const run of runs) {
      const verdict = verdictOf(run, await attempts.of(run), telling);
      // Who has gone is told nothing, and what was not tried says nothing about the code.
      if (signal.aborted) throw new HanabiError('HANABI-W016');
      counts[verdict.result] += 1;
      if (verdict.result === 'breaks' && verdict.is_open) counts.breaks_open += 1;
      yield { kind: 'verdict', verdict };
    }
  } finally {
    await attempts.close();
  }
  return { at: new Date().toISOString(), ...counts, left_out };
}

class Attempts {
  private readonly parts: CheckParts;
  private readonly code: CheckedCode;
  private readonly signal: AbortSignal;
  private readonly requireTime: () => void;
  private process: WorkflowProcess | undefined;
  /** Whose data the process has seen. */
  private user_id = '';
  /** Why the code cannot be tried at all. In whose process that showed is nothing for the others. */
  private hopeless: HanabiError | undefined;

  constructor(parts: CheckParts, code: CheckedCode, signal: AbortSignal) {
    this.parts = parts;
    this.code = code;
    this.signal = signal;
    this.requireTime = timeForCheck(signal);
  }

  async of(run: RunRow): Promise<Playback | HanabiError> {
    if (this.hopeless) return this.hopeless;
    try {
      this.requireTime();
      const events = await readEvents(this.parts.db, run.run_id);
      const plain = await this.play(run, events);
      // Following each line takes time, so it is done only to explain.
      return plain.problem ? await this.play(run, events, 1) : plain;
    } catch (error) {
      await this.close();
      if (error instanceof EngineError) return new HanabiError('HANABI-W029', error.message);
      if (!(error instanceof HanabiError)) throw error;
      if (error.code === 'HANABI-W013' || error.code === 'HANABI-W028') this.hopeless = new HanabiError(error.code);
      return error;
    }
  }

  async close(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    await process?.close();
  }

  private async play(
    run: RunRow,
    events: Awaited<ReturnType<typeof readEvents>>,
    tracedFrom?: number,
  ): Promise<Playback> {
    const process = await this.processFor(run);
    return playBack(events, {
      tracedFrom,
      // Only that of a problem is of use.
      tracesCharsMax: 0,
      activate: (activation) => {
        this.requireTime();
        return activateTraced(process, activation);
      },
    });
  }

  private async processFor({ user_id }: RunRow): Promise<WorkflowProcess> {
    if (this.process && this.user_id === user_id) return this.process;
    await this.close();
    const entry = this.code.manifest.entrypoints.workflow;
    if (!entry) throw new HanabiError('HANABI-W028', this.code.manifest.name);
    this.user_id = user_id;
    this.process = await openProcess(this.parts, this.code, entry, this.signal);
    return this.process;
  }
}

async function chosenRuns(db: Db, scope: CheckScope): Promise<{ runs: RunRow[]; left_out: number }> {
  const { workflow_check_runs_max: most } = LIMITS;
  const { count } = await within(db.selectFrom('workflow_runs'), scope)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const runs = await within(db.selectFrom('workflow_runs'), scope)
    .selectAll()
    .orderBy((eb) => eb.case().when('status', '=', 'RUNNING').then(0).else(1).end())
    .orderBy('started_ms', 'desc')
    .orderBy('run_id')
    .limit(most)
    .execute();
  // Each user's in one go: another user's is another process.
  const users = [...new Set(runs.map(({ user_id }) => user_id))];
  const grouped = users.flatMap((user_id) => runs.filter((run) => run.user_id === user_id));
  return { runs: grouped, left_out: count - grouped.length };
}

function within<O>(query: SelectQueryBuilder<Tables, 'workflow_runs', O>, { module_id, user_id }: CheckScope) {
  const chosen = query.where('module_id', '=', module_id);
  return user_id === undefined ? chosen : chosen.where('user_id', '=', user_id);
}
