//! An event's sales figures, live.
//!
//! Promises: the figures on a page are the newest that came; when the stream is lost, they stay and
//! it is said since when they may be old. A session that has ended is noticed here.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Sales } from "#api";
import { sessionEnded } from "../../api/session";
import { listen } from "../../live/client";
import type { StreamState } from "../../live/stream";

export interface LiveSales {
  /** Undefined until the first figures came. */
  readonly sales: Sales | undefined;
  readonly stream: StreamState;
}

export function useSales(eventId: string): LiveSales {
  const [sales, setSales] = useState<Sales>();
  const [stream, setStream] = useState<StreamState>({ kind: "connecting" });
  const client = useQueryClient();
  useEffect(() => {
    setSales(undefined);
    const listening = listen(`/v1/events/${encodeURIComponent(eventId)}/sales/live`, {
      onEvent({ type, data }) {
        if (type !== "sales") return;
        const came = JSON.parse(data) as Sales;
        // Times of this form are ordered as texts. A frame from before a reconnect must not undo a
        // newer one.
        setSales(known => (known && known.as_of > came.as_of ? known : came));
      },
      onState(state) {
        setStream(state);
        if (state.kind === "gone" && state.status === 401) sessionEnded(client);
      },
    });
    return () => listening.stop();
  }, [client, eventId]);
  return { sales, stream };
}
