/** Few open a module in a browser window, so its page is a chunk of its own. */
export async function loadPopoutPage() {
  return (await import('./popout-page.svelte')).default;
}
