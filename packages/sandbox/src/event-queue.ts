/** Between the worker, who tells as fast as it likes, and the consumer, who pulls. */
import type { JobEvent } from './sandbox.ts';

const PROGRESS_INTERVAL_MS = 50;
const QUEUED_CHARS_MAX = 1024 * 1024;

type Progress = Extract<JobEvent, { kind: 'progress' }>;

export class EventQueue {
  #events: JobEvent[] = [];
  #chars = 0;
  /** The newest progress, which replaces an older one that nobody has pulled yet. */
  #progress: Progress | undefined;
  #progressDueAt = 0;
  #ended = false;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducer: (() => void) | undefined;

  setProgress(progress: Progress): void {
    this.#progress = progress;
    this.#wakeConsumer?.();
  }

  /** Settles when there is room for more. */
  async push(event: Exclude<JobEvent, Progress>): Promise<void> {
    this.#events.push(event);
    if (event.kind === 'output') this.#chars += event.chunk.length;
    this.#wakeConsumer?.();
    while (this.#chars > QUEUED_CHARS_MAX && !this.#ended) {
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
    const event = this.#events.shift();
    if (event) {
      if (event.kind === 'output') this.#chars -= event.chunk.length;
      this.#wakeProducer?.();
      return event;
    }
    const progress = this.#progress;
    if (!progress || (!this.#ended && performance.now() < this.#progressDueAt)) return undefined;
    this.#progress = undefined;
    this.#progressDueAt = performance.now() + PROGRESS_INTERVAL_MS;
    return progress;
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
