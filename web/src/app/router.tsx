//! Every address of the application and what stands there.
//!
//! Promises: a page's code is fetched when it is first needed; a page of one role sends others to
//! sign in, or says why it is not theirs.

import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { bookingQuery, eventQuery } from "../api/queries";
import { meQuery } from "../api/session";
import { EventsPage } from "../buyer/EventsPage";
import { sellerRoutes } from "../seller/routes";
import { NothingHere } from "../ui/states";
import { Crash } from "./Crash";
import { Layout } from "./Layout";

export interface Context {
  readonly client: QueryClient;
}

export const rootRoute = createRootRouteWithContext<Context>()({
  component: Layout,
  notFoundComponent: () => <NothingHere />,
});

/** Sends visitors to sign in first, and back here after it. */
export async function needsSignIn({ context, location }: { context: Context; location: { href: string } }) {
  const me = await context.client.ensureQueryData(meQuery).catch(() => undefined);
  if (me === null) throw redirect({ to: "/sign-in", search: { back: location.href } });
}

const eventsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: (search): { q?: string } =>
    typeof search.q === "string" && search.q ? { q: search.q.slice(0, 200) } : {},
  component: EventsPage,
});

export interface EventSearch {
  readonly section?: string;
  readonly quantity?: number;
}

function eventSearch(search: Record<string, unknown>): EventSearch {
  const { section, quantity } = search;
  return {
    ...(typeof section === "string" && { section }),
    ...(Number.isInteger(quantity) && Number(quantity) > 0 && { quantity: Number(quantity) }),
  };
}

const eventRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/events/$eventId",
  validateSearch: eventSearch,
  loader: ({ context, params }) => void context.client.prefetchQuery(eventQuery(params.eventId)),
}).lazy(() => import("../buyer/EventPage").then(page => page.route));

export interface PickSearch extends EventSearch {
  /** The booking whose seats are to be exchanged. */
  readonly swap?: string;
}

const pickRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/events/$eventId/seats",
  validateSearch: (search): PickSearch => ({
    ...eventSearch(search),
    ...(typeof search.swap === "string" && { swap: search.swap }),
  }),
  loader: ({ context, params }) => void context.client.prefetchQuery(eventQuery(params.eventId)),
}).lazy(() => import("../buyer/PickPage").then(page => page.route));

const bookingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/bookings",
  beforeLoad: needsSignIn,
}).lazy(() => import("../buyer/BookingsPage").then(page => page.route));

const bookingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/bookings/$bookingId",
  beforeLoad: needsSignIn,
  loader: ({ context, params }) => void context.client.prefetchQuery(bookingQuery(params.bookingId)),
}).lazy(() => import("../buyer/BookingPage").then(page => page.route));

const printRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/bookings/$bookingId/print",
  beforeLoad: needsSignIn,
}).lazy(() => import("../buyer/PrintPage").then(page => page.route));

function backSearch(search: Record<string, unknown>): { back?: string } {
  const back = search.back;
  // Only a path of ours: another site's address must not be where signing in leads.
  return typeof back === "string" && /^\/(?![/\\])/.test(back) ? { back } : {};
}

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: backSearch,
}).lazy(() => import("../account/SignInPage").then(page => page.route));

const registerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/register",
  validateSearch: (search): { back?: string; role?: "buyer" | "seller" } => ({
    ...backSearch(search),
    ...((search.role === "seller" || search.role === "buyer") && { role: search.role }),
  }),
}).lazy(() => import("../account/RegisterPage").then(page => page.route));

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  beforeLoad: needsSignIn,
}).lazy(() => import("../account/AccountPage").then(page => page.route));

const routeTree = rootRoute.addChildren([
  eventsRoute,
  eventRoute,
  pickRoute,
  bookingsRoute,
  bookingRoute,
  printRoute,
  signInRoute,
  registerRoute,
  accountRoute,
  ...sellerRoutes(rootRoute, needsSignIn),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    context: { client },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: Crash,
  });
}
