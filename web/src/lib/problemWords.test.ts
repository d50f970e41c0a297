//! Every code that the server can send, and every field that it can point at, has words in each
//! language. The lists are read from the server's sources.

import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Booking } from "#api";
import openapi from "../../openapi.json";
import { Refused, Unreachable } from "../api/problem";
import { CODES, LANGUAGES, type LanguageRow } from "../i18n/languages";
import { translateIn } from "../i18n/text";
import type { BaseT } from "../lib/useWords";
import { failureWords, methodWords, ruleWords, wordsOf } from "./problemWords";

async function wordsIn(code: (typeof CODES)[number]): Promise<BaseT> {
  const row: LanguageRow = LANGUAGES[code];
  return translateIn(code, (await row.words()).base);
}

/** The codes in a part of the server's source. */
async function codesIn(file: string, part: RegExp, code: RegExp): Promise<string[]> {
  const source = await readFile(new URL(`../../../crates/${file}`, import.meta.url), "utf8");
  return [...(part.exec(source)?.[0] ?? "").matchAll(code)].map(([, found]) => String(found));
}

const PROVIDERS = (await readdir(new URL("../../../crates/adapters/src/payment", import.meta.url))).filter(
  file => file.endsWith(".rs"),
);
const PROBLEMS = await codesIn("api/src/problem.rs", /^codes! \{.*?^\}/ms, /= [A-Z_]+, "([a-z-]+)"/g);
const RULES = await codesIn("kernel/src/violation.rs", /^pub mod code \{.*?^\}/ms, /= "([a-z-]+)"/g);
const FAILURES = await codesIn(
  "kernel/src/message/mod.rs",
  /^names!\(Failure \{.*?^\}\);/ms,
  /= "([a-z-]+)"/g,
);

const METHODS = (
  await Promise.all(
    PROVIDERS.map(file =>
      codesIn(`adapters/src/payment/${file}`, /.*/s, /PaymentMethod \{[^}]*code: "([a-z-]+)"/g),
    ),
  )
).flat();

type Schema = { [key: string]: unknown };

/** The names of all properties that a request may have. */
function requestFields(): string[] {
  const names = new Set<string>();
  const schemas: Record<string, Schema> = openapi.components.schemas;
  const walk = (schema: unknown): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { $ref, properties, ...rest } = schema as Schema;
    if (typeof $ref === "string") walk(schemas[$ref.split("/").at(-1) ?? ""]);
    for (const [name, property] of Object.entries(properties ?? {})) {
      names.add(name);
      walk(property);
    }
    for (const each of Object.values(rest)) walk(each);
  };
  for (const methods of Object.values(openapi.paths) as Record<string, Schema>[])
    for (const { requestBody } of Object.values(methods)) walk(requestBody);
  return [...names];
}

test("the lists are found where the server has them", () => {
  expect(PROBLEMS).toContain("hold-expired");
  expect(RULES).toContain("out-of-range");
  expect(FAILURES).toContain("seats-taken");
  expect(METHODS).toContain("sandbox-late");
  expect(requestFields()).toContain("seats_per_row");
});

test.each(CODES)("all that the server says has words in %s", async language => {
  const t = await wordsIn(language);
  const keys = [
    ...PROBLEMS.map(code => `problem.codes.${code}`),
    ...RULES.map(code => `problem.rules.${code}`),
    ...FAILURES.map(code => `booking.failure.${code}`),
    ...METHODS.flatMap(code => [`booking.methods.${code}.title`, `booking.methods.${code}.hint`]),
    ...requestFields().map(name => `problem.fields.${name}`),
  ];
  expect(keys.filter(key => !t.has(key))).toEqual([]);
});

const ENGLISH = await wordsIn("en");
const DETAIL = "A sentence for programmers.";

function refused(status: number, code?: string, errors: readonly [string, string][] = []): Refused {
  const body = {
    detail: DETAIL,
    errors: errors.map(([pointer, rule]) => ({ pointer, code: rule, detail: DETAIL })),
  };
  return new Refused(status, { ...body, ...(code && { code }) });
}

test.each<[string, unknown, string]>([
  ["a code", refused(410, "hold-expired"), "The time to pay has run out."],
  [
    "a code that is newer",
    refused(409, "seat-locked"),
    "The server refused this request (code seat-locked).",
  ],
  [
    "a code like a method's name",
    refused(400, "toString"),
    "The server refused this request (code toString).",
  ],
  ["a proxy's refusal", refused(413), "The server refused this request (code status-413)."],
  ["a proxy that is asked too often", refused(429), "Too many attempts. Wait a moment, then try again."],
  ["a proxy without a server", refused(503), "Nothing you sent is lost. Try again."],
  ["a proxy's fault", refused(502), "Something went wrong on our side. It has been noted."],
  [
    "rules with their places",
    refused(422, "invalid-request", [
      ["/quantity", "out-of-range"],
      ["/seats/3", "not-in-plan"],
      ["/seats/4", "not-in-plan"],
    ]),
    "How many: This is outside the allowed range. Seats: This seat does not exist here.",
  ],
  [
    "a rule and a place that are newer",
    refused(422, "invalid-request", [["/guest", "too-young"]]),
    "This was not accepted (code too-young).",
  ],
  [
    "many places",
    refused(
      422,
      "invalid-request",
      ["email", "password", "name", "role"].map(name => [`/${name}`, "empty"]),
    ),
    "E-mail: This must not be empty. Password: This must not be empty. Name: This must not be empty.",
  ],
  ["no rules", refused(422, "invalid-request"), "Something in the request is not valid."],
  ["nobody there", new Unreachable("gone"), ENGLISH("problem.unreachableDetail")],
  ["a fault of the page", new TypeError("x is undefined"), ENGLISH("problem.codes.internal")],
])("%s", async (_, error, expected) => {
  expect(wordsOf(error, ENGLISH).detail).toBe(expected);
  for (const language of CODES) {
    const { title, detail } = wordsOf(error, await wordsIn(language));
    expect(title + detail).not.toContain(DETAIL);
  }
});

test("a rule, a failure and a method that are newer than the page", () => {
  expect(methodWords("iris-scan", ENGLISH)).toEqual({ title: "iris-scan" });
  expect(ruleWords("too-young", ENGLISH)).toContain("too-young");
  const booking = { failure: { code: "house-on-fire", detail: DETAIL } } as Booking;
  expect(failureWords(booking, ENGLISH)).toBe(
    "The seats could not be held. Nothing was charged (code house-on-fire).",
  );
});

test("no page reads the server's sentence", async () => {
  const root = new URL("../", import.meta.url).pathname;
  const files = (await readdir(root, { recursive: true })).filter(file => /(?<!\.test)\.tsx?$/.test(file));
  const sentence = /\b(?:failure|problem|error|body|refused)\??\.detail\b/;
  const reading = [];
  for (const file of files) if (sentence.test(await readFile(root + file, "utf8"))) reading.push(file);
  expect(reading).toEqual(["api/problem.ts"]);
});
