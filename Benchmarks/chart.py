"""Draws what ./run has collected in a folder as SVG, for light and dark: `chart.py FOLDER` prints it."""

import sys
from html import escape

from measurements import JOBS, NAMES, PEERS, ROWS, Measurements

WIDTH, LEFT, RIGHT = 860, 300, 110
BAR, GAP, HEAD = 16, 8, 46
STYLE = """
  svg { font: 13px system-ui, sans-serif; background: #ffffff; }
  text { fill: #1f2328; } .quiet { fill: #59636e; } .title { font-weight: 600; font-size: 15px; }
  .good { fill: #1a7f64; } .less { fill: #b35900; } .other { fill: #8c959f; } .aim { stroke: #1f2328; stroke-width: 2; } .line { stroke: #d1d9e0; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; }
    text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
    .good { fill: #3fb994; } .less { fill: #e09b4f; } .other { fill: #656c76; } .aim { stroke: #f0f6fc; } .line { stroke: #3d444d; }
  }
"""
JOB_NAMES = {"stage": "read a stage", "state": "read a state", "move": "move"}


class Drawing:
    """Panels of bars, one below the other."""

    def __init__(self):
        self.shapes, self.y = [], 10

    def text(self, x, y, text, classes="", anchor="start"):
        self.shapes.append(f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" class="{classes}">{escape(text)}</text>')

    def panel(self, title, note, bars):
        """Bars are (label, value, aim or None, class, text at the end); None leaves a gap."""
        if not bars:
            return
        most = max(max(bar[1], bar[2] or 0) for bar in bars if bar) * 1.02
        scale = (WIDTH - LEFT - RIGHT) / most
        self.text(16, self.y + 20, title, "title")
        self.text(16, self.y + 38, note, "quiet")
        self.y += HEAD + GAP
        top = self.y
        for bar in bars:
            if bar is None:
                self.y += GAP
                continue
            label, value, aim, kind, end = bar
            self.text(LEFT - 10, self.y + 13, label, anchor="end")
            self.shapes.append(f'<rect x="{LEFT}" y="{self.y}" width="{max(1, value * scale):.1f}" height="{BAR}" rx="2" class="{kind}"/>')
            if aim:
                x = LEFT + aim * scale
                self.shapes.append(f'<line x1="{x:.1f}" y1="{self.y - 3}" x2="{x:.1f}" y2="{self.y + BAR + 3}" class="aim"/>')
            self.text(LEFT + max(value, aim or 0) * scale + 8, self.y + 13, end, "quiet")
            self.y += BAR + GAP
        self.shapes.append(f'<line x1="{LEFT}" y1="{top - 4}" x2="{LEFT}" y2="{self.y - 4}" class="line"/>')
        self.y += 18

    def svg(self):
        shapes = "\n  ".join(self.shapes)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.y}" viewBox="0 0 {WIDTH} {self.y}" role="img" '
                f'aria-label="What the tables beside this picture say">\n  <style>{STYLE}  </style>\n  {shapes}\n</svg>\n')


def bar(label, ratio, aim):
    return label, ratio, aim, "good" if ratio >= aim else "less", f"{ratio:.2f}, aim {aim}"


def peers(found):
    for job, paths in JOBS.items():
        sides = [(path, "ours", "Stagekeeper, embedded" if path == job else "Stagekeeper, production", "good") for path in paths]
        sides += [(job, side, name.split(",")[0], "other") for side, name in PEERS.items()]
        for path, side, name, kind in sides:
            series = found.series(kind="rate", path=path, side=side)
            if series:
                yield f"{JOB_NAMES[job]}: {name}", series.rate, None, kind, f"{series.rate:,.0f} a second"
        yield None


def main(folder):
    found, drawing = Measurements(folder), Drawing()
    drawing.panel(
        "Times the baseline", "Reads: a bare Hummingbird route of the same bytes. Durable ones: single-row inserts of pgbench. The mark is the aim.",
        [bar(NAMES[path], ours.ratio(baseline), ROWS[path][2]) for path, ours, baseline in found.rows()])
    if any(line.get("side") in PEERS for line in found.lines):
        drawing.panel(
            "Beside Python services, requests a second", "Two workers each. Their moves are not durable, Stagekeeper's are.", list(peers(found))[:-1])
    drawing.panel(
        "Growth: rate of a large store, times that of a small one", "The mark is the aim. ●: with PostgreSQL and Redis, the others embedded.",
        [bar(f"{NAMES[path].split(',')[0]}, {sizes[1]:,} {what}" + (" ●" if deployment == "production" else ""), large.ratio(small), 0.85)
         for what, deployment, path, sizes, (small, large) in found.growth()])
    print(drawing.svg(), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
