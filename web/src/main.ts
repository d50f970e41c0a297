//! Shows the head of the page that `index.html` brings, and only then runs the application: a slow phone would show nothing for as long as it needs
//! to read it. The application's parts are fetched meanwhile (`early.ts`).

import "./ui/tokens.css";
import "./ui/base.css";

/** A page that nobody looks at is not painted; it goes on all the same. */
const LONGEST_MS = 100;

const painted = new Promise<void>(done => {
  setTimeout(done, LONGEST_MS);
  // The frame is painted after its callbacks.
  requestAnimationFrame(() => setTimeout(done));
});

await painted;
await import("./start");
