/**
 * `npm run bench`: measures this package beside the engine alone, a naive provider and bare requests, prints what came of it, and writes
 * docs/performance.md with its chart.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensurePulumi } from "../tools/pulumi/ensure.mts";
import { renderChart } from "./chart.mts";
import { Figures, StartFigures } from "./figures.mts";
import { requireLinux, thisMachine } from "./machine.mts";
import { measure } from "./measure.mts";
import { type BenchOptions, readOptions, USAGE } from "./options.mts";
import { type PartName, withPart } from "./page.mts";
import { renderStacks } from "./report.mts";
import { FORMAT, merged, type Results, readResults, requireSameMachine, writeResults } from "./results.mts";
import { measureStarts } from "./start.mts";
import { renderStart } from "./startReport.mts";

const PAGE = join(import.meta.dirname, "../docs/performance.md");
const CHART = join(import.meta.dirname, "../docs/performance.svg");

try {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    console.log(USAGE);
  } else {
    await publish(await resultsFor(options), options.write);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function resultsFor(options: BenchOptions): Promise<Results> {
  const [first, ...others] = await Promise.all((options.render ?? []).map(readResults));
  return first === undefined ? measureAll(options) : merged(first, ...others);
}

async function measureAll({ out, parts, starts, ...options }: BenchOptions): Promise<Results> {
  requireLinux();
  const cli = await ensurePulumi();
  const machine = thisMachine(cli);
  let results: Results = { format: FORMAT, machine, lives: [] };
  if (out !== undefined && existsSync(out)) {
    results = await readResults(out);
    requireSameMachine(results.machine, machine);
  }
  const keep = async (more: Partial<Results>) => {
    results = { ...results, ...more };
    if (out !== undefined) {
      await writeResults(out, results);
    }
  };
  const context = { signal: interruption(), report: console.log };
  if (parts.includes("start") && results.starts === undefined) {
    const times = await measureStarts({ starts, ...context });
    await keep({ starts: { day: new Date().toISOString().slice(0, 10), times } });
  }
  if (parts.includes("stacks")) {
    await measure({ ...options, ...context, cli }, results.lives, (lives) => keep({ lives }));
  }
  return results;
}

async function publish({ machine, lives, starts }: Results, write: boolean): Promise<void> {
  const parts: [PartName, string][] = [];
  const figures = new Figures(lives);
  if (lives.length > 0) {
    parts.push(["stacks", renderStacks(figures, machine)]);
  }
  if (starts !== undefined) {
    parts.push(["start", renderStart(new StartFigures(starts.times), machine, starts.day)]);
  }
  console.log(`\n${parts.map(([, content]) => content).join("\n\n")}`);
  if (write) {
    const page = await readFile(PAGE, "utf8");
    await writeFile(
      PAGE,
      parts.reduce((text, [name, content]) => withPart(text, name, content), page),
    );
    console.log(`Written to ${PAGE}`);
  }
  if (write && lives.length > 0) {
    await writeFile(CHART, renderChart(figures));
    console.log(`Written to ${CHART}`);
  }
}

/** Lets the run that is under way end in good order when the benchmark is interrupted. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort(new Error(`Interrupted by ${signal}; nothing is left behind.`)));
  }
  return controller.signal;
}
