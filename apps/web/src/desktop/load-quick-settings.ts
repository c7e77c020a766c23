/** The quick settings are a chunk of their own: nobody sees them before the desktop. */
export async function loadQuickSettings() {
  return (await import('./quick-settings.svelte')).default;
}
