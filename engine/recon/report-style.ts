/** The style sheet of report.html: light and dark by the reader's preference, and a print form. Pictures stay on black. */
import { priorColour } from './report-colours.ts';

export const reportStyle = `
:root { color-scheme: light dark; --ground: #fbfbfa; --ink: #1b1f24; --soft: #5b6570; --line: #d9dde1; --card: #ffffff;
  --accent: #0b63b0; --after: #0b63b0; --before: #98a2ad; --expected: #1c7c4a; --warn-ground: #fff3dc; --warn-ink: #6b4200;
  --warn-line: #e0a030; --row: #eef4fb; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --ink: #e7eaee; --soft: #9aa5b1; --line: #323941;
  --card: #1b2026; --accent: #6db3f2; --after: #6db3f2; --before: #6e7a87; --expected: #62c58f; --warn-ground: #3a2c10;
  --warn-ink: #ffd58a; --warn-line: #b98524; --row: #1d2b3a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 24px 28px 48px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 18px; margin: 38px 0 12px; letter-spacing: -0.005em; }
h3 { font-size: 15px; font-weight: 600; color: var(--soft); margin: 18px 0 8px; }
p { margin: 8px 0; max-width: 78ch; }
.soft, figcaption, .unit { color: var(--soft); }
.notice { background: #8c1d18; color: #ffffff; text-align: center; padding: 7px 16px; font-weight: 600; font-size: 14px; }
.lead { font-size: 16px; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(168px, 1fr)); gap: 12px 24px; margin: 18px 0 0;
  padding: 16px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
dl.facts div { min-width: 0; }
dt { color: var(--soft); font-size: 12.5px; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.warnings { margin: 20px 0 0; padding: 12px 18px; background: var(--warn-ground); color: var(--warn-ink);
  border: 1px solid var(--warn-line); border-left-width: 6px; border-radius: 6px; }
.warnings strong { display: block; font-size: 16px; }
.warnings ul { margin: 4px 0 0; padding-left: 20px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 320px; }
th, td { padding: 6px 18px 6px 0; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { font-weight: 600; font-size: 13px; color: var(--soft); vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; padding-left: 10px; }
tr.main td { background: var(--row); font-weight: 600; }
td.best { color: var(--accent); font-weight: 700; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(168px, 1fr)); gap: 14px; }
.grid.few { grid-template-columns: repeat(auto-fill, minmax(220px, 340px)); }
.grid.four { grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); }
.pair { display: grid; grid-template-columns: minmax(240px, 420px) 1fr; gap: 24px; align-items: start; }
figure { margin: 0; min-width: 0; }
figure img.scan { display: block; width: 100%; height: auto; background: #000; border-radius: 4px; }
figure.main img.scan { outline: 3px solid var(--accent); outline-offset: 1px; }
figcaption { font-size: 13px; padding-top: 5px; line-height: 1.4; }
figcaption b { color: var(--ink); font-weight: 600; }
.bar { display: flex; align-items: center; gap: 10px; font-size: 13px; color: var(--soft); margin: 12px 0 0;
  font-variant-numeric: tabular-nums; }
.bar img { width: 200px; height: 12px; border-radius: 2px; image-rendering: auto; }
.amber { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; background: rgb(${priorColour.join(' ')}); }
.strip { display: grid; grid-template-columns: repeat(auto-fill, minmax(110px, 1fr)); gap: 8px; }
svg.curve { width: 100%; max-width: 760px; height: auto; font-size: 12px; display: block; }
svg.curve text { fill: var(--soft); }
svg.curve path { fill: none; stroke-width: 1; stroke: var(--line); }
svg.curve path.axis { stroke: var(--soft); }
svg.curve path.after { stroke: var(--after); stroke-width: 2.25; stroke-linejoin: round; }
svg.curve path.before { stroke: var(--before); stroke-width: 1.75; stroke-linejoin: round; }
svg.curve path.expected { stroke: var(--expected); stroke-width: 1.5; stroke-dasharray: 5 4; }
svg.curve text.after-label { fill: var(--after); font-weight: 600; }
svg.curve text.expected-label { fill: var(--expected); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 12px 14px; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
details summary { cursor: pointer; color: var(--accent); }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }
@media (max-width: 720px) { main { padding: 16px; } .pair { grid-template-columns: 1fr; } }
@media print { :root { color-scheme: light; } body { background: #fff; color: #000; font-size: 11px; } main { max-width: none; padding: 0; }
  h2 { margin-top: 18px; break-after: avoid; } figure, tr, .warnings, .pair { break-inside: avoid; }
  .grid { grid-template-columns: repeat(5, 1fr); } .notice, img, tr.main td, .amber { print-color-adjust: exact;
  -webkit-print-color-adjust: exact; } details > * { display: block; } }
`;
