// Chats: Enter sends, what was said last is in view, and replies appear as they come.
import { announce } from "./announce.js";
import { tell } from "./forms.js";
import { refresh } from "./live.js";

const lost = "The server did not answer, or you are signed out. Nothing was changed.";

const boxOf = (form) => form.querySelector("[data-enter-sends]");

function showEnd(form) {
  const box = boxOf(form);
  box.focus({ preventScroll: true });
  (box.closest(".composer") ?? box).scrollIntoView({ block: "end" });
}

// A trial: the form has all that was said, and comes back with what that leads to.

/** What is unfolded stays so, but for the texts that were just changed. */
function unfoldAsIn(old, part) {
  for (const fold of part.querySelectorAll("details[data-fold]")) {
    const name = fold.dataset.fold;
    if (!name.startsWith("change") && old.querySelector(`details[data-fold="${name}"]`)?.open) fold.open = true;
  }
}

async function rehearse(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  form.inert = true;
  let next;
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "text/html" }, credentials: "same-origin" });
    next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(form.id);
    if (!next) throw new Error("no such part");
  } catch {
    form.inert = false;
    tell(form.querySelector(".composer button"), lost);
    return;
  }
  unfoldAsIn(form, next);
  form.replaceWith(next);
  const wrong = next.querySelector("[aria-invalid=true]");
  if (wrong) return wrong.focus();
  showEnd(next);
  announce(next.querySelector("[data-newest] [data-reply]")?.textContent ?? "");
}

// A conversation: the message is sent, and its turn is heard as it goes on.

function element(name, className, text = "") {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

/** A message on its way, below those that were said. */
class Arriving {
  constructor(text) {
    this.item = document.createElement("li");
    const said = element("div", "said by-user");
    this.words = element("p", "words", text);
    said.append(this.words);
    this.answer = element("div", "said");
    this.stages = element("p", "small quiet");
    this.reply = element("p", "words");
    this.data = element("p", "small quiet");
    this.answer.append(this.stages, this.reply);
    this.words.dir = this.reply.dir = "auto";
    this.item.append(said, this.answer, this.data);
    this.reset();
    document.getElementById("arriving").append(this.item);
  }

  reset() {
    this.names = [];
    this.stages.textContent = "…";
    this.reply.textContent = "";
    this.data.textContent = "";
  }

  stage({ stage_name: name }) {
    this.names.push(name);
    this.stages.textContent = this.names.join(" → ");
  }

  learned({ extracted, missing_fields: missing }) {
    const known = Object.entries(extracted).map(([name, { value }]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    this.data.textContent = [...known, ...(missing.length > 0 ? [`still missing: ${missing.join(", ")}`] : [])].join(" · ");
  }

  say({ text }) {
    this.reply.textContent += text;
  }
}

/** The events of a stream, each with its type and its data. */
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const blocks = (rest + read.value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const type = block.match(/^event: (.*)$/m)?.[1];
      if (type) yield [type, JSON.parse(block.match(/^data: (.*)$/m)?.[1] ?? "null")];
    }
  }
}

/** What went wrong, in the server's words. */
class Refusal extends Error {}

async function send(form, text) {
  const { message_id: id, agent_id: agent, csrf_token: token } = form.elements;
  const answer = await fetch(form.dataset.stream, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream", "X-CSRF-Token": token.value },
    body: JSON.stringify({ message_id: id.value, text, agent_id: agent?.value }),
  });
  if (answer.ok) return answer.body;
  const problem = await answer.json();
  throw new Refusal(problem.errors?.[0]?.message ?? problem.detail);
}

/** Hears of a turn until it is done; it is when its answer has come. */
async function hear(stream, arriving) {
  for await (const [type, data] of eventsOf(stream)) {
    if (type === "stage") arriving.stage(data);
    else if (type === "data") arriving.learned(data);
    else if (type === "reply") arriving.say(data);
    else if (type === "reset") arriving.reset();
    else if (type === "error") throw new Refusal(data.errors?.[0]?.message ?? data.detail);
    else if (type === "done") return data;
    boxOf(document).closest(".composer").scrollIntoView({ block: "end" });
  }
  throw new Refusal("The connection was lost. Send the message again: it is handled once.");
}

/** The page as it is now; its form has the id of the next message. */
async function renew(form) {
  const page = new URLSearchParams(location.search).has("said_before") ? undefined : await refresh();
  const newer = page?.getElementById(form.id);
  if (!newer) return location.assign(form.getAttribute("action"));
  form.elements.message_id.value = newer.elements.message_id.value;
  form.elements.agent_id?.remove();
}

async function converse(form) {
  const box = boxOf(form);
  const text = box.value;
  if (!text.trim() || form.dataset.isSending !== undefined) return box.focus();
  const log = form.parentElement.querySelector("[role=log]");
  form.dataset.isSending = "";
  log.setAttribute("aria-busy", "true");
  form.querySelector("[data-told]")?.remove();
  box.value = "";
  const arriving = new Arriving(text);
  showEnd(form);
  try {
    const done = await hear(await send(form, text), arriving);
    announce(done.reply ?? "The message was stored without a reply.");
    await renew(form);
  } catch (error) {
    box.value = box.value || text;
    tell(form.querySelector("button"), error instanceof Refusal ? error.message : lost);
  }
  arriving.item.remove();
  log.removeAttribute("aria-busy");
  delete form.dataset.isSending;
  showEnd(form);
}

export function openChats() {
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    // While an input method is at work, Enter is its own.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !box.matches?.("[data-enter-sends]")) return;
    event.preventDefault();
    box.form.requestSubmit(box.closest(".composer").querySelector("button[value=send]"));
  });
  document.addEventListener("submit", (event) => {
    const { target: form, submitter: button } = event;
    if (event.defaultPrevented) return;
    const act = form.matches("[data-chat]") && button?.value !== "save" ? rehearse : form.dataset.stream ? converse : undefined;
    if (!act) return;
    event.preventDefault();
    act(form, button);
  });
}
