// Runs before the first paint, so that no page flashes in the wrong theme. Keeps the choice in the browser.
(function () {
  "use strict";
  const KEY = "falsestart-theme";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    try {
      return window.localStorage.getItem(KEY) || "auto";
    } catch {
      return "auto";
    }
  }

  function apply() {
    const chosen = choice();
    const theme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
    if (root.getAttribute("data-bs-theme") === theme) return;
    root.setAttribute("data-bs-theme", theme);
    document.dispatchEvent(new CustomEvent("fs:theme"));
  }

  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  window.falsestartTheme = {
    choice,
    choose(value) {
      try {
        window.localStorage.setItem(KEY, value);
      } catch {
        // Without storage the choice lasts as long as the page.
        root.setAttribute("data-bs-theme", value === "auto" ? (dark.matches ? "dark" : "light") : value);
      }
      apply();
    },
  };
})();
