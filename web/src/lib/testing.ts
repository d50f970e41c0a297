//! For tests: a browser's storage, as large as is said.

import { vi } from "vitest";

/** From now on `localStorage` is what it returns, by key; a longer value than `most` is refused. */
export function fakeStorage(most = Number.POSITIVE_INFINITY): Map<string, string> {
  const kept = new Map<string, string>();
  const size = () => [...kept].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const calls = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem(key: string, value: string) {
      const before = kept.get(key);
      kept.set(key, value);
      if (size() <= most) return;
      if (before === undefined) kept.delete(key);
      else kept.set(key, before);
      throw new DOMException("full", "QuotaExceededError");
    },
    removeItem: (key: string) => void kept.delete(key),
  };
  const keys = { ownKeys: () => [...kept.keys()] };
  const described = { getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) };
  vi.stubGlobal("localStorage", new Proxy(calls, { ...keys, ...described }));
  return kept;
}
