/** What this package has to reach, and whether it does. */
import { type Figures, quotient, type StartFigures } from "./figures.mts";
import { answersAfter, seconds, times2 } from "./formats.mts";
import type { Cell } from "./results.mts";
import { growthExponent } from "./statistics.mts";
import { OPERATION_TITLES, type Operation, SUBJECT_TITLES, type SubjectName } from "./subjects.mts";

export interface Verdict {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  /** `undefined` where what it needs was not measured. */
  readonly met: boolean | undefined;
}

/** The most that this package may take, as a multiple of the engine alone. */
const TIME_LIMIT = 1.0;
const MEMORY_LIMIT = 1.3;
/** How many times faster than the naive provider it has to be at least. */
const NAIVE_FACTOR = 1.4;
const NAIVE_CELL: Cell = { size: 300, latencyMs: 0 };
const LICENSE_CELLS: readonly Cell[] = [{ size: 100, latencyMs: 0 }, NAIVE_CELL];
const LICENSE_SUBJECTS = ["license", "licensePlugin"] as const satisfies readonly SubjectName[];

/** What a fleet may take beyond an `up` that changes nothing: this, and so many times the bare requests. */
const FLEET_EXTRA_SECONDS = 1.5;
const FLEET_SIZE = 500;
const FLEET_FACTORS = [
  { latencyMs: 0, factor: 2 },
  { latencyMs: 50, factor: 1.15 },
] as const;

/** The largest exponent by which what a fleet takes may grow. */
export const GROWTH_LIMIT = 1.1;
const [GROWTH_FROM, GROWTH_TO] = [100, 1000];

/** The most that the plugin may take to its first answer, as a multiple of a server that does nothing. */
const START_LIMIT = 1.3;

export function verdicts(figures: Figures): Verdict[] {
  return [
    ...FLEET_FACTORS.map(({ latencyMs, factor }) => fleetTime(figures, latencyMs, factor)),
    ...figures.latencies.flatMap((latencyMs) => fleetGrowth(figures, latencyMs)),
    ...licenseTimes(figures),
    ...hostMemories(figures),
  ];
}

export function startVerdict(figures: StartFigures): Verdict {
  return judged("", figures.ratio("known"), START_LIMIT, times2);
}

function fleetTime(figures: Figures, latencyMs: number, factor: number): Verdict {
  const cell = { size: FLEET_SIZE, latencyMs };
  const [up, unchanged] = [
    figures.seconds(cell, "fleetPlugin", "create"),
    figures.seconds(cell, "fleetPlugin", "unchanged"),
  ];
  const bare = figures.seconds(cell, "bare", "create");
  const what = `${SUBJECT_TITLES.fleetPlugin}: ${OPERATION_TITLES.create}, ${described(cell)}`;
  const formula = `nothing changed + ${FLEET_EXTRA_SECONDS} s + ${factor} × bare requests`;
  if (unchanged === undefined || bare === undefined) {
    return { what, limit: formula, measured: "not measured", met: undefined };
  }
  const limit = unchanged + FLEET_EXTRA_SECONDS + factor * bare;
  const verdict = judged(what, up, limit, seconds);
  return { ...verdict, limit: `${formula} = ${seconds(limit)}` };
}

/** The whole command, and what is left of it without what a command takes that changes nothing: its start hides how the rest grows. */
function fleetGrowth(figures: Figures, latencyMs: number): Verdict[] {
  const up = (cell: Cell) => figures.seconds(cell, "fleetPlugin", "create");
  const net = (cell: Cell) => {
    const [whole, unchanged] = [up(cell), figures.seconds(cell, "fleetPlugin", "unchanged")];
    return whole === undefined || unchanged === undefined ? undefined : whole - unchanged;
  };
  const title = `${SUBJECT_TITLES.fleetPlugin}: exponent of growth from ${GROWTH_FROM} to ${GROWTH_TO}, answers ${answersAfter(latencyMs)}`;
  return [
    { what: title, figureAt: up },
    { what: `${title}, less an \`up\` that changes nothing`, figureAt: net },
  ].map(({ what, figureAt }) => {
    const points = figures.curve(latencyMs, figureAt).filter(({ size }) => size >= GROWTH_FROM && size <= GROWTH_TO);
    const whole = points.at(0)?.size === GROWTH_FROM && points.at(-1)?.size === GROWTH_TO;
    return judged(what, whole ? growthExponent(points) : undefined, GROWTH_LIMIT, (exponent) => exponent.toFixed(2));
  });
}

function licenseTimes(figures: Figures): Verdict[] {
  const operations = ["create", "unchanged", "refresh", "destroy"] as const satisfies readonly Operation[];
  return LICENSE_SUBJECTS.flatMap((subject) =>
    operations.flatMap((operation) => {
      const what = (cell: Cell) => `${SUBJECT_TITLES[subject]}: ${OPERATION_TITLES[operation]}, ${described(cell)}`;
      const faster = figures.timeRatio(NAIVE_CELL, operation, "naive", subject);
      return [
        ...LICENSE_CELLS.map((cell) => {
          const toFloor = figures.timeRatio(cell, operation, subject, "floor");
          return judged(`${what(cell)}, to ${SUBJECT_TITLES.floor}`, toFloor, TIME_LIMIT, times2);
        }),
        judgedAtLeast(`${what(NAIVE_CELL)}, faster than ${SUBJECT_TITLES.naive}`, faster, NAIVE_FACTOR),
      ];
    }),
  );
}

function hostMemories(figures: Figures): Verdict[] {
  return figures.latencies.flatMap((latencyMs) =>
    figures.sizes.flatMap((size) => {
      const cell = { size, latencyMs };
      const ratio = quotient(figures.hostMemory(cell, "license"), figures.hostMemory(cell, "floor"));
      const what = `${SUBJECT_TITLES.license}: memory of the provider's process, ${described(cell)}, to ${SUBJECT_TITLES.floor}`;
      return ratio === undefined ? [] : [judged(what, ratio, MEMORY_LIMIT, times2)];
    }),
  );
}

export function judged(
  what: string,
  value: number | undefined,
  limit: number,
  shown: (value: number) => string,
): Verdict {
  return {
    what,
    limit: `at most ${shown(limit)}`,
    measured: value === undefined ? "not measured" : shown(value),
    met: value === undefined ? undefined : asPrinted(value) <= asPrinted(limit),
  };
}

function judgedAtLeast(what: string, value: number | undefined, limit: number): Verdict {
  return {
    what,
    limit: `at least ${times2(limit)}`,
    measured: value === undefined ? "not measured" : times2(value),
    met: value === undefined ? undefined : asPrinted(value) >= limit,
  };
}

/** With two decimals, so that nothing is judged that a reader does not see. */
function asPrinted(value: number): number {
  return Number(value.toFixed(2));
}

function described({ size, latencyMs }: Cell): string {
  return `${size} licenses, answers ${answersAfter(latencyMs)}`;
}
