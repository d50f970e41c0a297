//! The server's time, as it goes by.

import { useEffect, useState } from "react";
import { serverNow } from "./countdown";

/** Renders again every second while `running`, on the second. */
export function useNow(running = true): number {
  const [now, setNow] = useState(() => serverNow());
  useEffect(() => {
    if (!running) return;
    setNow(serverNow());
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    // A page that slept does not show old time when it wakes.
    const wake = () => setNow(serverNow());
    document.addEventListener("visibilitychange", wake);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", wake);
    };
  }, [running]);
  return now;
}
