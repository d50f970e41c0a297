//! The map's texts in English. Their shape is the shape of every language's texts.

export const en = {
  map: (label: string) => `Seat map: ${label}`,
  keys:
    "Arrow keys move between sections. Enter goes nearer, down to single seats, and chooses a seat. Escape goes back. " +
    "Plus and minus zoom, 0 shows everything. The seat list offers the same choice without the map.",
  stage: "Stage",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  showAll: "Show the whole house",
  overview: "Overview of the house. Press to move the map.",
  legend: "Legend",
  loading: "Loading seats …",
  reconnecting: (time: string) => `Connection lost. Seats as of ${time}; reconnecting …`,

  section: (name: string) => `Section ${name}`,
  subsection: (section: string, number: number) => `${section} ${number}`,
  subsectionLong: (section: string, number: number) => `Section ${section}, subsection ${number}`,
  subsectionName: (number: number) => `Subsection ${number}`,
  row: (row: number) => `Row ${row}`,
  rowAndSeat: (row: number, seat: number) => `Row ${row} · Seat ${seat}`,
  freeOf: (free: string, all: string) => `${free} of ${all} free`,
  free: (free: string) => `${free} free`,
  soldShare: (percent: string) => `${percent} sold`,
  soldOut: "Sold out",
  nearer: "Enter or tap to go nearer",

  states: {
    free: "Free",
    chosen: "Chosen",
    mine: "Yours",
    taken: "Taken",
    reserved: "Held",
    sold: "Sold",
  },
  heat: { none: "None sold", all: "All sold" },

  seatSpoken: (row: number, seat: number, state: string, price: string) =>
    `Row ${row} seat ${seat}, ${state.toLowerCase()}, ${price}`,
  seatPlace: (section: string, subsection: number) => `Section ${section}, subsection ${subsection}`,
  sectionSpoken: (name: string, price: string, availability: string) =>
    `Section ${name}, ${price}, ${availability}`,
  subsectionSpoken: (section: string, number: number, availability: string) =>
    `Section ${section}, subsection ${number}, ${availability}`,
  chosen: (id: string, count: number) => `${id} chosen. ${count === 1 ? "1 seat" : `${count} seats`} in all.`,
  givenBack: (id: string, count: number) =>
    `${id} no longer chosen. ${count === 0 ? "None" : count === 1 ? "1 seat" : `${count} seats`} left.`,
  refusedTaken: (id: string) => `${id} is taken.`,
  refusedLimit: (max: number) => `You can choose up to ${max === 1 ? "1 seat" : `${max} seats`}.`,
  lost: (ids: readonly string[]) =>
    ids.length === 1
      ? `Seat ${ids[0]} was just taken by someone else.`
      : `Seats ${ids.join(", ")} were just taken by someone else.`,

  list: {
    title: "Seats by section and row",
    subsections: (section: string) => `Subsections of section ${section}`,
    seats: (place: string) => `Seats: ${place}`,
    keys: "Arrow keys move between seats, Enter or Space chooses.",
    rows: (from: number, to: number, all: number) => `Rows ${from}–${to} of ${all}`,
    earlier: "Earlier rows",
    later: "Later rows",
  },
};

export type MapTexts = typeof en;
