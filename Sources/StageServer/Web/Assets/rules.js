// Conditions that are checked as they are typed, and rows that are put in order by keys or by dragging.

const typingTime = 400;

/** The stages that the rule of a condition leads between, as far as the form says. */
function draft(field) {
  const name = (member) => field.form.elements[field.name.replace(/condition$/, member)]?.value;
  const here = document.querySelector("main")?.dataset.stageId;
  return { from_stage_id: here ?? null, to_stage_id: name("to_stage_id") || here, condition: field.value };
}

async function check(field) {
  const place = document.getElementById(`${field.id}-error`);
  const rule = draft(field);
  if (!place || !field.value.trim() || !rule.to_stage_id) return show(field, place, undefined);
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
  const fault = (problem.errors ?? []).find((error) => error.pointer === "/rules/0/condition");
  show(field, place, fault?.message);
}

function show(field, place, message) {
  if (!place) return;
  place.replaceChildren();
  field.toggleAttribute("aria-invalid", Boolean(message));
  if (message) field.setAttribute("aria-invalid", "true");
  if (!message) return;
  const [sentence, ...lines] = message.split("\n");
  const paragraph = document.createElement("p");
  paragraph.className = "error";
  paragraph.textContent = sentence;
  place.append(paragraph);
  if (lines.length === 0) return;
  const excerpt = document.createElement("pre");
  excerpt.className = "caret";
  excerpt.dir = "ltr";
  excerpt.tabIndex = 0;
  excerpt.textContent = lines.slice(0, 2).join("\n");
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

/** Alt and an arrow moves the row in which the focus is; a row can be dragged by its summary. Both press the buttons that are there anyway. */
export function sortRows() {
  const press = (row, way) => row.querySelector(`button[value*="_${way}:"]:not(:disabled)`)?.click();
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const row = event.target.closest?.("[data-sortable] > li");
    if (!row) return;
    event.preventDefault();
    press(row, event.key === "ArrowUp" ? "up" : "down");
  });
}
