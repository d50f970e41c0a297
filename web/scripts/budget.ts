//! Holds the application to what a buyer's first visit may cost: prints the size of each part,
//! compressed as a browser gets it at worst (gzip), and fails when one exceeds its budget.

import { readFile, stat } from "node:fs/promises";
import { CODES } from "../src/i18n/languages.ts";

interface Part {
  readonly file: string;
  readonly name?: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

const dist = new URL("../dist/", import.meta.url);
const parts: Record<string, Part> = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));

/** The files that a part needs before it runs, itself among them. */
function needed(name: string, seen = new Set<string>()): Set<string> {
  const part = parts[name];
  if (!part) throw new Error(`the build has no part ${name}`);
  if (seen.has(part.file)) return seen;
  for (const file of [part.file, ...(part.css ?? [])]) seen.add(file);
  for (const other of part.imports ?? []) needed(other, seen);
  return seen;
}

/** A file that does not shrink has no compressed form. */
async function bytes(files: Iterable<string>): Promise<number> {
  const size = (file: string) => stat(new URL(file, dist)).then(it => it.size);
  const sizes = [...files].map(file => size(`${file}.gz`).catch(() => size(file)));
  return (await Promise.all(sizes)).reduce((sum, each) => sum + each, 0);
}

const [first] = Object.keys(parts).filter(name => parts[name]?.name === "entry" && !name.endsWith(".css"));
if (first === undefined) throw new Error("the build has no part called entry");
const entry = needed(first);
const map = needed("src/buyer/LazyMap.ts");

const budgets = [
  ...CODES.map(code => ({
    what: `entry, with its styles and the words in ${code}`,
    files: entry.union(needed(`src/words/${code}.ts`)),
    most: 170_000,
  })),
  { what: "seat map, beyond the entry", files: map.difference(entry), most: 40_000 },
];

let over = false;
for (const { what, files, most } of budgets) {
  const size = await bytes(files);
  over ||= size > most;
  console.log(`${(size / 1000).toFixed(1).padStart(6)} kB of ${most / 1000} kB  ${what}`);
}

const sellers = Object.keys(parts).filter(name => name.startsWith("src/seller/"));
if (sellers.length === 0) throw new Error("the build has no seller's pages: this looks in the wrong place");
const early = sellers.filter(name => entry.has(parts[name]?.file ?? ""));
if (early.length > 0) throw new Error(`a buyer's first visit fetches seller's pages: ${early.join(", ")}`);
if (over) process.exit(1);
