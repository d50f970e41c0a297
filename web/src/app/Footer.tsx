//! The footer: language and appearance in full, and where programs go.

import { CODES, chooseLanguage, LANGUAGES, type Language } from "../i18n";
import { useWords } from "../lib/useWords";
import css from "./Layout.module.css";
import { chooseTheme, THEMES, type Theme, useTheme } from "./theme";

export function Footer() {
  const { t } = useWords();
  return (
    <footer className={`${css.footer} no-print`}>
      <div className={`page ${css["footer-bar"]}`}>
        <p>
          {t("app.name")} · {t("app.tagline")} <a href="/docs/">{t("nav.api")}</a>
        </p>
        <Settings />
      </div>
    </footer>
  );
}

export function Settings() {
  const { t, language } = useWords();
  const { theme } = useTheme();
  const names: Record<Theme, string> = {
    system: t("nav.themeSystem"),
    light: t("nav.themeLight"),
    dark: t("nav.themeDark"),
  };
  return (
    <div className={css.choices}>
      <label className={css.choice}>
        {t("nav.language")}
        <select value={language} onChange={event => void chooseLanguage(event.target.value as Language)}>
          {CODES.map(one => (
            <option key={one} value={one} lang={one} dir={LANGUAGES[one].direction}>
              {LANGUAGES[one].label}
            </option>
          ))}
        </select>
      </label>
      <label className={css.choice}>
        {t("nav.theme")}
        <select value={theme} onChange={event => chooseTheme(event.target.value as Theme)}>
          {THEMES.map(one => (
            <option key={one} value={one}>
              {names[one]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
