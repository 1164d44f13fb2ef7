// What every signed-in page does: theme, zone, keys and their help, times that tick.

import { chooseZone, refresh, zone } from "./times.js";

const TICK = 1000; // ms
const THEMES = { auto: "dark", dark: "light", light: "auto" };
const THEME_WORDS = { auto: "as the system", dark: "dark", light: "light" };
const CHORD = 1200; // ms within which the second key follows `g`

function showTheme() {
  const word = THEME_WORDS[window.falsestartTheme.choice()];
  for (const button of document.querySelectorAll('[data-act="theme"]')) {
    button.title = `Theme: ${word}`;
    if (button.hasAttribute("aria-label")) button.setAttribute("aria-label", `Theme: ${word}`);
  }
}

function showZone() {
  const local = zone() === "local";
  for (const button of document.querySelectorAll('[data-act="zone"]')) {
    button.textContent = local ? "Local" : "UTC";
    button.title = local ? "Times in your zone; press for UTC" : "Times in UTC; press for your own zone";
  }
  refresh();
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "theme") {
    const { choice, choose } = window.falsestartTheme;
    choose(THEMES[choice()] || "auto");
    showTheme();
  } else if (act === "help") {
    help.showModal();
  } else if (act === "zone") {
    chooseZone(zone() === "local" ? "utc" : "local");
    showZone();
  }
  for (const menu of document.querySelectorAll(".fs-menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("button")) menu.open = false;
  }
});

function rowBy(step) {
  const links = [...document.querySelectorAll("tbody[data-list] .fs-go, tbody[data-list] summary")];
  const here = links.indexOf(document.activeElement);
  return links[here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step];
}

function figureNear() {
  const own = document.activeElement?.closest(".fs-figure");
  return own || document.querySelector(".fs-figure");
}

const help = document.querySelector("[data-help]");
let chord = 0;

const KEYS = {
  "/": () => document.querySelector('input[name="q"]')?.focus(),
  j: () => rowBy(1)?.focus(),
  k: () => rowBy(-1)?.focus(),
  t: () => figureNear()?.querySelector('[data-act="twin"]')?.click(),
  "?": () => help.showModal(),
  g: () => {
    chord = Date.now();
  },
  f: () => {
    if (Date.now() - chord < CHORD) window.location.assign(document.body.dataset.home);
  },
  s: () => {
    if (Date.now() - chord < CHORD) document.querySelector("[data-settings]").click();
  },
};

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return; // Esc closes it by itself.
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    if (typing) typing.blur();
    for (const menu of document.querySelectorAll(".fs-menu[open]")) menu.open = false;
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  if (event.key === "/") event.preventDefault();
  KEYS[event.key]();
});

showTheme();
showZone();
window.setInterval(() => refresh(), TICK);
