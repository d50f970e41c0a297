//! The service worker: a cache of the application's own files, for when the server cannot be
//! reached. `src/offline/shell.ts` fills that cache.
//!
//! Promises: the page itself comes from the server whenever it answers. Never: keeps anything;
//! answers a request for somebody's data, which the page keeps (`src/offline/seen.ts`).

const KEPT = { ignoreVary: true };

addEventListener("fetch", event => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/assets/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && !/^\/(v\d+|docs)(\/|$)/.test(pathname))
    event.respondWith(page(request));
});

/** The name of a file changes with its content, so a kept file is never out of date. */
async function file(request) {
  return (await caches.match(request, KEPT)) ?? fetch(request);
}

/** Every address is the same page. The server may have a later build of it: it is asked first. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("/", KEPT);
    if (kept) return kept;
    throw error;
  }
}
