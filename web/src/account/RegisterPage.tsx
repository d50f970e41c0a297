//! Registering as a buyer or as a seller; a new user is signed in.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createLazyRoute, Link, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { Role } from "#api";
import { register } from "../api/calls";
import { isRefused } from "../api/problem";
import { signIn } from "../api/session";
import { wordsOf } from "../lib/problemWords";
import { useTitle } from "../lib/useTitle";
import { type BaseT, useWords } from "../lib/useWords";
import { Button } from "../ui/Button";
import { ChoiceCards } from "../ui/ChoiceCards";
import { Field } from "../ui/Field";
import { toast } from "../ui/toast";
import css from "./account.module.css";
import { FormError } from "./FormError";
import { useGoBack } from "./useGoBack";

export const route = createLazyRoute("/register")({ component: RegisterPage });

function RegisterPage() {
  const { t } = useWords();
  const search = useSearch({ from: "/register" });
  useTitle(t("account.register"));
  return (
    <div className={css.page}>
      <div className={css.box}>
        <h1>{t("account.registerTitle")}</h1>
        <p className="soft">{t("account.registerLead")}</p>
        <RegisterForm role={search.role ?? "buyer"} />
        <p className={css.other}>
          {t("account.haveOne")}{" "}
          <Link to="/sign-in" search={search.back ? { back: search.back } : {}}>
            {t("account.signIn")}
          </Link>
        </p>
      </div>
    </div>
  );
}

type Name = "email" | "password" | "name";
type Errors = Partial<Record<Name, string>>;

function RegisterForm({ role: first }: { readonly role: Role }) {
  const { t } = useWords();
  const client = useQueryClient();
  const goBack = useGoBack();
  const [role, setRole] = useState<Role>(first);
  const [values, setValues] = useState<Record<Name, string>>({ email: "", password: "", name: "" });
  const [tried, setTried] = useState(false);
  const set = (name: Name) => (value: string) => {
    registering.reset();
    setValues(now => ({ ...now, [name]: value }));
  };
  const registering = useMutation({
    mutationFn: async () => {
      const { password } = values;
      const email = values.email.trim();
      await register({ email, password, name: values.name.trim(), role });
      return signIn(client, email, password);
    },
    onSuccess: async user => {
      toast({ title: t("account.signedIn", { name: user.name }), tone: "good" });
      await goBack(user.role);
    },
  });
  const own = tried ? ownErrors(values, t) : {};
  const refused = serverErrors(registering.error, t);
  const errors = { ...refused, ...own };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const wrong = Object.keys(ownErrors(values, t))[0];
    if (wrong) document.getElementsByName(wrong)[0]?.focus();
    else if (!registering.isPending) registering.mutate();
  };
  const general = registering.error !== null && Object.keys(refused).length === 0;
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      {general && <FormError {...wordsOf(registering.error, t)} />}
      <ChoiceCards
        label={t("account.role")}
        value={role}
        onChange={value => setRole(value === "seller" ? "seller" : "buyer")}
        choices={[
          { value: "buyer", title: t("account.buyer"), detail: t("account.buyerHint") },
          { value: "seller", title: t("account.seller"), detail: t("account.sellerHint") },
        ]}
      />
      <Field
        label={t("account.name")}
        name="name"
        autoComplete="name"
        value={values.name}
        onChange={set("name")}
        error={errors.name}
        input={{ maxLength: 100 }}
      />
      <Field
        label={t("account.email")}
        name="email"
        type="email"
        autoComplete="email"
        value={values.email}
        onChange={set("email")}
        error={errors.email}
        input={{ maxLength: 254, autoCapitalize: "none" }}
      />
      <Field
        label={t("account.password")}
        name="password"
        type="password"
        autoComplete="new-password"
        hint={t("account.passwordHint")}
        value={values.password}
        onChange={set("password")}
        error={errors.password}
        input={{ maxLength: 128 }}
      />
      <Button type="submit" look="action" size="lg" wide busy={registering.isPending}>
        {t("account.register")}
      </Button>
    </form>
  );
}

function ownErrors(values: Record<Name, string>, t: BaseT): Errors {
  const length = [...values.password].length;
  return {
    ...(values.name.trim() === "" && { name: t("account.needName") }),
    ...(!/^\S+@\S+$/.test(values.email.trim()) && { email: t("account.needEmail") }),
    ...((length < 8 || length > 128) && { password: t("account.needPassword") }),
  };
}

/** The server's rules are the ones that count. */
function serverErrors(error: unknown, t: BaseT): Errors {
  if (isRefused(error, "email-taken")) return { email: t("account.taken") };
  if (!isRefused(error, "invalid-request")) return {};
  const own: Record<Name, string> = {
    email: t("account.needEmail"),
    password: t("account.needPassword"),
    name: t("account.needName"),
  };
  const errors: Errors = {};
  for (const { pointer, code } of error.rules) {
    const name = pointer.slice(1) as Name;
    const common = name === "password" && code === "invalid-format";
    if (name in own) errors[name] = common ? t("account.commonPassword") : own[name];
  }
  return errors;
}
