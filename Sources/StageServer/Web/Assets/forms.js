// Forms: asking before something is lost or done for good, and parts that change without a new page.
import { announce } from "./announce.js";

/** Asks before leaving a form that was changed. */
export function guardForms() {
  const changed = new Set();
  for (const form of document.querySelectorAll("form[data-dirty-guard]")) {
    form.addEventListener("input", () => changed.add(form));
    form.addEventListener("submit", () => changed.clear());
  }
  addEventListener("beforeunload", (event) => {
    if (changed.size > 0) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const text = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (text === undefined || form.elements.confirmed) return;
    if (!text) return;
    if (!confirm(text)) return event.preventDefault();
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "confirmed", value: "yes" });
    form.append(field);
  });
}

/** Sends a form without leaving the page and takes one part of the answer: previews, rows that are added or moved. */
export function swapParts() {
  document.addEventListener("submit", async (event) => {
    const button = event.submitter;
    const target = button?.dataset.swapTarget;
    if (!target || event.defaultPrevented) return;
    event.preventDefault();
    const form = event.target;
    const place = button.getAttribute("aria-label") ?? button.value;
    const body = new URLSearchParams(new FormData(form, button));
    button.disabled = true;
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "text/html" }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = page.getElementById(target);
      if (!part) throw new Error("no such part");
      document.getElementById(target).replaceWith(part);
      const again = [...part.querySelectorAll("button")].find((other) => (other.getAttribute("aria-label") ?? other.value) === place);
      (again ?? part.querySelector("input, textarea, select, button"))?.focus();
    } catch {
      button.disabled = false;
      announce("The server could not be reached; nothing was changed.");
    }
  });
}
