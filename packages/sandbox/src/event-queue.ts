/** Between the worker, who tells as fast as it likes, and the consumer, who pulls. */
import { LIMITS } from '@hanabi/protocol';
import type { JobEvent } from './sandbox.ts';

const PROGRESS_INTERVAL_MS = 50;

type Progress = Extract<JobEvent, { kind: 'progress' }>;

export class EventQueue {
  #events: JobEvent[] = [];
  /** Where the oldest event stands: shifting an array takes time in its length, for each of a million events. */
  #head = 0;
  #weight_chars = 0;
  /** The newest progress, which replaces an older one that nobody has pulled yet. */
  #progress: Progress | undefined;
  #progressDueAt = 0;
  #ended = false;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducer: (() => void) | undefined;

  setProgress(progress: Progress): void {
    const isWaitedFor = this.#progress !== undefined;
    this.#progress = progress;
    // Else its time is set already, and a worker may replace it many thousand times until then.
    if (!isWaitedFor) this.#wakeConsumer?.();
  }

  /** Settles when there is room for more. After the end nothing is taken. */
  async push(event: Exclude<JobEvent, Progress>): Promise<void> {
    if (this.#ended) return;
    this.#events.push(event);
    this.#weight_chars += weightOf(event);
    this.#wakeConsumer?.();
    while (this.#weight_chars > LIMITS.job_queued_chars_max && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wakeProducer = resolve;
      });
    }
  }

  end(): void {
    this.#ended = true;
    this.#wakeConsumer?.();
    this.#wakeProducer?.();
  }

  /** The next event, or undefined after the last one. */
  async next(): Promise<JobEvent | undefined> {
    for (;;) {
      const event = this.#take();
      if (event) return event;
      if (this.#ended) return undefined;
      await this.#change();
    }
  }

  #take(): JobEvent | undefined {
    const event = this.#shift();
    if (event) {
      this.#weight_chars -= weightOf(event);
      this.#wakeProducer?.();
      return event;
    }
    const progress = this.#progress;
    if (!progress || (!this.#ended && performance.now() < this.#progressDueAt)) return undefined;
    this.#progress = undefined;
    this.#progressDueAt = performance.now() + PROGRESS_INTERVAL_MS;
    return progress;
  }

  #shift(): JobEvent | undefined {
    const event = this.#events[this.#head];
    this.#head += 1;
    // What has been pulled is let go of in one piece: never more of it than of what still waits.
    if (this.#head * 2 >= this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }

  /** Settles when something was pushed, or a progress that is held back has become due. */
  async #change(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wakeConsumer = resolve;
      if (this.#progress) timer = setTimeout(resolve, this.#progressDueAt - performance.now());
    });
    clearTimeout(timer);
    this.#wakeConsumer = undefined;
  }
}

/** An event that says nothing takes memory too, and a worker may send any number of them. */
function weightOf(event: JobEvent): number {
  return LIMITS.job_event_weight_chars + (event.kind === 'output' ? event.chunk.length : 0);
}
