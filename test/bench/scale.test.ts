import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FleetPlugin, type PluginSample } from "../../bench/fleetPlugin.mts";
import { withPart } from "../../bench/page.mts";
import { Panel } from "../../bench/panel.mts";
import { renderScale, type ScaleLife, scaleVerdicts } from "../../bench/scaleReport.mts";
import { MACHINE } from "./lives";

const sample = (seconds: number, memory = 100e6): PluginSample => ({
  seconds,
  cpu: seconds,
  panelCpu: 0,
  memory,
  calls: 1,
});

/** @param refresh its seconds, where the bare parser takes one */
function lifeOf(size: number, refresh: number, memory?: number, other = size / 1000): ScaleLife {
  const samples = {
    create: [sample(other)],
    unchanged: [sample(other)],
    refresh: [sample(refresh, memory)],
    destroy: [sample(other)],
  };
  return { size, bytes: 480 * size, samples, parser: [{ seconds: 1, cpu: 1 }] };
}

const marks = (lives: readonly ScaleLife[], what: string) =>
  scaleVerdicts(lives)
    .filter((verdict) => verdict.what.includes(what))
    .map(({ met }) => met);

describe("the targets of a large fleet", () => {
  it("allow a refresh 1.3 times the bare parser, and 300 MB", () => {
    expect(marks([lifeOf(10_000, 1.3, 300e6)], "refresh of")).toEqual([true, true, true]);
    expect(marks([lifeOf(10_000, 1.31, 301e6)], "refresh of")).toEqual([false, false, false]);
    expect(marks([lifeOf(3_000, 9, 900e6)], "refresh of")).toEqual([undefined, undefined, undefined]);
  });

  it("allow no more than linear growth", () => {
    const growing = (exponent: number) =>
      [1_000, 10_000].map((size) => lifeOf(size, (size / 1000) ** exponent, 1, (size / 1000) ** exponent));
    expect(marks(growing(1.1), "exponent")).toEqual([true, true, true, true]);
    expect(marks(growing(1.2), "exponent")).toEqual([false, false, false, false]);
    expect(marks([lifeOf(1_000, 1)], "exponent")).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe("the page about scale", () => {
  it("has a place for the figures, and tells what was not run", async () => {
    const figures = { lives: [lifeOf(10_000, 1)], skipped: [100_000], repetitions: 3, longest: 180 };
    const content = renderScale(figures, MACHINE, "2026-01-15");
    expect(content).toContain("Not run: 100000 licenses, where an operation would take more than 180 s.");
    expect(content).not.toMatch(/NaN|undefined|Infinity|\[object/);
    const present = await readFile(join(__dirname, "../../docs/scale.md"), "utf8");
    expect(withPart(present, "scale", content)).toContain("## Bounds");
  });
});

/** Figures of so small a run mean nothing, and none of them is judged here. */
describe.runIf(process.platform === "linux")("a plugin that is asked without an engine", () => {
  it("takes a fleet through its life, each operation in a process of its own", async () => {
    const panel = await Panel.start(0);
    try {
      const fleet = new FleetPlugin(panel, 3);
      const created = await fleet.create();
      expect(created.calls).toBeGreaterThan(4);
      expect(created.memory).toBeGreaterThan(20e6);
      expect(fleet.stored.licenses).toBe(3);
      expect((await fleet.unchanged()).calls).toBe(0);
      expect((await fleet.refresh()).calls).toBe(1);
      expect((await fleet.destroy()).calls).toBeGreaterThan(3);
      expect(() => fleet.stored).toThrow("no fleet was created");
      expect((await panel.licenses()).map(({ status }) => status)).toEqual(["4", "4", "4"]);
    } finally {
      await panel.stop();
    }
  });
});
