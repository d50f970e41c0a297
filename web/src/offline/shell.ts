//! Keeps the files of the application that were used, so that the pages which use this open without
//! a network (`public/sw.js`).
//!
//! Promises: a cache has the files of one build. A later build replaces it once its page and the
//! files of that page are there. Never: keeps anything but the application's own files.

import { useEffect } from "react";

const PREFIX = "shell ";

/** The script at the head of the page, whose name changes with each build (`scripts/early.ts`). */
const BUILD = 'head script[src^="/assets/"]';

let begun = false;

/** From now on this page, and what it still fetches, opens without a network. */
export function useKeptShell(): void {
  useEffect(() => {
    // Both are there on secure origins only.
    if (begun || !("serviceWorker" in navigator) || !("caches" in globalThis)) return;
    begun = true;
    // A full disk or a forbidden storage: the pages need the network, then.
    keepFiles().catch(() => {});
    // Who opens a booking of the list, or signs out, without a network needs those pages.
    import("../buyer/BookingPage").catch(() => {});
    import("../account/AccountPage").catch(() => {});
  }, []);
}

export async function keepFiles(): Promise<void> {
  const build = document.querySelector(BUILD)?.getAttribute("src");
  // While developing there are no builds.
  if (!build) return;
  await navigator.serviceWorker.register("/sw.js");
  const page = await fetch("/");
  // The server has another build by now: the next page that is loaded keeps that one.
  if (!page.ok || !(await page.clone().text()).includes(build)) return;
  const cache = await caches.open(PREFIX + build);
  const keep = async (file: string) => {
    if (!(await cache.match(file))) await cache.add(file);
  };
  new PerformanceObserver(list => {
    for (const file of ownFiles(list.getEntries())) keep(file).catch(() => {});
  }).observe({ type: "resource" });
  await cache.put("/", page);
  await Promise.all(ownFiles(performance.getEntriesByType("resource")).map(keep));
  for (const name of await caches.keys())
    if (name.startsWith(PREFIX) && name !== PREFIX + build) await caches.delete(name);
}

function ownFiles(used: PerformanceEntryList): string[] {
  return used.map(({ name }) => name).filter(name => name.startsWith(`${location.origin}/assets/`));
}
