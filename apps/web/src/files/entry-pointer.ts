/** Mouse and fingers on the entries. One set of listeners serves all of them, however many there are. */
import type { Attachment } from 'svelte/attachments';
import { isTouch } from '../ui/pointer-kind.ts';
import type { Entry } from './entries.ts';
import type { ExplorerModel } from './explorer-model.svelte.ts';
import type { RubberBand } from './rubber-band.svelte.ts';

/** Type of a drag inside the desktop. What is dragged stays in the desktop: where it falls may be a module. */
const DRAG_TYPE = 'application/x-hanabi-items';

export function entryAt(model: ExplorerModel, target: EventTarget | null): Entry | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-entry]') : null;
  return model.view.entry(element?.dataset['entry'] ?? null);
}

export function entryPointer(model: ExplorerModel, band: RubberBand): Attachment<HTMLElement> {
  return (element) => {
    const { selection, shell } = model;

    const pointerdown = (event: PointerEvent) => {
      if (event.button !== 0 || event.pointerType !== 'mouse') return;
      if (!(event.target instanceof Element) || event.target.closest('button, input')) return;
      // The scroll bar belongs to the element and lies outside of what it shows.
      if (event.target === element && event.offsetX >= element.clientWidth) return;
      const entry = entryAt(model, event.target);
      const held = entry !== null && (selection.has(entry.id) || event.target.closest('[data-grip]') !== null);
      band.drew = false;
      if (!held) return band.start(event, element, element.querySelector<HTMLElement>('[data-canvas]')!);
      // Chosen on the way down, so that a drag that begins here takes it along.
      if (!selection.has(entry.id) && !event.ctrlKey && !event.metaKey && !event.shiftKey) selection.only(entry.id);
    };

    /** While the band holds the pointer, its clicks arrive at the whole instead of at the entry below it. */
    const under = (event: MouseEvent) =>
      event.target === element ? document.elementFromPoint(event.clientX, event.clientY) : event.target;

    const click = (event: MouseEvent) => {
      if (band.drew || (event.target instanceof Element && event.target.closest('button, input'))) return;
      const entry = entryAt(model, under(event));
      const adds = event.ctrlKey || event.metaKey;
      if (!entry) {
        if (!isTouch(event) && !adds && !event.shiftKey) selection.none();
      } else if (isTouch(event)) model.tap(entry);
      else if (event.shiftKey) selection.extendTo(entry.id, adds);
      else if (adds) selection.toggle(entry.id);
      else selection.only(entry.id);
      void model.focus();
    };

    const dblclick = (event: MouseEvent) => {
      const entry = entryAt(model, under(event));
      if (entry && !event.ctrlKey && !event.shiftKey) model.open(entry);
    };

    const focusin = (event: FocusEvent) => {
      const entry = entryAt(model, event.target);
      if (entry && selection.cursor !== entry.id) selection.walkTo(entry.id);
    };

    const dragstart = (event: DragEvent) => {
      const entry = entryAt(model, event.target);
      if (!entry || !event.dataTransfer || model.inTrash) return event.preventDefault();
      if (!selection.has(entry.id)) selection.only(entry.id);
      shell.dragged = model.chosen;
      event.dataTransfer.effectAllowed = 'copyMove';
      event.dataTransfer.setData(DRAG_TYPE, '');
      if (model.chosen.length > 1) showCount(event.dataTransfer, model.chosen.length);
    };
    const dragend = () => (shell.dragged = null);

    element.addEventListener('pointerdown', pointerdown);
    element.addEventListener('click', click);
    element.addEventListener('dblclick', dblclick);
    element.addEventListener('focusin', focusin);
    element.addEventListener('dragstart', dragstart);
    element.addEventListener('dragend', dragend);
    return () => {
      element.removeEventListener('pointerdown', pointerdown);
      element.removeEventListener('click', click);
      element.removeEventListener('dblclick', dblclick);
      element.removeEventListener('focusin', focusin);
      element.removeEventListener('dragstart', dragstart);
      element.removeEventListener('dragend', dragend);
      // An entry that left the page with its view ends no drag.
      shell.dragged = null;
    };
  };
}

/** Under the pointer goes how many there are, not only the one that was taken hold of. */
function showCount(transfer: DataTransfer, count: number): void {
  const badge = document.createElement('div');
  badge.className = 'drag-count';
  badge.textContent = String(count);
  document.body.append(badge);
  transfer.setDragImage(badge, 20, 20);
  // The browser takes its picture of the element right after the event.
  setTimeout(() => badge.remove());
}
