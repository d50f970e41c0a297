//! Shares streams: all listeners of an address hang on one connection, whichever tab they are in. A
//! newcomer restarts the stream, so that it hears the whole state; events carry states, so hearing
//! them twice does no harm.

import { openStream, type Stream, type StreamEvent, type StreamListener, type StreamState } from "./stream";

interface Topic {
  readonly stream: Stream;
  readonly listeners: Set<StreamListener>;
  state: StreamState;
}

/**
 * How long a connection stays when the last listener has left: a page that reloads comes back to
 * it.
 */
const LINGER_MS = 500;

export interface Listening {
  /** Asks for the whole state again. */
  restart(): void;
  stop(): void;
}

export interface Hub {
  join(url: string, listener: StreamListener): Listening;
  setOnline(online: boolean): void;
}

export function makeHub(open: typeof openStream = openStream): Hub {
  const topics = new Map<string, Topic>();
  let online = true;

  function topic(url: string): Topic {
    const known = topics.get(url);
    if (known) {
      known.stream.restart();
      return known;
    }
    const listeners = new Set<StreamListener>();
    const each = (act: (listener: StreamListener) => void) => {
      for (const listener of listeners) act(listener);
    };
    const state: StreamState = { kind: "connecting" };
    const stream = open(url, {
      onEvent: (event: StreamEvent) => each(listener => listener.onEvent(event)),
      onState: now => {
        const made = topics.get(url);
        if (made) made.state = now;
        each(listener => listener.onState(now));
      },
    });
    const made: Topic = { stream, listeners, state };
    topics.set(url, made);
    if (!online) stream.setOnline(false);
    return made;
  }

  function closeUnused(url: string, joined: Topic): void {
    if (joined.listeners.size > 0 || topics.get(url) !== joined) return;
    joined.stream.close();
    topics.delete(url);
  }

  return {
    join(url, listener) {
      const joined = topic(url);
      joined.listeners.add(listener);
      listener.onState(joined.state);
      return {
        restart: () => joined.stream.restart(),
        stop() {
          joined.listeners.delete(listener);
          setTimeout(() => closeUnused(url, joined), LINGER_MS);
        },
      };
    },
    setOnline(now) {
      online = now;
      for (const { stream } of topics.values()) stream.setOnline(now);
    },
  };
}
