// Draws figures, keeps them in the theme, lets running phases grow, and gives each its table.

import { resolved, paint } from "./colours.js";
import { csv, picture, save } from "./export.js";
import { serverNow } from "./times.js";

const PHONE = "(max-width: 720px)";
const CONFIG = { displayModeBar: false, responsive: true, doubleClick: "reset", showTips: false };
const GROWTH = 500; // ms between two steps of a running bar

const drawn = new Map(); // name -> {element, figure, at}
const phone = window.matchMedia(PHONE);

function fitted(figure) {
  const { phone: own } = figure.layout.meta || {};
  if (!phone.matches || !own) return figure;
  const layout = { ...figure.layout, margin: { ...figure.layout.margin, ...own.margin } };
  if (own.drop) layout.annotations = (layout.annotations || []).filter((note) => !own.drop.includes(note.name));
  if (own.ticktext && layout.yaxis.ticktext) layout.yaxis = { ...layout.yaxis, ticktext: own.ticktext };
  return { ...figure, layout };
}

// A phase that runs is as old as it was when the frame was made, plus what has passed since.
function grown(entry) {
  const { figure, at } = entry;
  const { running = [], growing = [], end } = figure.layout.meta || {};
  if (!running.length && !growing.length) return figure;
  const passed = Math.max(0, (serverNow() - at) / 1000);
  const data = figure.data.slice();
  for (const [trace, point] of running) {
    const x = data[trace].x.slice();
    x[point] = Math.min(x[point] + passed, Math.max(end - data[trace].base[point], x[point]));
    data[trace] = { ...data[trace], x };
  }
  const shapes = figure.layout.shapes.slice();
  for (const place of growing) {
    const shape = shapes[place];
    shapes[place] = { ...shape, x1: Math.min(Math.max(shape.x1, shape.x1 + passed), end) };
  }
  return { data, layout: { ...figure.layout, shapes } };
}

function show(name) {
  const entry = drawn.get(name);
  const plot = entry.element.querySelector(".fs-plot");
  const title = entry.element.querySelector("h2")?.textContent || name;
  plot.setAttribute("aria-label", title);
  try {
    const figure = resolved(fitted(grown(entry)));
    if (!entry.plotted) plot.replaceChildren();
    entry.plotted = true;
    window.Plotly.react(plot, figure.data, figure.layout, CONFIG);
  } catch (error) {
    broken(entry.element);
    throw error;
  }
}

function broken(element) {
  element.classList.add("is-twin");
  element.querySelector("[data-broken]").hidden = false;
}

export function draw(name, figure, at) {
  const element = document.querySelector(`[data-figure="${name}"]`);
  if (!element) return;
  const known = drawn.get(name);
  drawn.set(name, { element, figure, at: Date.parse(at), plotted: known?.plotted });
  if (!window.Plotly) broken(element);
  else if (!element.classList.contains("is-twin")) show(name);
}

function showAll() {
  paint();
  for (const [name, entry] of drawn) {
    if (window.Plotly && !entry.element.classList.contains("is-twin")) show(name);
  }
}

function grow() {
  if (document.hidden || !window.Plotly) return;
  for (const [name, entry] of drawn) {
    const { running = [] } = entry.figure.layout.meta || {};
    if (running.length && !entry.element.classList.contains("is-twin") && !entry.element.matches(":active")) show(name);
  }
}

async function act(what, element) {
  const name = element.dataset.figure;
  if (what === "twin") {
    const pressed = element.classList.toggle("is-twin");
    const button = element.querySelector('[data-act="twin"]');
    button.setAttribute("aria-pressed", String(pressed));
    if (!pressed) show(name);
  } else if (what === "csv") {
    const table = element.querySelector("table[data-csv]");
    save(`${table.dataset.csv}.csv`, new Blob([csv(table)], { type: "text/csv;charset=utf-8" }));
  } else if (what === "png") {
    const { data, layout } = resolved(grown(drawn.get(name)));
    save(`${element.querySelector("table[data-csv]").dataset.csv}.png`, await picture(element, data, layout));
  }
}

export function start(at) {
  for (const element of document.querySelectorAll("[data-figure]")) {
    const name = element.dataset.figure;
    const json = document.getElementById(`figure-${name}`);
    if (json) draw(name, JSON.parse(json.textContent), at);
  }
  paint();
  document.addEventListener("fs:theme", showAll);
  phone.addEventListener("change", showAll);
  document.fonts?.ready.then(showAll);
  document.addEventListener("click", (event) => {
    const button = event.target.closest('[data-act="twin"], [data-act="csv"], [data-act="png"]');
    if (button) act(button.dataset.act, button.closest("[data-figure]"));
  });
  window.setInterval(grow, GROWTH);
}
