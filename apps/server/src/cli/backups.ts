/** Making a backup, restoring one, and letting go on what a restored server holds back. */
import { resolve } from 'node:path';
import { makeBackup, type OnProgress } from '../backup/make-backup.ts';
import { restoreBackup } from '../backup/restore-backup.ts';
import { resumeSchedules, resumeServices, resumeWorkflows } from '../backup/resume-paused.ts';
import { tellChanged } from '../changes-signal.ts';
import { type Config, ConfigError, makeDataDir } from '../config.ts';
import { blobEngine } from '../context.ts';
import { mib } from '../storage/mib.ts';
import type { Opened } from './main.ts';
import { Progress } from './progress.ts';
import { userNamed } from './user-named.ts';

export const DATA_COMMANDS = ['backup', 'restore', 'schedule resume', 'service resume', 'workflow resume'] as const;

/** Returns the exit code, as all of these do. */
export async function backup(
  opened: Opened,
  { out, json }: { out: string | undefined; json: boolean },
): Promise<number> {
  if (!out) throw new ConfigError('--out is needed');
  const bar = new Bar();
  const { tables, contents, engine, made_at } = await makeBackup(opened, resolve(out), bar.show);
  bar.clear();
  const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
  if (json) console.log(JSON.stringify({ ok: true, made_at, engine, rows, contents }));
  else console.log(`${rows} rows and ${contents.count} contents (${mib(contents.size_bytes)}) are in ${resolve(out)}`);
  return 0;
}

export async function restore(
  config: Config,
  { from, json }: { from: string | undefined; json: boolean },
): Promise<number> {
  if (!from) throw new ConfigError('--from is needed');
  makeDataDir(config);
  const bar = new Bar();
  const restored = await restoreBackup(resolve(from), config, await blobEngine(config), bar.show);
  bar.clear();
  if (json) console.log(JSON.stringify({ ok: true, ...restored }));
  else {
    console.log(`${restored.rows} rows and ${restored.contents} contents are restored; everybody signs in anew`);
    if (restored.jobs_ended > 0) console.log(`${restored.jobs_ended} jobs that had not ended are not run again`);
    for (const noun of ['schedule', 'service', 'workflow'] as const) {
      const count = restored[`${noun}s_paused`];
      if (count > 0)
        console.log(`${counted(count, noun)} ${count === 1 ? 'waits' : 'wait'} for "hanabi ${noun} resume --all"`);
    }
  }
  return 0;
}

const RESUME = { schedule: resumeSchedules, service: resumeServices, workflow: resumeWorkflows } as const;

/** Those of one user, or of everybody. */
export async function resume(
  { config, db }: Opened,
  noun: keyof typeof RESUME,
  userName: string | undefined,
): Promise<number> {
  const user = userName === undefined ? undefined : await userNamed(db, userName);
  const count = await RESUME[noun](db, user?.id);
  if (noun === 'workflow') await tellChanged(config.data_dir, 'workflows');
  console.log(`${counted(count, noun)} ${count === 1 ? 'goes' : 'go'} on`);
  return 0;
}

/** "1 schedule", "2 schedules". */
function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** One bar for each thing that is counted by itself. */
class Bar {
  private progress = new Progress(0);
  private total = 0;

  readonly show: OnProgress = (done, total, what) => {
    if (total !== this.total) this.progress = new Progress(total);
    this.total = total;
    this.progress.show(done, what);
  };

  clear(): void {
    this.progress.clear();
  }
}
