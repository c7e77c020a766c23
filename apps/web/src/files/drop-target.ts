/** Takes files that are dragged in from the computer. */
import type { Attachment } from 'svelte/attachments';

interface DropTarget {
  onhover: (hovering: boolean) => void;
  /** A browser hands a folder over as a file that cannot be read, so folders are left out and told of. */
  ondrop: (files: File[], foldersLeftOut: boolean) => void;
}

export function dropTarget({ onhover, ondrop }: DropTarget): Attachment<HTMLElement> {
  return (element) => {
    // Enter and leave come for every child on the way; only the balance says where the pointer is.
    let depth = 0;
    const settle = (to: number) => {
      depth = to;
      onhover(depth > 0);
    };
    const enter = (event: DragEvent) => bringsFiles(event) && settle(depth + 1);
    const leave = (event: DragEvent) => bringsFiles(event) && settle(Math.max(0, depth - 1));
    const drop = (event: DragEvent) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      settle(0);
      const items = [...event.dataTransfer!.items].filter((item) => item.kind === 'file');
      const isFolder = items.map((item) => item.webkitGetAsEntry()?.isDirectory === true);
      const files = items.flatMap((item, index) => (isFolder[index] ? [] : (item.getAsFile() ?? [])));
      ondrop(files, isFolder.includes(true));
    };

    element.addEventListener('dragenter', enter);
    element.addEventListener('dragleave', leave);
    element.addEventListener('dragover', over);
    element.addEventListener('drop', drop);
    return () => {
      element.removeEventListener('dragenter', enter);
      element.removeEventListener('dragleave', leave);
      element.removeEventListener('dragover', over);
      element.removeEventListener('drop', drop);
    };
  };
}

function bringsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

function over(event: DragEvent): void {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  event.dataTransfer!.dropEffect = 'copy';
}
