/** Lets the first of many like acts happen at once and the newest of the others later, with a pause between any two. */
export class Spaced {
  private readonly pause_ms: number;
  private readonly pauses = new Map<string, { timer: NodeJS.Timeout; newest: (() => void) | undefined }>();

  constructor(pause_ms: number) {
    this.pause_ms = pause_ms;
  }

  offer(key: string, act: () => void): void {
    const pause = this.pauses.get(key);
    if (pause) pause.newest = act;
    else {
      this.begin(key);
      act();
    }
  }

  /** What waits under this key is out of date. */
  forget(key: string): void {
    clearTimeout(this.pauses.get(key)?.timer);
    this.pauses.delete(key);
  }

  close(): void {
    for (const key of this.pauses.keys()) this.forget(key);
  }

  private begin(key: string): void {
    const timer = setTimeout(() => {
      const act = this.pauses.get(key)?.newest;
      this.pauses.delete(key);
      if (act) this.offer(key, act);
    }, this.pause_ms).unref();
    this.pauses.set(key, { timer, newest: undefined });
  }
}
