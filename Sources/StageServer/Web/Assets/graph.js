// The flow as a picture: zoom, pan and keys, by the view box of the SVG.

const largest = 4;
/** Below this, names can't be read. */
const legible = 0.7;

class Graph {
  constructor(frame) {
    this.view = frame.querySelector("[data-graph-view]");
    this.svg = this.view?.querySelector("svg");
    if (!this.svg) return;
    const box = this.svg.viewBox.baseVal;
    this.whole = { x: box.x, y: box.y, width: box.width, height: box.height };
    this.scale = 1;
    for (const button of frame.querySelectorAll("[data-graph-zoom]")) {
      button.addEventListener("click", () => this.press(button.dataset.graphZoom));
    }
    this.view.addEventListener("keydown", (event) => this.key(event));
    this.view.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.drag();
    this.begin();
  }

  press(what) {
    if (what === "in") this.zoom(1.25);
    if (what === "out") this.zoom(0.8);
    if (what === "fit") this.fit();
  }

  /** Makes the picture as wide as its frame at scale 1, and in proportion otherwise. */
  show() {
    this.svg.setAttribute("width", Math.round(this.whole.width * this.scale));
    this.svg.setAttribute("height", Math.round(this.whole.height * this.scale));
  }

  zoom(factor, at) {
    const view = this.view;
    const point = at ?? { x: view.clientWidth / 2, y: view.clientHeight / 2 };
    const least = Math.min(1, view.clientWidth / this.whole.width, view.clientHeight / this.whole.height) / 2;
    const scale = Math.min(largest, Math.max(least, this.scale * factor));
    const ratio = scale / this.scale;
    this.scale = scale;
    this.show();
    view.scrollLeft = (view.scrollLeft + point.x) * ratio - point.x;
    view.scrollTop = (view.scrollTop + point.y) * ratio - point.y;
  }

  /** Shows as much as can be read, around the stage where conversations start. */
  begin() {
    const { view, svg } = this;
    this.scale = Math.min(1, Math.max(legible, (view.clientWidth - 32) / this.whole.width));
    this.show();
    const entry = svg.querySelector(".entry")?.getBoundingClientRect();
    if (entry) view.scrollLeft += entry.left + entry.width / 2 - view.getBoundingClientRect().left - view.clientWidth / 2;
  }

  fit() {
    this.scale = Math.min(1, (this.view.clientWidth - 32) / this.whole.width, (this.view.clientHeight - 32) / this.whole.height);
    this.show();
    this.view.scrollTo(0, 0);
  }

  key(event) {
    const step = 60;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (event.key === "0") this.fit();
    else if (moves[event.key] && event.target === this.view) this.view.scrollBy(...moves[event.key]);
    else return;
    event.preventDefault();
  }

  /** Zooms where the pointer is while Control or Command is held; else the page scrolls as usual. */
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const frame = this.view.getBoundingClientRect();
    this.zoom(event.deltaY < 0 ? 1.1 : 0.9, { x: event.clientX - frame.left, y: event.clientY - frame.top });
  }

  drag() {
    let from;
    this.view.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch" || event.target.closest("a")) return;
      from = { x: event.clientX + this.view.scrollLeft, y: event.clientY + this.view.scrollTop };
      this.view.setPointerCapture(event.pointerId);
    });
    this.view.addEventListener("pointermove", (event) => {
      if (from) this.view.scrollTo(from.x - event.clientX, from.y - event.clientY);
    });
    for (const end of ["pointerup", "pointercancel"]) this.view.addEventListener(end, () => (from = undefined));
  }
}

export function openGraphs() {
  for (const frame of document.querySelectorAll("[data-graph]")) new Graph(frame);
}
