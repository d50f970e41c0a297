//! A part of the build: makes the script of `src/early.ts`, which knows what the parts of this
//! build are called, and puts it into the page in place of the application's own scripts, which it
//! runs. While developing, only the theme is applied.

import { createHash } from "node:crypto";
import type { Plugin, Rolldown } from "vite";
import { applyTheme, fetchEarly, type Landing, runWhenPainted, wantedLanguage } from "../src/early.ts";
import { CODES } from "../src/i18n/languages.ts";

/** The pages that people come to from outside; as in src/app/router.tsx. */
const LANDINGS = [
  { path: "^/events/([^/]+)$", module: "src/buyer/EventPage.tsx", data: "/v1/events/" },
  { path: "^/events/([^/]+)/seats$", module: "src/buyer/PickPage.tsx", data: "/v1/events/" },
];

const PLACE = "<!-- early -->";
const SCRIPT = /\s*<script type="module"[^>]* src="([^"]+)"><\/script>/g;

export function early(): Plugin {
  return {
    name: "early",
    enforce: "post",
    generateBundle(_options, bundle) {
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("the build has no index.html");
      const html = String(page.source);
      // The last one is the entry; the others are what it imports.
      const application = [...html.matchAll(SCRIPT)].map(([, file]) => String(file));
      if (!html.includes(PLACE) || application.length === 0)
        throw new Error("index.html has changed its form");
      const source = script(bundle, application);
      const fileName = `assets/early-${createHash("sha256").update(source).digest("base64url").slice(0, 8)}.js`;
      this.emitFile({ type: "asset", fileName, source });
      page.source = html.replaceAll(SCRIPT, "").replace(PLACE, `<script src="/${fileName}"></script>`);
    },
    transformIndexHtml: {
      order: "post",
      handler: (html, { server }) =>
        server ? html.replace(PLACE, `<script>(${applyTheme})()</script>`) : html,
    },
  };
}

function script(bundle: Rolldown.OutputBundle, application: readonly string[]): string {
  const landings: Landing[] = LANDINGS.map(({ path, module, data }) => ({
    path,
    own: [...beyond(application, bundle, module)],
    data,
  }));
  const words = CODES.map(code => [code, `/${chunk(bundle, `src/words/${code}.ts`).fileName}`]);
  return `(${applyTheme})();
const words = ${JSON.stringify(Object.fromEntries(words))}[(${wantedLanguage})(${JSON.stringify(CODES)})];
(${fetchEarly})([...${JSON.stringify(application)}, words], ${JSON.stringify(landings)});
(${runWhenPainted})(${JSON.stringify(application.at(-1))});
`;
}

function chunk(bundle: Rolldown.OutputBundle, module: string): Rolldown.OutputChunk {
  for (const part of Object.values(bundle))
    if (part.type === "chunk" && part.facadeModuleId?.endsWith(`/${module}`)) return part;
  throw new Error(`the build has no part ${module}`);
}

/** The files that a module needs beyond those. */
function beyond(application: readonly string[], bundle: Rolldown.OutputBundle, module: string): Set<string> {
  const files = new Set<string>();
  const add = (part: Rolldown.OutputChunk) => {
    const file = `/${part.fileName}`;
    if (files.has(file) || application.includes(file)) return;
    for (const each of [part.fileName, ...(part.viteMetadata?.importedCss ?? [])]) files.add(`/${each}`);
    for (const name of part.imports) {
      const other = bundle[name];
      if (other?.type === "chunk") add(other);
    }
  };
  add(chunk(bundle, module));
  return files;
}
