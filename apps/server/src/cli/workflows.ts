/** Workflows of all users from the command line: what the Workflows window does, without signing in. What it is asked to do is on record. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { Audit } from '../audit.ts';
import { tellChanged } from '../changes-signal.ts';
import { ConfigError } from '../config.ts';
import { newId } from '../ids.ts';
import { tellServers } from '../storage/signals.ts';
import { inTransaction } from '../storage/transaction.ts';
import type { RunRow } from '../workflows/history.ts';
import { findUpdate } from '../workflows/messages.ts';
import { listRuns } from '../workflows/list-runs.ts';
import { putQuery, QUERIES, takeAnswer } from '../workflows/queries.ts';
import {
  askForUpdate,
  cancelRun,
  type Message,
  resetRunTo,
  signalRun,
  terminateRun,
  updateView,
} from '../workflows/run-changes.ts';
import { detailsOf } from '../workflows/run-details.ts';
import { summaryOf } from '../workflows/run-view.ts';
import type { Opened } from './main.ts';
import { userNamed } from './user-named.ts';

const text = { type: 'string' } as const;
export const WORKFLOW_OPTIONS = {
  module: text,
  run: text,
  query: text,
  search: text,
  limit: text,
  reason: text,
  event: text,
};

type Options = { json?: boolean | undefined; user?: string | undefined } & {
  [Name in keyof typeof WORKFLOW_OPTIONS]?: string | undefined;
};

/** What of it is printed: as a sentence, or with --json as it is. */
interface Said {
  text: string;
  json: unknown;
}

type Act = (opened: Opened, run: RunRow, words: readonly string[], options: Options) => Promise<Said>;

const ACTOR = 'command line';
const REASON = 'from the command line';
/** Between two looks at whether a server has answered. */
const LOOK_MS = 100;

/** Returns the exit code. HANABI-W029 where there is no such workflow. */
export async function workflowCommand(opened: Opened, words: readonly string[], options: Options): Promise<number> {
  const [act = '', id = '', ...rest] = words;
  const said =
    act === 'list' ? await list(opened, options) : await actOn(opened, act as keyof typeof ACTS, id, rest, options);
  if (options.json) console.log(JSON.stringify(said.json, null, 2));
  else if (said.text) console.log(said.text);
  return 0;
}

async function list({ db }: Opened, { user, module, query, search, limit }: Options): Promise<Said> {
  const user_id = user === undefined ? {} : { user_id: (await userNamed(db, user)).id };
  const whose = { ...user_id, ...(module === undefined ? {} : { module_id: module }) };
  const rows = await listRuns(db, whose, {
    query,
    search,
    limit: limit === undefined ? undefined : countIn(limit, LIMITS.workflows_listed_max),
  });
  const names = new Map(
    (await db.selectFrom('users').select(['id', 'name']).execute()).map(({ id, name }) => [id, name]),
  );
  const workflows = rows.map((row) => ({
    ...summaryOf(row),
    module_id: row.module_id,
    user: names.get(row.user_id) ?? row.user_id,
  }));
  const lines = workflows.map(
    ({ id, workflow, state, paused, started_at, user: of, module_id }) =>
      `${id}: ${workflow}, ${paused ? 'waits since a restore' : state}, began ${started_at}, of ${of} in ${module_id}`,
  );
  return { text: lines.join('\n'), json: workflows };
}

async function actOn(
  opened: Opened,
  act: keyof typeof ACTS,
  id: string,
  rest: readonly string[],
  options: Options,
): Promise<Said> {
  const run = await runNamed(opened, id, options);
  if (act !== 'show') {
    // Before it is done: what fails or is interrupted was asked for all the same.
    const subject = `${run.module_id} ${run.workflow_id}`;
    await new Audit(opened.db).record({ event: `workflow.${act}`, actor: ACTOR, subject, detail: rest[0] ?? '' });
  }
  return ACTS[act](opened, run, rest, options);
}

const ACTS = {
  show: async ({ db }, run) => {
    const details = await detailsOf(db, run, run.module_id);
    const { summary, value, failure, task_failure, activities, timers, events } = details;
    const lines = [
      `${summary.id}: ${summary.workflow}, ${summary.state}, run ${summary.run_id}, began ${summary.started_at}`,
      ...(summary.cron === null ? [] : [`comes again: ${summary.cron}`]),
      ...(summary.paused ? ['waits since a restore for "hanabi workflow resume --all"'] : []),
      ...(task_failure ? [`its code failed ${summary.task_failures} times: ${task_failure.message}`] : []),
      ...activities.map(({ name, attempt, last_failure }) =>
        [`waits for ${name}, attempt ${attempt}`, last_failure?.message].filter(Boolean).join(': '),
      ),
      ...timers.map(({ due_at }) => `waits for a timer, until ${due_at}`),
      ...(failure ? [`failure: ${failure.message}`] : []),
      ...(value === null ? [] : [`result: ${JSON.stringify(value)}`]),
      ...events.map(({ event_id, at, type, name, detail }) =>
        [event_id, at, type, name, detail].filter(Boolean).join(' '),
      ),
    ];
    return { text: lines.join('\n'), json: details };
  },
  signal: async (opened, run, words) => {
    await inTransaction(opened.db, (db) => signalRun(db, run, messageIn(words)));
    await tell(opened, run);
    return done(`${run.workflow_id} has got the signal`);
  },
  query: async (opened, run, words) => {
    const { name, args = [] } = messageIn(words);
    const query_id = await putQuery(opened.db, run.run_id, name, args);
    await tell(opened, { run_id: QUERIES });
    const answer = await answered(() => takeAnswer(opened.db, query_id));
    if (!answer) throw new HanabiError('HANABI-W031', 'no server that executes workflows has answered');
    if (answer.refusal !== undefined) throw new Error(answer.refusal);
    return { text: JSON.stringify(answer.value, null, 2), json: { value: answer.value } };
  },
  update: async (opened, run, words) => {
    const update_id = newId();
    await inTransaction(opened.db, (db) => askForUpdate(db, run, messageIn(words), update_id));
    await tell(opened, run);
    const row = await answered(async () => {
      const found = await findUpdate(opened.db, run, update_id);
      return found?.state === 'done' ? found : undefined;
    });
    const view = updateView(update_id, row ?? (await findUpdate(opened.db, run, update_id)));
    if (view.failure) throw new Error(view.failure.message);
    return { text: row ? JSON.stringify(view.value, null, 2) : `the update is ${view.state}`, json: view };
  },
  cancel: async (opened, run, _, { reason = REASON }) => {
    await inTransaction(opened.db, (db) => cancelRun(db, run, reason));
    await tell(opened, run);
    return done(`${run.workflow_id} is asked to end`);
  },
  terminate: async (opened, run, _, { reason = REASON }) => {
    await inTransaction(opened.db, (db) => terminateRun(db, run, reason));
    await tell(opened, run);
    return done(`${run.workflow_id} is terminated`);
  },
  reset: async (opened, run, _, { event }) => {
    if (event === undefined) throw new ConfigError('--event NUMBER is needed: before which event it goes on');
    const event_id = countIn(event);
    const run_id = await inTransaction(opened.db, (db) => resetRunTo(db, run, event_id));
    await tell(opened, run);
    return {
      text: `${run.workflow_id} goes on from before event ${event_id} as run ${run_id}`,
      json: { ok: true, run_id },
    };
  },
} as const satisfies Record<string, Act>;

export const WORKFLOW_COMMANDS = ['list', ...Object.keys(ACTS)].map((name) => `workflow ${name}`);

/** The newest run of that id. ConfigError where several users or modules have one. */
async function runNamed({ db }: Opened, id: string, { user, module, run }: Options): Promise<RunRow> {
  let query = db.selectFrom('workflow_runs').where('workflow_id', '=', id);
  if (user !== undefined) query = query.where('user_id', '=', (await userNamed(db, user)).id);
  if (module !== undefined) query = query.where('module_id', '=', module);
  if (run !== undefined) query = query.where('run_id', '=', run);
  const owners = await query.select(['user_id', 'module_id']).distinct().limit(2).execute();
  if (owners.length > 1) {
    throw new ConfigError(`several users or modules have a workflow "${id}": name --user and --module`);
  }
  const newest = await query
    .selectAll()
    .orderBy('closed_ms', (order) => order.desc().nullsFirst())
    .orderBy('started_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!newest) throw new HanabiError('HANABI-W029', id);
  return newest;
}

/** Servers, that this run is another one in the database, or that there is a question. */
async function tell({ config, db }: Opened, { run_id }: Pick<RunRow, 'run_id'>): Promise<void> {
  await tellChanged(config.data_dir, 'workflows');
  await tellServers(db, 'workflows', run_id);
}

/** What `look` finds before the time is up. */
async function answered<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline_ms = Date.now() + LIMITS.workflow_result_wait_ms_max;
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() > deadline_ms) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
  }
}

function messageIn([name, json]: readonly string[]): Message {
  if (!name) throw new ConfigError('the name of the signal, query or update is needed');
  if (json === undefined) return { name };
  try {
    const args = JSON.parse(json) as unknown;
    return { name, args: Array.isArray(args) ? args : [args] };
  } catch {
    throw new ConfigError(`the arguments are not JSON: ${json}`);
  }
}

function countIn(digits: string, most = Infinity): number {
  const count = Number(digits);
  if (!/^[0-9]{1,9}$/.test(digits) || count < 1) throw new ConfigError(`"${digits}" is no count of 1 or more`);
  if (count > most) throw new ConfigError(`"${digits}" is more than ${most}`);
  return count;
}

function done(sentence: string): Said {
  return { text: sentence, json: { ok: true } };
}
