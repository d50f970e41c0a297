//! Where signing in leads: back to where one wanted to go, else to one's own first page.

import { useRouter, useSearch } from "@tanstack/react-router";

export function useGoBack(): (role: string) => Promise<void> {
  const router = useRouter();
  const { back } = useSearch({ strict: false });
  return async role => {
    const home = role === "seller" ? "/seller" : "/";
    router.history.push(back ?? home);
    await router.invalidate();
  };
}
