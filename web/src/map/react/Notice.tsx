//! What the map has to say about itself: that it loads, that the connection is lost, that a seat
//! could not be chosen.

import { useEffect, useRef } from "react";
import type { SeatStore } from "../store";
import { useConnection } from "./hooks";
import styles from "./SeatMap.module.css";
import { useMapLocale, useMapTexts } from "./texts";

const SEEN_MS = 3_500;
const TIME = { timeStyle: "medium", hourCycle: "h23" } as const;

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

  if (refused !== null) return <Refused text={refused} onSeen={onRefusedSeen} />;
  if (connection.state === "reconnecting") {
    const time = new Intl.DateTimeFormat(locale, TIME).format(connection.since);
    return (
      <p className={styles.notice} data-kind="stale" role="status">
        {texts.reconnecting(time)}
      </p>
    );
  }
  return loaded ? null : <p className={styles.notice}>{texts.loading}</p>;
}

export interface RefusedProps {
  readonly text: string;
  readonly onSeen: () => void;
}

/** Why a seat could not be chosen, for as long as it takes to read it. */
export function Refused({ text, onSeen }: RefusedProps) {
  const seen = useRef(onSeen);
  seen.current = onSeen;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is read again
  useEffect(() => {
    const timer = setTimeout(() => seen.current(), SEEN_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return <p className={styles.notice}>{text}</p>;
}
