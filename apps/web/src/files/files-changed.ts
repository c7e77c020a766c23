/** Tells every view of the files that something may have changed: an upload, a new folder, a module that wrote. */
const listeners = new Set<() => void>();

export function announceFilesChanged(): void {
  for (const listener of listeners) listener();
}

/** Returns the way to stop listening. */
export function onFilesChanged(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
