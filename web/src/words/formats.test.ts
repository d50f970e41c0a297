//! Times of day are of 24 hours wherever a page formats one. The calls are read from the sources.

import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const SOURCES = new URL("../", import.meta.url);

/** The application's own files, by path. */
async function sources(): Promise<[path: string, text: string][]> {
  const files = (await readdir(SOURCES, { recursive: true })).filter(
    path => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !path.startsWith("words/"),
  );
  return Promise.all(
    files.map(async path => [path, await readFile(new URL(path, SOURCES), "utf8")] as [string, string]),
  );
}

test("each format with an hour says of which clock", async () => {
  const formats = (await sources()).flatMap(([path, text]) =>
    [...text.matchAll(/\{[^{}]*\b(?:timeStyle|hour): "[^{}]*\}/g)].map(([options]) => `${path} ${options}`),
  );
  expect(formats.length).toBeGreaterThan(6);
  // A format of which only the name of the zone is read.
  const timed = formats.filter(options => !options.includes("timeZoneName"));
  expect(timed.filter(options => !options.includes('hourCycle: "h23"'))).toEqual([]);
});

test("no field leaves the clock to the browser, which shows that of its own language", async () => {
  const fields = (await sources()).flatMap(([path, text]) =>
    [...text.matchAll(/type(?:=|: )"(?:time|datetime-local)"/g)].map(([type]) => `${path} ${type}`),
  );
  expect(fields).toEqual([]);
});

test("no format leaves the clock to the language", async () => {
  const calls = (await sources()).flatMap(([path, text]) =>
    [...text.matchAll(/toLocaleTimeString|new Date\([^()]*\)\.toLocaleString/g)].map(
      ([call]) => `${path} ${call}`,
    ),
  );
  expect(calls).toEqual([]);
});
