import type { Entry } from './entries.ts';

/** What the views of a folder's content have in common. */
export interface EntryViewProps {
  entries: readonly Entry[];
  selectedId: string | null;
  label: string;
  onselect: (entry: Entry) => void;
  onopen: (entry: Entry) => void;
  onmenu: (entry: Entry, x: number, y: number) => void;
  onup: () => void;
}
