//! What runs at the head of the page before everything else: the build copies the text of these
//! functions into one small script (`scripts/early.ts`).
//!
//! Promises: nothing is fetched that the page would not ask for by itself a moment later. Never:
//! one of these uses anything outside of its own text.

/** The theme that was chosen here, so that a dark page does not flash white. */
export function applyTheme() {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is forbidden: the system's theme it is.
  }
}

/**
 * The language to begin with: the one that was chosen here, else the first of the browser's that
 * there is, else the first of all.
 */
export function wantedLanguage<Code extends string>(codes: readonly [Code, ...Code[]]): Code {
  const named = (tag: string) => codes.find(code => code.toLowerCase() === tag.toLowerCase());
  const related = (tag: string) => codes.find(code => code.split("-")[0] === tag.toLowerCase().split("-")[0]);
  try {
    const chosen = named(localStorage.getItem("language") ?? "");
    if (chosen) return chosen;
  } catch {
    // Storage is forbidden: the browser's it is.
  }
  for (const tag of navigator.languages) {
    const found = named(tag) ?? related(tag);
    if (found) return found;
  }
  return codes[0];
}

/** A page by its address, the files of its own, and before which id the program has its data. */
export interface Landing {
  readonly path: string;
  readonly own: readonly string[];
  readonly data: string;
}

/**
 * Begins to fetch what the page of this address will need, and before it what all pages need. Else
 * each thing is known only when the one before has run: application, page, data.
 */
export function fetchEarly(all: readonly string[], landings: readonly Landing[]) {
  const link = (href: string, how: Partial<HTMLLinkElement>) =>
    document.head.append(
      Object.assign(document.createElement("link"), { crossOrigin: "anonymous", href, ...how }),
    );
  const files = (of: readonly string[]) => {
    for (const file of of)
      link(file, file.endsWith(".css") ? { rel: "preload", as: "style" } : { rel: "modulepreload" });
  };
  files(all);
  for (const { path, own, data } of landings) {
    const [, id] = new RegExp(path).exec(location.pathname) ?? [];
    if (id === undefined) continue;
    link(data + id, { rel: "preload", as: "fetch" });
    files(own);
  }
}

/**
 * Runs the application when the head of the page, which index.html brings, is painted: a slow phone
 * would show nothing for as long as it reads the application. A page in the background is not
 * painted; it runs all the same.
 */
export function runWhenPainted(entry: string) {
  let runs = false;
  const run = () => {
    if (runs) return;
    runs = true;
    const script = document.createElement("script");
    document.head.append(Object.assign(script, { type: "module", crossOrigin: "anonymous", src: entry }));
  };
  setTimeout(run, 100);
  // A frame is painted after its callbacks.
  requestAnimationFrame(() => setTimeout(run));
}
