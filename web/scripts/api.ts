//! Makes `api/` anew. With an address, the description is first asked from the program that listens there:
//! `npm run api -- http://127.0.0.1:8080`.

import { writeFile } from "node:fs/promises";
import { createClient } from "@hey-api/openapi-ts";
import config from "../openapi-ts.config.ts";

const address = process.argv[2];
if (address) {
  const answer = await fetch(new URL("/openapi.json", address));
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  await writeFile("openapi.json", `${JSON.stringify(await answer.json(), null, 2)}\n`);
}
await createClient(await config);
