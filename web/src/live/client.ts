//! How a page listens to a stream: through the shared worker where there is one, else by a
//! connection of its own.

import { type Hub, type Listening, makeHub } from "./hub";
import type { ToTab, ToWorker } from "./messages";
import type { StreamListener } from "./stream";

let hub: Hub | undefined;

/** Listens to an event stream of this origin until it is stopped. */
export function listen(url: string, listener: StreamListener): Listening {
  hub ??= typeof SharedWorker === "undefined" ? ownHub() : sharedHub();
  return hub.join(url, listener);
}

function ownHub(): Hub {
  const own = makeHub();
  followNetwork(own);
  return own;
}

function sharedHub(): Hub {
  const worker = new SharedWorker(new URL("./hub.worker.ts", import.meta.url), {
    type: "module",
    name: "live",
  });
  const listeners = new Map<number, { url: string; listener: StreamListener }>();
  const say = (message: ToWorker) => worker.port.postMessage(message);
  let lastKey = 0;

  worker.port.onmessage = ({ data }: MessageEvent<ToTab>) => {
    const got = listeners.get(data.key)?.listener;
    if (data.kind === "event") got?.onEvent(data.event);
    else got?.onState(data.state);
  };
  holdLock(name => say({ kind: "lock", name }));
  addEventListener("pagehide", () => say({ kind: "bye" }));
  // A page that comes out of the browser's back-and-forward store listens again.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) for (const [key, { url }] of listeners) say({ kind: "join", key, url });
  });

  const shared: Hub = {
    join(url, listener) {
      lastKey += 1;
      const key = lastKey;
      listeners.set(key, { url, listener });
      say({ kind: "join", key, url });
      return {
        restart: () => say({ kind: "restart", key }),
        stop() {
          listeners.delete(key);
          say({ kind: "leave", key });
        },
      };
    },
    setOnline: online => say({ kind: "online", online }),
  };
  followNetwork(shared);
  return shared;
}

/**
 * Holds a lock for as long as this page lives; the worker waits for it. Browsers have locks on
 * secure origins only.
 */
function holdLock(held: (name: string) => void): void {
  const name = `live-tab-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`;
  void navigator.locks?.request(name, () => {
    held(name);
    return new Promise(() => {});
  });
}

function followNetwork(target: Hub): void {
  addEventListener("online", () => target.setOnline(true));
  addEventListener("offline", () => target.setOnline(false));
  if (!navigator.onLine) target.setOnline(false);
}
