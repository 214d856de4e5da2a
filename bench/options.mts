import { parseArgs } from "node:util";
import { SUBJECTS, type SubjectName } from "./subjects.mts";

/** What can be measured by itself. */
export type Part = "stacks" | "start";

export interface BenchOptions {
  readonly subjects: readonly SubjectName[];
  /** Licenses in a stack. */
  readonly sizes: readonly number[];
  /** How long the panel holds each answer back, in ms. */
  readonly latencies: readonly number[];
  readonly repetitions: number;
  /** How often in each repetition what changes nothing is run. */
  readonly rounds: number;
  /** Of each plugin. */
  readonly starts: number;
  readonly parts: readonly Part[];
  readonly warmUp: boolean;
  /** The file that keeps what was measured, and that an interrupted run goes on from. */
  readonly out?: string;
  /** Files to make the page of; nothing is measured then. */
  readonly render?: readonly string[];
  /** Whether docs/performance.md and its chart are written. */
  readonly write: boolean;
}

const FULL: BenchOptions = {
  subjects: SUBJECTS,
  sizes: [100, 300, 500, 1000],
  latencies: [0, 50, 200],
  repetitions: 3,
  rounds: 3,
  starts: 15,
  parts: ["stacks", "start"],
  warmUp: true,
  write: true,
};
const QUICK: BenchOptions = {
  ...FULL,
  sizes: [3],
  latencies: [0],
  repetitions: 1,
  rounds: 1,
  starts: 3,
  warmUp: false,
  write: false,
};

export const USAGE = `Usage: npm run bench -- [options]

  --subjects fleetPlugin,bare   what is measured; all are
                                ${SUBJECTS.join(", ")}
  --sizes 100,300,500,1000      licenses in a stack
  --latencies 0,50,200          milliseconds by which the panel holds each answer back
  --repetitions 3               how often each is measured; the medians are reported
  --rounds 3                    how often in each of them a refresh and an update without changes are run
  --starts 15                   how often each plugin is started
  --only stacks|start           one part alone
  --out results.json            keep what was measured; what the file holds already is not measured again
  --render a.json,b.json        measure nothing, and write the page from what was kept
  --quick                       3 licenses, no latency, once, and nothing written
  --no-write                    leave docs/performance.md and its chart as they are
`;

/** @throws RangeError for values that make no sense, and Node's error for options that do not exist */
export function readOptions(args: readonly string[]): BenchOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      subjects: { type: "string" },
      sizes: { type: "string" },
      latencies: { type: "string" },
      repetitions: { type: "string" },
      rounds: { type: "string" },
      starts: { type: "string" },
      only: { type: "string" },
      out: { type: "string" },
      render: { type: "string" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    return "help";
  }
  const otherwise = values.quick ? QUICK : FULL;
  return {
    subjects: given(values.subjects, otherwise.subjects, (text) => namesOf("subjects", text, SUBJECTS)),
    sizes: given(values.sizes, otherwise.sizes, (text) => wholeNumbers("sizes", text, 1)),
    latencies: given(values.latencies, otherwise.latencies, (text) => wholeNumbers("latencies", text, 0)),
    repetitions: given(values.repetitions, otherwise.repetitions, (text) => wholeNumber("repetitions", text, 1)),
    rounds: given(values.rounds, otherwise.rounds, (text) => wholeNumber("rounds", text, 1)),
    starts: given(values.starts, otherwise.starts, (text) => wholeNumber("starts", text, 1)),
    parts: given(values.only, otherwise.parts, (text) => namesOf("only", text, FULL.parts)),
    warmUp: otherwise.warmUp,
    ...(values.out === undefined ? {} : { out: values.out }),
    ...(values.render === undefined ? {} : { render: values.render.split(",") }),
    write: values.write ?? otherwise.write,
  };
}

function given<T>(text: string | undefined, otherwise: T, read: (text: string) => T): T {
  return text === undefined ? otherwise : read(text);
}

/** In the order in which they are always named. */
function namesOf<T extends string>(option: string, text: string, known: readonly T[]): T[] {
  const names = text.split(",");
  const unknown = names.find((name) => !known.some((each) => each === name));
  if (unknown !== undefined) {
    throw new RangeError(`--${option} takes ${known.join(", ")}, not "${unknown}"`);
  }
  return known.filter((name) => names.includes(name));
}

export function wholeNumbers(option: string, text: string, least: number): number[] {
  const numbers = text.split(",").map((part) => wholeNumber(option, part, least));
  return [...new Set(numbers)].sort((a, b) => a - b);
}

export function wholeNumber(option: string, text: string, least: number): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < least) {
    throw new RangeError(`--${option} takes whole numbers, ${least} or more, not "${text}"`);
  }
  return Number(text);
}
