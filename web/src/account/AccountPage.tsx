//! The own account: who one is here, settings, signing out.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createLazyRoute, useNavigate } from "@tanstack/react-router";
import { signOut, useMe } from "../api/session";
import { Settings } from "../app/Footer";
import { day } from "../lib/format";
import { useTitle } from "../lib/useTitle";
import { useWords } from "../lib/useWords";
import { Button } from "../ui/Button";
import { Loading, Skeleton } from "../ui/states";
import { toast } from "../ui/toast";
import css from "./account.module.css";

export const route = createLazyRoute("/account")({ component: AccountPage });

function AccountPage() {
  const { t, language } = useWords();
  const { me } = useMe();
  useTitle(t("account.title"));
  if (!me) {
    return (
      <Loading className={css.page ?? ""}>
        <Skeleton lines={3} />
      </Loading>
    );
  }
  return (
    <div className={css.page}>
      <div className={css.box}>
        <h1>{me.name}</h1>
        <p className="soft">
          {me.email} · {me.role === "seller" ? t("account.roleSeller") : t("account.roleBuyer")}
        </p>
        <p className="small soft">{t("account.since", { date: day(me.created_at, language) })}</p>
        <h2 className={css.settings}>{t("account.settings")}</h2>
        <Settings />
        <SignOut />
      </div>
    </div>
  );
}

function SignOut() {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const leaving = useMutation({
    mutationFn: () => signOut(client),
    onSuccess: async hasEnded => {
      if (hasEnded) toast({ title: t("account.signedOut") });
      else
        toast({ title: t("account.signedOutHere"), detail: t("account.signedOutHereDetail"), tone: "warn" });
      await navigate({ to: "/" });
    },
  });
  return (
    <div className={css.form}>
      <Button wide busy={leaving.isPending} onPress={() => leaving.mutate()}>
        {t("nav.signOut")}
      </Button>
    </div>
  );
}
