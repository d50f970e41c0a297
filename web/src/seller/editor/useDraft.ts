//! A draft in a form: its changes, its copy in the browser's storage, and the way back after
//! something big.

import { useCallback, useEffect, useRef, useState } from "react";
import type { Draft } from "./model";
import { clearStored, readStored, store } from "./stored";

/** After the last key, this long passes before the copy is written. */
const QUIET_MS = 400;

export interface DraftInForm {
  readonly draft: Draft;
  /** What the form began with, or what was saved last. */
  readonly base: Draft;
  readonly change: (to: (draft: Draft) => Draft) => void;
  /** When the draft was typed that was found in the storage; undefined when there was none. */
  readonly restoredFrom: number | undefined;
  /** Whether it differs from what the form began with, or from what was saved last. */
  readonly dirty: boolean;
  /** It is with the program now: the copy goes. */
  readonly saved: (now: Draft) => void;
  /** Throws away what was typed. */
  readonly discard: () => void;
}

export function useDraft(key: string, initial: Draft): DraftInForm {
  const [found] = useState(() => readStored(key));
  const [base, setBase] = useState(initial);
  const [draft, setDraft] = useState(found?.draft ?? initial);
  const [restoredFrom, setRestoredFrom] = useState(found?.at);
  const dirty = draft !== base;
  const latest = useRef({ draft, dirty });
  latest.current = { draft, dirty };

  useEffect(() => {
    if (!dirty) return;
    const write = () => latest.current.dirty && store(key, draft, Date.now());
    const timer = setTimeout(write, QUIET_MS);
    addEventListener("pagehide", write);
    return () => {
      clearTimeout(timer);
      removeEventListener("pagehide", write);
    };
  }, [key, draft, dirty]);
  useEffect(
    () => () => {
      if (latest.current.dirty) store(key, latest.current.draft, Date.now());
    },
    [key],
  );

  /** From here on, `now` is what the form began with. */
  const settle = useCallback(
    (now: Draft) => {
      setBase(now);
      setRestoredFrom(undefined);
      // Also for what runs before the next rendering.
      latest.current = { draft: latest.current.draft, dirty: latest.current.draft !== now };
      if (!latest.current.dirty) clearStored(key);
    },
    [key],
  );
  const discard = useCallback(() => {
    latest.current = { draft: initial, dirty: false };
    setDraft(initial);
    settle(initial);
  }, [settle, initial]);
  return { draft, base, dirty, restoredFrom, change: setDraft, saved: settle, discard };
}
