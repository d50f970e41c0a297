//! Says when the browser is offline or shows what it kept, and from when; and when it is back.

import { useEffect, useSyncExternalStore } from "react";
import { moment } from "../lib/format";
import { useWords } from "../lib/useWords";
import { useShownFrom } from "../offline/seen";
import { Icon } from "../ui/Icon";
import { toast } from "../ui/toast";
import css from "./Layout.module.css";

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

export function NetworkBanner() {
  const { t, language } = useWords();
  const online = useOnline();
  const from = useShownFrom();
  useEffect(() => {
    const back = () => toast({ title: t("connection.back"), tone: "good" });
    addEventListener("online", back);
    return () => removeEventListener("online", back);
  }, [t]);
  return (
    <div role="status" className={`${css.network} no-print`}>
      {(!online || from !== undefined) && (
        <p className={css.banner}>
          <Icon name="warn" size={18} />
          {from === undefined
            ? t("connection.offline")
            : t("connection.shownFrom", { time: moment(from, language) })}
        </p>
      )}
    </div>
  );
}
