// Forms: asking before something is lost or done for good, and parts that change without a new page.
import { announce } from "./announce.js";

/** Asks before leaving a form that was changed, and before what a button says it should be asked about. */
export function guardForms() {
  // What comes back with faults or another's version was not saved.
  const unsaved = "#faults, #conflict-card, #consequences";
  const guarded = [...document.querySelectorAll("form[data-dirty-guard]")];
  const changed = new Set(guarded.filter((form) => form.querySelector(unsaved)));
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-dirty-guard]");
    if (form) changed.add(form);
  });
  addEventListener("beforeunload", (event) => {
    if (changed.size > 0) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const text = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!text || form.elements.confirmed) return;
    if (!confirm(text)) return event.preventDefault();
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "confirmed", value: "yes" });
    form.append(field);
  });
  // After all others: only what is really sent is not lost.
  addEventListener("submit", (event) => {
    if (!event.defaultPrevented) changed.delete(event.target);
  });
}

/** Sends forms without leaving the page where their button names the part of the answer that is wanted. */
export function swapParts() {
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.swapTarget || event.defaultPrevented) return;
    event.preventDefault();
    swap(button);
  });
}

/**
 * Sends a button's form and takes one part of the answer: previews, rows that are added or moved.
 * @returns the new part; undefined when there was no answer, which is told.
 */
export async function swap(button) {
  const { form, value, dataset } = button;
  const body = new URLSearchParams(new FormData(form, button));
  const old = document.getElementById(dataset.swapTarget);
  // Nothing is typed where it would be lost.
  old.inert = true;
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "text/html" }, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.getElementById(dataset.swapTarget);
    if (!part) throw new Error("no such part");
    unfoldAsIn(old, part);
    old.replaceWith(part);
    focusAfter(value, part);
    // Rows that come, go or move are changes as typing is.
    if (/^(add|remove|field|rule)_/.test(value)) part.dispatchEvent(new Event("input", { bubbles: true }));
    return part;
  } catch {
    old.inert = false;
    tell(button, "This could not be done: the server did not answer, or you are signed out. Nothing was changed.");
    return undefined;
  }
}

const nameOf = (row) => row.querySelector("[name$='.rule_id'], [name$='.name']")?.value;

/** Rows that were unfolded stay so. */
function unfoldAsIn(old, part) {
  const open = new Set([...old.querySelectorAll(".rows > li:has(> details[open])")].map(nameOf));
  for (const row of part.querySelectorAll(".rows > li")) {
    if (nameOf(row) && open.has(nameOf(row))) row.querySelector("details").open = true;
  }
}

/** The focus goes with the row that was moved, into the one that was added, and else to the button that was pressed. */
function focusAfter(value, part) {
  const moved = value.match(/^(\w+_(up|down)):(\d+)$/);
  const button = part.querySelector(`button[value="${moved ? `${moved[1]}:${Number(moved[3]) + (moved[2] === "up" ? -1 : 1)}` : value}"]`);
  if (moved && button) {
    const row = button.closest("li");
    announce(`Moved to place ${[...row.parentElement.children].indexOf(row) + 1} of ${row.parentElement.children.length}.`);
    (button.disabled ? row.querySelector("summary") : button).focus();
  } else if (value.startsWith("add_")) {
    const rows = [...part.querySelectorAll(".rows > li")];
    const added = value === "add_rule" ? rows.findLast((row) => row.dataset.fromAny === undefined) : rows.at(-1);
    added?.querySelector("select, input:not([type=hidden]), textarea")?.focus();
  } else {
    (button ?? part.querySelector("input, textarea, select, button"))?.focus();
  }
}

/** Tells what went wrong beside the button that was pressed. */
export function tell(button, text) {
  const note = button.parentElement.querySelector(":scope > [data-told]") ?? document.createElement("p");
  Object.assign(note, { className: "error", textContent: text });
  note.dataset.told = "";
  note.setAttribute("role", "alert");
  button.parentElement.append(note);
}
