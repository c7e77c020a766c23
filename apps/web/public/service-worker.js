/**
 * Keeps the page of the desktop and its own files, so that it opens while the server is away and can say so. It answers
 * two kinds of requests and looks at no other: the page itself, always from the server while there is one, and files
 * below /assets/, which never change under their name. Nothing of a user, of a module or of the API is ever kept.
 */
const CACHE = 'hanabi-shell';
const PAGE = '/';

self.addEventListener('install', (event) => event.waitUntil(renew()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && pathname === PAGE) event.respondWith(page(event));
  else if (pathname.startsWith('/assets/')) event.respondWith(asset(request));
});

/** The newest page; the kept one only where the server cannot be reached at all. */
async function page(event) {
  try {
    const response = await fetch(event.request);
    if (response.ok) event.waitUntil(renew(response.clone()));
    return response;
  } catch (cause) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw cause;
  }
}

async function asset(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request.url, response.clone());
  return response;
}

/** Keeps this page with the files that it begins with. With a new version of it the files of the old one go. */
async function renew(response) {
  const fresh = response ?? (await fetch(PAGE));
  if (!fresh.ok) return;
  const text = await fresh.clone().text();
  const kept = await caches.match(PAGE);
  if (kept && (await kept.text()) === text) return;
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  await cache.addAll([...new Set(text.match(/\/assets\/[\w.-]+/g))]);
  await cache.put(PAGE, fresh);
}
