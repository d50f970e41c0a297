//! The product's mark: a ticket with one seat in it.

export function Mark({ size = 30 }: { readonly size?: number }) {
  return (
    <svg aria-hidden="true" focusable="false" width={size} height={size} viewBox="0 0 32 32">
      <path
        fill="var(--accent)"
        d="M5 7h22a3 3 0 0 1 3 3v3.2a3 3 0 0 0 0 5.6V22a3 3 0 0 1-3 3H5a3 3 0 0 1-3-3v-3.2a3 3 0 0 0 0-5.6V10a3 3 0 0 1 3-3z"
      />
      <path stroke="var(--accent-ink)" strokeWidth="2" strokeDasharray="2.6 2.4" d="M20 8v16" />
      <circle cx="11.5" cy="16" r="3.2" fill="var(--accent-ink)" />
    </svg>
  );
}
