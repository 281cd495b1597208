// Conditions that are checked as they are typed, and rows that are put in order by keys or by dragging.
import { swap } from "./forms.js";

const typingTime = 400;

/** A stage that a rule without a target could lead to, so that its condition can be checked before one is chosen. */
function anyStage(field) {
  const choices = field.form.querySelectorAll("select[name$='.to_stage_id'] option, select[name$='timeout.to_stage_id'] option, #stage-choices option");
  return [...choices].find((choice) => choice.value)?.value;
}

/** The rule of a condition, as far as the form says. */
function draft(field) {
  const member = (name) => field.form.elements[field.name.replace(/condition$/, name)]?.value;
  const here = document.querySelector("main")?.dataset.stageId;
  return { from_stage_id: here ?? null, to_stage_id: member("to_stage_id") || here || anyStage(field), condition: field.value };
}

async function check(field) {
  const rule = draft(field);
  if (!field.value.trim() || !rule.to_stage_id) return show(field, undefined);
  const answer = await fetch("/flow/simulate", {
    method: "POST",
    credentials: "same-origin",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRF-Token": document.querySelector("meta[name=csrf-token]")?.content ?? "",
    },
    body: JSON.stringify({ stage_id: rule.from_stage_id ?? undefined, rules: [rule] }),
  });
  const problem = await answer.json();
  // More may have been typed in the meantime; that has a check of its own.
  if (field.value !== rule.condition) return;
  show(field, (problem.errors ?? []).find((error) => error.pointer === "/rules/0/condition")?.message);
}

/** Shows a fault below its condition: where it is, what it is, and the line with a caret. */
function show(field, message) {
  const place = document.getElementById(`${field.id}-error`);
  if (!place) return;
  place.replaceChildren();
  if (!message) return field.removeAttribute("aria-invalid");
  field.setAttribute("aria-invalid", "true");
  const [first, ...lines] = message.split("\n");
  const [, line, column, sentence] = first.match(/^(\d+):(\d+): (.*)$/) ?? [];
  const paragraph = document.createElement("p");
  paragraph.className = "error";
  paragraph.textContent = sentence ? `${sentence[0].toUpperCase()}${sentence.slice(1)} (line ${line}, column ${column})` : first;
  place.append(paragraph);
  if (lines.length < 2) return;
  const excerpt = document.createElement("pre");
  Object.assign(excerpt, { className: "caret", dir: "ltr", tabIndex: 0, textContent: lines.slice(0, 2).join("\n") });
  place.append(excerpt);
}

export function checkConditions() {
  const waiting = new Map();
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-condition]")) return;
    clearTimeout(waiting.get(field));
    waiting.set(field, setTimeout(() => check(field).catch(() => undefined), typingTime));
  });
}

const rowOf = (element) => element.closest?.("[data-sortable] > li");
const placeOf = (row) => [...row.parentElement.children].indexOf(row);

/** Presses the button that moves a row by one place; resolves to the row at its new place, or to undefined. */
async function move(row, way) {
  const button = row.querySelector(`button[value*="_${way < 0 ? "up" : "down"}:"]:not(:disabled)`);
  const place = placeOf(row) + way;
  const part = button && (await swap(button));
  return part?.querySelectorAll("[data-sortable] > li")[place];
}

/** A row that is held by its grip: it changes places with its neighbours as the pointer passes them; where it is let go, it is moved. */
class Drag {
  static edge = 80;

  constructor(row, grip, event) {
    this.row = row;
    this.start = placeOf(row);
    this.order = [...row.parentElement.children];
    this.end = new AbortController();
    const { signal } = this.end;
    row.dataset.dragging = "";
    grip.setPointerCapture(event.pointerId);
    grip.addEventListener("pointermove", (moved) => this.follow(moved.clientY), { signal });
    grip.addEventListener("pointerup", () => this.drop(), { signal });
    grip.addEventListener("lostpointercapture", () => this.cancel(), { signal });
    addEventListener("keydown", (pressed) => pressed.key === "Escape" && this.cancel(), { signal });
  }

  /** The neighbours are moved, not the row: it would lose the pointer. */
  follow(y) {
    const { row } = this;
    const isPeer = (other) => other && other.dataset.fromAny === row.dataset.fromAny;
    const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2;
    for (let next; isPeer((next = row.nextElementSibling)) && y > middle(next);) row.before(next);
    for (let last; isPeer((last = row.previousElementSibling)) && y < middle(last);) row.after(last);
    if (y < Drag.edge) scrollBy(0, -16);
    if (y > innerHeight - Drag.edge) scrollBy(0, 16);
  }

  release() {
    this.end.abort();
    delete this.row.dataset.dragging;
  }

  cancel() {
    this.release();
    this.row.parentElement.append(...this.order);
  }

  async drop() {
    const wanted = placeOf(this.row);
    const { row, start, order } = this;
    this.release();
    // The form still has the rows at their old places: the server is told of each step between.
    row.parentElement.append(...order);
    let moved = row;
    for (let place = start; moved && place !== wanted; place += Math.sign(wanted - start)) moved = await move(moved, Math.sign(wanted - start));
  }
}

/** Alt and an arrow moves the row in which the focus is; its grip takes it to any place among those of its kind. */
export function sortRows() {
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const row = rowOf(event.target);
    if (!row) return;
    event.preventDefault();
    move(row, event.key === "ArrowUp" ? -1 : 1);
  });
  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    if (!grip || event.button !== 0) return;
    event.preventDefault();
    new Drag(rowOf(grip), grip, event);
  });
}
