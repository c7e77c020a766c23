/** File Explorer is a chunk of its own: signing in and opening a module need nothing of it. */
export async function loadExplorer() {
  return (await import('../files/explorer.svelte')).default;
}

/** The dialog that asks for a file on behalf of a module. */
export async function loadFileDialog() {
  return (await import('../files/file-dialog.svelte')).default;
}

export async function loadNewFolderDialog() {
  return (await import('../files/new-folder-dialog.svelte')).default;
}
