import type { Fields } from '../../src/workflows/wire.ts';

/** Tasks by the name of their queue, made when a worker takes them. Who finds none waits. */
export class TaskQueues {
  readonly #tasks = new Map<string, (() => Fields)[]>();
  readonly #takers = new Map<string, ((task: () => Fields) => void)[]>();

  put(queue: string, task: () => Fields): void {
    const taker = this.#takers.get(queue)?.shift();
    if (taker) taker(task);
    else this.#tasks.set(queue, [...(this.#tasks.get(queue) ?? []), task]);
  }

  /** Undefined when the worker is gone before there is one. */
  async take(queue: string, gone: AbortSignal): Promise<Fields | undefined> {
    const task = this.#tasks.get(queue)?.shift();
    if (task) return task();
    return await new Promise((resolve) => {
      const taker = (found: () => Fields) => resolve(found());
      const takers = [...(this.#takers.get(queue) ?? []), taker];
      this.#takers.set(queue, takers);
      gone.addEventListener('abort', () => {
        takers.splice(takers.indexOf(taker), 1);
        this.#takers.set(
          queue,
          (this.#takers.get(queue) ?? []).filter((each) => each !== taker),
        );
        resolve(undefined);
      });
    });
  }
}
