/** Writes the figures of large fleets for docs/scale.md. */
import type { PluginSample } from "./fleetPlugin.mts";
import { mark, measuredOn, megabytes, plural, seconds, table, times2 } from "./formats.mts";
import type { Machine } from "./machine.mts";
import { growthExponent, repeated } from "./statistics.mts";
import { GROWTH_LIMIT, judged, type Verdict } from "./targets.mts";

const OPERATIONS = ["create", "unchanged", "refresh", "destroy"] as const;
type ScaleOperation = (typeof OPERATIONS)[number];

const TITLES: Readonly<Record<ScaleOperation, string>> = {
  create: "create",
  unchanged: "update, nothing changed",
  refresh: "refresh",
  destroy: "destroy",
};

/** One fleet, from its creation to its end. */
export interface ScaleLife {
  readonly size: number;
  /** The inputs and outputs as JSON. */
  readonly bytes: number;
  readonly samples: Readonly<Record<ScaleOperation, readonly PluginSample[]>>;
  /** The bare parser, each time measured after a refresh. */
  readonly parser: readonly ParserSample[];
}

/** What it takes to ask for all pages and to parse them. */
export interface ParserSample {
  readonly seconds: number;
  readonly cpu: number;
}

export interface ScaleFigures {
  readonly lives: readonly ScaleLife[];
  /** Sizes that were not measured, since an operation would have taken longer than `longest` seconds. */
  readonly skipped: readonly number[];
  readonly repetitions: number;
  readonly longest: number;
}

const TARGET = { size: 10_000, timesParser: 1.3, memory: 300e6 } as const;

export function renderScale(figures: ScaleFigures, machine: Machine, day: string): string {
  const { lives, skipped, repetitions, longest } = figures;
  const rows = scaleVerdicts(lives).map(({ what, limit, measured, met }) => [what, limit, measured, mark(met)]);
  const left = skipped.map((size) => plural(size, "license")).join(", ");
  const not = skipped.length === 0 ? "" : ` Not run: ${left}, where an operation would take more than ${longest} s.`;
  return `${measuredOn(machine, [day])} Refreshes and updates without changes were measured ${plural(repetitions, "time")} each, and figures are medians; the other operations once.${not}

${table(["what", "target", "measured", ""], rows)}

${operationTable(lives)}

${growthTable(lives)}`;
}

export function scaleVerdicts(lives: readonly ScaleLife[]): Verdict[] {
  const life = lives.find(({ size }) => size === TARGET.size);
  const of = `refresh of ${TARGET.size} licenses`;
  // Each refresh beside the parser that ran right after it: what else the machine did meets both alike.
  const ratioOf = (figureOf: (sample: ParserSample) => number) =>
    repeated(life?.parser.map((parser, index) => ratio(life.samples.refresh[index], parser, figureOf)) ?? [])?.median;
  const memory = life && mostMemory(life, "refresh");
  return [
    judged(`${of}, time to that of the bare parser`, ratioOf(secondsOf), TARGET.timesParser, times2),
    judged(`${of}, CPU to that of the bare parser`, ratioOf(cpuOf), TARGET.timesParser, times2),
    judged(`${of}, memory of the provider`, memory && memory / 1e6, TARGET.memory / 1e6, (mb) => `${mb.toFixed(0)} MB`),
    ...OPERATIONS.map((operation) => {
      const exponent = growthExponent(curve(lives, operation, cpuOf));
      return judged(`${TITLES[operation]}: exponent of growth, CPU`, exponent, GROWTH_LIMIT, (value) =>
        value.toFixed(2),
      );
    }),
  ];
}

function ratio(
  refresh: ParserSample | undefined,
  parser: ParserSample,
  figureOf: (sample: ParserSample) => number,
): number {
  return refresh === undefined ? Number.NaN : figureOf(refresh) / figureOf(parser);
}

function operationTable(lives: readonly ScaleLife[]): string {
  const rows = lives.flatMap((life) => [
    ...OPERATIONS.map((operation, index) => [
      index === 0 ? String(life.size) : "",
      TITLES[operation],
      seconds(medianOf(life, operation, secondsOf)),
      seconds(medianOf(life, operation, cpuOf)),
      seconds(medianOf(life, operation, (sample) => sample.panelCpu)),
      String(medianOf(life, operation, (sample) => sample.calls)),
      megabytes(mostMemory(life, operation)),
      index === 0 ? `${(life.bytes / 1e6).toFixed(1)} MB` : "",
    ]),
    ["", "bare parser", ...[secondsOf, cpuOf].map((of) => seconds(medianOfParser(life, of) ?? 0)), "", "", "", ""],
  ]);
  const head = ["licenses", "", "time", "CPU", "CPU of the panel", "calls", "memory", "inputs and outputs"];
  return table(head, rows);
}

function growthTable(lives: readonly ScaleLife[]): string {
  const shown = (operation: ScaleOperation, figureOf: (sample: PluginSample) => number) =>
    growthExponent(curve(lives, operation, figureOf))?.toFixed(2) ?? "";
  const rows = OPERATIONS.map((operation) => [
    TITLES[operation],
    shown(operation, secondsOf),
    shown(operation, cpuOf),
    shown(operation, (sample) => sample.memory),
  ]);
  return table(["exponent of growth", "time", "CPU", "memory"], rows);
}

function curve(lives: readonly ScaleLife[], operation: ScaleOperation, figureOf: (sample: PluginSample) => number) {
  return lives.map((life) => ({ size: life.size, value: medianOf(life, operation, figureOf) }));
}

function medianOf(life: ScaleLife, operation: ScaleOperation, figureOf: (sample: PluginSample) => number): number {
  return repeated(life.samples[operation].map(figureOf))?.median ?? 0;
}

function medianOfParser(life: ScaleLife, figureOf: (sample: ParserSample) => number): number | undefined {
  return repeated(life.parser.map(figureOf))?.median;
}

function secondsOf(sample: ParserSample): number {
  return sample.seconds;
}

function cpuOf(sample: ParserSample): number {
  return sample.cpu;
}

function mostMemory(life: ScaleLife, operation: ScaleOperation): number {
  return Math.max(...life.samples[operation].map(({ memory }) => memory));
}
