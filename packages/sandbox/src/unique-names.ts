import { numberedName } from '@hanabi/protocol';

/** Names that also differ where upper and lower case are the same. */
export class UniqueNames {
  readonly #taken = new Set<string>();
  /** Where to go on counting, by the first name with a number: thousands of files may want the same one. */
  readonly #next = new Map<string, number>();

  take(name: string): string {
    if (this.#add(name)) return name;
    const counted = numberedName(name, 2).toLowerCase();
    for (let number = this.#next.get(counted) ?? 2; ; number += 1) {
      const free = numberedName(name, number);
      if (!this.#add(free)) continue;
      this.#next.set(counted, number + 1);
      return free;
    }
  }

  #add(name: string): boolean {
    const key = name.toLowerCase();
    const isFree = !this.#taken.has(key);
    this.#taken.add(key);
    return isFree;
  }
}
