/** What the keys of lists, grids and menus do, apart from any of them. */

/**
 * The index that an arrow key, Home or End leads to, or null for other keys. `columns` is how many items stand beside
 * each other; `wraps` makes the ends meet, as in a menu.
 */
export function nextIndex(key: string, index: number, count: number, columns = 1, wraps = false): number | null {
  if (count === 0) return null;
  const steps: Record<string, number> = { ArrowDown: columns, ArrowUp: -columns };
  if (columns > 1) Object.assign(steps, { ArrowRight: 1, ArrowLeft: -1 });
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = steps[key];
  if (step === undefined) return null;
  if (index < 0) return step > 0 ? 0 : count - 1;
  const next = index + step;
  if (wraps) return (next + count) % count;
  if (next < 0) return index;
  // Down from the last full row reaches the last item of a shorter one.
  if (next >= count)
    return step === columns && Math.floor(index / columns) < rowOf(count - 1, columns) ? count - 1 : index;
  return next;
}

function rowOf(index: number, columns: number): number {
  return Math.floor(index / columns);
}

const pause_ms = 800;

/** Finds an item by the letters typed quickly one after another. */
export class TypeAhead {
  #typed = '';
  #last_ms = 0;

  /** The index of the item that the letters lead to, or null when the key is no letter or nothing fits. */
  find<Item>(event: KeyboardEvent, items: readonly Item[], name: (item: Item) => string, index: number): number | null {
    if (!/^.$/u.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return null;
    if (event.timeStamp - this.#last_ms > pause_ms) this.#typed = '';
    if (event.key === ' ' && this.#typed === '') return null;
    this.#last_ms = event.timeStamp;
    this.#typed += event.key.toLocaleLowerCase();
    const letter = event.key.toLocaleLowerCase();
    const repeated = this.#typed.replaceAll(letter, '') === '';
    const wanted = repeated ? letter : this.#typed;
    // One letter again and again walks through the items that begin with it.
    const start = repeated ? index + 1 : Math.max(0, index);
    for (let step = 0; step < items.length; step += 1) {
      const candidate = (start + step) % items.length;
      if (name(items[candidate]!).toLocaleLowerCase().startsWith(wanted)) return candidate;
    }
    return null;
  }
}
