//! Says when the browser is offline, and when it is back.

import { useEffect, useSyncExternalStore } from "react";
import { useWords } from "../lib/useWords";
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
  const { t } = useWords();
  const online = useOnline();
  useEffect(() => {
    const back = () => toast({ title: t("connection.back"), tone: "good" });
    addEventListener("online", back);
    return () => removeEventListener("online", back);
  }, [t]);
  return (
    <div role="status" className={`${css.network} no-print`}>
      {!online && (
        <p className={css.banner}>
          <Icon name="warn" size={18} /> {t("connection.offline")}
        </p>
      )}
    </div>
  );
}
