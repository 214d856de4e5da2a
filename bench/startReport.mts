/** Writes the section of docs/performance.md about the start of the plugin. */
import { type Repeated, START_TARGET, type StartFigures } from "./figures.mts";
import { measuredOn, table, times2 } from "./formats.mts";
import type { Machine } from "./machine.mts";
import { STARTS, type StartName } from "./start.mts";

const HEADING = "## Start of the plugin";
/** The section that follows it. */
export const REPRODUCTION_HEADING = "## How to reproduce";

const TITLES: Readonly<Record<StartName, string>> = {
  bare: "bare server",
  known: "plugin, a license that the stack holds",
  new: "plugin, a license to be ordered",
};

export function renderStart(figures: StartFigures, machine: Machine, day: string): string {
  const rows = STARTS.map((name) => [TITLES[name], milliseconds(figures.milliseconds(name)), ...judged(figures, name)]);
  return `${HEADING}

How long \`pulumi-resource-billmanager\` takes from its start to its first answered \`check\`, beside a [bare server](../bench/servers/bare.js) in Node.js: it loads the same protocol files and answers with what it was asked. Each was started ${figures.starts} times, in turns. Figures are medians; the smallest and the largest follow in parentheses.

${table(["", "first answer after", "target", "measured", ""], rows)}

For a license that is to be ordered, the plugin loads the HTTP client and reads balance and price at the panel before it answers. The bare server asks nobody, so no target is set there.

${measuredOn(machine, day)}`;
}

/** The page with this section, in place of the one that it has. */
export function withStart(page: string, section: string): string {
  const place = new RegExp(`(?:^${HEADING}\\n.*?)?(?=^${REPRODUCTION_HEADING}$)`, "ms");
  return page.replace(place, () => `${section}\n\n`);
}

function judged(figures: StartFigures, name: StartName): string[] {
  if (name === "bare") {
    return ["", "", ""];
  }
  const measured = times2(figures.ratio(name));
  return name === "known"
    ? [`at most ${times2(START_TARGET)}`, measured, figures.passes ? "pass" : "**fail**"]
    : ["none", measured, ""];
}

function milliseconds({ median, least, most }: Repeated): string {
  const [middle, first, last] = [median, least, most].map((value) => value.toFixed(0));
  return `${middle} ms (${first} to ${last} ms)`;
}
