import { expect } from "vitest";
import type { PulumiResult, RunningPulumi } from "../../../tools/pulumi/workspace.mts";
import { descendantsOf, isRunning, providersAmong } from "./processes";

export const PATIENCE = { timeout: 60_000 };

/** A run under way, and what it consists of. */
export interface Victim {
  readonly run: RunningPulumi;
  readonly processes: readonly number[];
  readonly providers: readonly number[];
}

/** Waits for the run to come to a place, and learns what it consists of. */
export async function arrived(run: RunningPulumi, reached: Promise<unknown>): Promise<Victim> {
  const ended = run.result.then(({ output }) => {
    throw new Error(`the run ended before:\n${output}`);
  });
  await Promise.race([reached, ended]);
  ended.catch(() => undefined);
  const processes = await descendantsOf(run.process.pid ?? 0);
  return { run, processes: processes.map(({ pid }) => pid), providers: providersAmong(processes) };
}

export async function gone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.some(isRunning), PATIENCE).toBe(false);
}

/** An update, as the engine advises: where a run that was cut off has left its lock, it is taken away first. */
export async function unlocked(pulumi: (...args: string[]) => RunningPulumi): Promise<PulumiResult> {
  const up = () => pulumi("up", "--yes", "--skip-preview").result;
  const result = await up();
  if (!result.output.includes("the stack is currently locked")) {
    return result;
  }
  expect((await pulumi("cancel", "--yes").result).code).toBe(0);
  return up();
}
