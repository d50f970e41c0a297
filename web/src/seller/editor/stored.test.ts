import { afterEach, expect, test, vi } from "vitest";
import { emptyDraft, generate } from "./model";
import { clearStored, readStored, storageKey, store } from "./stored";

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
});
afterEach(() => kept.clear());

const pattern = {
  sections: 2,
  subsections: 3,
  rows: 4,
  seatsPerRow: 5,
  names: "letters",
  firstPrice: "1",
  lastPrice: "",
} as const;

test("a draft is read back as it was, for its seller and its event only", () => {
  const draft = { ...emptyDraft("Asia/Taipei", "TWD"), sections: generate(pattern, "TWD") };
  const key = storageKey("usr_1", undefined);
  store(key, draft, 7);
  expect(readStored(key)).toEqual({ draft, at: 7 });
  expect(readStored(storageKey("usr_2", undefined))).toBeUndefined();
  expect(readStored(storageKey("usr_1", "evt_1"))).toBeUndefined();
  clearStored(key);
  expect(readStored(key)).toBeUndefined();
});

test.each(["{", "null", "{}", '{"at":1,"draft":{"name":"x"}}', '{"at":1,"draft":{"sections":[{}]}}'])(
  "%s is as if it were not there",
  text => {
    kept.set("k", text);
    expect(readStored("k")).toBeUndefined();
  },
);
