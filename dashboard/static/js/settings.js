// What the settings pages do beyond plain forms: copy, ask before an act, and follow an edit. All work without it.

import { refresh } from "./times.js";

const SAID = 2500; // ms for which a button says that it copied

async function copy(button) {
  const from = document.getElementById(button.dataset.copy);
  const word = button.querySelector("span");
  const before = word.textContent;
  let told = "Copied";
  try {
    await navigator.clipboard.writeText(from.textContent);
  } catch {
    // Without TLS there is no clipboard for pages: what is selected, a key copies.
    window.getSelection().selectAllChildren(from);
    told = "Selected: press Ctrl+C";
  }
  word.textContent = told;
  document.querySelector("[data-copied]").textContent = told;
  window.setTimeout(() => {
    word.textContent = before;
  }, SAID);
}

const dialog = document.querySelector("[data-dialog]");

// The page that a link leads to asks the question, and the dialog shows that page's question: it is worded once.
async function ask(link) {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const question = page.querySelector("[data-confirmation]");
  if (!answer.ok || !question) throw new Error("no question");
  dialog.replaceChildren(...document.adoptNode(question).children);
  refresh(dialog);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  const link = event.target.closest("[data-confirm]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    ask(link).catch(() => window.location.assign(link.href));
  }
  if (dialog.open && event.target.closest("[data-dismiss]")) {
    event.preventDefault();
    dialog.close();
  }
});

// Who types into a list wants it set here.
document.addEventListener("input", (event) => {
  if (event.target.type === "radio") return;
  const here = event.target.closest("[data-rows]")?.querySelector("[data-here]");
  if (here) here.checked = true;
});
