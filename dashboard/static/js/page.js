// A live page: draws its figures, then keeps itself true by frames from the server.

import { draw, start } from "./figures.js";
import { Link } from "./link.js";
import { applyLists, applyRegions, keepOrder } from "./pieces.js";
import { clock, refresh, serverSays } from "./times.js";

const page = document.querySelector(".fs-page[data-path]");
const indicator = document.querySelector("[data-live]");
const stale = document.querySelector("[data-stale]");
const spoken = document.querySelector("[data-announce]");

const state = { mark: Number(page.dataset.mark), at: page.dataset.at, summary: null };

function apply(frame) {
  // A snapshot that was made before what is shown already is older than the page: the marks will ask again.
  if (frame.mark < state.mark) return;
  Object.assign(state, { mark: frame.mark, at: frame.at });
  serverSays(frame.at);
  applyRegions(frame.regions);
  applyLists(frame.lists, frame.rows);
  for (const [name, figure] of Object.entries(frame.figures)) draw(name, figure, frame.at);
  if (frame.title) document.title = `${frame.title} · Falsestart`;
  if (state.summary !== null && state.summary !== frame.summary) spoken.textContent = frame.summary;
  state.summary = frame.summary;
  refresh();
}

const WORDS = { live: "Live", behind: "Catching up", paused: "Paused", off: "Not live" };

const ENDED = {
  "signed out": ["You are signed out.", "Sign in to follow again.", "Sign in"],
  "not allowed": ["Your account may not see this page any more.", "An admin can give it a role.", "See whom to ask"],
};

function show({ name, age, wait, ended }) {
  indicator.dataset.live = name;
  const word = indicator.querySelector("[data-live-word]");
  const text = name === "stale" ? `Not live for ${age} s` : WORDS[name];
  if (word.textContent !== text) word.textContent = text;
  indicator.disabled = name === "stale" || name === "off";
  indicator.title = name === "paused" ? "Press to follow again" : "Press to pause";
  stale.hidden = name !== "stale" && !ended;
  if (stale.hidden) return;
  const seen = `You see ${clock(new Date(state.at))}.`;
  const next = wait > 0 ? `Trying again; next try in ${wait} s.` : "Trying now.";
  const [why, what, act] = ENDED[ended] || [`Not live for ${age} s.`, next, "Try now"];
  stale.querySelector("[data-stale-for]").textContent = why;
  stale.querySelector("[data-stale-rest]").textContent = `${seen} ${what}`;
  stale.querySelector("[data-act]").textContent = act;
}

const link = new Link({ path: page.dataset.path, mark: () => state.mark, apply, show, tell: serverSays });

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "pause") link.toggle();
  else if (act === "retry") link.retry();
  else if (act === "sort") keepOrder();
});

serverSays(page.dataset.at);
start(page.dataset.at);
link.open();
