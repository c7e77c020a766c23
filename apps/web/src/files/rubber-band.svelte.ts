/** The rubber band: a box drawn with the mouse that chooses what it touches. */
import { followPointer } from '../desktop/pointer-drag.ts';
import type { ExplorerModel } from './explorer-model.svelte.ts';
import { type Box, indexesWithin, type Tiling } from '../ui/windowing.ts';

const slack_px = 4;
const edge_px = 28;
const scroll_px = 14;

export class RubberBand {
  readonly #model: ExplorerModel;
  readonly #tiling: () => Tiling;
  /** In pixels from the corner of the first entry; null while none is drawn. */
  box = $state.raw<Box | null>(null);
  /** Whether the click that ends the drag belongs to the band, not to what lies under it. */
  drew = false;

  constructor(model: ExplorerModel, tiling: () => Tiling) {
    this.#model = model;
    this.#tiling = tiling;
  }

  /** `canvas` is the element that the entries lie in, `scroller` the one it scrolls in. */
  start(event: PointerEvent, scroller: HTMLElement, canvas: HTMLElement): void {
    const origin = canvas.getBoundingClientRect();
    const from = { x: event.clientX - origin.left, y: event.clientY - origin.top };
    const before = event.ctrlKey || event.metaKey || event.shiftKey ? this.#model.selection.ids : new Set<string>();
    let pointer = { x: event.clientX, y: event.clientY };
    let scrolling = 0;
    this.drew = false;

    const draw = () => {
      const { left, top, width } = canvas.getBoundingClientRect();
      const to = { x: pointer.x - left, y: pointer.y - top };
      if (!this.drew && Math.hypot(to.x - from.x, to.y - from.y) < slack_px) return;
      this.drew = true;
      const box = {
        left: Math.max(0, Math.min(from.x, to.x)),
        right: Math.min(width, Math.max(from.x, to.x)),
        top: Math.max(0, Math.min(from.y, to.y)),
        bottom: Math.min(canvas.clientHeight, Math.max(from.y, to.y)),
      };
      this.box = box;
      const touched = indexesWithin(this.#tiling(), width, box).map((index) => this.#model.view.entries[index]!.id);
      this.#model.selection.replace([...before, ...touched]);
    };
    /** At its edges the view goes on under a band that wants more. */
    const scroll = () => {
      const { top, bottom } = scroller.getBoundingClientRect();
      const step = pointer.y < top + edge_px ? -scroll_px : pointer.y > bottom - edge_px ? scroll_px : 0;
      if (step !== 0 && this.drew) {
        scroller.scrollTop += step;
        draw();
      }
      scrolling = requestAnimationFrame(scroll);
    };
    scrolling = requestAnimationFrame(scroll);
    followPointer(event, {
      onmove: (dx, dy) => {
        pointer = { x: event.clientX + dx, y: event.clientY + dy };
        draw();
      },
      onend: () => {
        cancelAnimationFrame(scrolling);
        this.box = null;
      },
    });
  }
}
