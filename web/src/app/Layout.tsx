//! What surrounds every page: header, footer, messages, and what is followed live wherever one is.

import { Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useSessionOfOtherTabs } from "../api/session";
import { useWords } from "../lib/useWords";
import { useOwnBookingsLive } from "../live/bookings";
import { Toasts } from "../ui/toast";
import { Footer } from "./Footer";
import { Header } from "./Header";
import css from "./Layout.module.css";
import { NetworkBanner } from "./NetworkBanner";
import { WaitingBar } from "./WaitingBar";

export function Layout() {
  const { t } = useWords();
  useSessionOfOtherTabs(useRouter().invalidate);
  useOwnBookingsLive();
  const main = useFocusOnNavigation();
  return (
    <div className={css.layout}>
      <a className={css.skip} href="#content">
        {t("app.skip")}
      </a>
      <Header />
      <NetworkBanner />
      <WaitingBar />
      <main id="content" ref={main} tabIndex={-1} className={css.main}>
        <Outlet />
      </main>
      <Footer />
      <Toasts />
    </div>
  );
}

/**
 * A new page begins at its content, for keyboard and screen reader alike, as if the browser had
 * loaded it; unless it took the focus to its heading.
 */
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: state => state.resolvedLocation?.pathname });
  const before = useRef(path);
  useEffect(() => {
    const moved = before.current !== undefined && before.current !== path;
    before.current = path;
    if (moved && !document.activeElement?.matches("h1")) main.current?.focus({ preventScroll: true });
  }, [path]);
  return main;
}
