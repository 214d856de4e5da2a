/** Writes docs/performance.md: the prose stands here, and every figure in it comes from the measurements. */
import { type Cell, type Figures, MEMORY_TARGET, type Repeated, type StartFigures, TIME_TARGET } from "./figures.mts";
import { capital, measuredOn, megabytes, plural, seconds, table, times2 } from "./formats.mts";
import type { Machine } from "./machine.mts";
import { OPERATIONS, type Operation, PROGRAMS, type ProgramName } from "./programs.mts";
import { REPRODUCTION_HEADING, renderStart } from "./startReport.mts";

const TITLES: Readonly<Record<ProgramName, string>> = {
  license: "`License`",
  floor: "engine alone",
  naive: "naive provider",
};

const OPERATION_TITLES: Readonly<Record<Operation, string>> = {
  create: "`up`, all are created",
  unchanged: "`up`, nothing changed",
  refresh: "`refresh`",
  destroy: "`destroy`",
};

export function renderReport(figures: Figures, starts: StartFigures, machine: Machine, day: string): string {
  const sections = [
    introduction(figures, machine, day),
    targets(figures),
    times(figures),
    calls(figures),
    stateAndMemory(figures),
    cpu(figures),
    meaning(figures),
    remainder(figures),
    renderStart(starts, machine, day),
    REPRODUCTION,
  ];
  return `${sections.join("\n\n")}\n`;
}

function introduction(figures: Figures, machine: Machine, day: string): string {
  return `# Performance

How long the real Pulumi engine takes with this package, beside two other programs that declare the same number of resources:

- **${TITLES.license}**: [bench/programs/license](../bench/programs/license/index.js), the resource of this package.
- **${TITLES.floor}**: [bench/programs/floor](../bench/programs/floor/index.js). Dynamic resources with the inputs and outputs of a \`License\` and an inline provider that does nothing: what the engine itself takes. The benchmark checks that both store the same properties in the same sizes.
- **${TITLES.naive}**: [bench/programs/naive](../bench/programs/naive/index.js). A dynamic provider as one writes it first: one request for each thing to do, and each license asked for by itself.

The panel is the [simulator](simulator.md) in a process of its own. It answers at once, or holds each answer back.

${howOften(figures.repetitions)} The programs take turns at each operation, with the CLI's own limit of operations at a time, \`--skip-preview\` and a stack in a folder. Times are those of the whole command, from its start to its end.

${measuredOn(machine, day)}`;
}

function howOften(repetitions: number): string {
  return repetitions === 1
    ? "Everything was measured once."
    : `Everything was measured ${repetitions} times. Figures are medians; the smallest and the largest follow in parentheses.`;
}

function targets(figures: Figures): string {
  const rows = figures
    .verdicts()
    .map(({ cell, what, ratio, passes }) => [
      what === "memory" ? "memory of the provider's host" : OPERATION_TITLES[what],
      String(cell.size),
      answersAfter(cell),
      what === "memory" ? `below ${times2(MEMORY_TARGET)}` : `at most ${times2(TIME_TARGET)}`,
      times2(ratio),
      passes ? "pass" : "**fail**",
    ]);
  return `## Targets

What this package takes, as a multiple of what the engine alone takes.

${table(["operation", "licenses", "answers", "target", "measured", ""], rows)}`;
}

function times(figures: Figures): string {
  const sections = figures.cells.map((cell) => {
    const rows = OPERATIONS.map((operation) => [
      OPERATION_TITLES[operation],
      ...PROGRAMS.map((program) => spread(figures, figures.seconds(cell, program, operation), seconds)),
      times2(figures.timeRatio(cell, operation, "license", "floor")),
      times2(figures.timeRatio(cell, operation, "license", "naive")),
    ]);
    const head = ["operation", ...PROGRAMS.map((program) => TITLES[program]), ...ratioTitles()];
    return `### ${cell.size} licenses, answers ${answersAfter(cell)}\n\n${table(head, rows)}`;
  });
  return `## Time\n\n${sections.join("\n\n")}`;
}

function ratioTitles(): string[] {
  return [`${TITLES.license} / ${TITLES.floor}`, `${TITLES.license} / ${TITLES.naive}`];
}

function calls(figures: Figures): string {
  const rows = figures.cells.flatMap((cell) =>
    OPERATIONS.map((operation) => [
      OPERATION_TITLES[operation],
      String(cell.size),
      answersAfter(cell),
      callsOf(figures, cell, "license", operation),
      callsOf(figures, cell, "naive", operation),
    ]),
  );
  return `## Calls to the panel

By the panel's own journal; what was called, and what kind of answer it got.

${table(["operation", "licenses", "answers", TITLES.license, TITLES.naive], rows)}`;
}

function callsOf(figures: Figures, cell: Cell, program: ProgramName, operation: Operation): string {
  const made = [...figures.calls(cell, program, operation)];
  const counted = made.map(([call, { least, most }]) => `${least === most ? most : `${least} to ${most}`} \`${call}\``);
  return counted.join(", ") || "none";
}

function stateAndMemory(figures: Figures): string {
  const bytes = (value: number) => `${Math.round(value)} B`;
  const rows = [
    [
      "the provider's text, stored twice with each",
      ...PROGRAMS.map((program) => bytes(figures.providerBytes(program))),
      "",
    ],
    ...figures.cells.map((cell) => [
      `state per license, ${describe(cell)}`,
      ...PROGRAMS.map((program) => bytes(figures.bytesPerLicense(cell, program))),
      times2(figures.bytesPerLicense(cell, "license") / figures.bytesPerLicense(cell, "floor")),
    ]),
    ...figures.cells.map((cell) => [
      `peak memory of the provider's host, ${describe(cell)}`,
      ...PROGRAMS.map((program) => spread(figures, figures.hostMemory(cell, program), megabytes)),
      times2(figures.hostMemory(cell, "license").median / figures.hostMemory(cell, "floor").median),
    ]),
  ];
  return `## State and memory

State is the size of the exported stack beyond that of the empty one, divided by the number of licenses. Memory is the highest resident set of the process that runs the provider, in whichever operation needs most.

${table(["", ...PROGRAMS.map((program) => TITLES[program]), ratioTitles()[0] ?? ""], rows)}`;
}

function cpu(figures: Figures): string {
  const parts = ["engine", "program", "host", "panel"] as const;
  const rows = figures.cells.flatMap((cell) =>
    PROGRAMS.map((program) => {
      const taken = parts.map((part) => figures.cpu(cell, program, part).median);
      const total = taken.reduce((sum, part) => sum + part, 0);
      return [TITLES[program], String(cell.size), answersAfter(cell), ...taken.map(seconds), seconds(total)];
    }),
  );
  const head = ["", "licenses", "answers", "engine", "program, language host", "provider's host", "panel", "sum"];
  return `## CPU time

The four operations together. Processes are sampled every 50 ms, so that the last moments of each are missing.

${table(head, rows)}`;
}

function meaning(figures: Figures): string {
  const statements = figures.cells.map((cell) => {
    const toFloor = range(OPERATIONS.map((operation) => figures.timeRatio(cell, operation, "license", "floor")));
    const toNaive = range(OPERATIONS.map((operation) => figures.timeRatio(cell, operation, "license", "naive")));
    return `- ${capital(describe(cell))}: the four operations took ${toFloor} the time of the engine alone${longest(figures, cell)}, and ${toNaive} that of the naive provider.`;
  });
  const verdicts = figures.verdicts();
  const failed = verdicts.filter(({ passes }) => !passes).length;
  const verdict =
    failed === 0
      ? "All targets above are met"
      : `Of ${verdicts.length} targets above, ${failed} ${failed === 1 ? "is" : "are"} not met`;
  return `## What it means

${statements.join("\n")}

${verdict}. A ratio below 1.00 is possible: the program of the engine alone stores a longer provider text (${figures.providerBytes("floor")} bytes against ${figures.providerBytes("license")}) and makes it anew in each run, as every inline provider does.`;
}

/** How much later than the engine alone this package was, where it was. */
function longest(figures: Figures, cell: Cell): string {
  const later = OPERATIONS.map((operation) => {
    const [own, floor] = [figures.seconds(cell, "license", operation), figures.seconds(cell, "floor", operation)];
    return { operation, by: own.median - floor.median };
  }).toSorted((a, b) => b.by - a.by);
  const [most] = later;
  return most === undefined || most.by <= 0
    ? ""
    : ` (at most ${seconds(most.by)} more: ${OPERATION_TITLES[most.operation]})`;
}

/** Whose the rest is: what each further license costs the engine shows where two sizes were measured. */
function remainder(figures: Figures): string {
  const latencyMs = figures.cells[0]?.latencyMs;
  const created = figures.cells
    .filter((cell) => cell.latencyMs === latencyMs)
    .map((cell) => ({ size: cell.size, whole: figures.seconds(cell, "floor", "create").median }));
  const each = created.map(
    ({ size, whole }) => `${seconds(whole)} for ${size} (${((whole * 1000) / size).toFixed(0)} ms each)`,
  );
  return `## What remains, and whose it is

With its backend in a folder or a bucket, the engine writes the whole state anew at every step: one step takes the longer, the more resources there are. Creating them with a provider that does nothing and asks nobody took ${each.join(" and ")}. That part is the engine's. A provider can add little to it by storing little with each resource, and by not keeping the engine waiting.${severalStacks(created)}`;
}

function severalStacks(created: readonly { size: number; whole: number }[]): string {
  const [small, large] = [created.at(0), created.at(-1)];
  if (small === undefined || large === undefined || large.size % small.size !== 0 || large.size === small.size) {
    return "";
  }
  const stacks = large.size / small.size;
  return small.whole * stacks < large.whole
    ? ` Where that is too slow, smaller stacks help: ${stacks} of ${small.size} one after the other come to ${seconds(small.whole * stacks)} by these figures, one of ${large.size} to ${seconds(large.whole)}.`
    : "";
}

const REPRODUCTION = `${REPRODUCTION_HEADING}

\`\`\`console
npm run bench                                          # everything; writes this page
npm run bench -- --sizes 100 --repetitions 1 --no-write
npm run bench -- --only start                          # the start of the plugin; writes its section alone
npm run bench -- --quick                               # three licenses, once: does it run?
\`\`\`

It needs Linux, whose \`/proc\` tells what the processes take, and a machine that does nothing else meanwhile. Nothing leaves the machine, and no license is bought.`;

function describe(cell: Cell): string {
  return `${plural(cell.size, "license")}, answers ${answersAfter(cell)}`;
}

function answersAfter({ latencyMs }: Cell): string {
  return latencyMs === 0 ? "at once" : `after ${latencyMs} ms`;
}

function spread(figures: Figures, { median, least, most }: Repeated, shown: (value: number) => string): string {
  return figures.repetitions === 1 ? shown(median) : `${shown(median)} (${shown(least)} to ${shown(most)})`;
}

function range(ratios: readonly number[]): string {
  const [least, most] = [times2(Math.min(...ratios)), times2(Math.max(...ratios))];
  return least === most ? least : `${least} to ${most}`;
}
