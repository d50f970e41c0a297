//! The few icons of the application, drawn with one line. They say nothing to screen readers; what
//! carries one has its own name.

const PATHS = {
  arrow: "M5 12h14m-6-6 6 6-6 6",
  back: "M19 12H5m6-6-6 6 6 6",
  calendar: "M4 6.5h16v14H4zM4 10.5h16M8 3.5v5m8-5v5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  clock: "M12 7v5l3.2 2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z",
  close: "m6 6 12 12M18 6 6 18",
  globe:
    "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM3.5 12h17M12 3.5c3 2.6 3 14.4 0 17m0-17c-3 2.6-3 14.4 0 17",
  map: "m3.5 6 5.7-2 5.6 2 5.7-2v14l-5.7 2-5.6-2-5.7 2zM9.2 4v14m5.6-12v14",
  list: "M8.5 6.5h12m-12 5.5h12m-12 5.5h12M4 6.5h.5M4 12h.5M4 17.5h.5",
  minus: "M6 12h12",
  moon: "M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z",
  pin: "M12 21s-6.5-5.6-6.5-11a6.5 6.5 0 0 1 13 0c0 5.4-6.5 11-6.5 11zm0-8.7a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z",
  plus: "M12 6v12M6 12h12",
  print: "M7 9V4h10v5M7 17H4.5v-8h15v8H17M7 14h10v6.5H7z",
  search: "M10.8 4.5a6.3 6.3 0 1 1 0 12.6 6.3 6.3 0 0 1 0-12.6zm4.7 11 4.5 4.5",
  seat: "M7 11V5.5h10V11M5 11h14v5.5H5zM7 16.5V20m10-3.5V20",
  spark: "M12 4v4m0 8v4M4 12h4m8 0h4M6.5 6.5l2.5 2.5m6 6 2.5 2.5m0-11L15 9m-6 6-2.5 2.5",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zm0-5v1.5m0 15V21M3 12h1.5m15 0H21M5.6 5.6l1.1 1.1m10.6 10.6 1.1 1.1m0-12.8-1.1 1.1M6.7 17.3l-1.1 1.1",
  ticket: "M4 6.5h16v3.7a1.9 1.9 0 0 0 0 3.6v3.7H4v-3.7a1.9 1.9 0 0 0 0-3.6zM14.5 7v2m0 2v2m0 2v2",
  user: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20.5c.8-4 3.8-5.5 7.5-5.5s6.7 1.5 7.5 5.5",
  warn: "M12 4 3 19.5h18zM12 10v4.5m0 2.3v.2",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
