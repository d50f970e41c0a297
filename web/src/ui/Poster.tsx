//! An event's picture: sellers upload none, so each event gets one of its own, drawn from its id.
//! The same event looks the same everywhere.
//!
//! Never: carries meaning; screen readers pass it by.

import css from "./Poster.module.css";

/** Small and good enough to spread ids over shapes and hues (FNV-1a). */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const char of text) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return state;
}

const HUES = [262, 18, 158, 205, 338, 42, 290, 182] as const;

export function Poster({ id, className = "" }: { readonly id: string; readonly className?: string }) {
  const seed = hash(id);
  const hue = HUES[seed % HUES.length] ?? 262;
  const turn = (seed >>> 4) % 5;
  const centre = { x: 12 + ((seed >>> 8) % 5) * 19, y: 118 };
  const rows = Array.from({ length: 11 }, (_, row) => row);
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      className={`${css.poster} ${className}`}
      viewBox="0 0 100 75"
      preserveAspectRatio="xMidYMid slice"
    >
      <defs>
        <linearGradient id={`sky-${seed}`} x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor={`hsl(${hue} 62% 34%)`} />
          <stop offset="1" stopColor={`hsl(${hue + 36} 58% 17%)`} />
        </linearGradient>
        <radialGradient id={`light-${seed}`} cx={centre.x / 100} cy="1.1" r="0.9">
          <stop offset="0" stopColor={`hsl(${hue + 60} 95% 78%)`} stopOpacity="0.95" />
          <stop offset="0.45" stopColor={`hsl(${hue + 24} 90% 60%)`} stopOpacity="0.4" />
          <stop offset="1" stopColor={`hsl(${hue} 80% 40%)`} stopOpacity="0" />
        </radialGradient>
      </defs>
      <rect width="100" height="75" fill={`url(#sky-${seed})`} />
      <rect width="100" height="75" fill={`url(#light-${seed})`} />
      <g fill="none" stroke={`hsl(${hue + 20} 100% 92%)`} strokeLinecap="round">
        {rows.map(row => (
          <circle
            key={row}
            cx={centre.x}
            cy={centre.y}
            r={48 + row * 7.2}
            strokeWidth={2.5 - row * 0.1}
            strokeOpacity={0.62 - row * 0.045}
            strokeDasharray={`0.01 ${4.1 + ((row + turn) % 3) * 0.35}`}
          />
        ))}
      </g>
    </svg>
  );
}
