//! What the map has to say about itself: that it loads, that the connection is lost, that a seat could not be chosen.

import { useEffect } from "react";
import type { SeatStore } from "../store";
import { useConnection } from "./hooks";
import styles from "./SeatMap.module.css";
import { useMapLocale, useMapTexts } from "./texts";

const SEEN_MS = 3_500;

export interface NoticeProps {
  readonly store: SeatStore;
  readonly loaded: boolean;
  readonly refused: string | null;
  readonly onRefusedSeen: () => void;
}

export function Notice({ store, loaded, refused, onRefusedSeen }: NoticeProps) {
  const texts = useMapTexts();
  const locale = useMapLocale();
  const connection = useConnection(store);

  useEffect(() => {
    if (refused === null) return;
    const timer = setTimeout(onRefusedSeen, SEEN_MS);
    return () => clearTimeout(timer);
  }, [refused, onRefusedSeen]);

  if (refused !== null) return <p className={styles.notice}>{refused}</p>;
  if (connection.state === "reconnecting") {
    const time = new Date(connection.since).toLocaleTimeString(locale);
    return (
      <p className={styles.notice} data-kind="stale" role="status">
        {texts.reconnecting(time)}
      </p>
    );
  }
  return loaded ? null : <p className={styles.notice}>{texts.loading}</p>;
}
