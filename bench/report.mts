/** Writes the figures of large stacks for docs/performance.md. What they mean stands in that page, written by hand. */
import { expectedSeconds, type Figures, LONGEST_SECONDS, quotient } from "./figures.mts";
import { answersAfter, mark, measuredOn, megabytes, plural, seconds, table, times2 } from "./formats.mts";
import type { Machine } from "./machine.mts";
import type { Cell } from "./results.mts";
import { sum } from "./statistics.mts";
import { OPERATION_TITLES, OPERATIONS, type Operation, SUBJECT_TITLES, type SubjectName } from "./subjects.mts";
import { verdicts } from "./targets.mts";

export function renderStacks(figures: Figures, machine: Machine): string {
  const [first = 0] = figures.latencies;
  const sections = [
    measuredOn(
      machine,
      figures.lives.map(({ day }) => day),
    ),
    howOften(figures),
    targets(figures),
    times(figures),
    calls(figures, first),
    state(figures, first),
    memory(figures),
    cpu(figures, first),
    remainder(figures, first),
  ];
  return sections.join("\n\n");
}

function howOften(figures: Figures): string {
  const [least, most] = figures.repetitions;
  if (most === 1) {
    return "Everything was measured once.";
  }
  const deviations = figures.deviations();
  const percent = (part: number) =>
    `${(100 * (deviations.at(Math.floor((deviations.length - 1) * part)) ?? 0)).toFixed(0)} %`;
  const count = least === most ? `${most} times` : `${least} to ${most} times`;
  return `Everything was measured ${count}; figures are medians. Nine of ten times lay within ${percent(0.9)} of their median, all within ${percent(1)}.`;
}

function targets(figures: Figures): string {
  const rows = verdicts(figures).map(({ what, limit, measured, met }) => [what, limit, measured, mark(met)]);
  return `## Targets\n\n${table(["what", "target", "measured", ""], rows)}`;
}

function times(figures: Figures): string {
  const sections = figures.latencies.map((latencyMs) => {
    const shown = (cell: Cell, subject: SubjectName, operation: Operation) => {
      const own = figures.seconds(cell, subject, operation);
      const isMeasure = subject === "floor" || subject === "bare";
      const ratio = isMeasure ? undefined : figures.timeRatio(cell, operation, subject, "floor");
      return own && (ratio === undefined ? seconds(own) : `${seconds(own)}, ${times2(ratio)}`);
    };
    return `### Answers ${answersAfter(latencyMs)}\n\n${operationTable(figures, latencyMs, shown)}`;
  });
  return `## Time

The multiple after each time is that of the engine alone with as many resources.

${sections.join("\n\n")}`;
}

function calls(figures: Figures, latencyMs: number): string {
  const total = (cell: Cell, subject: SubjectName, operation: Operation) => {
    const counted = figures.of(cell, subject, operation, (sample) => sum(Object.values(sample.calls)));
    return counted && (counted.most === 0 ? "none" : String(counted.median));
  };
  const size = figures.sizes.findLast((each) =>
    figures.subjects.every((subject) => figures.livesOf({ size: each, latencyMs }, subject).length > 0),
  );
  return `## Calls to the panel

By the panel's own journal, where it answers ${answersAfter(latencyMs)}.

${operationTable(figures, latencyMs, total)}${size === undefined ? "" : callKinds(figures, { size, latencyMs })}`;
}

/** What was called, and what kind of answer it got. */
function callKinds(figures: Figures, cell: Cell): string {
  const kinds = (subject: SubjectName, operation: Operation) =>
    [...figures.calls(cell, subject, operation)]
      .map(([call, { least, most }]) => `${least === most ? most : `${least} to ${most}`} \`${call}\``)
      .join(", ") || "none";
  const rows = OPERATIONS.flatMap((operation) =>
    figures.subjects.map((subject, index) => [
      index === 0 ? OPERATION_TITLES[operation] : "",
      SUBJECT_TITLES[subject],
      kinds(subject, operation),
    ]),
  );
  return `\n\nWhat was called with ${plural(cell.size, "license")}, and what kind of answer it got:\n\n${table(["operation", "", "calls"], rows)}`;
}

function state(figures: Figures, latencyMs: number): string {
  const stored = figures.subjects.filter((subject) => subject !== "bare");
  const rows = stored.map((subject) => [
    SUBJECT_TITLES[subject],
    `${figures.providerBytes(subject)} B`,
    ...figures.sizes.map((size) => {
      const bytes = figures.bytesPerLicense({ size, latencyMs }, subject);
      return bytes === undefined ? absent(figures, { size, latencyMs }, subject) : `${bytes.toFixed(0)} B`;
    }),
  ]);
  return `## State

The size of the exported stack beyond that of the empty one, divided by the number of licenses; and the provider's text, which dynamic resources store twice each.

${table(["", "provider's text", ...sizeTitles(figures)], rows)}`;
}

function memory(figures: Figures): string {
  const rows = figures.latencies.flatMap((latencyMs) =>
    figures.subjects
      .filter((subject) => subject !== "bare")
      .map((subject, index) => [
        index === 0 ? answersAfter(latencyMs) : "",
        SUBJECT_TITLES[subject],
        ...figures.sizes.map((size) => {
          const cell = { size, latencyMs };
          const bytes = figures.hostMemory(cell, subject);
          const ratio = subject === "floor" ? undefined : quotient(bytes, figures.hostMemory(cell, "floor"));
          return bytes === undefined
            ? absent(figures, cell, subject)
            : [megabytes(bytes), ratio === undefined ? [] : times2(ratio)].flat().join(", ");
        }),
      ]),
  );
  return `## Memory

The highest resident set of the process that runs the provider, in whichever operation needs most.

${table(["answers", "", ...sizeTitles(figures)], rows)}`;
}

function cpu(figures: Figures, latencyMs: number): string {
  const parts = ["engine", "program", "host", "panel"] as const;
  const all = (cell: Cell, subject: SubjectName, operation: Operation) => {
    const taken = figures.of(cell, subject, operation, ({ cpu }) => cpu.engine + cpu.program + cpu.host);
    return taken && seconds(taken.median);
  };
  const rows = figures.sizes.flatMap((size) =>
    figures.subjects
      .filter((subject) => figures.livesOf({ size, latencyMs }, subject).length > 0)
      .map((subject) => [
        String(size),
        SUBJECT_TITLES[subject],
        ...parts.map((part) => seconds(figures.cpu({ size, latencyMs }, subject, part) ?? 0)),
      ]),
  );
  return `## CPU time

Of the user and of the system, for all processes of the command without the panel, where it answers ${answersAfter(latencyMs)}. Processes are sampled every 50 ms, so that the last moments of each are missing.

${operationTable(figures, latencyMs, all)}

Who takes it, in the ${OPERATIONS.length} operations together:

${table(["licenses", "", "engine", "program, language host", "provider's process", "panel"], rows)}`;
}

/** Whose the rest is: what each further license costs the engine shows where two sizes were measured. */
function remainder(figures: Figures, latencyMs: number): string {
  const curve = figures.curve(latencyMs, (cell) => figures.seconds(cell, "floor", "create"));
  const each = curve.map(
    ({ size, value }) => `${seconds(value)} for ${size} (${((value * 1000) / size).toFixed(0)} ms each)`,
  );
  const took =
    each.length === 0
      ? ""
      : ` Creating them with a provider that does nothing and asks nobody took ${each.join(", ")}.`;
  return `## What remains, and whose it is

With its backend in a folder or a bucket, the engine writes the whole state anew at every step: one step takes the longer, the more resources there are.${took} That part is the engine's. A provider can add little to it by storing little with each resource, and by not keeping the engine waiting; or it can make one resource of them all, as \`LicenseFleet\` does, which is one step.`;
}

/** One row for each operation of each subject, one column for each size. */
function operationTable(
  figures: Figures,
  latencyMs: number,
  shown: (cell: Cell, subject: SubjectName, operation: Operation) => string | 0 | undefined,
): string {
  const rows = OPERATIONS.flatMap((operation) =>
    figures.subjects
      .filter((subject) => subject !== "bare" || operation !== "unchanged")
      .map((subject, index) => [
        index === 0 ? OPERATION_TITLES[operation] : "",
        SUBJECT_TITLES[subject],
        ...figures.sizes.map(
          (size) => shown({ size, latencyMs }, subject, operation) || absent(figures, { size, latencyMs }, subject),
        ),
      ]),
  );
  return table(["operation", "", ...sizeTitles(figures)], rows);
}

/** Why there is no figure. */
function absent(figures: Figures, cell: Cell, subject: SubjectName): string {
  const expected = expectedSeconds(figures.lives, subject, cell) ?? 0;
  return expected > LONGEST_SECONDS ? `not run: about ${expected.toFixed(0)} s` : "not measured";
}

function sizeTitles(figures: Figures): string[] {
  return figures.sizes.map((size) => plural(size, "license"));
}
