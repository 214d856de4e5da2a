import { describe, expect, it } from "vitest";
import { expectedSeconds, Figures, StartFigures } from "../../bench/figures.mts";
import { middleOf } from "../../bench/measure.mts";
import type { Sample } from "../../bench/stage.mts";
import { growthExponent, repeated } from "../../bench/statistics.mts";
import { livesOf } from "./lives";

describe("the statistics", () => {
  it("take the median, between the middle two of an even number", () => {
    expect(repeated([12, 10, 90])).toEqual({ median: 12, least: 10, most: 90 });
    expect(repeated([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 });
    expect(repeated([])).toBeUndefined();
  });

  it("take one run of several as it was, the middle one by its time", () => {
    const ran = (seconds: number): Sample => ({
      seconds,
      cpu: { engine: seconds, host: 1, program: 1, panel: 1 },
      hostMemory: seconds,
      calls: {},
    });
    expect(middleOf([ran(9), ran(1), ran(2)])).toEqual(ran(2));
    expect(middleOf([ran(4), ran(3), ran(1), ran(2)])).toEqual(ran(2));
    expect(middleOf([ran(7)])).toEqual(ran(7));
  });

  it("tell with which exponent a figure grows", () => {
    const points = (exponent: number) => [100, 300, 1000].map((size) => ({ size, value: 3 * size ** exponent }));
    expect(growthExponent(points(1))).toBeCloseTo(1);
    expect(growthExponent(points(2.47))).toBeCloseTo(2.47);
    expect(growthExponent(points(0))).toBeCloseTo(0);
  });

  it("tell no exponent of one size, or of what took no time", () => {
    expect(growthExponent([{ size: 100, value: 1 }])).toBeUndefined();
    expect(growthExponent([])).toBeUndefined();
    expect(growthExponent([100, 200].map((size) => ({ size, value: 0 })))).toBeUndefined();
    expect(growthExponent([100, 200].map((size) => ({ size, value: -1 })))).toBeUndefined();
  });
});

describe("the figures", () => {
  const cell = { size: 10, latencyMs: 0 };
  const figures = new Figures([
    ...livesOf("license", { seconds: [12, 10, 90], memory: 130 }),
    ...livesOf("floor", { seconds: [10, 12, 12], memory: 100 }),
    ...livesOf("floor", { size: 5, latencyMs: 50, seconds: [2, 2] }),
  ]);

  it("know what was measured, each once and in order", () => {
    expect(figures.subjects).toEqual(["floor", "license"]);
    expect(figures.sizes).toEqual([5, 10]);
    expect(figures.latencies).toEqual([0, 50]);
    expect(figures.repetitions).toEqual([2, 3]);
  });

  it("compare the medians", () => {
    expect(figures.seconds(cell, "license", "refresh")).toBe(12);
    expect(figures.timeRatio(cell, "refresh", "license", "floor")).toBe(1);
  });

  it("are undefined where nothing was measured", () => {
    expect(figures.seconds(cell, "fleet", "create")).toBeUndefined();
    expect(figures.timeRatio(cell, "create", "license", "naive")).toBeUndefined();
    expect(figures.hostMemory({ size: 5, latencyMs: 0 }, "floor")).toBeUndefined();
  });

  it("keep the range of calls", () => {
    expect(figures.calls(cell, "license", "create")).toEqual(new Map([["list", { median: 3, least: 2, most: 3 }]]));
  });

  it("add up the CPU time of a repetition before they take the median", () => {
    expect(figures.cpu(cell, "license", "engine")).toBe(5);
  });

  it("tell how far repetitions lie apart", () => {
    expect(new Figures(livesOf("floor", { seconds: [8, 10, 15] })).deviations().at(-1)).toBeCloseTo(0.5);
  });

  it("follow a subject over the sizes that were measured", () => {
    const points = figures.curve(50, (each) => figures.seconds(each, "floor", "create"));
    expect(points).toEqual([{ size: 5, value: 2 }]);
  });
});

describe("what a larger stack is expected to take", () => {
  const measured = (subject: "floor" | "fleet") => [
    ...livesOf(subject, { size: 100, operations: { create: 4, refresh: 1 }, seconds: [2] }),
    ...livesOf(subject, { size: 500, operations: { create: 31, refresh: 1 }, seconds: [2] }),
  ];

  it("grows with more than the square where each license is a resource, but for the start", () => {
    const expected = expectedSeconds(measured("floor"), "floor", { size: 1000, latencyMs: 0 });
    expect(expected).toBeCloseTo(1 + 30 * 2 ** 2.3);
  });

  it("grows as the number where all are one resource", () => {
    expect(expectedSeconds(measured("fleet"), "fleet", { size: 1000, latencyMs: 0 })).toBeCloseTo(61);
  });

  it("is not told by so few licenses that starting takes most of the time", () => {
    const few = livesOf("floor", { size: 20, operations: { create: 5, refresh: 1 } });
    expect(expectedSeconds(few, "floor", { size: 100, latencyMs: 0 })).toBeUndefined();
  });

  it("goes by the next smaller size with the same latency", () => {
    expect(expectedSeconds(measured("fleet"), "fleet", { size: 300, latencyMs: 0 })).toBeCloseTo(10);
    expect(expectedSeconds(measured("fleet"), "fleet", { size: 100, latencyMs: 0 })).toBeUndefined();
    expect(expectedSeconds(measured("fleet"), "fleet", { size: 1000, latencyMs: 50 })).toBeUndefined();
    expect(expectedSeconds(measured("fleet"), "floor", { size: 1000, latencyMs: 0 })).toBeUndefined();
  });
});

describe("the figures of the start", () => {
  it("compare the medians", () => {
    const figures = new StartFigures({ bare: [100, 90, 300], known: [110, 900, 120], new: [500, 500, 500] });
    expect(figures.ratio("known")).toBe(1.2);
    expect(figures.milliseconds("known")).toEqual({ median: 120, least: 110, most: 900 });
  });
});
