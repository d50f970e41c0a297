//! Regenerates `openapi.json` from the program's own description, and `api/`, the client, from
//! that; with `--check`, only says whether they are up to date.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createClient } from "@hey-api/openapi-ts";
import { start } from "../e2e/program.ts";
import config from "../openapi-ts.config.ts";

async function description(): Promise<string> {
  const program = await start();
  try {
    const answer = await fetch(new URL("/openapi.json", program.url));
    if (!answer.ok) throw new Error(`/openapi.json answered ${answer.status}`);
    return `${JSON.stringify(await answer.json(), null, 2)}\n`;
  } finally {
    await program.stop();
  }
}

/** The files of a folder by their names, with their text. */
async function texts(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async file => [file.slice(folder.length + 1), await readFile(file, "utf8")] as const),
    ),
  );
}

async function make(input: string, output: string) {
  const { output: how, ...rest } = await config;
  await createClient({
    ...rest,
    // A relative path would leave its mark in what is made.
    input: resolve(input),
    output: { ...(how as object), path: output },
    logs: { level: "silent" },
  });
}

async function check() {
  const folder = await mkdtemp(join(tmpdir(), "ticketing-api-"));
  try {
    const input = join(folder, "openapi.json");
    await writeFile(input, await description());
    await make(input, join(folder, "api"));
    const [made, kept] = [await texts(join(folder, "api")), await texts("api")];
    const stale = [...new Set([...made.keys(), ...kept.keys()])]
      .filter(name => made.get(name) !== kept.get(name))
      .map(name => `api/${name}`);
    if ((await readFile(input, "utf8")) !== (await readFile("openapi.json", "utf8")))
      stale.push("openapi.json");
    if (stale.length > 0) throw new Error(`stale, regenerate them with \`npm run api\`: ${stale.join(", ")}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv.includes("--check")) {
  await check();
} else {
  await writeFile("openapi.json", await description());
  await make("openapi.json", "api");
}
