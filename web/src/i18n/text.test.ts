import { expect, test } from "vitest";
import { translateIn } from "./text";

const WORDS = {
  greeting: "Hello, {{name}}. {{name}}!",
  group: { seats_one: "{{count}} seat", seats_other: "{{count}} seats", plain: "At most {{most}}." },
};

test("blanks are filled, and what has no value stays to be seen", () => {
  const t = translateIn<string>("en", WORDS);
  expect(t("greeting", { name: "$& Kai" })).toBe("Hello, $& Kai. $& Kai!");
  expect(t("greeting")).toBe("Hello, {{name}}. {{name}}!");
});

test("the language chooses the plural form", () => {
  const t = translateIn<string>("en", WORDS);
  expect([0, 1, 2].map(count => t("group.seats", { count }))).toEqual(["0 seats", "1 seat", "2 seats"]);
  const polish = translateIn<string>("pl", { n_one: "1", n_few: "2-4", n_many: "5", n_other: "1.5" });
  expect([1, 3, 5, 1.5].map(count => polish("n", { count }))).toEqual(["1", "2-4", "5", "1.5"]);
});

test("a text without plural forms takes a number too", () => {
  expect(translateIn<string>("en", WORDS)("group.plain", { most: 4, count: 4 })).toBe("At most 4.");
});

test("a key that is none is shown as it is, and is known to be none", () => {
  const t = translateIn<string>("en", WORDS);
  expect(t("group.nothing")).toBe("group.nothing");
  const known = ["greeting", "group", "group.plain", "constructor", "greeting.length", "group.toString"];
  expect(known.filter(key => t.has(key))).toEqual(["greeting", "group.plain"]);
});
