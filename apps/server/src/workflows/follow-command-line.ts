/** What the command line does with workflows while this server runs: it changes rows, and asks questions by them. */
import type { Logger } from 'pino';
import { onChanged } from '../changes-signal.ts';
import type { Live } from '../live/live.ts';
import type { Db } from '../storage/db.ts';
import type { Signals } from '../storage/signals.ts';
import type { RunRow } from './history.ts';
import { answerQuery, QUERIES, takeQueries } from './queries.ts';

interface Parts {
  db: Db;
  data_dir: string;
  live: Live;
  signals: Signals;
  log: Logger;
}

/** Returns what ends it. `changed`: runs are different in the database; `query`: asks the code of one. */
export async function followCommandLine(
  { db, data_dir, live, signals, log }: Parts,
  { changed, query }: { changed: () => void; query: (run: RunRow, name: string, args: unknown[]) => Promise<unknown> },
): Promise<() => void> {
  async function answer(): Promise<void> {
    const questions = await takeQueries(db);
    const answers = questions.map(({ query_id, run, name, args }) =>
      answerQuery(db, query_id, () => query(run, name, args)).catch(unanswered),
    );
    await Promise.all(answers);
  }
  const unanswered = (error: unknown) => log.error({ err: error }, 'the command line could not be answered');
  const answerSoon = () => void answer().catch(unanswered);
  signals.on('workflows', (about) => {
    if (about === undefined || about === QUERIES) answerSoon();
  });
  return onChanged(data_dir, 'workflows', () => {
    changed();
    // It changed runs of anybody, and whoever looks at them asks again.
    live.lookAgain();
    answerSoon();
  });
}
