// A figure as a file: the picture with its words, or the table as CSV.

import { tokenColour } from "./colours.js";
import { exact, serverNow } from "./times.js";

const WIDTH = 1200; // px
const HEAD = 64; // px above the plot for title and line two
const FOOT = 52; // px below it for legend and source
const SCALE = 2;
const FORMULA = /^[=+\-@\t\r]/;

function quoted(text, numeric) {
  const safe = !numeric && FORMULA.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function cell(element) {
  const numeric = element.classList.contains("fs-n");
  const value = element.dataset.value ?? element.textContent.trim();
  return quoted(value === "—" ? "" : value, numeric);
}

export function csv(table) {
  const units = [...table.querySelectorAll("[data-unit]")].map((unit) => quoted(unit.textContent, false));
  const rows = [...table.tBodies[0].rows].filter((row) => row.cells.length === units.length);
  return `${[units, ...rows.map((row) => [...row.cells].map(cell))].map((row) => row.join(",")).join("\r\n")}\r\n`;
}

function words(context, text, x, y, font, colour) {
  context.font = font;
  context.fillStyle = colour;
  context.fillText(text, x, y, WIDTH - 2 * x);
}

function source() {
  const where = [...document.querySelectorAll(".fs-crumb b, .fs-crumb span")].map((part) => part.textContent.trim());
  const names = [...new Set(where)].filter(Boolean);
  return ["Falsestart", ...names, exact(new Date(serverNow()))].join(" · ");
}

function loaded(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = url;
  });
}

export async function picture(element, data, layout) {
  const height = layout.height || 400;
  const own = { ...layout, width: WIDTH, height, font: { ...layout.font, family: "Inter, system-ui, sans-serif" } };
  const image = await loaded(await window.Plotly.toImage({ data, layout: own }, { format: "svg", width: WIDTH, height }));
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH * SCALE;
  canvas.height = (HEAD + height + FOOT) * SCALE;
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  context.fillStyle = tokenColour("fs:surface-1");
  context.fillRect(0, 0, WIDTH, HEAD + height + FOOT);
  const family = '"Inter Variable", Inter, system-ui, sans-serif';
  const text = (selector) => element.querySelector(selector)?.textContent.trim().replace(/\s+/g, " ") || "";
  words(context, text("h2"), 20, 28, `600 17px ${family}`, tokenColour("fs:text-1"));
  words(context, text("header p"), 20, 50, `400 13px ${family}`, tokenColour("fs:text-2"));
  context.drawImage(image, 0, HEAD, WIDTH, height);
  const legend = [...element.querySelectorAll(".fs-legend .fs-e")].map((entry) => entry.textContent.trim());
  words(context, legend.join("   ·   "), 20, HEAD + height + 18, `400 12px ${family}`, tokenColour("fs:text-2"));
  words(context, source(), 20, HEAD + height + 40, `400 12px ${family}`, tokenColour("fs:text-3"));
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^A-Za-z0-9._-]+/g, "-");
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
