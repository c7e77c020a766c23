/** What is opened by the first who needs it, shared by all who do, and ended when nobody has for a while. */

interface Keepable {
  readonly isAlive: boolean;
  close(): Promise<void>;
}

export interface Use<Value> {
  readonly value: Value;
  /** To be called once, by whoever needs it no longer. */
  readonly leave: () => void;
}

interface Kept<Value> {
  readonly opened: Promise<Value>;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

export class KeptWhileUsed<Value extends Keepable> {
  readonly #kept = new Map<string, Kept<Value>>();

  /** Opened anew where it has died. Undefined for `idle_ms_max`: it stays until all is closed. */
  async use(key: string, open: () => Promise<Value>, idle_ms_max: number | undefined): Promise<Use<Value>> {
    const kept = this.#kept.get(key) ?? this.#keep(key, open());
    kept.users += 1;
    clearTimeout(kept.idle);
    const leave = () => {
      kept.users -= 1;
      if (kept.users > 0 || idle_ms_max === undefined) return;
      kept.idle = setTimeout(() => this.#end(key, kept), idle_ms_max).unref();
    };
    const value = await kept.opened;
    if (value.isAlive) return { value, leave };
    this.#end(key, kept);
    return this.use(key, open, idle_ms_max);
  }

  async close(): Promise<void> {
    for (const { opened, idle } of this.#kept.values()) {
      clearTimeout(idle);
      await opened.then((value) => value.close()).catch(() => {}); // it never opened
    }
  }

  #keep(key: string, opened: Promise<Value>): Kept<Value> {
    const kept = { opened, users: 0, idle: undefined };
    this.#kept.set(key, kept);
    opened.catch(() => this.#forget(key, kept));
    return kept;
  }

  #end(key: string, kept: Kept<Value>): void {
    if (!this.#forget(key, kept)) return;
    void kept.opened.then((value) => value.close()).catch(() => {}); // what lived in it died with it
  }

  /** False: it was before, and there may be another one by now. */
  #forget(key: string, kept: Kept<Value>): boolean {
    return this.#kept.get(key) === kept && this.#kept.delete(key);
  }
}
