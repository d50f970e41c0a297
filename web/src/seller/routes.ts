//! The addresses of the seller's pages. Their code and their words are fetched when a seller first
//! goes there.
//!
//! Never: imports a page directly; that would put it into every buyer's download.

import { createRoute } from "@tanstack/react-router";
import type { needsSignIn, rootRoute } from "../app/router";

export interface MonitorSearch {
  readonly section?: string;
  readonly status?: "available" | "reserved" | "sold" | "taken";
  readonly seat?: string;
}

const STATUSES = ["available", "reserved", "sold", "taken"] as const;

function monitorSearch({ section, status, seat }: Record<string, unknown>): MonitorSearch {
  const known = STATUSES.find(one => one === status);
  return {
    ...(typeof section === "string" && section && { section }),
    ...(known && { status: known }),
    ...(typeof seat === "string" && seat && { seat }),
  };
}

/** Waits for a page's words too, so that it is never shown without them. */
function withWords<R>(load: () => Promise<{ route: R }>): () => Promise<R> {
  return async () => {
    const [{ route }] = await Promise.all([load(), import("./words").then(words => words.loadSellerWords())]);
    return route;
  };
}

export function sellerRoutes(root: typeof rootRoute, guard: typeof needsSignIn) {
  const getParentRoute = () => root;
  const beforeLoad = guard;
  return [
    createRoute({ getParentRoute, beforeLoad, path: "/seller" }).lazy(
      withWords(() => import("./SellerPage")),
    ),
    createRoute({ getParentRoute, beforeLoad, path: "/seller/new" }).lazy(
      withWords(() => import("./editor/NewEventPage")),
    ),
    createRoute({ getParentRoute, beforeLoad, path: "/seller/events/$eventId" }).lazy(
      withWords(() => import("./sales/SalesPage")),
    ),
    createRoute({ getParentRoute, beforeLoad, path: "/seller/events/$eventId/edit" }).lazy(
      withWords(() => import("./editor/EditEventPage")),
    ),
    createRoute({ getParentRoute, beforeLoad, path: "/seller/events/$eventId/prices" }).lazy(
      withWords(() => import("./PricesPage")),
    ),
    createRoute({
      getParentRoute,
      beforeLoad,
      path: "/seller/events/$eventId/seats",
      validateSearch: monitorSearch,
    }).lazy(withWords(() => import("./seats/MonitorPage"))),
  ] as const;
}
