// Lists the events on sale. Names are shown as text, never as markup.
const state = document.getElementById("state");
const list = document.getElementById("events");

function entry(event) {
  const item = document.createElement("li");
  const name = document.createElement("h3");
  name.textContent = event.name;
  const about = document.createElement("p");
  const starts = new Date(event.starts_at).toLocaleString(undefined, { timeZone: event.time_zone });
  about.textContent = `${event.venue_name} · ${starts} · ${event.available.toLocaleString()} seats free`;
  item.append(name, about);
  return item;
}

async function show() {
  try {
    const answer = await fetch("/v1/events?limit=100", { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const { data } = await answer.json();
    list.replaceChildren(...data.map(entry));
    state.textContent = data.length === 0 ? "Nothing is on sale just now." : "";
  } catch {
    state.textContent = "The list cannot be had just now. Reload to try again.";
  }
}

show();
