//! The map alone on a page, with a sale that runs in the page itself. The address says what is
//! shown: `?plan=arena&held=0.5&rate=1000&mode=buyer&lang=en&theme=dark&list=1`.

import "../src/ui/tokens.css";
import "../src/ui/base.css";
import "./main.css";
import { StrictMode, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { CODES, setLanguage } from "../src/i18n";
import { type Seat, SeatList, SeatMap, type SeatMapHandle, SeatStore, SelectionGuard } from "../src/map";
import { outlineOf } from "./plans";
import { Sale } from "./sale";

const FRAMES_PER_SECOND = 10;

const query = new URLSearchParams(location.search);
const theme = query.get("theme");
if (theme) document.documentElement.dataset.theme = theme;
await setLanguage(CODES.find(code => code === query.get("lang")) ?? CODES[0]);

const store = new SeatStore(outlineOf(query.get("plan") ?? "arena"));
const sale = new Sale(store);
const held = query.get("held");
if (held !== "never") sale.begin(Number(held ?? 0.45));
const rate = Number(query.get("rate") ?? 0);
if (rate > 0) setInterval(() => sale.frame(rate / FRAMES_PER_SECOND), 1000 / FRAMES_PER_SECOND);

function Page() {
  const map = useRef<SeatMapHandle>(null);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const [lost, setLost] = useState<readonly Seat[]>([]);
  const mine = useMemo(() => new Set((query.get("mine") ?? "").split(",").filter(Boolean)), []);
  const toggle = (seat: Seat) =>
    setSelection(now =>
      now.has(seat.id) ? new Set([...now].filter(id => id !== seat.id)) : new Set([...now, seat.id]),
    );
  const choice = {
    store,
    mode: query.get("mode") === "seller" ? ("seller" as const) : ("buyer" as const),
    selection,
    mine,
    maxSelectable: 4,
    onToggleSeat: toggle,
  };
  Object.assign(globalThis, { seatMap: map, sale, store, setSelection });
  return (
    <main className="bench">
      <SeatMap ref={map} label="Bench" {...choice} />
      {query.has("list") && <SeatList {...choice} />}
      <SelectionGuard store={store} selection={selection} mine={mine} onLost={setLost} />
      <p data-testid="lost">{lost.map(seat => seat.id).join(" ")}</p>
    </main>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has an element #root");
createRoot(root).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
