//! Names for attempts that must not happen twice.
//!
//! Promises: the same attempt has the same name until its outcome is known, across reloads and in
//! all tabs; so repeating it after a lost answer books and pays once. Never: keeps a name after the
//! outcome; the next attempt is another one.

import { forget, keep, recall } from "../lib/storage";

const PREFIX = "attempt:";

/** The name of an attempt, kept from now on. */
export function attemptName(what: string): string {
  const known = recall(PREFIX + what);
  if (known !== undefined) return known;
  const name = newName();
  keep(PREFIX + what, name);
  return name;
}

/** True when an attempt was begun whose outcome is not known here. */
export function isUnderWay(what: string): boolean {
  return recall(PREFIX + what) !== undefined;
}

export function settle(what: string): void {
  forget(PREFIX + what);
}

/** `crypto.randomUUID` is there on secure origins only. */
function newName(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map(byte => byte.toString(16).padStart(2, "0"))
    .join("");
}
