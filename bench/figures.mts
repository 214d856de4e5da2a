/** Decides what the measurements amount to. */
import type { Cell, Life } from "./results.mts";
import type { Sample } from "./stage.mts";
import type { StartName, StartTimes } from "./start.mts";
import { type Point, type Repeated, repeated, sum } from "./statistics.mts";
import { OPERATIONS, type Operation, SUBJECTS, type SubjectName } from "./subjects.mts";

/** A subject that would take longer for one operation is not run. */
export const LONGEST_SECONDS = 120;

/** With fewer licenses, the start of a command hides how the rest of it grows. */
const EVIDENT_SIZE = 100;
/**
 * The exponents by which times are expected to grow. The engine writes its whole state anew for each resource, which comes to somewhat more
 * than the square where each license is one.
 */
const EXPECTED_GROWTH: Readonly<Record<SubjectName, number>> = {
  bare: 1,
  leanest: 2.3,
  floor: 2.3,
  naive: 2.3,
  license: 2.3,
  licensePlugin: 2.3,
  fleet: 1,
  fleetPlugin: 1,
};

/**
 * How long the slowest operation would take, by what it took with the next smaller number of licenses that was measured. What the fastest
 * operation takes is the start of a command, and does not grow.
 *
 * @returns `undefined` where nothing smaller was measured that tells
 */
export function expectedSeconds(lives: readonly Life[], subject: SubjectName, cell: Cell): number | undefined {
  const smaller = lives.filter(
    (life) =>
      life.subject === subject &&
      life.latencyMs === cell.latencyMs &&
      life.size < cell.size &&
      life.size >= EVIDENT_SIZE,
  );
  if (smaller.length === 0) {
    return undefined;
  }
  const size = Math.max(...smaller.map((life) => life.size));
  const nearest = smaller.filter((life) => life.size === size);
  const seconds = OPERATIONS.flatMap(
    (operation) => repeated(nearest.map(({ samples }) => samples[operation].seconds))?.median ?? [],
  );
  const start = Math.min(...seconds);
  return start + (Math.max(...seconds) - start) * (cell.size / size) ** EXPECTED_GROWTH[subject];
}

export class Figures {
  readonly lives: readonly Life[];
  readonly subjects: readonly SubjectName[];
  readonly sizes: readonly number[];
  readonly latencies: readonly number[];

  constructor(lives: readonly Life[]) {
    this.lives = lives;
    this.subjects = SUBJECTS.filter((subject) => lives.some((life) => life.subject === subject));
    this.sizes = ascending(lives.map(({ size }) => size));
    this.latencies = ascending(lives.map(({ latencyMs }) => latencyMs));
  }

  /** How often the figures were measured, the least and the most. */
  get repetitions(): readonly [number, number] {
    const counts = this.subjects.flatMap((subject) => this.#cells().map((cell) => this.livesOf(cell, subject).length));
    const measured = counts.filter((count) => count > 0);
    return [Math.min(...measured), Math.max(...measured)];
  }

  livesOf({ size, latencyMs }: Cell, subject: SubjectName): Life[] {
    return this.lives.filter((life) => life.subject === subject && life.size === size && life.latencyMs === latencyMs);
  }

  /** Any figure of one operation, over its repetitions. */
  of(
    cell: Cell,
    subject: SubjectName,
    operation: Operation,
    figureOf: (sample: Sample) => number,
  ): Repeated | undefined {
    return repeated(this.livesOf(cell, subject).map(({ samples }) => figureOf(samples[operation])));
  }

  seconds(cell: Cell, subject: SubjectName, operation: Operation): number | undefined {
    return this.of(cell, subject, operation, ({ seconds }) => seconds)?.median;
  }

  /** How the times of two subjects compare, by their medians; `undefined` where one was not measured. */
  timeRatio(cell: Cell, operation: Operation, subject: SubjectName, other: SubjectName): number | undefined {
    return quotient(this.seconds(cell, subject, operation), this.seconds(cell, other, operation));
  }

  /** The most memory that the provider's process held in any operation, in bytes. */
  hostMemory(cell: Cell, subject: SubjectName): number | undefined {
    return repeated(
      this.livesOf(cell, subject).map(({ samples }) =>
        Math.max(...OPERATIONS.map((operation) => samples[operation].hostMemory)),
      ),
    )?.median;
  }

  /** CPU seconds of one part of all operations together. */
  cpu(cell: Cell, subject: SubjectName, part: keyof Sample["cpu"]): number | undefined {
    return repeated(
      this.livesOf(cell, subject).map(({ samples }) =>
        sum(OPERATIONS.map((operation) => samples[operation].cpu[part])),
      ),
    )?.median;
  }

  /** How often each kind of call was made. */
  calls(cell: Cell, subject: SubjectName, operation: Operation): ReadonlyMap<string, Repeated> {
    const all = this.livesOf(cell, subject).map(({ samples }) => samples[operation].calls);
    const kinds = ascending(all.flatMap((calls) => Object.keys(calls)));
    return new Map(
      kinds.flatMap((kind) => {
        const counts = repeated(all.map((calls) => calls[kind] ?? 0));
        return counts === undefined ? [] : [[kind, counts] as const];
      }),
    );
  }

  bytesPerLicense(cell: Cell, subject: SubjectName): number | undefined {
    return repeated(this.livesOf(cell, subject).flatMap(({ stored }) => stored?.bytesPerLicense ?? []))?.median;
  }

  providerBytes(subject: SubjectName): number {
    return this.lives.find((life) => life.subject === subject)?.stored?.providerBytes ?? 0;
  }

  /** A figure over the number of licenses, where it was measured. */
  curve(latencyMs: number, figureAt: (cell: Cell) => number | undefined): Point[] {
    return this.sizes.flatMap((size) => {
      const value = figureAt({ size, latencyMs });
      return value === undefined ? [] : [{ size, value }];
    });
  }

  /** How far each repetition's time lay from its median, as a part of it; the smallest first. */
  deviations(): number[] {
    return this.#cells()
      .flatMap((cell) =>
        this.subjects.flatMap((subject) => OPERATIONS.map((operation) => ({ cell, subject, operation }))),
      )
      .flatMap(({ cell, subject, operation }) => {
        const median = this.seconds(cell, subject, operation) ?? 0;
        return this.livesOf(cell, subject).flatMap(({ samples }) =>
          median === 0 ? [] : Math.abs(samples[operation].seconds / median - 1),
        );
      })
      .sort((a, b) => a - b);
  }

  #cells(): Cell[] {
    return this.sizes.flatMap((size) => this.latencies.map((latencyMs) => ({ size, latencyMs })));
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
    const milliseconds = repeated(this.#times[name]);
    if (milliseconds === undefined) {
      throw new RangeError(`no start of "${name}" was measured`);
    }
    return milliseconds;
  }

  ratio(name: StartName): number {
    return this.milliseconds(name).median / this.milliseconds("bare").median;
  }
}

export function quotient(dividend: number | undefined, divisor: number | undefined): number | undefined {
  return dividend === undefined || divisor === undefined || divisor === 0 ? undefined : dividend / divisor;
}

function ascending<T extends string | number>(values: readonly T[]): T[] {
  return [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
}
