/** The keyboard of File Explorer: on the entries, and anywhere in the window. */
import { nextIndex, TypeAhead } from '../ui/list-keys.ts';
import type { ExplorerModel } from './explorer-model.svelte.ts';

interface Wanted {
  /** A menu at an entry, asked for by key. */
  onmenu: (x: number, y: number) => void;
  onsearch: () => void;
}

/** On the entries. What it leaves alone, the window may take. */
export function entryKeys(model: ExplorerModel, onmenu: Wanted['onmenu']): (event: KeyboardEvent) => void {
  const typeAhead = new TypeAhead();
  const { selection, view } = model;

  const move = (index: number, event: KeyboardEvent) => {
    const { id } = view.entries[index]!;
    if (event.shiftKey) selection.extendTo(id, event.ctrlKey || event.metaKey);
    else if (event.ctrlKey || event.metaKey) selection.walkTo(id);
    else selection.only(id);
    void model.stand(index);
    return true;
  };

  const act = (event: KeyboardEvent): boolean => {
    const index = selection.cursorIndex;
    const cursor = view.entries[index];
    const control = event.ctrlKey || event.metaKey;
    const next = event.altKey ? null : moved(model, event.key, index);
    if (next !== null) return move(next, event);
    if (event.key === ' ' && control && cursor) {
      selection.toggle(cursor.id);
      return true;
    }
    if (event.key === 'Enter' && !control && cursor) {
      // Held, it would open what lies in each folder that it opened.
      if (event.repeat) return true;
      model.takeCursor();
      if (event.altKey) model.showProperties();
      else model.open(cursor);
      return true;
    }
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      model.takeCursor();
      const box = (cursor && model.surface?.element(cursor.id)) ?? model.content;
      if (!box) return false;
      const { left, top, width, height } = box.getBoundingClientRect();
      onmenu(left + Math.min(60, width / 2), top + Math.min(40, height / 2));
      return true;
    }
    // "?" is the key for help everywhere.
    if (event.key === '?') return false;
    const found = typeAhead.find(event, view.entries, (entry) => entry.name, index);
    if (found !== null) return move(found, event);
    if (event.key === ' ' && !event.altKey && cursor) {
      selection.only(cursor.id);
      return true;
    }
    return false;
  };

  return (event) => {
    if (act(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}

function moved(model: ExplorerModel, key: string, index: number): number | null {
  const { surface } = model;
  const count = model.view.entries.length;
  const columns = surface?.columns ?? 1;
  if (key !== 'PageDown' && key !== 'PageUp') return nextIndex(key, index, count, columns);
  if (count === 0) return null;
  const step = (surface?.page_rows ?? 1) * columns;
  return key === 'PageDown' ? Math.min(count - 1, Math.max(0, index) + step) : Math.max(0, index - step);
}

/** Anywhere in the window that is no text field. */
export function windowKeys(model: ExplorerModel, { onsearch }: Pick<Wanted, 'onsearch'>) {
  const actions: Record<string, () => void> = {
    'Control+a': () => model.selection.all(),
    'Control+f': onsearch,
    'Control+z': () => void model.shell.files.undo(),
    'Control+y': () => void model.shell.files.redo(),
    'Control+Shift+z': () => void model.shell.files.redo(),
    'Alt+ArrowUp': () => model.up(),
    'Alt+ArrowLeft': () => model.back(),
    'Alt+ArrowRight': () => model.forward(),
    'Alt+n': () => {
      if (model.view.folderId) model.dialog = { kind: 'folder' };
    },
    'Alt+p': () => (model.previewing = !model.previewing),
    Backspace: () => model.up(),
    Delete: () => model.remove(),
    Escape: () => model.escape(),
    F2: () => model.startRename(),
  };
  return (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isTextField(event.target)) return;
    const control = event.ctrlKey || event.metaKey ? 'Control+' : '';
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const modifiers = control + (event.altKey ? 'Alt+' : '') + (event.shiftKey ? 'Shift+' : '');
    const action = actions[modifiers + key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
}

export function isTextField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
