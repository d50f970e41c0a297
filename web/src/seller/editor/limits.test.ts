import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as limits from "./limits";

test("the limits that are explained are the program's", () => {
  const kernel = readFileSync(new URL("../../../../crates/kernel/src/limits.rs", import.meta.url), "utf8");
  for (const [name, value] of Object.entries(limits)) {
    const written = new RegExp(`pub const ${name}: \\w+ = ([^;]+);`).exec(kernel)?.[1];
    const product = written
      ?.replaceAll("_", "")
      .split("*")
      .map(Number)
      .reduce((a, b) => a * b, 1);
    expect(product, name).toBe(value);
  }
});
