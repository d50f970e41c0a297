//! Writes the program's own description of its API to `openapi.json`; with `--check`, only says
//! whether the file is up to date.

import { readFile, writeFile } from "node:fs/promises";
import { start } from "../e2e/program.ts";

const FILE = "openapi.json";

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

const served = await description();
if (!process.argv.includes("--check")) await writeFile(FILE, served);
else if ((await readFile(FILE, "utf8")) !== served)
  throw new Error(`${FILE} is stale: write it again with \`npm run api\``);
