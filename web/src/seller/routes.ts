//! The addresses of the seller's pages. Their code is fetched when a seller first goes there.
//!
//! Never: imports a page directly; that would put it into every buyer's download.

import { createRoute } from "@tanstack/react-router";
import type { needsSignIn, rootRoute } from "../app/router";

export function sellerRoutes(root: typeof rootRoute, guard: typeof needsSignIn) {
  const home = createRoute({
    getParentRoute: () => root,
    path: "/seller",
    beforeLoad: guard,
  }).lazy(() => import("./SellerPage").then(page => page.route));
  return [home];
}
