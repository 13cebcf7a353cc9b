/** The page's own style: light and dark, one column, readable without scripts except for the curves. */
export const style = `
:root { color-scheme: light dark;
  --bg: #fcfcfb; --panel: #ffffff; --text: #1d1f23; --soft: #5c6370; --line: #e2e4e8; --grid: #eceef1; --accent: #c2410c;
  --c0: #1d6fb8; --c1: #d9660b; --c2: #2a8f5b; --c3: #a3388f; --c4: #8a6d00; --c5: #c0343f; --c6: #4c52c4; --c7: #0d8a96; --heat: 29,111,184; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #15171a; --panel: #1c1f23; --text: #e6e8eb; --soft: #9aa2ad; --line: #31353b; --grid: #282c31; --accent: #ff8a4c;
  --c0: #62a8e8; --c1: #f59445; --c2: #5cc58f; --c3: #d982c8; --c4: #d1b13a; --c5: #f07a82; --c6: #9ba0f5; --c7: #4cc3cf; --heat: 98,168,232; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 980px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 40px 0 12px; }
h3 { font-size: 14px; margin: 0 0 8px; color: var(--soft); font-weight: 600; }
p { margin: 8px 0; max-width: 75ch; } .soft { color: var(--soft); }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 16px; margin: 12px 0; overflow-x: auto; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 12px; } .grid .panel { margin: 0; min-width: 0; }
.scores { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
.score { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px 16px; min-width: 110px; }
.score b { display: block; font-size: 24px; font-variant-numeric: tabular-nums; line-height: 1.3; } .score.main b { color: var(--accent); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td.name { white-space: nowrap; } th { overflow-wrap: normal !important; text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; } th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: middle; overflow-wrap: anywhere; }
tr:last-child td { border-bottom: 0; } td.n, th.n { text-align: right; white-space: nowrap; } td.n + td:not(.n), th.n + th:not(.n) { padding-left: 12px; }
table.matrix { width: auto; } table.matrix td.cell { text-align: center; min-width: 44px; padding: 8px; border: 2px solid var(--panel); border-radius: 4px; }
table.matrix th { padding: 4px 8px; font-weight: 500; } .sum { color: var(--soft); font-size: 13px; }
.bar { position: relative; height: 16px; min-width: 120px; } .bar i { position: absolute; top: 2px; bottom: 2px; background: var(--c0); border-radius: 2px; } .bar i.minus { background: var(--soft); }
.bar s { position: absolute; top: 7px; height: 2px; background: var(--text); opacity: .55; } .bar u { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--line); }
.tie { color: var(--accent); font-weight: 600; white-space: nowrap; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; overflow-x: auto; font: 13px/1.5 ui-monospace, "SF Mono", Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: 13px ui-monospace, "SF Mono", Consolas, monospace; } ul { padding-left: 20px; margin: 8px 0; } details { margin: 12px 0; } summary { cursor: pointer; color: var(--soft); }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; } svg .axis { stroke: var(--line); } svg .grid-line { stroke: var(--grid); } svg .dot { fill: var(--c0); fill-opacity: .55; } svg .ideal { stroke: var(--soft); stroke-dasharray: 4 4; }
.chart { min-height: 260px; } .u-legend { font-size: 13px; text-align: left; } .u-legend th { color: var(--text); } .u-legend th, .u-legend td { border: 0; padding: 2px 6px; }
section + section { margin-top: 64px; border-top: 1px solid var(--line); padding-top: 32px; } footer { margin-top: 48px; color: var(--soft); font-size: 13px; }
@media print { body { background: #fff; } .panel, .score, pre { break-inside: avoid; } }
`;
