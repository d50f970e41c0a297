//! A store and its changes, for React.
//!
//! Promises: a component renders again only when what it asked for changed.

import { useEffect, useMemo, useReducer, useSyncExternalStore } from "react";
import { openSeatFeed } from "../feed";
import { SeatStore } from "../store";
import type { Connection, Counts, EventOutline } from "../types";

export interface SeatStoreOptions {
  /** False: a plan without a server, such as a preview; all its seats are free. Default true. */
  readonly live?: boolean;
}

/**
 * The store of an event, fed from its stream while the component is there. Another event id makes
 * another store.
 */
export function useSeatStore(outline: EventOutline, { live = true }: SeatStoreOptions = {}): SeatStore {
  const store = useStoreOf(outline, live);
  useEffect(() => (live ? openSeatFeed(store) : undefined), [store, live]);
  return store;
}

/**
 * A preview's plan may change under the same id; a live one never does, so a refetch keeps its
 * store.
 */
function useStoreOf(outline: EventOutline, live: boolean): SeatStore {
  const identity = live ? outline.id : outline;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `identity` stands for the outline
  return useMemo(() => {
    const store = new SeatStore(outline);
    // Nothing more is going to come of a preview: what it shows is all there is.
    if (!live) store.loaded = true;
    return store;
  }, [identity]);
}

export function useConnection(store: SeatStore): Connection {
  return useSyncExternalStore(subscriber(store), () => store.connection);
}

export function useStoreLoaded(store: SeatStore): boolean {
  return useSyncExternalStore(subscriber(store), () => store.loaded);
}

/** The counts of the whole event, as they change. */
export function useCounts(store: SeatStore): Counts {
  const text = useSyncExternalStore(subscriber(store), () => countsText(store.counts()));
  return useMemo(() => countsOf(text), [text]);
}

/** The counts of a section, as they change; undefined when there is no such section. */
export function useSectionCounts(store: SeatStore, section: string): Counts | undefined {
  const index = store.directory.section(section)?.index;
  const read = () => (index === undefined ? "" : countsText(store.countsOfSection(index)));
  const text = useSyncExternalStore(subscriber(store), read);
  return useMemo(() => (text ? countsOf(text) : undefined), [text]);
}

/** Rises with every change of the store. */
export function useStoreVersion(store: SeatStore): number {
  return useSyncExternalStore(subscriber(store), () => store.version);
}

/** Rises with every change of a subsection's seats or prices. */
export function useBlockVersion(store: SeatStore, block: number): number {
  const [version, rise] = useReducer((before: number) => before + 1, 0);
  useEffect(
    () =>
      store.subscribe(change => {
        if (change.whole || change.prices || change.blocks.includes(block)) rise();
      }),
    [store, block],
  );
  return version;
}

const subscribers = new WeakMap<SeatStore, (listener: () => void) => () => void>();

/** One function per store, so that React does not subscribe again with every rendering. */
function subscriber(store: SeatStore): (listener: () => void) => () => void {
  const known = subscribers.get(store);
  if (known) return known;
  const subscribe = (listener: () => void) => store.subscribe(listener);
  subscribers.set(store, subscribe);
  return subscribe;
}

function countsText({ available, reserved, sold }: Counts): string {
  return `${available} ${reserved} ${sold}`;
}

function countsOf(text: string): Counts {
  const [available = 0, reserved = 0, sold = 0] = text.split(" ").map(Number);
  return { available, reserved, sold };
}
