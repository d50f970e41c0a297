//! The browser's storage, which may be forbidden or full: then nothing is kept, and nothing breaks.

type Kind = "localStorage" | "sessionStorage";

export function recall(key: string, kind: Kind = "localStorage"): string | undefined {
  try {
    return globalThis[kind].getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(key: string, value: string, kind: Kind = "localStorage"): void {
  try {
    globalThis[kind].setItem(key, value);
  } catch {
    // It lasts as long as the page, then.
  }
}

/** Forgets every key that begins so. */
export function forgetAll(prefix: string, kind: Kind = "localStorage"): void {
  try {
    for (const key of Object.keys(globalThis[kind])) if (key.startsWith(prefix)) forget(key, kind);
  } catch {
    // There was nothing to forget.
  }
}

export function forget(key: string, kind: Kind = "localStorage"): void {
  try {
    globalThis[kind].removeItem(key);
  } catch {
    // There was nothing to forget.
  }
}
