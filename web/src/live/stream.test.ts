//! A stream over connections that break, fall silent and are refused.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openStream, type StreamEvent, type StreamState } from "./stream";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server whose connections the test holds in its hands. */
function server() {
  const asked: Headers[] = [];
  const open: ReadableStreamDefaultController<Uint8Array>[] = [];
  let status = 200;
  const answer: typeof fetch = async (_, init) => {
    asked.push(new Headers(init?.headers));
    if (status !== 200) return new Response(null, { status });
    const body = new ReadableStream<Uint8Array>({ start: control => void open.push(control) });
    init?.signal?.addEventListener("abort", () => {
      try {
        open.at(-1)?.error(new Error("aborted"));
      } catch {
        // It has ended already.
      }
    });
    return new Response(body);
  };
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return {
    asked,
    answer,
    settle,
    say: async (text: string) => {
      open.at(-1)?.enqueue(new TextEncoder().encode(text));
      await settle();
    },
    cut: async () => {
      open.at(-1)?.close();
      await settle();
    },
    refuse: (with_: number) => {
      status = with_;
    },
  };
}

function listen(from: ReturnType<typeof server>) {
  const events: StreamEvent[] = [];
  const states: StreamState["kind"][] = [];
  const stream = openStream(
    "/live",
    { onEvent: event => events.push(event), onState: ({ kind }) => states.push(kind) },
    { fetch: from.answer, silenceMs: 1_000 },
  );
  return { events, states, stream };
}

it("says live only when something came, and comes back with the last id", async () => {
  const far = server();
  const { events, states, stream } = listen(far);
  await far.settle();
  expect(states).toEqual(["connecting"]);
  await far.say("id: 7\nevent: seats\ndata: x\n\n");
  expect(events).toEqual([{ type: "seats", data: "x", lastEventId: "7" }]);
  await far.cut();
  expect(states).toEqual(["connecting", "live", "lost"]);
  await vi.advanceTimersByTimeAsync(1_300);
  expect(far.asked.map(headers => headers.get("last-event-id"))).toEqual([null, "7"]);
  expect(states.at(-1)).toBe("lost");
  await far.say(": heartbeat\n\n");
  expect(states.at(-1)).toBe("live");
  stream.close();
});

it("takes silence for a loss", async () => {
  const far = server();
  const { states, stream } = listen(far);
  await far.settle();
  await far.say(": here\n\n");
  await vi.advanceTimersByTimeAsync(1_100);
  expect(states).toEqual(["connecting", "live", "lost"]);
  stream.close();
});

it("starts over without an id when it is restarted", async () => {
  const far = server();
  const { stream } = listen(far);
  await far.settle();
  await far.say("id: 7\ndata: x\n\n");
  stream.restart();
  await far.settle();
  expect(far.asked.at(-1)?.get("last-event-id")).toBeNull();
  stream.close();
});

it.each([401, 403, 404, 410])("gives up when the answer is %d", async status => {
  const far = server();
  far.refuse(status);
  const { states, stream } = listen(far);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states).toEqual(["connecting", "gone"]);
  expect(far.asked).toHaveLength(1);
  stream.close();
});

it("waits for the network, and asks at once when it is back", async () => {
  const far = server();
  const { states, stream } = listen(far);
  await far.settle();
  await far.say(": here\n\n");
  stream.setOnline(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([states.at(-1), far.asked.length]).toEqual(["lost", 1]);
  stream.setOnline(true);
  await far.settle();
  await far.say(": here\n\n");
  expect([states.at(-1), far.asked.length]).toEqual(["live", 2]);
  stream.close();
});
