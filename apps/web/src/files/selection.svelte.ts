/** Which of the entries are chosen, which one the keyboard stands on, and where a range begins. */
interface Order {
  readonly entries: readonly { readonly id: string }[];
  /** The place of each entry in the list. */
  readonly indexOf: ReadonlyMap<string, number>;
}

export class Selection {
  readonly #order: Order;
  ids = $state.raw<ReadonlySet<string>>(new Set());
  /** The entry that has, or would get, the focus. */
  cursor = $state<string | null>(null);
  #anchor: string | null = null;
  /** Where the cursor stood last, for the time when its entry is gone. */
  #lastIndex = 0;

  constructor(order: Order) {
    this.#order = order;
  }

  get size(): number {
    return this.ids.size;
  }

  get cursorIndex(): number {
    return this.cursor === null ? -1 : (this.#order.indexOf.get(this.cursor) ?? -1);
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  only(id: string): void {
    this.ids = new Set([id]);
    this.#stand(id);
  }

  toggle(id: string): void {
    const ids = new Set(this.ids);
    if (!ids.delete(id)) ids.add(id);
    this.ids = ids;
    this.#stand(id);
  }

  /** Everything from where the range began up to here; with `adds`, beside what was chosen before. */
  extendTo(id: string, adds = false): void {
    const to = this.#order.indexOf.get(id);
    if (to === undefined) return;
    const from = this.#order.indexOf.get(this.#anchor ?? this.cursor ?? '') ?? to;
    const range = this.#order.entries.slice(Math.min(from, to), Math.max(from, to) + 1).map((entry) => entry.id);
    this.ids = new Set(adds ? [...this.ids, ...range] : range);
    this.#anchor = this.#order.entries[from]?.id ?? id;
    this.#moveTo(id);
  }

  /** Moves the cursor and leaves the choice, and where a range begins, as they are. */
  walkTo(id: string): void {
    this.#moveTo(id);
  }

  /** What a rubber band holds. The keyboard goes on from its last entry. */
  replace(ids: Iterable<string>): void {
    this.ids = new Set(ids);
    const last = [...this.ids].at(-1);
    if (last !== undefined) this.#stand(last);
  }

  all(): void {
    this.ids = new Set(this.#order.entries.map((entry) => entry.id));
  }

  none(): void {
    this.ids = new Set();
  }

  /** After the list changed: what is gone is chosen no more, and the cursor stands on a neighbour of what it lost. */
  settle(): void {
    const { entries, indexOf } = this.#order;
    if ([...this.ids].some((id) => !indexOf.has(id))) this.ids = new Set([...this.ids].filter((id) => indexOf.has(id)));
    if (this.#anchor !== null && !indexOf.has(this.#anchor)) this.#anchor = null;
    if (this.cursor !== null && this.cursorIndex < 0) {
      this.cursor = entries[Math.min(this.#lastIndex, entries.length - 1)]?.id ?? null;
    }
    this.#lastIndex = Math.max(0, this.cursorIndex);
  }

  /** For another list. */
  reset(): void {
    this.ids = new Set();
    this.cursor = null;
    this.#anchor = null;
    this.#lastIndex = 0;
  }

  #stand(id: string): void {
    this.#anchor = id;
    this.#moveTo(id);
  }

  #moveTo(id: string): void {
    this.cursor = id;
    this.#lastIndex = Math.max(0, this.cursorIndex);
  }
}
