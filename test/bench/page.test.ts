import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { logScale, renderChart, seriesOf, ticks } from "../../bench/chart.mts";
import { Figures, StartFigures } from "../../bench/figures.mts";
import { withPart } from "../../bench/page.mts";
import { renderStacks } from "../../bench/report.mts";
import { FORMAT, merged, readResults, writeResults } from "../../bench/results.mts";
import { renderStart } from "../../bench/startReport.mts";
import { livesOf, MACHINE } from "./lives";

describe("the page", () => {
  const page =
    "# Performance\n\nBy hand.\n\n<!-- measured: start -->\n\nold\n\n<!-- end of start -->\n\nBy hand, too.\n";

  it("gets another content between the marks, and keeps what is around them", () => {
    expect(withPart(page, "start", "new")).toBe(page.replace("old", "new"));
    expect(withPart(withPart(page, "start", "new"), "start", "old")).toBe(page);
  });

  it("is not guessed at where the marks are missing", () => {
    expect(() => withPart(page, "stacks", "new")).toThrow("measured: stacks");
  });

  it("has a place for both parts", async () => {
    const present = await readFile(join(__dirname, "../../docs/performance.md"), "utf8");
    expect(withPart(withPart(present, "stacks", "new"), "start", "new")).toContain("## How to reproduce");
  });

  it("says what was not run and why", () => {
    const lives = [
      ...livesOf("floor", { size: 500, operations: { create: 40 } }),
      ...livesOf("fleet", { size: 500, operations: { create: 40 } }),
      ...livesOf("bare", { size: 1000 }),
    ];
    const rows = renderStacks(new Figures(lives), MACHINE).split("\n");
    expect(rows).toContain("|  | engine alone | 40.00 s | not run: about 193 s |");
    expect(rows).toContain("|  | `LicenseFleet` | 40.00 s, 1.00 × | not measured |");
  });

  it("tells of the machine, the days and the spread", () => {
    const text = renderStacks(new Figures(livesOf("floor", { seconds: [8, 10, 15] })), MACHINE);
    expect(text).toContain("Measured from 2026-01-15 to 2026-01-17: a CPU, 2 cores, 8 GiB of memory");
    expect(text).toContain("measured 3 times");
    expect(text).toContain("all within 50 %");
  });

  it("judges the start of the plugin", () => {
    const figures = new StartFigures({ bare: [100], known: [120], new: [500] });
    expect(renderStart(figures, MACHINE, "2026-01-15")).toContain("1.20 × | met |");
  });
});

describe("the chart", () => {
  const lives = [
    ...livesOf("floor", { size: 100, seconds: [4] }),
    ...livesOf("floor", { size: 1000, seconds: [90] }),
    ...livesOf("bare", { size: 1000, seconds: [0.3] }),
    ...livesOf("bare", { size: 1000, latencyMs: 50, seconds: [6.5] }),
  ];

  it("has the medians of each subject that was measured", () => {
    expect(seriesOf(new Figures(lives), 0)).toEqual([
      { subject: "bare", points: [{ size: 1000, value: 0.3 }] },
      {
        subject: "floor",
        points: [
          { size: 100, value: 4 },
          { size: 1000, value: 90 },
        ],
      },
    ]);
  });

  it("has axes on which equal factors take equal lengths", () => {
    const place = logScale([1, 100], 200);
    expect([1, 10, 100].map(place)).toEqual([0, 100, 200]);
    expect(logScale([3, 3], 200)(3)).toBe(100);
  });

  it("has marks around all values", () => {
    expect(ticks([0.3, 6.5, 90])).toEqual([0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]);
    expect(ticks([1])).toEqual([1]);
    expect(ticks([6, 9])).toEqual([5, 10]);
  });

  it("is drawn beside one another for two latencies, without a gap", () => {
    const chart = renderChart(new Figures(lives));
    expect(XMLValidator.validate(chart)).toBe(true);
    expect(chart).toContain("answers at once");
    expect(chart).toContain("answers after 50 ms");
    expect(chart).toContain("prefers-color-scheme: dark");
    expect(chart.match(/<polyline/g)).toHaveLength(3);
    expect(chart).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("results that are kept", () => {
  const results = { format: FORMAT, machine: MACHINE, lives: livesOf("floor", { seconds: [1, 2] }) } as const;
  const starts = { day: "2026-01-15", times: { bare: [1], known: [1], new: [1] } };

  it("are read as they were written", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pulumi-billmanager-"));
    try {
      const file = join(folder, "results.json");
      await writeResults(file, { ...results, starts });
      expect(await readResults(file)).toEqual({ ...results, starts });
      await writeFile(file, "{}");
      await expect(readResults(file)).rejects.toThrow("no results");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("of several runs are put together", () => {
    const together = merged({ ...results, starts }, { ...results, lives: livesOf("naive", {}) });
    expect(together.lives.map(({ subject }) => subject)).toEqual(["floor", "floor", "naive"]);
    expect(together.starts).toEqual(starts);
  });

  it("of different machines are not", () => {
    expect(() => merged(results, { ...results, machine: { ...MACHINE, cores: 4 } })).toThrow("cores 2 and 4");
  });
});
