import { describe, expect, it } from "vitest";
import { Figures, StartFigures } from "../../bench/figures.mts";
import type { Measured } from "../../bench/measure.mts";
import { readOptions } from "../../bench/options.mts";
import { OPERATIONS, PROGRAMS, type ProgramName } from "../../bench/programs.mts";
import { renderStart, withStart } from "../../bench/startReport.mts";

/** A benchmark in which each operation of a program took these seconds, one by one, and this much memory. */
function measuredOf(
  figures: Readonly<Record<ProgramName, { seconds: readonly number[]; memory: number }>>,
  latencyMs = 0,
): Measured {
  const circumstances = PROGRAMS.map((program) => ({ size: 10, latencyMs, program }));
  return {
    timed: circumstances.flatMap((each) =>
      OPERATIONS.flatMap((operation) =>
        figures[each.program].seconds.map((seconds, repetition) => ({
          ...each,
          operation,
          sample: {
            seconds,
            cpu: { engine: 1, host: 1, program: 1, panel: 1 },
            hostMemory: figures[each.program].memory,
            calls: repetition === 0 ? { list: 2 } : { list: 3 },
          },
        })),
      ),
    ),
    stored: circumstances.flatMap((each) =>
      figures[each.program].seconds.map(() => ({ ...each, bytesPerLicense: 100, providerBytes: 50 })),
    ),
  };
}

const naive = { seconds: [30, 30, 30], memory: 300 };

describe("the figures", () => {
  const figures = new Figures(
    measuredOf({
      license: { seconds: [12, 10, 90], memory: 130 },
      floor: { seconds: [10, 12, 12], memory: 101 },
      naive,
    }),
  );
  const cell = { size: 10, latencyMs: 0 };

  it("are medians, with the smallest and the largest beside them", () => {
    expect(figures.seconds(cell, "license", "refresh")).toEqual({ median: 12, least: 10, most: 90 });
    expect(figures.repetitions).toBe(3);
    expect(figures.cells).toEqual([cell]);
  });

  it("keep the range of calls", () => {
    expect(figures.calls(cell, "license", "create")).toEqual(new Map([["list", { median: 3, least: 2, most: 3 }]]));
  });

  it("add up the CPU time of a repetition before they take the median", () => {
    expect(figures.cpu(cell, "license", "engine").median).toBe(4);
  });

  it("pass at the engine's own time and below 1.3 times its memory", () => {
    expect(figures.verdicts().map(({ what, passes }) => `${what} ${passes}`)).toEqual([
      "create true",
      "unchanged true",
      "refresh true",
      "destroy true",
      "memory true",
    ]);
  });

  it("fail above that", () => {
    const slow = { license: { seconds: [10.1], memory: 130 }, floor: { seconds: [10], memory: 100 }, naive };
    expect(new Figures(measuredOf(slow)).verdicts().every(({ passes }) => !passes)).toBe(true);
  });

  it("judge times only where the panel answers at once", () => {
    const slow = { license: { seconds: [11], memory: 100 }, floor: { seconds: [10], memory: 100 }, naive };
    expect(new Figures(measuredOf(slow, 50)).verdicts().map(({ what }) => what)).toEqual(["memory"]);
  });
});

describe("the figures of the start", () => {
  const figures = (known: readonly number[]) => new StartFigures({ bare: [100, 90, 300], known, new: [500, 500, 500] });

  it("compare the medians", () => {
    expect(figures([110, 900, 120]).ratio("known")).toBe(1.2);
    expect(figures([110, 900, 120]).milliseconds("known")).toEqual({ median: 120, least: 110, most: 900 });
  });

  it("pass at 1.3 times a bare server, and fail above that, whatever an order takes", () => {
    expect(figures([130, 130, 130]).passes).toBe(true);
    expect(figures([131, 131, 131]).passes).toBe(false);
  });

  it("replace their section of the page alone, or add it where there is none", () => {
    const machine = { cpu: "a CPU", cores: 2, memoryBytes: 2 ** 33, system: "Linux", node: "24", pulumi: "3" };
    const [old, now] = [[100], [120]].map((known) => renderStart(figures(known), machine, "2026-01-15"));
    const page = (...sections: string[]) => ["# Performance", ...sections, "## How to reproduce", "By a command."];
    const text = (...sections: string[]) => page(...sections).join("\n\n");
    expect(withStart(text(old ?? ""), now ?? "")).toBe(text(now ?? ""));
    expect(withStart(text(), now ?? "")).toBe(text(now ?? ""));
    expect(now).toContain("1.20 × | pass |");
  });
});

describe("the options", () => {
  it("measure everything unless told", () => {
    expect(readOptions([])).toEqual({
      sizes: [100, 300],
      latencies: [0, 50],
      repetitions: 3,
      starts: 15,
      warmUp: true,
      write: true,
    });
  });

  it("can be a small run that writes nothing", () => {
    expect(readOptions(["--quick"])).toMatchObject({ sizes: [3], repetitions: 1, write: false });
    expect(readOptions(["--only", "start", "--starts", "9"])).toMatchObject({ only: "start", starts: 9, write: true });
    expect(readOptions(["--sizes", "300,20", "--no-write"])).toMatchObject({ sizes: [20, 300], write: false });
  });

  it("refuse what makes no sense", () => {
    for (const args of [
      ["--sizes", "0"],
      ["--latencies", "fast"],
      ["--only", "stop"],
      ["--starts", "0"],
      ["--repetitions", "-1"],
      ["--what"],
    ]) {
      expect(() => readOptions(args)).toThrow();
    }
  });
});
