//! Which lines of a long list are drawn.

export interface Window {
  readonly from: number;
  /** Not within it. */
  readonly to: number;
}

/** The lines that can be seen, with some above and below. */
export function windowOf(top: number, height: number, line: number, lines: number, spare = 8): Window {
  const from = Math.max(0, Math.floor(top / line) - spare);
  const to = Math.min(lines, Math.ceil((top + height) / line) + spare);
  return { from: Math.min(from, to), to };
}

/** Where to scroll so that a line is seen; undefined when it is already. */
export function scrollFor(index: number, top: number, height: number, line: number): number | undefined {
  const begins = index * line;
  if (begins < top) return begins;
  if (begins + line > top + height) return begins + line - height;
  return undefined;
}
