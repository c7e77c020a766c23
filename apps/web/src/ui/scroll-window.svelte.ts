/** What a scrolling element shows of a long list: follows its scrolling and its size, and brings entries into view. */
import type { Attachment } from 'svelte/attachments';
import { drawnIndexes, scrollToShow, type Tiling, visibleSpan } from './windowing.ts';

/** Before the element has been measured. */
const first_guess_px = 600;

export class ScrollWindow {
  readonly #tiling: () => Tiling;
  readonly #kept: () => number;
  #element: HTMLElement | null = null;
  #top_px = $state(0);
  #height_px = $state(0);
  #width_px = $state(0);

  readonly #span = $derived.by(() => visibleSpan(this.#tiling(), this.#top_px, this.#height_px || first_guess_px));
  readonly #first = $derived(this.#span.first);
  readonly #end = $derived(this.#span.end);
  /** Which entries are in the page. Changes only when a row comes or goes, not with every pixel. */
  readonly drawn: readonly number[] = $derived.by(() =>
    drawnIndexes({ first: this.#first, end: this.#end }, this.#kept()),
  );

  /** `kept` is the entry that stays in the page wherever it is, because it has the focus. */
  constructor(tiling: () => Tiling, kept: () => number) {
    this.#tiling = tiling;
    this.#kept = kept;
  }

  get width_px(): number {
    return this.#width_px;
  }

  /** Rows that a page up or down goes over. */
  get page_rows(): number {
    const { row_px, covered_px } = this.#tiling();
    return Math.max(1, Math.floor(((this.#height_px || first_guess_px) - covered_px) / row_px) - 1);
  }

  readonly attach: Attachment<HTMLElement> = (element) => {
    this.#element = element;
    const measure = () => {
      this.#height_px = element.clientHeight;
      this.#width_px = element.clientWidth;
      this.#top_px = element.scrollTop;
    };
    const scrolled = () => (this.#top_px = element.scrollTop);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    element.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', scrolled);
      this.#element = null;
    };
  };

  show(index: number): void {
    const element = this.#element;
    if (!element || index < 0) return;
    const top_px = scrollToShow(this.#tiling(), index, element.scrollTop, this.#height_px || first_guess_px);
    if (top_px === element.scrollTop) return;
    element.scrollTop = top_px;
    this.#top_px = element.scrollTop;
  }
}
