/**
 * `npm run bench`: measures this package beside the engine alone and a naive provider, prints what came of it, and writes
 * docs/performance.md.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensurePulumi } from "../tools/pulumi/ensure.mts";
import { Figures, StartFigures } from "./figures.mts";
import { thisMachine } from "./machine.mts";
import { measure } from "./measure.mts";
import { type BenchOptions, readOptions, USAGE } from "./options.mts";
import { renderReport } from "./report.mts";
import { measureStarts } from "./start.mts";
import { renderStart, withStart } from "./startReport.mts";

const PAGE = join(import.meta.dirname, "../docs/performance.md");

try {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    console.log(USAGE);
  } else {
    await bench(options);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function bench({ write, only, starts, ...options }: BenchOptions): Promise<void> {
  if (process.platform !== "linux") {
    throw new Error("The benchmark reads Linux's /proc and runs on Linux only.");
  }
  const cli = await ensurePulumi();
  const context = { signal: interruption(), report: console.log };
  const started = new StartFigures(await measureStarts({ starts, ...context }));
  const [machine, day] = [thisMachine(cli), new Date().toISOString().slice(0, 10)];
  const report =
    only === "start"
      ? renderStart(started, machine, day)
      : renderReport(new Figures(await measure({ ...options, cli, ...context })), started, machine, day);
  console.log(`\n${report}`);
  if (write) {
    await writeFile(PAGE, only === "start" ? withStart(await readFile(PAGE, "utf8"), report) : report);
    console.log(`Written to ${PAGE}`);
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
