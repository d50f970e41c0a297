//! What the server refused, in the reader's language.
//!
//! Promises: every code of the server has words; one that is newer than this page gets a general
//! sentence that names it.
//! Never: shows the server's own sentences. Those are English and for programmers.

import type { Booking } from "#api";
import { isRefused, type Refused, type Rule, Unreachable } from "../api/problem";
import type { BaseT } from "../i18n";

/** Each place of a request that may be named at once; more would be read by nobody. */
const PLACES = 3;

/** The two lines about an error. */
export function wordsOf(error: unknown, t: BaseT): { readonly title: string; readonly detail: string } {
  if (error instanceof Unreachable)
    return { title: t("problem.unreachable"), detail: t("problem.unreachableDetail") };
  if (!isRefused(error)) return { title: t("problem.title"), detail: t("problem.codes.internal") };
  const busy = error.status === 503;
  return { title: busy ? t("problem.unavailable") : t("problem.title"), detail: refusalWords(error, t) };
}

function refusalWords({ status, code, rules }: Refused, t: BaseT): string {
  if (code === "invalid-request" && rules.length > 0) {
    const sentences = new Set(rules.map(rule => placeWords(rule, t)));
    return [...sentences].slice(0, PLACES).join(" ");
  }
  const key = `problem.codes.${code}`;
  if (t.has(key)) return t(key);
  // A proxy answers without a code.
  if (status === 429) return t("problem.codes.too-many-requests");
  if (status === 503) return t("problem.codes.unavailable");
  return status >= 500 ? t("problem.codes.internal") : t("problem.otherCode", { code });
}

/**
 * Where a rule is broken, and which. A place that no reader knows, such as a header, is left out.
 */
function placeWords(rule: Rule, t: BaseT): string {
  const name = rule.pointer.split("/").findLast(step => !/^\d*$/.test(step));
  const key = `problem.fields.${name}`;
  const words = ruleWords(rule.code, t);
  return t.has(key) ? t("problem.atField", { field: t(key), rule: words }) : words;
}

/** Which rule is broken, for a reader who sees where. */
export function ruleWords(code: string, t: BaseT): string {
  const key = `problem.rules.${code}`;
  return t.has(key) ? t(key) : t("problem.otherRule", { code });
}

/** A way to pay; one that is newer than this page bears its code. */
export function methodWords(code: string, t: BaseT): { readonly title: string; readonly detail?: string } {
  const title = `booking.methods.${code}.title`;
  const hint = `booking.methods.${code}.hint`;
  return { title: t.has(title) ? t(title) : code, ...(t.has(hint) && { detail: t(hint) }) };
}

/** Why a booking got no seats. */
export function failureWords({ failure }: Booking, t: BaseT): string {
  const code = failure?.code ?? "unknown";
  const key = `booking.failure.${code}`;
  return t.has(key) ? t(key) : t("booking.otherFailure", { code });
}
