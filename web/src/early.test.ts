import { afterEach, expect, test, vi } from "vitest";
import { wantedLanguage } from "./early";

const CODES = ["en", "zh-TW", "pt-BR", "pt-PT"] as const;

function wanted(chosen: string | null, languages: readonly string[]) {
  vi.stubGlobal("localStorage", { getItem: () => chosen });
  vi.stubGlobal("navigator", { languages });
  return wantedLanguage([...CODES]);
}

afterEach(() => vi.unstubAllGlobals());

test.each<[string | null, readonly string[], string]>([
  [null, ["en-GB", "zh-TW"], "en"],
  [null, ["zh-Hant-TW", "en"], "zh-TW"],
  [null, ["zh-HK"], "zh-TW"],
  [null, ["ZH-tw"], "zh-TW"],
  [null, ["pt-PT"], "pt-PT"],
  [null, ["pt"], "pt-BR"],
  [null, ["de", "fr-CA", "zh"], "zh-TW"],
  [null, ["de"], "en"],
  [null, [], "en"],
  ["zh-TW", ["en"], "zh-TW"],
  ["xx", ["zh-TW"], "zh-TW"],
])("chosen %s, asked for %s: %s", (chosen, languages, expected) => {
  expect(wanted(chosen, languages)).toBe(expected);
});

test("a browser that forbids storage is asked for its languages", () => {
  vi.stubGlobal("navigator", { languages: ["zh-TW"] });
  vi.stubGlobal("localStorage", {
    getItem() {
      throw new Error("forbidden");
    },
  });
  expect(wantedLanguage([...CODES])).toBe("zh-TW");
});
