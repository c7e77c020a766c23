import { numberedName } from '@hanabi/protocol';

/** Names that also differ where upper and lower case are the same. */
export class UniqueNames {
  readonly #taken = new Set<string>();

  take(name: string): string {
    let free = name;
    for (let number = 2; this.#taken.has(free.toLowerCase()); number += 1) free = numberedName(name, number);
    this.#taken.add(free.toLowerCase());
    return free;
  }
}
