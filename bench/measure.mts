/**
 * Measures the programs side by side: each operation is run by one program after the other before the next operation begins, so that
 * whatever else the machine does meets all of them alike.
 */
import type { PulumiCli } from "../tools/pulumi/installation.mts";
import { OPERATIONS, type Operation, PROGRAMS, type ProgramName } from "./programs.mts";
import { type Sample, Stage } from "./stage.mts";
import { requireFairFloor, type StateFigures } from "./state.mts";

export interface MeasureOptions {
  readonly cli: PulumiCli;
  /** Licenses in a stack. */
  readonly sizes: readonly number[];
  /** How long the panel holds each answer back, in ms. */
  readonly latencies: readonly number[];
  readonly repetitions: number;
  /** Whether one license of each program is brought about first, unmeasured: the first to run would find nothing in the system's caches. */
  readonly warmUp: boolean;
  readonly signal: AbortSignal;
  /** Told what is measured, and of each operation when it is done. */
  readonly report: (line: string) => void;
}

/** What a figure was measured with. */
export interface Circumstances {
  readonly size: number;
  readonly latencyMs: number;
  readonly program: ProgramName;
}

export interface Timed extends Circumstances {
  readonly operation: Operation;
  readonly sample: Sample;
}

export interface Stored extends Circumstances {
  readonly bytesPerLicense: number;
  readonly providerBytes: number;
}

/** One entry for each time that something was measured. */
export interface Measured {
  readonly timed: readonly Timed[];
  readonly stored: readonly Stored[];
}

export async function measure(options: MeasureOptions): Promise<Measured> {
  const { sizes, latencies, repetitions, warmUp, report } = options;
  if (warmUp) {
    report("Warming up, with one license");
    await oneLife(options, PROGRAMS, 1, 0);
  }
  const lives: Measured[] = [];
  for (const size of sizes) {
    for (const latencyMs of latencies) {
      for (let repetition = 0; repetition < repetitions; repetition += 1) {
        report(`${size} licenses, answers after ${latencyMs} ms, ${repetition + 1} of ${repetitions}`);
        lives.push(await oneLife(options, rotated(PROGRAMS, repetition), size, latencyMs));
      }
    }
  }
  return { timed: lives.flatMap(({ timed }) => timed), stored: lives.flatMap(({ stored }) => stored) };
}

/** No program is always the first, or always behind the same other. */
export function rotated<T>(items: readonly T[], by: number): T[] {
  const shift = by % items.length;
  return [...items.slice(shift), ...items.slice(0, shift)];
}

/** A stack of each program, from its creation to its end. */
async function oneLife(
  { cli, signal, report }: MeasureOptions,
  order: readonly ProgramName[],
  size: number,
  latencyMs: number,
): Promise<Measured> {
  const open: Stage[] = [];
  const timed: Timed[] = [];
  try {
    const stages = await inTurn(order, async (program) => {
      const stage = await Stage.open({ cli, program, size, latencyMs, signal });
      open.push(stage);
      return stage;
    });
    const runAll = async (operation: Operation) => {
      const samples = await inTurn(order, (program) => stages[program].run(operation));
      for (const program of PROGRAMS) {
        timed.push({ size, latencyMs, program, operation, sample: samples[program] });
      }
      const seconds = PROGRAMS.map((program) => `${program} ${samples[program].seconds.toFixed(2)} s`);
      report(`  ${operation.padEnd(9)}  ${seconds.join("  ")}`);
    };

    const [create, ...others] = OPERATIONS;
    await runAll(create);
    const full = await inTurn(order, (program) => stages[program].state());
    requireFairFloor(full);
    for (const operation of others) {
      await runAll(operation);
    }
    const empty = await inTurn(order, (program) => stages[program].state());
    requireLicenses(full, size);
    requireLicenses(empty, 0);
    const stored = PROGRAMS.map((program) => ({
      size,
      latencyMs,
      program,
      bytesPerLicense: (full[program].bytes - empty[program].bytes) / size,
      providerBytes: full[program].providerBytes,
    }));
    return { timed, stored };
  } finally {
    await Promise.all(open.map((stage) => stage.close()));
  }
}

/** Does a job for each program, never two at once. */
async function inTurn<T>(
  order: readonly ProgramName[],
  job: (program: ProgramName) => Promise<T>,
): Promise<Record<ProgramName, T>> {
  const done: [ProgramName, T][] = [];
  for (const program of order) {
    done.push([program, await job(program)]);
  }
  return Object.fromEntries(done) as Record<ProgramName, T>;
}

function requireLicenses(states: Readonly<Record<ProgramName, StateFigures>>, size: number): void {
  for (const program of PROGRAMS) {
    if (states[program].licenses !== size) {
      throw new Error(`programs/${program} has ${states[program].licenses} licenses in its state, not ${size}`);
    }
  }
}
