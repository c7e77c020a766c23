/**
 * Notices a page that never loads or does not answer. It is asked now and then, one question at a time, while its window
 * is seen; one that says nothing for as long as the limit has stopped: its program computes without an end, or waits where
 * nothing comes. Pages that never said that they answer are only expected to load. What else can make an answer late is
 * no reason to bother the person: a tab in the background, a machine that slept, a desktop that was itself too busy to
 * hear.
 */
import { LIMITS } from '@hanabi/protocol';

/** A timer that comes later than this did not run because the machine, the tab or the desktop stood still. */
const LATE_MS = 250;

/** From one question to the next, and for its answer. */
const BEAT_MS = LIMITS.page_silence_ms_max;

export interface AnswerWatchOptions {
  ask: () => void;
  /** Whether the person sees the window. */
  isSeen: () => boolean;
  /** It has stopped answering, or answers again. */
  onsilent: (silent: boolean) => void;
}

export class AnswerWatch {
  private readonly options: AnswerWatchOptions;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What the page has not done yet: load, or answer what it was asked. */
  private owes: 'load' | 'answer' | null = 'load';
  private answers = false;
  private silent = false;

  constructor(options: AnswerWatchOptions) {
    this.options = options;
    this.lookIn(LIMITS.page_patience_ms);
  }

  /** Its document is there with all that belongs to it. */
  loaded(): void {
    if (this.owes === 'load') this.settle();
  }

  /** The page answered. The first time it says that it will. */
  heard(): void {
    if (this.silent || !this.answers) this.settle();
    this.owes = null;
    this.answers = true;
    if (this.timer === undefined) this.lookAtBeat();
  }

  /** The person wants to wait: they are left alone for a while. */
  wait(): void {
    this.tell(false);
    this.lookIn(LIMITS.page_patience_ms);
  }

  /** The client of the page has left, or the window is closed: nothing is expected any more. */
  close(): void {
    this.settle();
    this.answers = false;
  }

  private settle(): void {
    this.owes = null;
    if (this.silent) this.tell(false);
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private lookIn(delay_ms: number): void {
    this.lookWhen(performance.now() + delay_ms);
  }

  /** Together with all other windows: to be woken by each of them by itself costs an idle desktop several times as much. */
  private lookAtBeat(): void {
    this.lookWhen(Math.round(performance.now() / BEAT_MS + 1) * BEAT_MS);
  }

  private lookWhen(due: number): void {
    this.timer = setTimeout(() => this.look(performance.now() - due > LATE_MS), due - performance.now());
  }

  private look(late: boolean): void {
    const counts = !late && !document.hidden && this.options.isSeen();
    if (counts && this.owes) return this.tell(true);
    if (this.owes !== 'load') {
      this.owes = counts ? 'answer' : null;
      if (counts) this.options.ask();
    }
    this.lookAtBeat();
  }

  private tell(silent: boolean): void {
    this.silent = silent;
    this.options.onsilent(silent);
  }
}
