//! Listeners who share a stream, and one who comes when it was refused.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makeHub } from "./hub";
import { openStream, type StreamState } from "./stream";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("sends a newcomer nothing of an old refusal: the reason may be gone since", async () => {
  let status = 401;
  const answer = async () => new Response(status === 200 ? new ReadableStream() : null, { status });
  const hub = makeHub((url, listener) => openStream(url, listener, { fetch: answer }));
  const join = () => {
    const states: StreamState["kind"][] = [];
    const listening = hub.join("/live", { onEvent: () => {}, onState: ({ kind }) => states.push(kind) });
    return { states, listening };
  };

  const before = join();
  await vi.advanceTimersByTimeAsync(0);
  expect(before.states).toEqual(["connecting", "gone"]);
  before.listening.stop();

  // Somebody has signed in, and the stream of before lingers still.
  status = 200;
  const after = join();
  await vi.advanceTimersByTimeAsync(0);
  expect(after.states).toEqual(["connecting"]);
});
