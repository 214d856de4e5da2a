/** Draws how long it takes to create licenses, over their number, as an SVG that is readable on light and on dark ground. */
import type { Figures } from "./figures.mts";
import { answersAfter } from "./formats.mts";
import type { Point } from "./statistics.mts";
import { SUBJECT_TITLES, SUBJECTS, type SubjectName } from "./subjects.mts";

export interface Series {
  readonly subject: SubjectName;
  readonly points: readonly Point[];
}

/** One hue for each kind, chosen to differ for every eye and on both grounds; what the plugin does is dashed. */
const STROKES: Readonly<Record<SubjectName, { readonly color: string; readonly dash?: string }>> = {
  bare: { color: "#1b9e77", dash: "2 4" },
  leanest: { color: "#888888", dash: "2 4" },
  floor: { color: "#888888" },
  naive: { color: "#b565c9" },
  license: { color: "#3b8fd4" },
  licensePlugin: { color: "#3b8fd4", dash: "7 4" },
  fleet: { color: "#e06c1f" },
  fleetPlugin: { color: "#e06c1f", dash: "7 4" },
};

/** At most so many latencies stand beside one another. */
const PANELS = 2;
const [PANEL_WIDTH, PANEL_HEIGHT, LEFT, TOP, GAP] = [360, 300, 60, 40, 50];
const LEGEND_TOP = TOP + PANEL_HEIGHT + 60;

export function seriesOf(figures: Figures, latencyMs: number): Series[] {
  return SUBJECTS.map((subject) => ({
    subject,
    points: figures.curve(latencyMs, (cell) => figures.seconds(cell, subject, "create")),
  })).filter(({ points }) => points.length > 0);
}

/** Maps values to a length so that equal factors take equal lengths. */
export function logScale([least, most]: readonly [number, number], length: number): (value: number) => number {
  const span = Math.log(most) - Math.log(least);
  return (value) => (span === 0 ? length / 2 : ((Math.log(value) - Math.log(least)) / span) * length);
}

/** 1, 2, 5, 10, 20 and so on, from the last that is not above the least value to the first that is not below the greatest. */
export function ticks(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const decades = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))] as const;
  const all = Array.from({ length: decades[1] - decades[0] + 1 }, (_, index) => decades[0] + index).flatMap((decade) =>
    [1, 2, 5].map((step) => Number(`${step}e${decade}`)),
  );
  const first = all.findLastIndex((tick) => tick <= least);
  const last = all.findIndex((tick) => tick >= most);
  return all.slice(first, last + 1);
}

export function renderChart(figures: Figures): string {
  const panels = figures.latencies
    .slice(0, PANELS)
    .map((latencyMs) => ({ latencyMs, series: seriesOf(figures, latencyMs) }));
  const yTicks = ticks(
    panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map(({ value }) => value))),
  );
  const x = logScale([figures.sizes.at(0) ?? 1, figures.sizes.at(-1) ?? 1], PANEL_WIDTH);
  const y = logScale([yTicks.at(0) ?? 1, yTicks.at(-1) ?? 1], PANEL_HEIGHT);
  const drawn = panels.map(({ latencyMs, series }, index) => {
    const left = LEFT + index * (PANEL_WIDTH + GAP);
    return `<g transform="translate(${left} ${TOP})">
<text class="title" y="-14">answers ${answersAfter(latencyMs)}</text>
${yTicks.map((tick) => row(PANEL_HEIGHT - y(tick), `${tick} s`)).join("\n")}
${figures.sizes.map((size) => column(x(size), String(size))).join("\n")}
${series
  .map(({ subject, points }) =>
    curve(
      subject,
      points.map(({ size, value }) => [x(size), PANEL_HEIGHT - y(value)]),
    ),
  )
  .join("\n")}
<text x="${PANEL_WIDTH / 2}" y="${PANEL_HEIGHT + 38}" text-anchor="middle">licenses</text>
</g>`;
  });
  const width = LEFT + panels.length * (PANEL_WIDTH + GAP);
  const perRow = Math.max(1, Math.floor((width - LEFT) / 190));
  const height = LEGEND_TOP + Math.ceil(figures.subjects.length / perRow) * 22 + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Time to create licenses over their number">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; }
.grid { stroke: #8886; }
.curve { fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) { text { fill: #d7dde3; } }
</style>
${[...drawn, ...figures.subjects.map((subject, index) => legend(subject, LEFT + (index % perRow) * 190, LEGEND_TOP + Math.floor(index / perRow) * 22))].join("\n")}
</svg>
`;
}

function row(y: number, label: string): string {
  return `<line class="grid" x2="${PANEL_WIDTH}" y1="${round(y)}" y2="${round(y)}"/><text x="-6" y="${round(y + 4)}" text-anchor="end">${label}</text>`;
}

function column(x: number, label: string): string {
  return `<line class="grid" x1="${round(x)}" x2="${round(x)}" y2="${PANEL_HEIGHT}"/><text x="${round(x)}" y="${PANEL_HEIGHT + 18}" text-anchor="middle">${label}</text>`;
}

function curve(subject: SubjectName, places: readonly (readonly [number, number])[]): string {
  const rounded = places.map(([x, y]) => [round(x), round(y)] as const);
  const marks = rounded.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${STROKES[subject].color}"/>`);
  return `<polyline class="curve" ${stroke(subject)} points="${rounded.map((place) => place.join(",")).join(" ")}"/>${marks.join("")}`;
}

function legend(subject: SubjectName, x: number, y: number): string {
  const title = SUBJECT_TITLES[subject].replaceAll("`", "");
  return `<line class="curve" ${stroke(subject)} x1="${x}" x2="${x + 30}" y1="${y}" y2="${y}"/><text x="${x + 36}" y="${y + 4}">${title}</text>`;
}

function stroke(subject: SubjectName): string {
  const { color, dash } = STROKES[subject];
  return `stroke="${color}"${dash === undefined ? "" : ` stroke-dasharray="${dash}"`}`;
}

function round(length: number): number {
  return Number(length.toFixed(1));
}
