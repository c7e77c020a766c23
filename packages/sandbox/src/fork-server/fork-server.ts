/** One running fork server: started, asked for boxes, told to kill them, and ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { BoxExit } from '../box.ts';
import { OOM_SCORE } from '../bubblewrap/resource-limits.ts';
import { FIRST_UID, type Slot } from '../bubblewrap/slots.ts';
import type { Tools } from '../bubblewrap/tools.ts';
import { earlyMounts, type ForkServerFolders, outerCommand } from './outer-command.ts';

/** What python/hanabi_fork_server/__main__.py calls the same. */
const CONTROL_FD = 3;
const FIRST_JOIN_FD = 5;
const REQUEST_BYTES = 7;
const ANSWER_BYTES = 17;

const START_TIMEOUT_MS = 15_000;
const LOG_CHARS_MAX = 2000;

/** Killed, as a shell would say it. */
const ENDED_WITH_SERVER: BoxExit = { code: 137, signal: null };

const reader = (fd: number) => new Socket({ fd, readable: true, writable: false });

/** The host's ends of a clone's channel and log. */
export interface BoxEnds {
  toRunner: Socket;
  fromRunner: Socket;
  log: Socket;
}

interface Asked {
  resolve(ends: BoxEnds): void;
  reject(error: Error): void;
}

export interface ForkServerParts {
  tools: Tools;
  folders: ForkServerFolders;
  /** Its clones attempt activities of workflows. */
  activities: boolean;
  /** Its slots are numbered from 0 up; the first has this uid, and the server itself the one before. */
  first_slot: number;
  /** For each slot, the files its processes join their cgroup by. */
  join_files: readonly (readonly string[])[];
}

export class ForkServer {
  readonly #child: ChildProcess;
  readonly #control: Socket;
  readonly #asked = new Map<number, Asked>();
  readonly #exits = new Map<number, (exit: BoxExit) => void>();
  readonly #firstSlot: number;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  #pid = 0;
  #isAlive = true;
  #boxes = 0;
  #rest: Buffer = Buffer.alloc(0);
  /** Requests that have time until the end of this turn: each write wakes the server. */
  #later: Buffer[] = [];
  #log = '';
  #ready: (() => void) | undefined;

  private constructor({ tools, folders, activities, first_slot, join_files }: ForkServerParts) {
    this.#firstSlot = first_slot;
    const joins = join_files.flat();
    const info_fd = FIRST_JOIN_FD + joins.length;
    const { file, args } = outerCommand({
      tools,
      folders,
      uid: FIRST_UID + first_slot - 1,
      info_fd,
      block_fd: info_fd + 1,
      settings: {
        mounts: earlyMounts(),
        activities,
        joins: joins.length,
        joins_per_slot: join_files[0]?.length ?? 0,
        first_uid: FIRST_UID + first_slot,
      },
    });
    const files = joins.map((path) => openSync(path, constants.O_WRONLY));
    try {
      // Standard output is of the same kind as it will be in the clones, which inherit Python's idea of it.
      const stdio = ['ignore' as const, 'pipe' as const, 'pipe' as const, 'pipe' as const, 'ignore' as const];
      this.#child = spawn(file, args, { env: {}, cwd: '/', stdio: [...stdio, ...files, 'pipe', 'pipe'] });
    } finally {
      for (const fd of files) closeSync(fd);
    }
    for (const stream of this.#child.stdio) stream?.on('error', () => {}); // shows as the end of the process
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-LOG_CHARS_MAX);
      });
    }
    this.#control = this.#child.stdio[CONTROL_FD] as Socket;
    this.#control.on('data', (chunk: Buffer) => this.#take(chunk));
    this.ended = new Promise((resolve) => {
      const settle = () => {
        this.#isAlive = false;
        const error = new Error(this.#log.trim() || 'the fork server ended');
        for (const asked of this.#asked.values()) asked.reject(error);
        for (const number of this.#exits.keys()) this.#settleExit(number, ENDED_WITH_SERVER);
        resolve();
      };
      this.#child.once('close', settle); // with its last words read
      this.#child.once('error', settle);
    });
  }

  /** Settles when it is ready to make boxes; throws with its last words where it cannot run. */
  static async start(parts: ForkServerParts): Promise<ForkServer> {
    const server = new ForkServer(parts);
    const timer = setTimeout(() => server.close(), START_TIMEOUT_MS);
    try {
      const ready = new Promise<void>((resolve) => {
        server.#ready = resolve;
      });
      const died = server.ended.then(() => {
        throw new Error(server.#log.trim() || 'the fork server ended');
      });
      await Promise.race([died, server.#mapUsers(parts)]);
      await Promise.race([died, ready]);
      return server;
    } catch (error) {
      server.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** A clone in that slot, and how it will end. */
  make(slot: Slot): { number: number; ends: Promise<BoxEnds>; exited: Promise<BoxExit> } {
    this.#boxes += 1;
    const number = this.#boxes;
    const exited = new Promise<BoxExit>((resolve) => this.#exits.set(number, resolve));
    const ends = new Promise<BoxEnds>((resolve, reject) => this.#asked.set(number, { resolve, reject }));
    if (this.#isAlive) this.#request('m', number, slot.number - this.#firstSlot);
    else {
      this.#asked.get(number)!.reject(new Error('the fork server has ended'));
      this.#settleExit(number, ENDED_WITH_SERVER);
    }
    return { number, ends, exited };
  }

  /** Everything in that box; its `exited` settles when it is so. */
  kill(number: number): void {
    this.#request('k', number);
  }

  /** Every box goes with it. */
  close(): void {
    this.#child.kill('SIGKILL');
  }

  /** The server runs as a user of its own and may become those of its slots, no other. */
  async #mapUsers({ first_slot, join_files }: ForkServerParts): Promise<void> {
    const info = this.#child.stdio.at(-2) as Readable;
    let text = '';
    for await (const chunk of info) {
      text += String(chunk);
      if (text.trimEnd().endsWith('}')) break;
    }
    if (!text) return; // it has ended, which is told elsewhere
    this.#pid = (JSON.parse(text) as { 'child-pid': number })['child-pid'];
    // Its clones inherit it, and only root could lower it again.
    writeFileSync(`/proc/${this.#pid}/oom_score_adj`, String(OOM_SCORE));
    const first = FIRST_UID + first_slot - 1;
    for (const name of ['uid_map', 'gid_map']) {
      writeFileSync(`/proc/${this.#pid}/${name}`, `${first} ${first} ${join_files.length + 1}\n`);
    }
    (this.#child.stdio.at(-1) as Writable).end('+');
  }

  #request(op: string, number: number, slot = 0): void {
    this.#later.push(encodeRequest(op, number, slot));
    this.#flush();
  }

  #requestLater(op: string, number: number): void {
    if (this.#later.length === 0) setImmediate(() => this.#flush());
    this.#later.push(encodeRequest(op, number, 0));
  }

  #flush(): void {
    if (this.#isAlive && this.#later.length > 0) this.#control.write(Buffer.concat(this.#later));
    this.#later = [];
  }

  #take(chunk: Buffer): void {
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (rest.length >= ANSWER_BYTES) {
      const numbers = [5, 9, 13].map((at) => rest.readInt32BE(at)) as [number, number, number];
      this.#hear(rest.toString('latin1', 0, 1), rest.readUInt32BE(1), numbers);
      rest = rest.subarray(ANSWER_BYTES);
    }
    this.#rest = rest;
  }

  #hear(op: string, number: number, numbers: [number, number, number]): void {
    if (op === 'R') this.#ready?.();
    else if (op === 'M') this.#open(number, numbers);
    else if (op === 'F') {
      this.#asked.get(number)?.reject(new Error(`no process could be made (errno ${numbers[0]})`));
      this.#settleExit(number, { code: 1, signal: null });
    } else if (op === 'X') this.#settleExit(number, { code: numbers[0], signal: null });
    if (op === 'M' || op === 'F') this.#asked.delete(number);
  }

  #settleExit(number: number, exit: BoxExit): void {
    this.#exits.get(number)?.(exit);
    this.#exits.delete(number);
  }

  /** A pipe is opened anew through the descriptor that the server holds: Node.js cannot be handed one. */
  #open(number: number, [toRunner, fromRunner, log]: [number, number, number]): void {
    const asked = this.#asked.get(number)!;
    try {
      const opened = (fd: number, flags: number) =>
        openSync(`/proc/${this.#pid}/fd/${fd}`, flags | constants.O_NONBLOCK);
      const write = opened(toRunner, constants.O_WRONLY);
      const reads = [fromRunner, log].map((fd) => opened(fd, constants.O_RDONLY)) as [number, number];
      asked.resolve({
        toRunner: new Socket({ fd: write, readable: false, writable: true }),
        fromRunner: reader(reads[0]),
        log: reader(reads[1]),
      });
    } catch (error) {
      this.kill(number);
      asked.reject(error as Error);
    }
    this.#requestLater('o', number);
  }
}

function encodeRequest(op: string, number: number, slot: number): Buffer {
  const request = Buffer.alloc(REQUEST_BYTES);
  request.write(op, 0, 'latin1');
  request.writeUInt32BE(number, 1);
  request.writeUInt16BE(slot, 5);
  return request;
}
