/** What was measured, as it is kept in a file: an interrupted run goes on from it, several are put together, and the page is made of it. */
import { readFile, rename, writeFile } from "node:fs/promises";
import type { Machine } from "./machine.mts";
import type { Sample } from "./stage.mts";
import type { StartTimes } from "./start.mts";
import type { Operation, SubjectName } from "./subjects.mts";

/** One number of licenses with one latency. */
export interface Cell {
  readonly size: number;
  readonly latencyMs: number;
}

/** One subject once, from its creation to its end. */
export interface Life extends Cell {
  readonly subject: SubjectName;
  readonly day: string;
  readonly samples: Readonly<Record<Operation, Sample>>;
  /** Absent where nothing is stored. */
  readonly stored?: { readonly bytesPerLicense: number; readonly providerBytes: number };
}

export interface Results {
  readonly format: typeof FORMAT;
  readonly machine: Machine;
  readonly lives: readonly Life[];
  readonly starts?: { readonly day: string; readonly times: StartTimes };
}

/** Changes whenever older files can no longer be read, or mean something else. */
export const FORMAT = 2;

/** @throws Error where the file holds something else */
export async function readResults(file: string): Promise<Results> {
  const content: Partial<Results> = JSON.parse(await readFile(file, "utf8"));
  if (content.format !== FORMAT || content.machine === undefined || !Array.isArray(content.lives)) {
    throw new Error(`${file} holds no results of this benchmark`);
  }
  return content as Results;
}

/** Whole or not at all: a run that is killed here keeps what it had. */
export async function writeResults(file: string, results: Results): Promise<void> {
  await writeFile(`${file}.part`, `${JSON.stringify(results)}\n`);
  await rename(`${file}.part`, file);
}

/**
 * Puts several together; of the starts of the plugin the last counts.
 *
 * @throws Error where they come from different machines: their times do not compare
 */
export function merged(first: Results, ...others: readonly Results[]): Results {
  for (const { machine } of others) {
    requireSameMachine(first.machine, machine);
  }
  const all = [first, ...others];
  const starts = all.findLast((each) => each.starts !== undefined)?.starts;
  return { ...first, lives: all.flatMap(({ lives }) => lives), ...(starts && { starts }) };
}

export function requireSameMachine(one: Machine, other: Machine): void {
  const differing = (Object.keys(one) as (keyof Machine)[]).filter((name) => one[name] !== other[name]);
  if (differing.length > 0) {
    const pairs = differing.map((name) => `${name} ${one[name]} and ${other[name]}`);
    throw new Error(`the results come from different machines: ${pairs.join(", ")}`);
  }
}
