/** A server that a test kills, parent and all, and starts again on the same data. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from '../../src/storage/db.ts';
import { Desktop } from './desktop.ts';
import { dropDatabase } from './engine.ts';
import { apiProcessOf, ended } from './processes.ts';
import { type RunningServer, type ServerOptions, startServer } from './start-server.ts';

interface Options {
  env?: Record<string, string>;
  /** Runs before the first start. */
  prepare?: (db: Db, dataDir: string) => Promise<void>;
}

export class KillableServer {
  readonly data_dir: string;
  desktop!: Desktop;
  private server!: RunningServer;
  private readonly env: Record<string, string>;

  private constructor(data_dir: string, env: Record<string, string>) {
    this.data_dir = data_dir;
    this.env = env;
  }

  static async start({ env = {}, prepare }: Options = {}): Promise<KillableServer> {
    const killable = new KillableServer(await mkdtemp(join(tmpdir(), 'hanabi-killed-')), env);
    await killable.restart(prepare && { prepare: (db) => prepare(db, killable.data_dir) });
    return killable;
  }

  /** The parent process. */
  get process(): ChildProcess {
    return this.server.process;
  }

  apiProcess(): Promise<number> {
    return apiProcessOf(this.server.process.pid!);
  }

  /** `kill -9` of all of it, at this moment, and up again; `between` runs while there is no server. */
  async killAndRestart(between: () => void = () => {}): Promise<void> {
    const parent = this.server.process;
    const api = await this.apiProcess();
    // The API process first, and the parent before it can start another one.
    parent.kill('SIGSTOP');
    process.kill(api, 'SIGKILL');
    parent.kill('SIGKILL');
    await Promise.all([ended(parent.pid!), ended(api)]);
    between();
    await this.restart();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await dropDatabase(this.data_dir);
    await rm(this.data_dir, { recursive: true, force: true });
  }

  private async restart(options: Pick<ServerOptions, 'prepare'> = {}): Promise<void> {
    this.server = await startServer({ env: this.env, data_dir: this.data_dir, ...options });
    this.desktop = await Desktop.signIn(this.server.url);
  }
}
