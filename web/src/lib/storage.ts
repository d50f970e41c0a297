//! The browser's storage, which may be forbidden or full: then nothing is kept, and nothing breaks.
//!
//! Promises: copies of what the server has make room for everything else.

type Kind = "localStorage" | "sessionStorage";

/** The names of copies begin so. */
export const COPIES = "seen:";

export function recall(key: string, kind: Kind = "localStorage"): string | undefined {
  try {
    return globalThis[kind].getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Every key that begins so, with its value. */
export function recallAll(prefix: string): readonly (readonly [key: string, value: string])[] {
  try {
    const keys = Object.keys(localStorage).filter(key => key.startsWith(prefix));
    return keys.map(key => [key, recall(key) ?? ""]);
  } catch {
    return [];
  }
}

export function keep(key: string, value: string, kind: Kind = "localStorage"): void {
  const put = () => globalThis[kind].setItem(key, value);
  try {
    put();
  } catch {
    forgetAll(COPIES);
    try {
      put();
    } catch {
      // It lasts as long as the page, then.
    }
  }
}

/** Forgets every key that begins so. */
export function forgetAll(prefix: string): void {
  for (const [key] of recallAll(prefix)) forget(key);
}

export function forget(key: string, kind: Kind = "localStorage"): void {
  try {
    globalThis[kind].removeItem(key);
  } catch {
    // There was nothing to forget.
  }
}
