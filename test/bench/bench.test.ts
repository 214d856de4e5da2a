import { beforeAll, describe, expect, it } from "vitest";
import { Figures, StartFigures } from "../../bench/figures.mts";
import { type Measured, measure } from "../../bench/measure.mts";
import type { Calls } from "../../bench/panel.mts";
import type { Operation, ProgramName } from "../../bench/programs.mts";
import { renderReport } from "../../bench/report.mts";
import { measureStarts, STARTS, type StartTimes } from "../../bench/start.mts";
import { ensurePulumi } from "../../tools/pulumi/ensure.mts";

const LIST = "softexternal → list";
const ORDER = "softexternal.order.param → ok";
const BALANCE = "subaccount → list";
const QUOTE = "softexternal.order.param → form";
const FORM = "softexternal.edit → form";
const DELETE = "softexternal.delete → ok";

/** Figures of so small a run mean nothing, and none of them is judged here. */
describe.runIf(process.platform === "linux")("the benchmark, with three licenses", () => {
  let measured: Measured;
  let started: StartTimes;

  beforeAll(async () => {
    const signal = new AbortController().signal;
    started = await measureStarts({ starts: 2, signal, report: () => undefined });
    measured = await measure({
      cli: await ensurePulumi({ report: () => undefined }),
      sizes: [3],
      latencies: [0],
      repetitions: 1,
      warmUp: false,
      signal,
      report: () => undefined,
    });
  });

  const samples = (program: ProgramName, operation: Operation) =>
    measured.timed
      .filter((timed) => timed.program === program && timed.operation === operation)
      .map(({ sample }) => sample);
  const calls = (program: ProgramName, operation: Operation): Calls | undefined =>
    samples(program, operation)[0]?.calls;

  it("counts what this package calls", () => {
    expect(calls("license", "create")).toEqual({
      [BALANCE]: 1,
      [QUOTE]: expect.any(Number),
      [LIST]: expect.any(Number),
      [ORDER]: 3,
    });
    expect(calls("license", "unchanged")).toEqual({});
    expect(calls("license", "refresh")).toEqual({ [LIST]: 1 });
    expect(calls("license", "destroy")).toEqual({ [LIST]: expect.any(Number), [DELETE]: 3 });
  });

  it("counts a call of the naive provider for each thing that it does, and none of the engine alone", () => {
    expect(calls("naive", "create")).toEqual({ [ORDER]: 3, [FORM]: 3 });
    expect(calls("naive", "unchanged")).toEqual({});
    expect(calls("naive", "refresh")).toEqual({ [FORM]: 3 });
    expect(calls("naive", "destroy")).toEqual({ [DELETE]: 3 });
    for (const operation of ["create", "unchanged", "refresh", "destroy"] as const) {
      expect(calls("floor", operation)).toEqual({});
    }
  });

  it("sees what the processes of every run take", () => {
    for (const { sample } of measured.timed) {
      expect(sample.seconds).toBeGreaterThan(0);
      expect(sample.cpu.engine).toBeGreaterThan(0);
      expect(sample.cpu.host).toBeGreaterThan(0);
      expect(sample.hostMemory).toBeGreaterThan(20e6);
    }
  });

  it("sees each plugin accept a license as often as it was started", () => {
    for (const name of STARTS) {
      expect(started[name]).toEqual([expect.any(Number), expect.any(Number)]);
      expect(Math.min(...started[name])).toBeGreaterThan(10);
    }
  });

  it("makes a page of it without a gap", () => {
    const machine = { cpu: "a CPU", cores: 2, memoryBytes: 2 ** 33, system: "Linux", node: "24", pulumi: "3" };
    const page = renderReport(new Figures(measured), new StartFigures(started), machine, "2026-01-15");
    expect(page).toContain("### 3 licenses, answers at once");
    expect(page).toContain("Each was started 2 times");
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });
});
