//! Keeps the files of the application that were used, so that the pages which use this open without
//! a network (`public/sw.js`).
//!
//! Promises: files of one build only. Never: keeps anything but the application's own files.

import { useEffect } from "react";

/** The address of this part changes with every build. */
const CACHE = `shell ${import.meta.url}`;

let begun = false;

/** From now on this page, and what it still fetches, opens without a network. */
export function useKeptShell(): void {
  useEffect(() => {
    // Both are there on secure origins only.
    if (begun || !("serviceWorker" in navigator) || !("caches" in globalThis)) return;
    begun = true;
    // A full disk or a forbidden storage: the pages need the network, then.
    keepFiles().catch(() => {});
  }, []);
}

async function keepFiles(): Promise<void> {
  await navigator.serviceWorker.register("/sw.js");
  for (const name of await caches.keys())
    if (name.startsWith("shell ") && name !== CACHE) await caches.delete(name);
  const cache = await caches.open(CACHE);
  const keep = async (address: string) => {
    if (!(await cache.match(address))) await cache.add(address);
  };
  new PerformanceObserver(list => {
    for (const { name } of list.getEntries())
      if (name.startsWith(`${location.origin}/assets/`)) keep(name).catch(() => {});
  }).observe({ type: "resource", buffered: true });
  await cache.add("/");
}
