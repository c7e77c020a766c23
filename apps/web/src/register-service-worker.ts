/** After everything else: the first visit needs nothing of it. A browser that has none, or refuses, goes on without. */
export function registerServiceWorker(): void {
  // Where the desktop is developed, its files change under their names.
  if (!import.meta.env.PROD) return;
  addEventListener('load', () => {
    navigator.serviceWorker?.register('/service-worker.js').catch(() => undefined);
  });
}
