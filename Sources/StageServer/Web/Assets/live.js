// Pages that follow what happens: at each event the page's live parts are fetched anew.

const quietTime = 300;
/** Numbers of stages are folded once a second. */
const lateTime = 1300;

/** Replaces the live parts of this page by those of a newer one. */
function replace(page) {
  for (const part of document.querySelectorAll("[data-live-region][id]")) {
    const newer = page.getElementById(part.id);
    if (newer && newer.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.innerHTML = newer.innerHTML;
  }
  for (const number of document.querySelectorAll("[data-live]")) {
    const newer = page.querySelector(`[data-live="${CSS.escape(number.dataset.live)}"]`);
    if (newer && !number.closest("[data-live-region]")) number.textContent = newer.textContent;
  }
  for (const list of document.querySelectorAll("[data-live-list]")) {
    const newer = list.id && page.getElementById(list.id);
    if (!newer || newer.innerHTML === list.innerHTML) continue;
    const known = new Set([...list.children].map(nameOf));
    const open = new Set([...list.querySelectorAll("details[open]")].map((fold) => nameOf(fold.closest("li"))));
    list.innerHTML = newer.innerHTML;
    for (const item of list.children) {
      if (!known.has(nameOf(item))) item.dataset.new = "";
      if (open.has(nameOf(item))) item.querySelector("details")?.setAttribute("open", "");
    }
  }
  for (const empty of document.querySelectorAll("[data-live-empty]")) empty.hidden = !page.querySelector("[data-live-empty]");
}

const nameOf = (item) => item?.id || item?.dataset.transitionId || "";

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || new URL(answer.url).pathname !== location.pathname) return;
  replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

export function followEvents() {
  const source = document.querySelector("[data-events]")?.dataset.events
    ?? (document.querySelector("[data-live-region]") ? "/events" : undefined);
  if (!source || typeof EventSource === "undefined") return;
  const status = document.querySelector("[data-live-status]");
  const tell = (text) => status && (status.textContent = text);
  let soon;
  let late;
  const changed = () => {
    clearTimeout(soon);
    clearTimeout(late);
    soon = setTimeout(() => refresh().catch(() => tell("not reached")), quietTime);
    late = setTimeout(() => refresh().catch(() => tell("not reached")), lateTime);
  };
  const stream = new EventSource(source);
  stream.addEventListener("open", () => tell("live"));
  stream.addEventListener("error", () => tell(stream.readyState === EventSource.CLOSED ? "stopped" : "reconnecting"));
  stream.addEventListener("transition", changed);
  stream.addEventListener("reset", changed);
  addEventListener("pagehide", () => stream.close());
}
