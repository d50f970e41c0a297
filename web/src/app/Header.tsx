//! The header: where one is, where one can go, who is signed in.

import { Link } from "@tanstack/react-router";
import { useMe } from "../api/session";
import { CODES, chooseLanguage, LANGUAGES } from "../i18n";
import { useWords } from "../lib/useWords";
import { Button, LinkButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Mark } from "../ui/Mark";
import css from "./Layout.module.css";
import { chooseTheme, useTheme } from "./theme";

export function Header() {
  const { t } = useWords();
  const { isBuyer, isSeller } = useMe();
  return (
    <header className={`${css.header} no-print`}>
      <div className={`page ${css.bar}`}>
        <Link to="/" className={css.brand} aria-label={t("app.name")}>
          <Mark />
          <span className={css.name}>{t("app.name")}</span>
        </Link>
        <nav className={css.nav} aria-label={t("nav.main")}>
          <Link to="/" className={css.link} activeOptions={{ exact: true, includeSearch: false }}>
            {t("nav.events")}
          </Link>
          {isBuyer && (
            <Link to="/bookings" className={css.link}>
              {t("nav.bookings")}
            </Link>
          )}
          {isSeller && (
            <Link to="/seller" className={css.link}>
              {t("nav.selling")}
            </Link>
          )}
        </nav>
        <div className={css.tools}>
          <LanguageButton />
          <ThemeButton />
          <Who />
        </div>
      </div>
    </header>
  );
}

/** One press goes to the next language, whose own name it bears. */
function LanguageButton() {
  const { language } = useWords();
  const next = CODES[(CODES.indexOf(language) + 1) % CODES.length] ?? language;
  const { label, short, direction } = LANGUAGES[next];
  return (
    <Button look="quiet" size="sm" onPress={() => void chooseLanguage(next)}>
      <span aria-hidden="true" lang={next} dir={direction}>
        {short}
      </span>
      <span className="visually-hidden" lang={next} dir={direction}>
        {label}
      </span>
    </Button>
  );
}

function ThemeButton() {
  const { t } = useWords();
  const { isDark } = useTheme();
  return (
    <Button
      look="quiet"
      size="sm"
      aria-label={isDark ? t("nav.toLight") : t("nav.toDark")}
      onPress={() => chooseTheme(isDark ? "light" : "dark")}
    >
      <Icon name={isDark ? "sun" : "moon"} />
    </Button>
  );
}

function Who() {
  const { t } = useWords();
  const { me } = useMe();
  if (me === undefined) return null;
  if (me === null) {
    return (
      <>
        <Link to="/sign-in" className={`${css.link} ${css["wide-only"]}`}>
          {t("nav.signIn")}
        </Link>
        <LinkButton to="/register" look="action" size="sm" className={css["wide-only"] ?? ""}>
          {t("nav.register")}
        </LinkButton>
        <Link to="/sign-in" className={`${css.link} ${css["narrow-only"]}`}>
          {t("nav.signIn")}
        </Link>
      </>
    );
  }
  return (
    <Link to="/account" className={css.avatar} aria-label={`${t("nav.account")}: ${me.name}`}>
      {[...me.name.trim()][0]?.toUpperCase() ?? "?"}
    </Link>
  );
}
