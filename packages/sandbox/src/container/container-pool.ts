/**
 * Containers that are ahead of their jobs. Making one takes longer than most jobs, so where a module has just run, one
 * with its package and a booted Python waits for the next.
 */
import { HanabiError, type TierLimits } from '@hanabi/protocol';
import type { Slot, Slots } from '../bubblewrap/slots.ts';
import type { ContainerBox } from './container-box.ts';

const IDLE_MS_MAX = 60_000;

export interface PoolSettings<Kind> {
  slots: Slots;
  idle_max: number;
  boot: (kind: Kind, slot: Slot) => Promise<ContainerBox>;
  /** What nobody waits for went wrong: a container that does not go away. */
  report: (problem: unknown) => void;
}

interface IdleBox {
  key: string;
  box: Promise<ContainerBox>;
  timer: NodeJS.Timeout;
}

/** `key` tells which jobs a waiting container fits. */
export class ContainerPool<Kind extends { key: string; limits: TierLimits }> {
  readonly #settings: PoolSettings<Kind>;
  /** Oldest first. */
  readonly #idle: IdleBox[] = [];
  readonly #alive = new Set<ContainerBox>();
  /** Boots and removals that go on while nobody waits for them. */
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;

  constructor(settings: PoolSettings<Kind>) {
    this.#settings = settings;
  }

  /** A container of that kind with Python up. Whoever takes it ends it with `dispose`. */
  async take(kind: Kind): Promise<ContainerBox> {
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

  /** Gets one more ready for a kind that has just been used; after the result of that job is on its way. */
  prepare(kind: Kind): void {
    setImmediate(() => {
      if (this.#closed) return;
      const box = this.#boot(kind);
      const idle: IdleBox = { key: kind.key, box, timer: setTimeout(() => this.#evict(idle), IDLE_MS_MAX).unref() };
      this.#idle.push(idle);
      box.catch(() => this.#forget(idle)); // the next job of that kind boots its own and tells why it cannot
      while (this.#idle.length > this.#settings.idle_max) this.#evict(this.#idle[0]!);
    });
  }

  /** Settles when everything in it is dead. The container, which is only a record by then, goes in the background. */
  async dispose(box: ContainerBox): Promise<void> {
    await box.kill();
    this.#follow(
      box.remove().then(async () => {
        this.#alive.delete(box);
        if (!this.#closed) await this.#settings.slots.giveBack(box.slot);
      }),
    );
  }

  /** Settles when every container is gone, also those whose jobs nobody pulls any more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#idle) clearTimeout(timer);
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    await Promise.all([...this.#alive].map((box) => box.kill().then(() => box.remove())));
    await this.#settings.slots.close();
  }

  #boot(kind: Kind): Promise<ContainerBox> {
    const booting = this.#bootInSlot(kind);
    this.#underWay.add(booting);
    const forget = () => this.#underWay.delete(booting);
    booting.then(forget, forget);
    return booting;
  }

  async #bootInSlot(kind: Kind): Promise<ContainerBox> {
    if (this.#closed) throw new HanabiError('HANABI-W016');
    const { slots, boot } = this.#settings;
    const slot = await slots.take(kind.limits);
    try {
      const box = await boot(kind, slot);
      this.#alive.add(box);
      return box;
    } catch (error) {
      await slots.giveBack(slot);
      throw error;
    }
  }

  #evict(idle: IdleBox): void {
    this.#forget(idle);
    // One that never came up has left nothing.
    idle.box.then(
      (box) => this.dispose(box).catch(this.#settings.report),
      () => {},
    );
  }

  #forget(idle: IdleBox): void {
    clearTimeout(idle.timer);
    const at = this.#idle.indexOf(idle);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #follow(work: Promise<void>): void {
    const followed = work.catch(this.#settings.report).finally(() => this.#underWay.delete(followed));
    this.#underWay.add(followed);
  }
}
