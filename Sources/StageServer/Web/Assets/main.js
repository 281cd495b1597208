// What every page does with a script. Without one, everything works by links and forms.
import { announce } from "./announce.js";
import { openChats } from "./chat.js";
import { openGraphs } from "./graph.js";
import { followEvents } from "./live.js";
import { guardForms, swapParts } from "./forms.js";
import { checkConditions, sortRows } from "./rules.js";

function copyButtons() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      announce("The browser does not allow copying here.");
      return;
    }
    button.dataset.copied = "";
    announce("Copied.");
    setTimeout(() => delete button.dataset.copied, 2000);
  });
}

function menus() {
  const menus = document.querySelectorAll("details[data-menu]");
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus) {
      if (!menu.open) continue;
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

function rememberedFolds() {
  for (const fold of document.querySelectorAll("details[data-remember]")) {
    const name = `stagekeeper.${fold.dataset.remember}`;
    try {
      const known = localStorage.getItem(name);
      if (known) fold.open = known === "open";
      fold.addEventListener("toggle", () => localStorage.setItem(name, fold.open ? "open" : "closed"));
    } catch {
      // Storage may be switched off; then nothing is remembered.
      return;
    }
  }
}

function filters() {
  for (const form of document.querySelectorAll("form[data-filters]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select")) form.requestSubmit();
    });
  }
}

copyButtons();
menus();
rememberedFolds();
filters();
guardForms();
swapParts();
openChats();
checkConditions();
sortRows();
openGraphs();
followEvents();
