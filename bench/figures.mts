/** Decides what the measurements amount to. */
import type { Circumstances, Measured } from "./measure.mts";
import type { Calls } from "./panel.mts";
import { OPERATIONS, type Operation, PROGRAMS, type ProgramName } from "./programs.mts";
import type { Sample } from "./stage.mts";
import type { StartName, StartTimes } from "./start.mts";

/** The most that this package may take, as a multiple of the engine alone. */
export const TIME_TARGET = 1.0;
export const MEMORY_TARGET = 1.3;
/** The most that the plugin may take to its first answer, as a multiple of a server that does nothing. */
export const START_TARGET = 1.3;

/** The same figure, measured again and again. */
export interface Repeated {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** One number of licenses with one latency: what all tables are divided by. */
export interface Cell {
  readonly size: number;
  readonly latencyMs: number;
}

export interface Verdict {
  readonly cell: Cell;
  /** What was compared; memory is compared for the operation that needs most of it. */
  readonly what: Operation | "memory";
  readonly ratio: number;
  readonly passes: boolean;
}

export class Figures {
  readonly cells: readonly Cell[];
  readonly repetitions: number;
  readonly #measured: Measured;

  constructor(measured: Measured) {
    this.#measured = measured;
    const cells = measured.stored.map(({ size, latencyMs }): [string, Cell] => [
      `${size} ${latencyMs}`,
      { size, latencyMs },
    ]);
    this.cells = [...new Map(cells).values()];
    this.repetitions = measured.stored.length / this.cells.length / PROGRAMS.length;
  }

  seconds(cell: Cell, program: ProgramName, operation: Operation): Repeated {
    return repeated(this.#samples(cell, program, operation).map(({ seconds }) => seconds));
  }

  /** How the times of two programs compare, by their medians. */
  timeRatio(cell: Cell, operation: Operation, program: ProgramName, other: ProgramName): number {
    return this.seconds(cell, program, operation).median / this.seconds(cell, other, operation).median;
  }

  /** The most memory that the provider's host held in any operation, in bytes. */
  hostMemory(cell: Cell, program: ProgramName): Repeated {
    const byOperation = OPERATIONS.map((operation) => this.#samples(cell, program, operation));
    return repeated(eachRepetition(byOperation, (samples) => Math.max(...samples.map((sample) => sample.hostMemory))));
  }

  /** CPU seconds of one part of all operations together. */
  cpu(cell: Cell, program: ProgramName, part: keyof Sample["cpu"]): Repeated {
    const byOperation = OPERATIONS.map((operation) => this.#samples(cell, program, operation));
    return repeated(eachRepetition(byOperation, (samples) => sum(samples.map((sample) => sample.cpu[part]))));
  }

  /** How often each kind of call was made. */
  calls(cell: Cell, program: ProgramName, operation: Operation): ReadonlyMap<string, Repeated> {
    const all: Calls[] = this.#samples(cell, program, operation).map(({ calls }) => calls);
    const kinds = [...new Set(all.flatMap((calls) => Object.keys(calls)))].sort();
    return new Map(kinds.map((kind) => [kind, repeated(all.map((calls) => calls[kind] ?? 0))]));
  }

  bytesPerLicense(cell: Cell, program: ProgramName): number {
    return repeated(this.#stored(cell, program).map(({ bytesPerLicense }) => bytesPerLicense)).median;
  }

  providerBytes(program: ProgramName): number {
    return this.#measured.stored.find((stored) => stored.program === program)?.providerBytes ?? 0;
  }

  /** Times where the panel answers at once, and memory everywhere. */
  verdicts(): Verdict[] {
    return this.cells.flatMap((cell) => {
      const memory = this.hostMemory(cell, "license").median / this.hostMemory(cell, "floor").median;
      const times = OPERATIONS.map((operation) => {
        const ratio = this.timeRatio(cell, operation, "license", "floor");
        return { cell, what: operation, ratio, passes: passesAtMost(ratio, TIME_TARGET) };
      });
      return [
        ...(cell.latencyMs === 0 ? times : []),
        { cell, what: "memory", ratio: memory, passes: Number(memory.toFixed(2)) < MEMORY_TARGET },
      ];
    });
  }

  #samples(cell: Cell, program: ProgramName, operation: Operation): Sample[] {
    return this.#measured.timed
      .filter((timed) => timed.operation === operation && isOf(timed, cell, program))
      .map(({ sample }) => sample);
  }

  #stored(cell: Cell, program: ProgramName): Measured["stored"] {
    return this.#measured.stored.filter((stored) => isOf(stored, cell, program));
  }
}

export class StartFigures {
  readonly starts: number;
  readonly #times: StartTimes;

  constructor(times: StartTimes) {
    this.#times = times;
    this.starts = times.bare.length;
  }

  milliseconds(name: StartName): Repeated {
    return repeated(this.#times[name]);
  }

  ratio(name: StartName): number {
    return this.milliseconds(name).median / this.milliseconds("bare").median;
  }

  get passes(): boolean {
    return passesAtMost(this.ratio("known"), START_TARGET);
  }
}

/** As it is printed: with two decimals. */
function passesAtMost(ratio: number, target: number): boolean {
  return Number(ratio.toFixed(2)) <= target;
}

function isOf(circumstances: Circumstances, { size, latencyMs }: Cell, program: ProgramName): boolean {
  return circumstances.program === program && circumstances.size === size && circumstances.latencyMs === latencyMs;
}

/** Puts together what belongs to the same repetition. */
function eachRepetition<T>(series: readonly (readonly T[])[], figureOf: (row: readonly T[]) => number): number[] {
  const [first = []] = series;
  return first.map((_, repetition) => figureOf(series.flatMap((values) => values.slice(repetition, repetition + 1))));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function repeated(values: readonly number[]): Repeated {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (position: number) => sorted[position] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    least: at(0),
    most: at(sorted.length - 1),
  };
}
