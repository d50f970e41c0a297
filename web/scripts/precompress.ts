//! Lays a compressed form beside each file of `dist/` that shrinks by it; the program sends those
//! as they are.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const COMPRESSIBLE = /\.(html|js|css|svg|json|webmanifest)$/;

const forms = [
  [
    ".br",
    (bytes: Buffer) =>
      brotliCompressSync(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
      }),
  ],
  [".gz", (bytes: Buffer) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION })],
] as const;

const dist = new URL("../dist/", import.meta.url).pathname;

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !COMPRESSIBLE.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = await readFile(path);
  for (const [end, compress] of forms) {
    const smaller = compress(bytes);
    if (smaller.length < bytes.length) await writeFile(path + end, smaller);
  }
}
