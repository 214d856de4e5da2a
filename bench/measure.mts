/**
 * Measures the subjects side by side: each operation is run by one subject after the other before the next operation begins, so that
 * whatever else the machine does meets all of them alike.
 */
import type { PulumiCli } from "../tools/pulumi/installation.mts";
import { BareStage } from "./bareStage.mts";
import { expectedSeconds, LONGEST_SECONDS } from "./figures.mts";
import { PulumiStage } from "./pulumiStage.mts";
import type { Cell, Life } from "./results.mts";
import type { Sample, Stage } from "./stage.mts";
import { requireFair, type StateFigures } from "./state.mts";
import { CHANGING_NOTHING, OPERATIONS, type Operation, type SubjectName } from "./subjects.mts";

export interface MeasureOptions {
  readonly cli: PulumiCli;
  readonly subjects: readonly SubjectName[];
  /** Licenses in a stack, the smallest first. */
  readonly sizes: readonly number[];
  /** How long the panel holds each answer back, in ms. */
  readonly latencies: readonly number[];
  readonly repetitions: number;
  /** How often in each repetition what changes nothing is run; the middle one counts. */
  readonly rounds: number;
  /** Whether one license of each subject is brought about first, unmeasured: the first to run would find nothing in the system's caches. */
  readonly warmUp: boolean;
  readonly signal: AbortSignal;
  /** Told what is measured, and of each operation when it is done. */
  readonly report: (line: string) => void;
}

/**
 * @param earlier what an earlier run has measured already: only what is missing is measured
 * @param save given all lives so far, the earlier ones included, whenever some have ended
 */
export async function measure(
  options: MeasureOptions,
  earlier: readonly Life[],
  save: (lives: readonly Life[]) => Promise<void>,
): Promise<void> {
  const { sizes, latencies, repetitions, report } = options;
  let lives = earlier;
  let warm = !options.warmUp;
  for (const cell of sizes.flatMap((size) => latencies.map((latencyMs) => ({ size, latencyMs })))) {
    const able = withoutSlow(options, lives, cell);
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      const missing = able.filter((subject) => countOf(lives, subject, cell) <= repetition);
      if (missing.length === 0) {
        continue;
      }
      if (!warm) {
        report("Warming up, with one license");
        await oneLife(options, options.subjects, { size: 1, latencyMs: 0 });
        warm = true;
      }
      report(`${cell.size} licenses, answers after ${cell.latencyMs} ms, ${repetition + 1} of ${repetitions}`);
      lives = [...lives, ...(await oneLife(options, rotated(missing, repetition), cell))];
      await save(lives);
    }
  }
}

/** No subject is always the first, or always behind the same other. */
export function rotated<T>(items: readonly T[], by: number): T[] {
  const shift = by % items.length;
  return [...items.slice(shift), ...items.slice(0, shift)];
}

function withoutSlow({ subjects, report }: MeasureOptions, lives: readonly Life[], cell: Cell): SubjectName[] {
  return subjects.filter((subject) => {
    const expected = expectedSeconds(lives, subject, cell) ?? 0;
    if (expected > LONGEST_SECONDS) {
      const seconds = `${expected.toFixed(0)} s for one operation`;
      report(
        `${cell.size} licenses, answers after ${cell.latencyMs} ms: no ${subject}, which would take about ${seconds}`,
      );
    }
    return expected <= LONGEST_SECONDS;
  });
}

function countOf(lives: readonly Life[], subject: SubjectName, { size, latencyMs }: Cell): number {
  return lives.filter((life) => life.subject === subject && life.size === size && life.latencyMs === latencyMs).length;
}

/** A stack of each subject, from its creation to its end. */
async function oneLife(options: MeasureOptions, order: readonly SubjectName[], cell: Cell): Promise<Life[]> {
  const stages = new Map<SubjectName, Stage>();
  const samples = new Map<SubjectName, Partial<Record<Operation, Sample>>>();
  try {
    for (const subject of order) {
      stages.set(subject, await openStage(options, subject, cell));
    }
    const runAll = async (operation: Operation) => {
      const runs = new Map<SubjectName, [Sample, ...Sample[]]>();
      const rounds = CHANGING_NOTHING.includes(operation) ? options.rounds : 1;
      for (let round = 0; round < rounds; round += 1) {
        for (const [subject, stage] of rotated([...stages], round)) {
          const sample = await stage.run(operation);
          runs.set(subject, [sample, ...(runs.get(subject) ?? [])]);
        }
      }
      const said: string[] = [];
      for (const [subject, taken] of runs) {
        const sample = middleOf(taken);
        samples.set(subject, { ...samples.get(subject), [operation]: sample });
        said.push(`${subject} ${sample.seconds.toFixed(2)} s`);
      }
      options.report(`  ${operation.padEnd(9)}  ${said.join("  ")}`);
    };

    const [create, ...others] = OPERATIONS;
    await runAll(create);
    const full = await statesOf(stages, cell.size);
    for (const alone of ["leanest", "floor"] as const) {
      requireFair(alone, full.get(alone), full.get("license"));
    }
    for (const operation of others) {
      await runAll(operation);
    }
    const empty = await statesOf(stages, 0);
    const day = new Date().toISOString().slice(0, 10);
    return order.map((subject) => ({
      ...cell,
      subject,
      day,
      samples: samples.get(subject) as Record<Operation, Sample>,
      ...storedOf(full.get(subject), empty.get(subject), cell.size),
    }));
  } finally {
    await Promise.all([...stages.values()].map((stage) => stage.close()));
  }
}

/** The one that took neither the least nor the most time; of an even number the faster of the two. */
export function middleOf(samples: readonly [Sample, ...Sample[]]): Sample {
  const sorted = samples.toSorted((one, other) => one.seconds - other.seconds);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? samples[0];
}

function openStage({ cli, signal }: MeasureOptions, subject: SubjectName, { size, latencyMs }: Cell): Promise<Stage> {
  return subject === "bare"
    ? BareStage.open(size, latencyMs, signal)
    : PulumiStage.open({ cli, subject, size, latencyMs, signal });
}

async function statesOf(
  stages: ReadonlyMap<SubjectName, Stage>,
  licenses: number,
): Promise<Map<SubjectName, StateFigures>> {
  const states = new Map<SubjectName, StateFigures>();
  for (const [subject, stage] of stages) {
    const state = await stage.state();
    if (state === undefined) {
      continue;
    }
    if (state.licenses !== licenses) {
      throw new Error(`"${subject}" has ${state.licenses} licenses in its state, not ${licenses}`);
    }
    states.set(subject, state);
  }
  return states;
}

function storedOf(full: StateFigures | undefined, empty: StateFigures | undefined, size: number): Pick<Life, "stored"> {
  return full === undefined || empty === undefined
    ? {}
    : { stored: { bytesPerLicense: (full.bytes - empty.bytes) / size, providerBytes: full.providerBytes } };
}
