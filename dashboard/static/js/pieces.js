// Puts new pieces into the page: regions whole, rows by id and only when they are not older.

import { paint } from "./colours.js";

const waiting = new Map(); // list name -> ids in their new order, not yet taken on

function parsed(html, within) {
  const holder = document.createElement("template");
  holder.innerHTML = within === "row" ? `<table><tbody>${html}</tbody></table>` : html;
  return within === "row" ? holder.content.querySelector("tr") : holder.content;
}

function busy(list) {
  return list.matches(":hover") || list.contains(document.activeElement) || list.querySelector("details[open]");
}

export function applyRegions(regions) {
  for (const [name, html] of Object.entries(regions)) {
    for (const region of document.querySelectorAll(`[data-region="${name}"]`)) {
      if (region.dataset.html === html) continue;
      const scrolls = [...region.querySelectorAll(".fs-scroll")].map((part) => [part.scrollLeft, part.scrollTop]);
      region.replaceChildren(parsed(html));
      [...region.querySelectorAll(".fs-scroll")].forEach((part, place) => {
        [part.scrollLeft, part.scrollTop] = scrolls[place] || [0, 0];
      });
      paint(region);
    }
  }
}

// What a row says, but for how long ago: a time that ticks is no change.
function said(row) {
  const copy = row.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) time.remove();
  return copy.textContent;
}

function replace(old, row) {
  const open = [...old.querySelectorAll("details")].map((part) => part.open);
  const focused = old.contains(document.activeElement);
  const changed = said(old) !== said(row);
  [...row.querySelectorAll("details")].forEach((part, place) => {
    part.open = Boolean(open[place]);
  });
  old.replaceWith(row);
  if (focused) row.querySelector("a, summary, button")?.focus({ preventScroll: true });
  if (changed) row.classList.add("is-changed");
}

function put(list, { id, revision, html }) {
  const old = list.querySelector(`:scope > [data-row="${CSS.escape(id)}"]`);
  if (old && Number(old.dataset.revision || 0) > revision) return;
  const row = parsed(html, "row");
  row.dataset.revision = String(revision);
  if (old) replace(old, row);
  else {
    row.classList.add("is-new");
    list.append(row);
  }
}

function order(list, ids) {
  const rows = new Map([...list.children].map((row) => [row.dataset.row, row]));
  const wanted = ids.map((id) => rows.get(id)).filter(Boolean);
  for (const [id, row] of rows) if (!ids.includes(id)) row.remove();
  wanted.forEach((row, place) => {
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] || null);
  });
}

// How many rows must move for one order to become the other: all but the longest run that keeps its order.
function displaced(now, wanted) {
  const places = new Map(now.map((id, place) => [id, place]));
  const kept = wanted.filter((id) => places.has(id)).map((id) => places.get(id));
  const ends = [];
  for (const place of kept) {
    const at = ends.findIndex((end) => end > place);
    ends[at < 0 ? ends.length : at] = place;
  }
  return kept.length - ends.length;
}

function chip(list) {
  const name = list.dataset.list;
  const table = list.closest("table");
  const old = table.parentElement.querySelector(":scope > .fs-moved");
  const ids = waiting.get(name);
  if (!ids) {
    old?.remove();
    return;
  }
  const moved = displaced([...list.children].map((row) => row.dataset.row), ids);
  if (!moved) {
    old?.remove();
    return;
  }
  const button = old || document.createElement("button");
  button.type = "button";
  button.className = "fs-btn fs-moved";
  button.dataset.act = "sort";
  button.textContent = `${moved} ${moved === 1 ? "row" : "rows"} moved · sort`;
  if (!old) table.before(button);
}

export function applyLists(lists, rows) {
  for (const list of document.querySelectorAll("tbody[data-list]")) {
    const name = list.dataset.list;
    const ids = lists[name];
    const present = new Set([...list.children].map((row) => row.dataset.row));
    const own = rows.filter((row) => present.has(row.id) || ids?.includes(row.id));
    const held = busy(list);
    for (const row of own) put(list, row);
    if (ids) waiting.set(name, ids);
    if (waiting.has(name) && !held) {
      order(list, waiting.get(name));
      waiting.delete(name);
    }
    chip(list);
  }
}

// Takes on the order that was held back while the pointer or the focus was in a list.
export function keepOrder() {
  for (const list of document.querySelectorAll("tbody[data-list]")) {
    const ids = waiting.get(list.dataset.list);
    if (ids) order(list, ids);
    waiting.delete(list.dataset.list);
    chip(list);
  }
}
