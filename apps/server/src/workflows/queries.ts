/** Questions to the code of runs that wait in the database until a server asks them, and their answers. */
import { HanabiError } from '@hanabi/protocol';
import { newId } from '../ids.ts';
import type { Db } from '../storage/db.ts';
import type { RunRow } from './history.ts';

/** What servers are told when there is one. */
export const QUERIES = 'queries';

/** Nobody waits for an answer so long. */
const FORGOTTEN_MS = 3600_000;

interface Question {
  query_id: string;
  run: RunRow;
  name: string;
  args: unknown[];
}

/** Either a value, or why there is none. */
export interface Answer {
  value?: unknown;
  refusal?: string;
}

export async function putQuery(db: Db, run_id: string, name: string, args: readonly unknown[]): Promise<string> {
  const query_id = newId();
  const asked_ms = Date.now();
  await db
    .deleteFrom('workflow_queries')
    .where('asked_ms', '<', asked_ms - FORGOTTEN_MS)
    .execute();
  await db
    .insertInto('workflow_queries')
    .values({ query_id, run_id, name, args: JSON.stringify(args), asked_ms, state: 'waiting', answer: null })
    .execute();
  return query_id;
}

/** Each of them is taken by one server. */
export async function takeQueries(db: Db): Promise<Question[]> {
  const taken = await db
    .updateTable('workflow_queries')
    .set({ state: 'taken' })
    .where('state', '=', 'waiting')
    .returning(['query_id', 'run_id', 'name', 'args'])
    .execute();
  const questions: Question[] = [];
  for (const { run_id, args, ...question } of taken) {
    const run = await db.selectFrom('workflow_runs').selectAll().where('run_id', '=', run_id).executeTakeFirst();
    if (run) questions.push({ ...question, run, args: JSON.parse(args) as unknown[] });
  }
  return questions;
}

/** Throws what it failed with where that is no refusal: whoever asked is told then, too, that there is no answer. */
export async function answerQuery(db: Db, query_id: string, ask: () => Promise<unknown>): Promise<void> {
  let failed: { error: unknown } | undefined;
  const answer: Answer = await ask().then(
    (value) => ({ value }),
    (error: unknown) => {
      if (!(error instanceof HanabiError)) failed = { error };
      const { code, message } = error instanceof HanabiError ? error : new HanabiError('HANABI-V009');
      return { refusal: `${code}: ${message}` };
    },
  );
  await db
    .updateTable('workflow_queries')
    .set({ state: 'done', answer: JSON.stringify(answer) })
    .where('query_id', '=', query_id)
    .execute();
  if (failed) throw failed.error;
}

/** The answer, once there is one; it is handed out once. */
export async function takeAnswer(db: Db, query_id: string): Promise<Answer | undefined> {
  const row = await db
    .deleteFrom('workflow_queries')
    .where('query_id', '=', query_id)
    .where('state', '=', 'done')
    .returning('answer')
    .executeTakeFirst();
  return row?.answer == null ? undefined : (JSON.parse(row.answer) as Answer);
}
