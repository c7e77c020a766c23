/**
 * Where files may be dropped: whatever carries `data-drop` with the id of a folder, or "trash". Files of the desktop
 * are moved, or copied with Ctrl; files and folders of the computer are uploaded.
 */
import type { Attachment } from 'svelte/attachments';
import type { Shell } from '../desktop/shell.svelte.ts';
import { type DroppedTree, readDropped } from './dropped-files.ts';
import { type Entry, parentOf } from './entries.ts';

export const TRASH = 'trash';

interface FileDrop {
  shell: Shell;
  /** The folder under the pointer that would take it, or null. */
  onhover: (target: string | null) => void;
  onbring: (entries: readonly Entry[], target: string, how: 'move' | 'copy') => void;
  onupload: (tree: DroppedTree, target: string) => void;
}

export function fileDrop({ shell, onhover, onbring, onupload }: FileDrop): Attachment<HTMLElement> {
  const over = (event: DragEvent) => {
    const target = targetOf(event);
    const effect = target === null ? 'none' : effectOf(shell, target, event);
    onhover(effect === 'none' ? null : target);
    if (!event.dataTransfer || (!shell.dragged && !bringsFiles(event))) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = effect;
  };
  const drop = (event: DragEvent) => {
    onhover(null);
    const target = targetOf(event);
    const effect = target === null ? 'none' : effectOf(shell, target, event);
    if (target === null || effect === 'none') return;
    event.preventDefault();
    event.stopPropagation();
    const { dragged } = shell;
    shell.dragged = null;
    if (dragged) onbring(dragged, target, effect);
    else void readDropped(event.dataTransfer!).then((tree) => onupload(tree, target));
  };

  return (element) => {
    const leave = (event: DragEvent) => {
      if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) onhover(null);
    };
    element.addEventListener('dragenter', over);
    element.addEventListener('dragover', over);
    element.addEventListener('dragleave', leave);
    element.addEventListener('drop', drop);
    return () => {
      element.removeEventListener('dragenter', over);
      element.removeEventListener('dragover', over);
      element.removeEventListener('dragleave', leave);
      element.removeEventListener('drop', drop);
    };
  };
}

export function bringsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

function targetOf(event: DragEvent): string | null {
  const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-drop]') : null;
  return element?.dataset['drop'] || null;
}

function effectOf(shell: Shell, target: string, event: DragEvent): 'move' | 'copy' | 'none' {
  const { dragged } = shell;
  if (!dragged) return bringsFiles(event) && target !== TRASH ? 'copy' : 'none';
  // A folder into itself; what lies below it, the server refuses.
  if (dragged.some((entry) => entry.id === target)) return 'none';
  if (target === TRASH) return 'move';
  if (event.ctrlKey || event.metaKey) return 'copy';
  return dragged.every((entry) => parentOf(entry) === target) ? 'none' : 'move';
}
