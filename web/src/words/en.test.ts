//! The terms of English, as the product uses them.

import { expect, test } from "vitest";
import { base } from "./en";

test("a part of a section is a subsection on a ticket, too", () => {
  expect(base.ticket.subsection).toBe("Subsection");
});
