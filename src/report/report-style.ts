/**
 * The report's looks. A recording's sheet is as high as what both A4 (210 x 297 mm) and Letter (216 x 279 mm) hold
 * inside the page's margins; its figure gives way where words need room, so that it never takes a second page; colours have at least 4.5:1 on what they stand on.
 */
export const REPORT_STYLE = `
@page { margin: 9mm 11mm; }
* { box-sizing: border-box; }
html { color-scheme: light; }
body { margin: 0; background: #e8ebef; color: #14181d; font: 8.6pt/1.28 "Liberation Sans", Arial, Helvetica, sans-serif; }
h1, h2, p, table, figure { margin: 0; }
h1 { font-size: 15pt; line-height: 1.15; }
h2 { font-size: 9.5pt; margin-bottom: 0.6mm; }
.sheet { width: 188mm; margin: 6mm auto; padding: 0; background: #fff; overflow-wrap: anywhere; }
@media screen { .sheet { width: 212mm; padding: 12mm; box-shadow: 0 1px 6px #0004; } }
.head { display: flex; justify-content: space-between; align-items: end; gap: 6mm; border-bottom: 0.5mm solid #14181d; padding-bottom: 1.2mm; }
.head p { color: #3c444d; }
.head .right { text-align: right; }
.verdict { display: grid; grid-template-columns: auto 1fr; gap: 0 6mm; align-items: center; margin: 2.2mm 0; padding: 1.8mm 4mm; border: 0.5mm solid #14181d; border-left-width: 3mm; }
.verdict .word { font-size: 19pt; font-weight: bold; line-height: 1.2; }
.verdict .sign { display: inline-block; width: 9mm; }
.verdict .disclaimer { grid-column: 1 / -1; }
.disclaimer { font-weight: bold; }
.abnormal { border-color: #8f1d14; background: #fdf1ef; }
.normal { border-color: #1d5c33; background: #f0f8f2; }
.inconclusive, .none { border-color: #6b4a00; background: #fdf7e8; border-style: dashed; border-left-style: solid; }
.simulated { margin-top: 2.2mm; padding: 1mm 4mm; border: 0.7mm dashed #14181d; }
.simulated strong { font-size: 15pt; letter-spacing: 1mm; margin-right: 3mm; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 0 6mm; align-items: start; margin-top: 1.6mm; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: bold; font-size: 9.5pt; }
th, td { text-align: left; vertical-align: top; padding: 0.35mm 2mm 0.35mm 0; border-bottom: 0.2mm solid #c3c9d0; }
th { font-weight: normal; color: #3c444d; }
thead th { font-weight: bold; }
.facts th { width: 31mm; }
.recordings { font-size: 8pt; overflow-wrap: normal; }
.recordings th:first-child { width: 32mm; }
.recordings td:nth-child(3) { width: 50mm; }
.recordings td:nth-child(5) { white-space: nowrap; }
.hash { font: 7pt/1.2 "Liberation Mono", Consolas, monospace; }
.figure { display: block; width: 100%; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 0 5mm; color: #3c444d; font-size: 7.8pt; }
.legend svg { width: 7mm; height: 2.8mm; vertical-align: -0.3mm; margin-right: 1mm; }
.notice { margin-top: 1.6mm; padding: 1mm 2mm; border-left: 1.2mm solid #6b4a00; background: #fdf7e8; }
.notice ul, .limits ul { margin: 0; padding-left: 4mm; }
.by-hand { display: grid; grid-template-columns: 5fr 3fr 4fr; gap: 0 4mm; margin-top: 0.6mm; break-inside: avoid; }
.by-hand p { display: flex; align-items: end; height: 6.6mm; border-bottom: 0.2mm solid #14181d; color: #3c444d; font-size: 7.5pt; }
.by-hand .wide { grid-column: 1 / -1; }
.by-hand p:nth-child(5) { grid-column: 1 / 2; }
.by-hand p:nth-child(6) { grid-column: 2 / -1; }
.profile { margin-top: 1mm; font-size: 8pt; }
.limits { margin-top: 1.6mm; font-size: 7.8pt; }
.foot span + span { white-space: nowrap; }
.foot { display: flex; justify-content: space-between; gap: 6mm; margin-top: 1.4mm; padding-top: 0.8mm; border-top: 0.2mm solid #14181d; color: #3c444d; font-size: 7.5pt; }
.strips > section { margin-top: 1.6mm; break-inside: avoid; }
.trace { fill: #14181d; stroke: #14181d; stroke-width: 0.5; }
.frame { fill: none; stroke: #6a737d; stroke-width: 0.8; }
.grid, .tick { fill: none; stroke: #6a737d; stroke-width: 0.7; }
.grid { stroke-dasharray: 3 3; }
.hatch { stroke: #8a6d1f; stroke-width: 1.6; fill: none; }
.dots { fill: #14181d; }
.window { fill: #3d6fa5; }
.range { fill: #a9c2dd; }
.quality { fill: #5d7a5d; }
.s1 { stroke: #8f1d14; stroke-width: 1.6; fill: none; }
.s2 { stroke: #174f8a; stroke-width: 1.6; fill: none; stroke-dasharray: 4 3; }
svg text { font: 13px "Liberation Sans", Arial, Helvetica, sans-serif; fill: #14181d; }
svg .scale { text-anchor: end; font-size: 12px; fill: #3c444d; }
svg .time { text-anchor: middle; font-size: 12px; fill: #3c444d; }
svg .time.last { text-anchor: end; }
svg .label { paint-order: stroke; stroke: #fff; stroke-width: 4; font-weight: bold; }
svg .mark { font-size: 11px; paint-order: stroke; stroke: #fff; stroke-width: 3; }
.windows { width: 212mm; margin: 0 auto 6mm; }
.windows summary { padding: 2mm; font-weight: bold; cursor: pointer; }
.windows table { background: #fff; }
.windows td, .windows th { padding-left: 2mm; }
@media print {
  body { background: #fff; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .sheet { margin: 0 auto; break-after: page; }
  .sheet:last-of-type { break-after: auto; }
  .recording { display: flex; flex-direction: column; height: 259mm; }
  .recording > * { flex: none; }
  .recording > figure { display: flex; flex-direction: column; flex: 0 1 auto; min-height: 40mm; }
  .recording .figure { flex: 0 1 auto; min-height: 0; }
  .recording .foot { margin-top: auto; }
  .windows { display: none; }
}
`;
