import { describe, expect, it } from "vitest";
import { Figures, StartFigures } from "../../bench/figures.mts";
import type { Life } from "../../bench/results.mts";
import { startVerdict, verdicts } from "../../bench/targets.mts";
import { livesOf } from "./lives";

const judged = (lives: readonly Life[], what: string) =>
  verdicts(new Figures(lives)).filter((verdict) => verdict.what.includes(what));
const marks = (lives: readonly Life[], what: string) => judged(lives, what).map(({ met }) => met);

describe("the targets of a fleet", () => {
  const fleet = (create: number, latencyMs: number) => [
    ...livesOf("fleetPlugin", { size: 500, latencyMs, operations: { create, unchanged: 1 } }),
    ...livesOf("bare", { size: 500, latencyMs, operations: { create: 2 } }),
  ];

  it("allow a second and a half and twice the bare requests beyond an up that changes nothing", () => {
    expect(marks(fleet(6.5, 0), "500 licenses, answers at once")).toEqual([true]);
    expect(marks(fleet(6.51, 0), "500 licenses, answers at once")).toEqual([false]);
    expect(judged(fleet(6.5, 0), "500 licenses, answers at once")).toMatchObject([
      { limit: expect.stringContaining("= 6.50 s"), measured: "6.50 s" },
    ]);
  });

  it("allow 1.15 times the bare requests where answers take a while", () => {
    expect(marks(fleet(4.8, 50), "500 licenses, answers after 50 ms")).toEqual([true]);
    expect(marks(fleet(4.81, 50), "500 licenses, answers after 50 ms")).toEqual([false]);
  });

  const growing = (exponent: number, sizes = [100, 300, 1000]) =>
    sizes.flatMap((size) => {
      const create = 5 + (size / 100) ** exponent;
      return livesOf("fleetPlugin", { size, operations: { create, unchanged: 5 } });
    });

  it("judge how it grows with its start and without", () => {
    expect(marks(growing(1.1), "exponent")).toEqual([true, true]);
    expect(marks(growing(1.2), "exponent")).toEqual([true, false]);
  });

  it("judge no growth over a part of the sizes", () => {
    expect(marks(growing(1, [100, 300]), "exponent")).toEqual([undefined, undefined]);
  });

  it("are not judged where it was not measured beside the bare requests", () => {
    expect(marks(livesOf("fleetPlugin", { size: 500 }), "500 licenses")).toEqual([undefined, undefined]);
    expect(judged([], "500 licenses")).toMatchObject([{ measured: "not measured" }, { measured: "not measured" }]);
  });
});

describe("the targets of a license", () => {
  const lives = (seconds: number, memory: number, latencyMs = 0) =>
    [100, 300].flatMap((size) => [
      ...livesOf("license", { size, latencyMs, seconds: [seconds], memory }),
      ...livesOf("licensePlugin", { size, latencyMs, seconds: [seconds] }),
      ...livesOf("floor", { size, latencyMs, seconds: [10], memory: 100 }),
      ...livesOf("naive", { size, latencyMs, seconds: [14] }),
    ]);
  /** Four operations on either face. */
  const all = (mark: boolean | undefined) => Array(8).fill(mark);

  it("are the engine's own time, and 1.4 times the speed of the naive provider", () => {
    for (const size of [100, 300]) {
      const toEngine = `${size} licenses, answers at once, to engine alone`;
      expect(marks(lives(10, 100), toEngine)).toEqual([...all(true), true]);
      expect(marks(lives(10.1, 100), toEngine)).toEqual([...all(false), true]);
    }
    expect(marks(lives(10, 100), "faster than naive")).toEqual(all(true));
    expect(marks(lives(10.1, 100), "faster than naive")).toEqual(all(false));
  });

  it("allow 1.3 times the memory", () => {
    expect(marks(lives(1, 130), "memory")).toEqual([true, true]);
    expect(marks(lives(1, 131), "memory")).toEqual([false, false]);
  });

  it("are judged by time only where the panel answers at once", () => {
    expect(marks(lives(99, 100, 50), "faster")).toEqual(all(undefined));
    expect(marks(lives(99, 100, 50), "memory")).toEqual([true, true]);
  });
});

describe("the target of the start", () => {
  const figures = (known: number) => new StartFigures({ bare: [100], known: [known], new: [500] });

  it("is 1.3 times a bare server, whatever an order takes", () => {
    expect(startVerdict(figures(130)).met).toBe(true);
    expect(startVerdict(figures(131)).met).toBe(false);
  });
});
