//! The kept files are of one build, and there is always a whole one.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepFiles } from "./shell";

const ORIGIN = "https://tickets.example";

/** Of each cache the addresses. */
let kept: Map<string, Set<string>>;
/** Addresses that the server does not give. */
let missing: Set<string>;

beforeEach(() => {
  kept = new Map();
  missing = new Set();
  vi.stubGlobal("caches", {
    keys: async () => [...kept.keys()],
    delete: async (name: string) => kept.delete(name),
    open: async (name: string) => {
      const files = kept.get(name) ?? new Set();
      kept.set(name, files);
      return {
        match: async (file: string) => files.has(file),
        put: async (file: string) => void files.add(file),
        add: async (file: string) => {
          if (missing.has(file)) throw new TypeError("no network");
          files.add(file);
        },
      };
    },
  });
  vi.stubGlobal("navigator", { serviceWorker: { register: async () => {} } });
  vi.stubGlobal("location", { origin: ORIGIN });
  vi.stubGlobal(
    "PerformanceObserver",
    class {
      observe() {}
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

/** Loads a page of one build from a server that has another, or the same, and keeps its files. */
async function load(build: number, served = build): Promise<void> {
  const script = `/assets/early-${build}.js`;
  vi.stubGlobal("document", { querySelector: () => ({ getAttribute: () => script }) });
  vi.stubGlobal("fetch", async () => new Response(`<script src="/assets/early-${served}.js"></script>`));
  const used = [`${ORIGIN}${script}`, `${ORIGIN}/assets/base.js`, `${ORIGIN}/v1/me`];
  vi.stubGlobal("performance", { getEntriesByType: () => used.map(name => ({ name })) });
  await keepFiles();
}

const filesOf = (build: number) => ["/", `${ORIGIN}/assets/early-${build}.js`, `${ORIGIN}/assets/base.js`];
const all = () => [...kept.values()].flatMap(files => [...files]);

test("the page and the files that it used are kept, and no data", async () => {
  await load(1);
  expect(all()).toEqual(filesOf(1));
});

test("of an earlier build nothing is left, and other caches stay", async () => {
  kept.set("another", new Set(["/another"]));
  await load(1);
  await load(2);
  expect(all()).toEqual(["/another", ...filesOf(2)]);
});

test("an earlier build stays until the later one is whole", async () => {
  await load(1);
  missing.add(`${ORIGIN}/assets/early-2.js`);
  await load(2).catch(() => {});
  expect(all()).toEqual(expect.arrayContaining(filesOf(1)));
  missing.clear();
  await load(2);
  expect(all()).toEqual(expect.arrayContaining(filesOf(2)));
  expect(kept.size).toBe(1);
});

test.each([
  [1, 2],
  [2, 1],
])("a page of build %d beside a server with build %d keeps nothing of either", async (build, served) => {
  await load(served);
  await load(build, served);
  expect(all()).toEqual(filesOf(served));
});
