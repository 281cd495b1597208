// Pages that follow what happens: at each event the page's live parts are fetched anew.

const quietTime = 300;
/** Numbers of stages are folded once a second. */
const lateTime = 1300;

const nameOf = (item) => item?.id || item?.dataset.transitionId || "";

/** Puts a list in its newer form; items that are as they were stay, with what is unfolded and focused in them. */
function replaceItems(list, newer) {
  const known = new Map([...list.children].map((item) => [nameOf(item), item]));
  const items = [...newer.children].map((item) => {
    const old = known.get(nameOf(item));
    if (!old) {
      item.dataset.new = "";
      return item;
    }
    if (old.querySelector("details[open]")) item.querySelector("details")?.setAttribute("open", "");
    return old.innerHTML === item.innerHTML || old.contains(document.activeElement) ? old : item;
  });
  items.forEach((item, place) => {
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
  });
  while (list.children.length > items.length) list.lastElementChild.remove();
}

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
  for (const list of document.querySelectorAll("[data-live-list][id]")) {
    const newer = page.getElementById(list.id);
    if (newer) replaceItems(list, newer);
  }
  for (const empty of document.querySelectorAll("[data-live-empty]")) empty.hidden = !page.querySelector("[data-live-empty]");
}

/**
 * Brings the live parts up to date.
 * @returns the page that they were taken from; undefined when it is not to be had.
 */
export async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || new URL(answer.url).pathname !== location.pathname) return undefined;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  replace(page);
  return page;
}

/** Does something a while after it is asked for: once for all who ask meanwhile, and once more for those, however many keep asking. */
function paced(wait, act) {
  let timer;
  let again = false;
  return function ask() {
    if (timer !== undefined) {
      again = true;
      return;
    }
    timer = setTimeout(async () => {
      await act();
      timer = undefined;
      if (again) {
        again = false;
        ask();
      }
    }, wait);
  };
}

export function followEvents() {
  const source = document.querySelector("[data-events]")?.dataset.events
    ?? (document.querySelector("[data-live-region]") ? "/events" : undefined);
  if (!source || typeof EventSource === "undefined") return;
  const status = document.querySelector("[data-live-status]");
  const tell = (text) => status && (status.textContent = text);
  const soon = paced(quietTime, () => refresh().catch(() => tell("not reached")));
  const late = paced(lateTime, () => refresh().catch(() => tell("not reached")));
  const changed = () => {
    soon();
    late();
  };
  const stream = new EventSource(source);
  stream.addEventListener("open", () => {
    tell("live");
    // What happened since the page was made, or while the stream was cut.
    changed();
  });
  stream.addEventListener("error", () => tell(stream.readyState === EventSource.CLOSED ? "stopped" : "reconnecting"));
  stream.addEventListener("transition", changed);
  stream.addEventListener("reset", changed);
  addEventListener("pagehide", () => stream.close());
}
