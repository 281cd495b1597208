extension Layout {
    /// The default style, light and dark. Its colours are custom properties, so that a page can set its own.
    public static let styleSheet = """
        .sk-graph {
          --canvas: var(--sk-graph-canvas, #fcfcfd); --text: var(--sk-graph-text, #1c2024); --muted: var(--sk-graph-muted, #60646c);
          --node-fill: var(--sk-graph-node-fill, #fff); --node-stroke: var(--sk-graph-node-stroke, #cfd1d8);
          --edge: var(--sk-graph-edge, #8d919b); --accent: var(--sk-graph-accent, #5b5bd6); --badge: var(--sk-graph-badge, #eeeef8);
          --warning: var(--sk-graph-warning, #d97706); --error: var(--sk-graph-error, #dc3e42);
        }
        @media (prefers-color-scheme: dark) {
          .sk-graph {
            --canvas: var(--sk-graph-canvas, #111113); --text: var(--sk-graph-text, #edeef0); --muted: var(--sk-graph-muted, #a0a4ac);
            --node-fill: var(--sk-graph-node-fill, #1b1c1f); --node-stroke: var(--sk-graph-node-stroke, #3b3d43);
            --edge: var(--sk-graph-edge, #6f727b); --accent: var(--sk-graph-accent, #9b9ef0); --badge: var(--sk-graph-badge, #2b2c45);
            --warning: var(--sk-graph-warning, #f5a524); --error: var(--sk-graph-error, #ff6369);
          }
        }
        .sk-graph a { text-decoration: none; }
        .sk-graph .canvas { fill: var(--canvas); }
        .sk-graph .box { fill: var(--node-fill); stroke: var(--node-stroke); stroke-width: 1; }
        .sk-graph .title { fill: var(--text); font-weight: 600; }
        .sk-graph .line { fill: var(--muted); }
        .sk-graph .badge { fill: var(--badge); }
        .sk-graph .badge-text { fill: var(--accent); font-weight: 600; }
        .sk-graph .entry .box { stroke: var(--accent); stroke-width: 1.5; }
        .sk-graph .final .box { stroke: var(--muted); stroke-width: 1.5; }
        .sk-graph .warning .box { stroke: var(--warning); stroke-width: 1.5; }
        .sk-graph .error .box { stroke: var(--error); stroke-width: 1.5; }
        .sk-graph .any-stage .box { fill: var(--badge); stroke: none; }
        .sk-graph .node.disabled .box { stroke-dasharray: 4 3; fill: var(--canvas); }
        .sk-graph .node.disabled text { fill: var(--muted); }
        .sk-graph a:hover .box, .sk-graph a:focus-visible .box { stroke: var(--accent); stroke-width: 2; }
        .sk-graph .edge { color: var(--edge); }
        .sk-graph .way { stroke-width: 1.5; }
        .sk-graph .label { fill: var(--canvas); }
        .sk-graph .label-text { fill: var(--muted); }
        .sk-graph .edge.model .way { stroke-dasharray: 6 3; }
        .sk-graph .edge.timeout .way { stroke-dasharray: 1.5 3.5; stroke-linecap: round; }
        .sk-graph .edge.disabled { opacity: 0.5; }
        .sk-graph .edge:hover { color: var(--accent); }
        .sk-graph .edge:hover .way { stroke-width: 2; }
        .sk-graph .edge:hover .label-text { fill: var(--text); }

        """
}
