//! A full storage keeps what nothing else knows; copies of what the server has make room.

import { afterEach, expect, test, vi } from "vitest";
import { attemptName } from "../buyer/attempt";
import { COPIES, keep, recall } from "./storage";
import { fakeStorage } from "./testing";

afterEach(() => vi.unstubAllGlobals());

test("copies make room for the note of who is signed in and for an attempt", () => {
  fakeStorage(120);
  for (const key of ["1", "2", "3"]) keep(`${COPIES}${key}`, "x".repeat(25));
  keep("signed-in", "usr_1".padEnd(50, "1"));
  const name = attemptName("book");
  expect(recall("signed-in")).toMatch(/^usr_1/);
  expect(attemptName("book")).toBe(name);
});

test("what is too large for any storage breaks nothing", () => {
  fakeStorage(100);
  keep("signed-in", "usr_1");
  keep(`${COPIES}1`, "x".repeat(200));
  expect(recall("signed-in")).toBe("usr_1");
});
