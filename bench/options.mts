import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Licenses in a stack. */
  readonly sizes: readonly number[];
  /** How long the panel holds each answer back, in ms. */
  readonly latencies: readonly number[];
  readonly repetitions: number;
  /** Of each plugin. */
  readonly starts: number;
  /** The one part that is measured; without it, all are. */
  readonly only?: "start";
  readonly warmUp: boolean;
  /** Whether docs/performance.md is written. */
  readonly write: boolean;
}

const FULL: BenchOptions = {
  sizes: [100, 300],
  latencies: [0, 50],
  repetitions: 3,
  starts: 15,
  warmUp: true,
  write: true,
};
const QUICK: BenchOptions = { sizes: [3], latencies: [0], repetitions: 1, starts: 3, warmUp: false, write: false };

export const USAGE = `Usage: npm run bench -- [options]

  --sizes 100,300     licenses in a stack
  --latencies 0,50    milliseconds by which the panel holds each answer back
  --repetitions 3     how often each is measured; the medians are reported
  --starts 15         how often each plugin is started
  --only start        the start of the plugin alone
  --quick             3 licenses, no latency, once, and nothing written
  --no-write          leave docs/performance.md as it is
`;

/** @throws RangeError for values that make no sense, and Node's error for options that do not exist */
export function readOptions(args: readonly string[]): BenchOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      sizes: { type: "string" },
      latencies: { type: "string" },
      repetitions: { type: "string" },
      starts: { type: "string" },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    return "help";
  }
  if (values.only !== undefined && values.only !== "start") {
    throw new RangeError(`--only takes start, not "${values.only}"`);
  }
  const otherwise = values.quick ? QUICK : FULL;
  return {
    sizes: values.sizes === undefined ? otherwise.sizes : wholeNumbers("sizes", values.sizes, 1),
    latencies: values.latencies === undefined ? otherwise.latencies : wholeNumbers("latencies", values.latencies, 0),
    repetitions:
      values.repetitions === undefined ? otherwise.repetitions : wholeNumber("repetitions", values.repetitions, 1),
    starts: values.starts === undefined ? otherwise.starts : wholeNumber("starts", values.starts, 1),
    ...(values.only === undefined ? {} : { only: values.only }),
    warmUp: otherwise.warmUp,
    write: values.write ?? otherwise.write,
  };
}

function wholeNumbers(option: string, text: string, least: number): number[] {
  const numbers = text.split(",").map((part) => wholeNumber(option, part, least));
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function wholeNumber(option: string, text: string, least: number): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < least) {
    throw new RangeError(`--${option} takes whole numbers, ${least} or more, not "${text}"`);
  }
  return Number(text);
}
