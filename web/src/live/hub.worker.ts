//! The shared worker: one for all tabs of this browser. It holds the connections, the tabs listen.

import { type Listening, makeHub } from "./hub";
import type { ToTab, ToWorker } from "./messages";

interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const hub = makeHub();

(self as unknown as SharedScope).onconnect = ({ ports: [port] }) => {
  if (port) serve(port);
};

function serve(port: MessagePort): void {
  const joined = new Map<number, Listening>();
  const notify = (message: ToTab) => port.postMessage(message);

  function leaveAll(): void {
    for (const one of joined.values()) one.stop();
    joined.clear();
  }

  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    switch (data.kind) {
      case "join": {
        const { key, url } = data;
        const listening = hub.join(url, {
          onEvent: event => notify({ kind: "event", key, event }),
          onState: state => notify({ kind: "state", key, state }),
        });
        joined.set(key, listening);
        break;
      }
      case "leave":
        joined.get(data.key)?.stop();
        joined.delete(data.key);
        break;
      case "restart":
        joined.get(data.key)?.restart();
        break;
      case "online":
        hub.setOnline(data.online);
        break;
      case "lock":
        // Granted only when the tab is gone, however it went.
        void navigator.locks?.request(data.name, leaveAll);
        break;
      case "bye":
        leaveAll();
        break;
    }
  };
}
