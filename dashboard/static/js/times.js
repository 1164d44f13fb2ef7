// Times: how long ago, kept true, with the exact moment one hover away in the reader's zone or in UTC.

const MINUTE = 60; // s
const HOUR = 3600; // s
const DAY = 86400; // s
const ZONE_KEY = "falsestart-zone";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const kept = { zone: null };

export function zone() {
  try {
    return window.localStorage.getItem(ZONE_KEY) || kept.zone || "utc";
  } catch {
    return kept.zone || "utc";
  }
}

export function chooseZone(value) {
  kept.zone = value;
  try {
    window.localStorage.setItem(ZONE_KEY, value);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

const two = (value) => String(value).padStart(2, "0");

function fields(at) {
  const local = zone() === "local";
  const get = (name) => at[`get${local ? "" : "UTC"}${name}`]();
  return {
    year: get("FullYear"),
    month: get("Month"),
    day: get("Date"),
    clock: [get("Hours"), get("Minutes"), get("Seconds")].map(two).join(":"),
    ms: String(get("Milliseconds")).padStart(3, "0"),
    name: local ? "your time" : "UTC",
  };
}

export function clock(at) {
  const parts = fields(at);
  return `${parts.clock} ${parts.name}`;
}

export function exact(at) {
  const parts = fields(at);
  return `${parts.year}-${two(parts.month + 1)}-${two(parts.day)} ${parts.clock}.${parts.ms} ${parts.name}`;
}

export function ago(at, now) {
  const seconds = Math.max(0, (now - at) / 1000);
  if (seconds < MINUTE) return `${Math.floor(seconds)} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  const parts = fields(at);
  const year = parts.year === fields(new Date(now)).year ? "" : ` ${parts.year}`;
  return `${parts.day} ${MONTHS[parts.month]}${year}`;
}

// The server's clock, as far as frames have told it: what a page says of "now" is the server's now.
const server = { offset: 0 };

export function serverSays(at) {
  const told = Date.parse(at);
  if (!Number.isNaN(told)) server.offset = told - Date.now();
}

export function serverNow() {
  return Date.now() + server.offset;
}

export function refresh(root = document) {
  const now = serverNow();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.getAttribute("datetime"));
    if (Number.isNaN(at.getTime())) continue;
    const text = ago(at, now);
    if (element.textContent !== text) element.textContent = text;
    const title = exact(at);
    if (element.title !== title) element.title = title;
  }
}
