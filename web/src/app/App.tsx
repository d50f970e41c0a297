//! Puts the application together: what is kept from the server, the routes, the messages.

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { makeQueryClient } from "../api/queries";
import { useLanguage } from "../i18n";
import { keepSeen } from "../offline/seen";
import { makeRouter } from "./router";

const client = makeQueryClient();
const router = makeRouter(client);
keepSeen(client);

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** Fetches the page of the address while nothing is shown yet. */
export function fetchPage(): void {
  void router.load();
}

export function App() {
  // Everything is rendered again when the language changes.
  useLanguage();
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
