/** Writes the figures of the plugin's start for docs/performance.md. */
import type { StartFigures } from "./figures.mts";
import { mark, measuredOn, table, times2 } from "./formats.mts";
import type { Machine } from "./machine.mts";
import { STARTS, type StartName } from "./start.mts";
import type { Repeated } from "./statistics.mts";
import { startVerdict } from "./targets.mts";

const TITLES: Readonly<Record<StartName, string>> = {
  bare: "bare server",
  known: "plugin, a license that the stack holds",
  new: "plugin, a license to be ordered",
};

export function renderStart(figures: StartFigures, machine: Machine, day: string): string {
  const rows = STARTS.map((name) => [TITLES[name], milliseconds(figures.milliseconds(name)), ...judged(figures, name)]);
  return `${measuredOn(machine, [day])} Each was started ${figures.starts} times, in turns. Figures are medians; the smallest and the largest follow in parentheses.

${table(["", "first answer after", "target", "measured", ""], rows)}`;
}

function judged(figures: StartFigures, name: StartName): string[] {
  switch (name) {
    case "bare":
      return ["", "", ""];
    case "known": {
      const { limit, measured, met } = startVerdict(figures);
      return [limit, measured, mark(met)];
    }
    case "new":
      return ["none", times2(figures.ratio(name)), ""];
  }
}

function milliseconds({ median, least, most }: Repeated): string {
  const [middle, first, last] = [median, least, most].map((value) => value.toFixed(0));
  return `${middle} ms (${first} to ${last} ms)`;
}
