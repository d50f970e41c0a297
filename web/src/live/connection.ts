//! How a stream stands, for components.

import { useSyncExternalStore } from "react";
import type { StreamState } from "./stream";

/** Keeps the state of a stream, and notifies others of it. */
export class ConnectionState {
  #now: StreamState = { kind: "connecting" };
  readonly #listeners = new Set<() => void>();

  get now(): StreamState {
    return this.#now;
  }

  notify(now: StreamState): void {
    this.#now = now;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export function useConnectionState(of: ConnectionState): StreamState {
  return useSyncExternalStore(of.subscribe, () => of.now);
}
