//! What tabs and the shared worker say to each other.

import type { StreamEvent, StreamState } from "./stream";

export type ToWorker =
  | { readonly kind: "join"; readonly key: number; readonly url: string }
  | { readonly kind: "leave"; readonly key: number }
  | { readonly kind: "restart"; readonly key: number }
  | { readonly kind: "online"; readonly online: boolean }
  /** The name of a lock that the tab holds while it lives, so that its death is noticed. */
  | { readonly kind: "lock"; readonly name: string }
  | { readonly kind: "bye" };

export type ToTab =
  | { readonly kind: "event"; readonly key: number; readonly event: StreamEvent }
  | { readonly kind: "state"; readonly key: number; readonly state: StreamState };
