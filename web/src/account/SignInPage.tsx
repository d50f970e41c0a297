//! Signing in, and going back to where one wanted to go.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createLazyRoute, Link, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { isRefused } from "../api/problem";
import { signIn } from "../api/session";
import { wordsOf } from "../lib/problemWords";
import { useTitle } from "../lib/useTitle";
import { type BaseT, useWords } from "../lib/useWords";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { toast } from "../ui/toast";
import css from "./account.module.css";
import { FormError } from "./FormError";
import { useGoBack } from "./useGoBack";

export const route = createLazyRoute("/sign-in")({ component: SignInPage });

function SignInPage() {
  const { t } = useWords();
  const search = useSearch({ from: "/sign-in" });
  useTitle(t("account.signIn"));
  return (
    <div className={css.page}>
      <div className={css.box}>
        <h1>{t("account.signInTitle")}</h1>
        <p className="soft">{t("account.signInLead")}</p>
        <SignInForm />
        <p className={css.other}>
          {t("account.newHere")}{" "}
          <Link to="/register" search={search}>
            {t("account.register")}
          </Link>
        </p>
        <p className={css.demo}>{t("account.demo")}</p>
      </div>
    </div>
  );
}

function SignInForm() {
  const { t } = useWords();
  const client = useQueryClient();
  const goBack = useGoBack();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signing = useMutation({
    mutationFn: () => signIn(client, email.trim(), password),
    onSuccess: async user => {
      toast({ title: t("account.signedIn", { name: user.name }), tone: "good" });
      await goBack(user.role);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!signing.isPending) signing.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      {signing.error && <FormError {...words(signing.error, t)} />}
      <Field
        label={t("account.email")}
        type="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
        input={{ inputMode: "email", autoCapitalize: "none" }}
      />
      <Field
        label={t("account.password")}
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
      />
      <Button
        type="submit"
        look="action"
        size="lg"
        wide
        busy={signing.isPending}
        isDisabled={!email || !password}
      >
        {t("account.signIn")}
      </Button>
    </form>
  );
}

function words(error: unknown, t: BaseT) {
  if (isRefused(error, "wrong-credentials")) return { title: t("account.wrong") };
  if (isRefused(error, "too-many-requests")) return { title: t("account.tooManyFailures") };
  return wordsOf(error, t);
}
