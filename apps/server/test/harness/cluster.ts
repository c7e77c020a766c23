/**
 * Servers and executors of one PostgreSQL database on one machine, each with a folder of its own beside the one that they
 * share. A test kills them, stops them for a while, and starts them again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dropDatabase, engineSettings } from './engine.ts';
import { ended } from './processes.ts';
import { ADMIN_PASSWORD } from './start-server.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

type Kind = 'server' | 'executor';

export class Cluster {
  readonly shared_dir: string;
  readonly members: Member[] = [];
  private readonly dir: string;
  private readonly env: Record<string, string>;

  private constructor(dir: string, env: Record<string, string>) {
    this.dir = dir;
    this.shared_dir = join(dir, 'shared');
    this.env = env;
  }

  static async open(env: Record<string, string> = {}): Promise<Cluster> {
    const dir = await mkdtemp(join(tmpdir(), 'hanabi-cluster-'));
    const cluster = new Cluster(dir, env);
    Object.assign(cluster.env, await engineSettings(cluster.shared_dir));
    return cluster;
  }

  /** The folder by which the database of all of them is found. */
  get database(): string {
    return this.shared_dir;
  }

  async start(kind: Kind, env: Record<string, string> = {}): Promise<Member> {
    const settings = {
      HANABI_DATA_DIR: join(this.dir, `member-${this.members.length}`),
      HANABI_SHARED_DIR: this.shared_dir,
      ...this.env,
      ...env,
    };
    const member = new Member(kind, settings);
    this.members.push(member);
    await member.start();
    return member;
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await dropDatabase(this.database);
    await rm(this.dir, { recursive: true, force: true });
  }
}

export class Member {
  readonly kind: Kind;
  readonly data_dir: string;
  /** Where a server is reached; another one after each start. */
  url = '';
  private readonly env: Record<string, string>;
  private process: ChildProcess | undefined;

  constructor(kind: Kind, env: Record<string, string>) {
    this.kind = kind;
    this.env = env;
    this.data_dir = env['HANABI_DATA_DIR']!;
  }

  /** Ready when it settles. */
  async start(): Promise<void> {
    const env = {
      PATH: process.env['PATH'],
      HANABI_HOST: '127.0.0.1',
      HANABI_PORT: '0',
      HANABI_ADMIN_PASSWORD: ADMIN_PASSWORD,
      HANABI_WORKER_SANDBOX_BACKEND: 'disabled',
      ...this.env,
    };
    const args = this.kind === 'executor' ? [MAIN, 'executor'] : [MAIN];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    const lines: string[] = [];
    this.url = await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          lines.push(line);
          const match = /^HanabiMatsuri (?:executor ready|ready at (http:\S+))$/.exec(line);
          if (match) resolve(match[1] ?? '');
        });
      }
      child.once('exit', (code) => reject(new Error(`a ${this.kind} ended with ${code}:\n${lines.join('\n')}`)));
    });
  }

  /** `kill -9` of the parent and what it has started. */
  async kill(): Promise<void> {
    const parent = this.process;
    this.process = undefined;
    if (!parent || parent.exitCode !== null || parent.signalCode !== null) return;
    parent.kill('SIGSTOP');
    const children = await childrenOf(parent.pid!);
    for (const child of children) process.kill(child, 'SIGKILL');
    parent.kill('SIGKILL');
    await Promise.all([parent.pid!, ...children].map(ended));
  }

  /** As when its machine stands still: it neither answers nor learns anything. Returns what lets it go on. */
  async standStill(): Promise<() => void> {
    const all = [this.process!.pid!, ...(await childrenOf(this.process!.pid!))];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    return () => {
      for (const pid of all) process.kill(pid, 'SIGCONT');
    };
  }

  async stop(): Promise<void> {
    const parent = this.process!;
    this.process = undefined;
    const exited = once(parent, 'exit');
    parent.kill('SIGTERM');
    await exited;
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '');
    found.push(...text.split(' ').filter(Boolean).map(Number));
  }
  return found;
}
