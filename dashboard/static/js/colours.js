// Figures name their colours ("fs:phase-3", "fs:phase:2/7", "fs:cause-false-start"); this turns them into
// the theme's own, so that a change of theme restyles what is drawn without new data.

const TOKEN = /^fs:[a-z0-9:/-]+$/;
const WITHIN = /color:(fs:[a-z0-9:/-]+)/g;
const ANCHORS = 9;

function palette() {
  const style = getComputedStyle(document.documentElement);
  const known = new Map();
  return (name) => {
    if (!known.has(name)) known.set(name, style.getPropertyValue(`--fs-${name}`).trim());
    return known.get(name);
  };
}

function mixed(from, to, share) {
  const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const end = channels(to);
  const parts = channels(from).map((value, place) => Math.round(value + (end[place] - value) * share));
  return `#${parts.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function phaseColour(value, place) {
  const [index, total] = place.split("/").map(Number);
  const at = total < 2 ? 0 : (Math.min(index, total - 1) / (total - 1)) * (ANCHORS - 1);
  const low = Math.min(ANCHORS - 2, Math.floor(at));
  return mixed(value(`phase-${low}`), value(`phase-${low + 1}`), at - low);
}

function colour(value, token) {
  const name = token.slice(3);
  return name.startsWith("phase:") ? phaseColour(value, name.slice(6)) : value(name) || token;
}

function walk(value, part) {
  if (typeof part === "string") {
    if (TOKEN.test(part)) return colour(value, part);
    return part.includes("color:fs:") ? part.replace(WITHIN, (_, token) => `color:${colour(value, token)}`) : part;
  }
  if (Array.isArray(part)) return part.map((item) => walk(value, item));
  if (part && typeof part === "object") {
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(value, item)]));
  }
  return part;
}

// Returns a copy of a figure in the colours of the theme in force.
export function resolved(figure) {
  return walk(palette(), figure);
}

export function tokenColour(token) {
  return colour(palette(), token);
}

// Swatches in legends carry the same tokens.
export function paint(root = document) {
  const value = palette();
  for (const element of root.querySelectorAll("[data-fill]")) {
    element.setAttribute("fill", colour(value, element.dataset.fill));
  }
}
