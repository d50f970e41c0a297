//! The store against a server that sends the truth over a connection that repeats, loses and starts
//! again.

import { describe, expect, it } from "vitest";
import { SeatStore } from "./store";
import { anyOutline, below, outline, type RawEvent, Reader, Server, section, seededRandom } from "./testing";
import type { StoreChange } from "./types";

const HALL = outline(section("A", [2, 3], [2, 3]), section("B 甲", [1, 5]));

function hall() {
  const store = new SeatStore(HALL, () => 1_000);
  const server = new Server(store);
  const changes: StoreChange[] = [];
  store.subscribe(change => changes.push(change));
  const reader = new Reader(store);
  const send = (...events: RawEvent[]) => reader.read(...events);
  const block = (index: number) => {
    const found = store.plan.blocks[index];
    if (!found) throw new RangeError();
    return found;
  };
  return { store, server, changes, send, block };
}

describe("a store", () => {
  it("shows the counts of the outline until a snapshot comes, and then the seats", () => {
    const { store, server, send, changes, block } = hall();
    expect([store.loaded, store.counts(), store.connection.state]).toEqual([
      false,
      { available: 17, reserved: 0, sold: 0 },
      "connecting",
    ]);
    server.set(block(0), 2, 1);
    server.set(block(2), 16, 2);
    send(server.snapshot());
    expect(changes).toMatchObject([{ whole: true, connection: true }]);
    expect([store.code(2), store.code(16), store.code(0)]).toEqual([1, 2, 0]);
    expect(store.countsOfSection(1)).toEqual({ available: 4, reserved: 0, sold: 1 });
    expect(store.connection).toEqual({ state: "live", since: 1_000 });
    expect(store.seat(16)).toEqual({
      id: "B 甲-1-1-5",
      section: "B 甲",
      subsection: 1,
      row: 1,
      seat: 5,
      price: { amount_minor: 100_000, currency: "TWD", decimals: 2 },
      status: "sold",
    });
  });

  it("finds the first free seat of a block, as long as there is one", () => {
    const { store, server, send, block } = hall();
    server.set(block(1), 6, 1);
    send(server.snapshot());
    expect([store.firstFree(block(0)), store.firstFree(block(1))]).toEqual([0, 7]);
    for (let seat = 6; seat < 12; seat += 1) server.set(block(1), seat, 2);
    send(server.snapshot());
    expect(store.firstFree(block(1))).toBeUndefined();
  });

  it("lets a frame take effect as a whole, with its last event", () => {
    const { store, server, send, changes, block } = hall();
    send(server.snapshot());
    server.set(block(0), 0, 1);
    server.set(block(1), 6, 1);
    const frame = server.frame();
    send(...frame.slice(0, -1));
    expect([store.code(0), store.countsOfBlock(0).available, changes.length]).toEqual([0, 6, 1]);
    send(...frame.slice(-1));
    expect([store.code(0), store.code(6), store.counts().reserved]).toEqual([1, 1, 2]);
    expect(changes[1]).toMatchObject({ whole: false, seats: [0, 6], blocks: [0, 1] });
  });

  it("is not set back by a frame that its snapshot holds already", () => {
    const { store, server, send, block } = hall();
    server.set(block(0), 0, 1);
    const old = server.frame();
    server.set(block(0), 0, 2);
    send(server.snapshot(), ...old);
    expect(store.code(0)).toBe(2);
    send(...server.frame());
    expect(store.code(0)).toBe(2);
  });

  it("asks for a snapshot after a gap and shows nothing new until it came", () => {
    const { store, server, send, block } = hall();
    let asked = 0;
    store.onResync(() => {
      asked += 1;
    });
    send(server.snapshot());
    server.set(block(0), 0, 1);
    server.frame();
    server.set(block(0), 1, 1);
    send(...server.frame());
    expect([asked, store.code(1), store.resumeFrom, store.connection.state]).toEqual([
      1,
      0,
      undefined,
      "reconnecting",
    ]);
    server.set(block(0), 2, 1);
    send(...server.frame());
    expect([asked, store.code(2)]).toEqual([1, 0]);
    send(server.snapshot());
    expect([store.code(0), store.code(1), store.code(2), store.connection.state]).toEqual([1, 1, 1, "live"]);
  });

  it("forgets a frame that a lost connection cut short", () => {
    const { store, server, send, block } = hall();
    send(server.snapshot());
    server.set(block(0), 0, 1);
    server.set(block(1), 6, 1);
    const frame = server.frame();
    send(...frame.slice(0, 2));
    store.disconnected();
    expect(store.connection.state).toBe("reconnecting");
    store.connected();
    send(...frame);
    expect([store.code(0), store.code(6), store.connection.state]).toEqual([1, 1, "live"]);
  });

  it("takes a snapshot of another run of the server whatever its number, and none of an earlier moment of the same", () => {
    const { store, server, send, block } = hall();
    send(server.snapshot());
    const early = server.snapshot();
    server.set(block(0), 0, 1);
    send(...server.frame(), early);
    expect(store.code(0)).toBe(1);
    [server.epoch, server.sequence] = ["0000000b", 1];
    server.set(block(0), 0, 0);
    send(server.snapshot());
    expect([store.code(0), store.resumeFrom]).toEqual([0, "0000000b.1"]);
  });

  it("takes what it does not understand for a gap", () => {
    const { store, server, send } = hall();
    let asked = 0;
    store.onResync(() => {
      asked += 1;
    });
    send(server.snapshot(), { type: "seats", data: "{" });
    expect(asked).toBe(1);
  });

  it("hears of new prices", () => {
    const { store, server, send, changes } = hall();
    send(server.snapshot());
    const dearer = server.snapshot();
    send({ ...dearer, data: dearer.data.replace("100000", "120000") });
    expect([store.price(0).amount_minor, store.price(1).amount_minor]).toEqual([120_000, 100_000]);
    expect(changes[1]).toMatchObject({ prices: true, whole: false, seats: [] });
  });
});

describe.each(Array.from({ length: 40 }, (_, seed) => seed))(
  "any sale over any connection, seed %i",
  seed => {
    it("shows states of the server only, in their order, and notifies of every change", () => {
      const random = seededRandom(seed);
      const store = new SeatStore(anyOutline(random));
      const server = new Server(store);
      const shown = new Uint8Array(store.plan.seats);
      store.subscribe(change => {
        for (const seat of change.seats) shown[seat] = store.code(seat);
        expect(change.whole ? store.loaded : true).toBe(true);
        if (change.whole) for (let seat = 0; seat < shown.length; seat += 1) shown[seat] = store.code(seat);
      });
      // The state of the server at each of its frames, so that the store's can be found among them.
      const history = new Map<string, Uint8Array>();
      const sent: RawEvent[][] = [];
      const reader = new Reader(store);
      let resync = true;
      store.onResync(() => {
        resync = true;
      });
      for (let step = 0; step < 60; step += 1) {
        for (let change = below(random, 6); change > 0; change -= 1) {
          const block = store.plan.blocks[below(random, store.plan.blocks.length)];
          if (block) server.set(block, block.first + below(random, block.seats), below(random, 3));
        }
        if (random() < 0.03) server.epoch = `${step + 1}`.padStart(8, "0");
        const frame = server.frame();
        history.set(server.position, server.codes.slice());
        if (frame.length > 0) sent.push(frame);
        if (resync || random() < 0.05) {
          resync = false;
          store.connected();
          reader.read(server.snapshot());
        } else if (random() < 0.9) reader.read(...frame);
        const again = sent[below(random, sent.length)] ?? [];
        if (random() < 0.2 && again.at(-1)?.id !== reader.lastEventId) reader.read(...again);
        const state = history.get(store.resumeFrom ?? "");
        if (!resync) expect(Array.from(shown, (_, seat) => store.code(seat))).toEqual([...(state ?? [])]);
        expect(Array.from(shown)).toEqual(Array.from(shown, (_, seat) => store.code(seat)));
      }
      reader.read(server.snapshot());
      for (const block of store.plan.blocks)
        expect(store.countsOfBlock(block.index)).toEqual(server.counts(block));
      const sums = store.plan.sections.map(({ index }) => store.countsOfSection(index).available);
      expect(store.counts().available).toBe(sums.reduce((sum, count) => sum + count, 0));
    });
  },
);
