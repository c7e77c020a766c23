import { HanabiError } from '@hanabi/protocol';
import { Turns } from './turns.ts';

/** On whose behalf a job runs: what the places are shared between. */
export interface Share {
  /** The user. */
  owner: string;
  module: string;
  /** Higher goes first, whoever asks. */
  priority: number;
}

/** Without a share: jobs of the server itself and of the command line, which may fill all places. */
export const HOSTS_OWN: Share = { owner: '', module: '', priority: 0 };

interface Waiting {
  readonly share: Share;
  /** Of the user among users, and of the module among that user's. */
  readonly ownerTurn: number;
  readonly moduleTurn: number;
  readonly admit: () => void;
  readonly moved: (position: number) => void;
  position: number;
}

/**
 * A fixed number of places. Of those who wait, the highest priority goes first; then users take turns, and the modules
 * of one user; then the order of asking counts. One module of one user never holds all places.
 */
export class Admission {
  readonly #places: number;
  readonly #timeout_ms: number;
  readonly #owners = new Turns();
  /** By user; only of those who are inside or wait. */
  readonly #modules = new Map<string, Turns>();
  readonly #inside = new Set<Waiting>();
  /** In the order of asking. */
  readonly #waiting = new Set<Waiting>();

  constructor(places: number, timeout_ms: number) {
    this.#places = places;
    this.#timeout_ms = timeout_ms;
  }

  /**
   * Settles with a place, to be left exactly once. While it waits, `moved` is told the position, 1 being the next.
   * HANABI-W011 after the timeout, unless it is patient; HANABI-W016 on abort.
   */
  async enter(
    share: Share,
    signal: AbortSignal,
    moved: (position: number) => void = () => {},
    patient = false,
  ): Promise<() => void> {
    if (signal.aborted) throw new HanabiError('HANABI-W016');
    const admitted = await this.#wait(share, signal, moved, patient);
    return () => {
      this.#inside.delete(admitted);
      this.#admitNext();
      this.#forget(share.owner);
    };
  }

  #wait(share: Share, signal: AbortSignal, moved: (position: number) => void, patient: boolean): Promise<Waiting> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        this.#waiting.delete(waiting);
      };
      const leave = (error: HanabiError) => {
        settle();
        reject(error);
        this.#admitNext();
        this.#forget(share.owner);
      };
      const cancel = () => leave(new HanabiError('HANABI-W016'));
      const giveUp = () => leave(new HanabiError('HANABI-W011', `waited ${this.#timeout_ms / 1000} s`));
      const timer = patient ? undefined : setTimeout(giveUp, this.#timeout_ms);
      const admit = () => {
        settle();
        this.#inside.add(waiting);
        resolve(waiting);
      };
      const waiting: Waiting = { share, ...this.#turnsOf(share), admit, moved, position: 0 };
      signal.addEventListener('abort', cancel);
      this.#waiting.add(waiting);
      this.#admitNext();
    });
  }

  #turnsOf({ owner, module }: Share): { ownerTurn: number; moduleTurn: number } {
    const modules = this.#modules.get(owner) ?? new Turns();
    this.#modules.set(owner, modules);
    return { ownerTurn: this.#owners.take(owner), moduleTurn: modules.take(module) };
  }

  #forget(owner: string): void {
    for (const { share } of [...this.#inside, ...this.#waiting]) if (share.owner === owner) return;
    this.#modules.delete(owner);
  }

  #admitNext(): void {
    const queue = this.#inOrder();
    for (let free = this.#places - this.#inside.size; free > 0; free -= 1) {
      const at = queue.findIndex(({ waiting }) => !this.#hasItsPart(waiting.share));
      if (at < 0) break;
      const [{ waiting, turn }] = queue.splice(at, 1) as [Placed];
      this.#owners.serve(turn);
      this.#modules.get(waiting.share.owner)!.serve(waiting.moduleTurn);
      waiting.admit();
    }
    for (const [index, { waiting }] of queue.entries()) {
      if (waiting.position === index + 1) continue;
      waiting.position = index + 1;
      waiting.moved(waiting.position);
    }
  }

  #hasItsPart({ owner, module }: Share): boolean {
    // What the host runs for itself it bounds by itself.
    if (this.#places === 1 || owner === HOSTS_OWN.owner) return false;
    const held = [...this.#inside].filter(({ share }) => share.owner === owner && share.module === module);
    return held.length >= this.#places - 1;
  }

  /** The turns of a user belong to whichever of that user's jobs is next among them. */
  #inOrder(): Placed[] {
    const jobs = new Map<string, Waiting[]>();
    for (const waiting of this.#waiting) {
      const ofOwner = jobs.get(waiting.share.owner);
      if (ofOwner) ofOwner.push(waiting);
      else jobs.set(waiting.share.owner, [waiting]);
    }
    const queue = [...jobs.values()].flatMap((ofOwner) => {
      const turns = ofOwner.map(({ ownerTurn }) => ownerTurn);
      return ofOwner
        .map((waiting) => ({ waiting, turn: waiting.moduleTurn }))
        .toSorted(byPriorityThenTurn)
        .map(({ waiting }, index) => ({ waiting, turn: turns[index]! }));
    });
    return queue.toSorted(byPriorityThenTurn);
  }
}

interface Placed {
  waiting: Waiting;
  turn: number;
}

/** Sorting keeps the order of equals: that of asking. */
function byPriorityThenTurn(one: Placed, other: Placed): number {
  return other.waiting.share.priority - one.waiting.share.priority || one.turn - other.turn;
}
