//! A part of the build: makes the script of `src/early.ts`, which knows what the parts of this build are called, and names it in the page. While
//! developing, only the theme is applied.

import { createHash } from "node:crypto";
import type { Plugin, Rolldown } from "vite";
import { applyTheme, fetchEarly, type Landing, type Language, wantedLanguage } from "../src/early.ts";

/** The pages that people come to from outside; as in src/app/router.tsx. */
const LANDINGS = [
  { path: "^/events/([^/]+)$", module: "src/buyer/EventPage.tsx", data: "/v1/events/" },
  { path: "^/events/([^/]+)/seats$", module: "src/buyer/PickPage.tsx", data: "/v1/events/" },
];
const START = "src/start.tsx";
const WORDS: Record<Language, string> = { en: "src/i18n/en.ts", "zh-TW": "src/i18n/zh-TW.ts" };

const PLACE = "<!-- early -->";

export function early(): Plugin {
  return {
    name: "early",
    enforce: "post",
    generateBundle(_options, bundle) {
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("the build has no index.html");
      const html = String(page.source);
      if (!html.includes(PLACE)) throw new Error(`index.html has no ${PLACE}`);
      const source = script(bundle);
      const fileName = `assets/early-${createHash("sha256").update(source).digest("base64url").slice(0, 8)}.js`;
      this.emitFile({ type: "asset", fileName, source });
      page.source = html.replace(PLACE, `<script src="/${fileName}"></script>`);
    },
    transformIndexHtml: {
      order: "post",
      handler: (html, { server }) =>
        server ? html.replace(PLACE, `<script>(${applyTheme})()</script>`) : html,
    },
  };
}

function script(bundle: Rolldown.OutputBundle): string {
  const start = files(bundle, START, new Set());
  const landings: Landing[] = LANDINGS.map(({ path, module, data }) => {
    const own = files(bundle, module, new Set(start));
    return { path, own: [...own].filter(file => !start.has(file)), data };
  });
  const words: Record<Language, string> = {
    en: `/${chunk(bundle, WORDS.en).fileName}`,
    "zh-TW": `/${chunk(bundle, WORDS["zh-TW"]).fileName}`,
  };
  return `(${applyTheme})();
const words = ${JSON.stringify(words)}[(${wantedLanguage})()];
(${fetchEarly})([${[...start].map(file => JSON.stringify(file)).join()}, words], ${JSON.stringify(landings)});
`;
}

function chunk(bundle: Rolldown.OutputBundle, module: string): Rolldown.OutputChunk {
  for (const part of Object.values(bundle))
    if (part.type === "chunk" && part.facadeModuleId?.endsWith(`/${module}`)) return part;
  throw new Error(`the build has no part ${module}`);
}

/** Adds the files that a module needs. */
function files(bundle: Rolldown.OutputBundle, module: string, to: Set<string>): Set<string> {
  const add = (part: Rolldown.OutputChunk) => {
    if (to.has(`/${part.fileName}`)) return;
    for (const file of [part.fileName, ...(part.viteMetadata?.importedCss ?? [])]) to.add(`/${file}`);
    for (const name of part.imports) {
      const other = bundle[name];
      if (other?.type === "chunk") add(other);
    }
  };
  add(chunk(bundle, module));
  return to;
}
