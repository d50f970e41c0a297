// The service worker: while the server cannot be reached, the application's own files come from
// what src/offline/shell.ts has kept. It never sees anybody's data: that is the page's to keep.

const KEPT = { ignoreVary: true };

addEventListener("fetch", event => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/assets/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && !/^\/(v\d+|docs)(\/|$)/.test(pathname))
    event.respondWith(page(request));
});

/** Names of files change with their contents: one that is kept is right for good. */
async function file(request) {
  return (await caches.match(request, KEPT)) ?? fetch(request);
}

/** Each address is the same page, which the server may have in a later build. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("/", KEPT);
    if (kept) return kept;
    throw error;
  }
}
