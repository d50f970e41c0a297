//! A page that threw: the application stays, and reloading helps.

import { useWords } from "../lib/useWords";
import { Button } from "../ui/Button";
import { Notice } from "../ui/states";

export function Crash() {
  const { t } = useWords();
  const reload = (
    <Button look="action" onPress={() => location.reload()}>
      {t("problem.reload")}
    </Button>
  );
  return (
    <div role="alert">
      <Notice icon="warn" tone="bad" level="h1" title={t("problem.crashed")} actions={reload}>
        <p>{t("problem.crashedDetail")}</p>
      </Notice>
    </div>
  );
}
