//! Short messages that come by themselves, are read aloud politely, and stay until read when they
//! offer something to do.

import { useEffect, useSyncExternalStore } from "react";
import { useWords } from "../lib/useWords";
import { Button } from "./Button";
import { Icon } from "./Icon";
import css from "./toast.module.css";

export interface Toast {
  readonly title: string;
  readonly detail?: string;
  readonly tone?: "good" | "warn" | "bad" | "plain";
  readonly action?: { readonly label: string; readonly run: () => void };
}

interface Shown extends Toast {
  readonly key: number;
}

const SHORT_MS = 6_000;
const LONG_MS = 20_000;

let shown: readonly Shown[] = [];
let lastKey = 0;
const listeners = new Set<() => void>();

function show(now: readonly Shown[]): void {
  shown = now;
  for (const listener of listeners) listener();
}

export function toast(one: Toast): void {
  lastKey += 1;
  show([...shown.slice(-2), { ...one, key: lastKey }]);
}

function dismiss(key: number): void {
  show(shown.filter(one => one.key !== key));
}

/** Once per page. */
export function Toasts() {
  const all = useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  return (
    <div className={`${css.toasts} no-print`} role="status" aria-live="polite">
      {all.map(one => (
        <OneToast key={one.key} id={one.key} toast={one} />
      ))}
    </div>
  );
}

function OneToast({ id, toast: shown }: { readonly id: number; readonly toast: Toast }) {
  const { title, detail, tone = "plain", action } = shown;
  const { t } = useWords();
  const lasts = action ? LONG_MS : SHORT_MS;
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), lasts);
    return () => clearTimeout(timer);
  }, [id, lasts]);
  return (
    <div className={css.toast} data-tone={tone}>
      <div className={css.text}>
        <strong>{title}</strong>
        {detail && <span className={css.detail}>{detail}</span>}
      </div>
      {action && (
        <Button
          size="sm"
          look="plain"
          onPress={() => {
            action.run();
            dismiss(id);
          }}
        >
          {action.label}
        </Button>
      )}
      <Button look="quiet" size="sm" aria-label={t("common.close")} onPress={() => dismiss(id)}>
        <Icon name="close" />
      </Button>
    </div>
  );
}
