/**
 * Boxes that are ahead of their jobs. Joining a cgroup takes longer than everything else, so one empty box has always
 * done that already; and where a module has just run, one box with its package and a booted Python waits for the next.
 */
import { HanabiError, type TierLimits } from '@hanabi/protocol';
import { BubblewrapBox } from './bubblewrap-box.ts';
import type { CommandParts } from './command.ts';
import type { NativeTools } from './native-tools.ts';
import type { Slots } from './slots.ts';

const IDLE_MS_MAX = 60_000;

type BoxParts = Omit<CommandParts, 'uid' | 'join_files' | 'input_dir' | 'output_dir' | 'limits' | 'native'>;

/** What a waiting box fits: one version of one package under one set of limits. */
export interface BoxKind {
  key: string;
  module_dir: string;
  layer_dir?: string | undefined;
  limits: TierLimits;
  /** The media tools, where they are granted. */
  native?: NativeTools | undefined;
}

/** What an empty box is made for. */
type Sealing = Pick<BoxKind, 'limits' | 'native'>;

interface IdleBox {
  key: string;
  box: Promise<BubblewrapBox>;
  timer: NodeJS.Timeout;
}

export class BoxPool {
  readonly #slots: Slots;
  readonly #parts: BoxParts;
  readonly #idleMax: number;
  /** Oldest first. */
  readonly #idle: IdleBox[] = [];
  /** All that have not been disposed of. */
  readonly #alive = new Set<BubblewrapBox>();
  /** Sealed as the last job was; nothing of a module is mounted in it yet. */
  #empty: { sealing: string; box: Promise<BubblewrapBox> } | undefined;
  #closed = false;

  constructor(slots: Slots, parts: BoxParts, idleMax: number) {
    this.#slots = slots;
    this.#parts = parts;
    this.#idleMax = idleMax;
  }

  /** A box of that kind with Python up. Whoever takes it ends it with `dispose`. */
  async take(kind: BoxKind): Promise<BubblewrapBox> {
    const at = this.#idle.findLastIndex((idle) => idle.key === kind.key);
    if (at >= 0) {
      const [{ box, timer }] = this.#idle.splice(at, 1) as [IdleBox];
      clearTimeout(timer);
      const waiting = await box.catch(() => undefined);
      if (waiting?.isAlive) return waiting;
      if (waiting) await this.dispose(waiting);
    }
    return this.#boot(kind);
  }

  /** Gets one more box ready for a kind that has just been used; after the result of that job is on its way. */
  prepare(kind: BoxKind): void {
    setImmediate(() => this.#prepare(kind));
  }

  #prepare(kind: BoxKind): void {
    if (this.#closed) return;
    const box = this.#boot(kind);
    const idle: IdleBox = { key: kind.key, box, timer: setTimeout(() => this.#evict(idle), IDLE_MS_MAX).unref() };
    this.#idle.push(idle);
    box.catch(() => this.#forget(idle)); // the next job of that kind boots its own and tells why it cannot
    while (this.#idle.length > this.#idleMax) this.#evict(this.#idle[0]!);
    void box.then(
      () => this.refill(kind),
      () => {},
    );
  }

  /** Settles when everything in the box is dead and its slot is free again. */
  async dispose(box: BubblewrapBox): Promise<void> {
    await box.kill();
    this.#alive.delete(box);
    if (!this.#closed) await this.#slots.giveBack(box.slot);
  }

  /** Settles when every box is dead, also those whose jobs nobody pulls any more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#idle) clearTimeout(timer);
    await Promise.all([...this.#alive].map((box) => box.kill()));
  }

  async #boot(kind: BoxKind): Promise<BubblewrapBox> {
    const { module_dir, layer_dir } = kind;
    const box = await this.#takeEmpty(kind);
    try {
      await box.boot(module_dir, layer_dir);
      return box;
    } catch (error) {
      await this.dispose(box);
      throw error;
    }
  }

  async #takeEmpty(sealing: Sealing): Promise<BubblewrapBox> {
    const waiting = this.#empty;
    if (waiting?.sealing === keyOf(sealing)) {
      this.#empty = undefined;
      const box = await waiting.box.catch(() => undefined);
      if (box?.isAlive) return box;
      if (box) await this.dispose(box);
    }
    return this.#spawn(sealing);
  }

  /** Gets an empty box ready for what is likely next. */
  refill(sealing: Sealing): void {
    const wanted = keyOf(sealing);
    if (this.#closed || this.#empty?.sealing === wanted) return;
    if (this.#empty) this.#end(this.#empty.box);
    this.#empty = { sealing: wanted, box: this.#spawn(sealing) };
    this.#empty.box.catch(() => {}); // as above
  }

  async #spawn({ limits, native }: Sealing): Promise<BubblewrapBox> {
    const slot = await this.#slots.take(limits);
    if (this.#closed) throw new HanabiError('HANABI-W016');
    const box = new BubblewrapBox(slot, { ...this.#parts, limits, native });
    this.#alive.add(box);
    return box;
  }

  #evict(idle: IdleBox): void {
    this.#forget(idle);
    this.#end(idle.box);
  }

  #forget(idle: IdleBox): void {
    clearTimeout(idle.timer);
    const at = this.#idle.indexOf(idle);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #end(box: Promise<BubblewrapBox>): void {
    box.then((booted) => this.dispose(booted)).catch(() => {}); // it never came up, or does not die and keeps its slot
  }
}

function keyOf({ limits, native }: Sealing): string {
  return JSON.stringify([limits, native?.root]);
}
