/** The keyboard of a folder's content, the same for tiles, the list and the file dialog. */
import { nextIndex, TypeAhead } from '../ui/list-keys.ts';
import type { Entry } from './entries.ts';

interface EntryKeys {
  entries: () => readonly Entry[];
  selectedId: () => string | null;
  columns: () => number;
  /** The focusable elements, in the order of the entries. */
  elements: () => HTMLElement[];
  onselect: (entry: Entry) => void;
  onopen: (entry: Entry) => void;
  onmenu: (entry: Entry, x: number, y: number) => void;
  onup: () => void;
}

export function entryKeys(view: EntryKeys): (event: KeyboardEvent) => void {
  const typeAhead = new TypeAhead();

  const act = (event: KeyboardEvent): boolean => {
    const entries = view.entries();
    const index = entries.findIndex((entry) => entry.id === view.selectedId());
    const go = (to: number) => {
      view.onselect(entries[to]!);
      view.elements()[to]?.focus();
      return true;
    };
    if (event.key === 'Backspace') {
      view.onup();
      return true;
    }
    const next = event.altKey ? null : nextIndex(event.key, index, entries.length, view.columns());
    if (next !== null) return go(next);
    const chosen = entries[index];
    if (chosen && event.key === 'Enter') {
      view.onopen(chosen);
      return true;
    }
    if (chosen && (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey))) {
      const box = view.elements()[index]!.getBoundingClientRect();
      view.onmenu(chosen, box.left + Math.min(60, box.width / 2), box.top + Math.min(40, box.height / 2));
      return true;
    }
    // "?" is the key for help everywhere.
    const found = event.key === '?' ? null : typeAhead.find(event, [...entries], (entry) => entry.name, index);
    return found !== null && go(found);
  };

  return (event) => {
    if (act(event)) event.preventDefault();
  };
}
