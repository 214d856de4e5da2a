/**
 * `npm run bench:scale`: how far one account and one process go. Has the plugin handle fleets of 1,000 to 100,000 licenses at the simulator,
 * each in a process of its own and without an engine, and writes the figures of docs/scale.md.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { ensurePulumi } from "../tools/pulumi/ensure.mts";
import { FleetPlugin, type PluginSample } from "./fleetPlugin.mts";
import { requireLinux, thisMachine } from "./machine.mts";
import { wholeNumber, wholeNumbers } from "./options.mts";
import { withPart } from "./page.mts";
import { Panel } from "./panel.mts";
import { type ParserSample, renderScale, type ScaleLife } from "./scaleReport.mts";

const PAGE = join(import.meta.dirname, "../docs/scale.md");
const PARSER = join(import.meta.dirname, "programs/parser/index.js");
/** What the provider asks for in one page of the list. */
const PAGE_SIZE = 1000;
/** No operation is begun that by the last one would take longer, in seconds. */
const LONGEST = 180;

const USAGE = `Usage: npm run bench:scale -- [options]

  --sizes 1000,3000,10000,30000,100000   licenses in the fleet
  --repetitions 5                        how often a refresh, and an update without changes, is measured; medians are reported
  --no-write                             leave docs/scale.md as it is
`;

try {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      sizes: { type: "string", default: "1000,3000,10000,30000,100000" },
      repetitions: { type: "string", default: "5" },
      write: { type: "boolean", default: true },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
  } else {
    await run(wholeNumbers("sizes", values.sizes, 1), wholeNumber("repetitions", values.repetitions, 1), values.write);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function run(sizes: readonly number[], repetitions: number, write: boolean): Promise<void> {
  requireLinux();
  const lives: ScaleLife[] = [];
  const skipped: number[] = [];
  for (const size of sizes) {
    const last = lives.at(-1);
    if (last !== undefined && longestOf(last) * (size / last.size) > LONGEST) {
      skipped.push(size);
      continue;
    }
    lives.push(await measureLife(size, repetitions));
  }
  const machine = thisMachine(await ensurePulumi());
  const day = new Date().toISOString().slice(0, 10);
  const content = renderScale({ lives, skipped, repetitions, longest: LONGEST }, machine, day);
  console.log(`\n${content}`);
  if (write) {
    await writeFile(PAGE, withPart(await readFile(PAGE, "utf8"), "scale", content));
    console.log(`Written to ${PAGE}`);
  }
}

async function measureLife(size: number, repetitions: number): Promise<ScaleLife> {
  const panel = await Panel.start(0, "100000000.00");
  try {
    const fleet = new FleetPlugin(panel, size);
    const create = told(size, "create", await fleet.create());
    const { licenses, bytes } = fleet.stored;
    if (licenses !== size) {
      throw new Error(`the fleet has ${licenses} licenses in its state, not ${size}`);
    }
    const unchanged: PluginSample[] = [];
    const refresh: PluginSample[] = [];
    const parser: ParserSample[] = [];
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      unchanged.push(told(size, "unchanged", await fleet.unchanged()));
      refresh.push(told(size, "refresh", await fleet.refresh()));
      const bare = await parserSample(panel, size);
      console.log(`${size} licenses, bare parser: ${bare.seconds.toFixed(2)} s, ${bare.cpu.toFixed(2)} s of CPU`);
      parser.push(bare);
    }
    const destroy = told(size, "destroy", await fleet.destroy());
    return { size, bytes, samples: { create: [create], unchanged, refresh, destroy: [destroy] }, parser };
  } finally {
    await panel.stop();
  }
}

function told(size: number, operation: string, sample: PluginSample): PluginSample {
  const { seconds, cpu, memory, calls } = sample;
  const figures = `${seconds.toFixed(2)} s, ${cpu.toFixed(2)} s of CPU, ${(memory / 1e6).toFixed(0)} MB, ${calls} calls`;
  console.log(`${size} licenses, ${operation}: ${figures}`);
  return sample;
}

function longestOf({ samples }: ScaleLife): number {
  const all = Object.values(samples).flat();
  return Math.max(...all.map(({ seconds }) => seconds));
}

/** The same pages, asked for and parsed by nothing but undici and fast-xml-parser. */
async function parserSample({ endpoint, username, password }: Panel, size: number): Promise<ParserSample> {
  const args = [PARSER, endpoint, `${username}:${password}`, String(Math.ceil(size / PAGE_SIZE))];
  const parser = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(parser, "close");
  const said = await text(parser.stdout);
  const [code] = await ended;
  if (code !== 0) {
    throw new Error("the bare parser failed");
  }
  const { rows, ...sample } = JSON.parse(said) as ParserSample & { rows: number };
  if (rows !== size) {
    throw new Error(`the bare parser has read ${rows} rows, not ${size}`);
  }
  return sample;
}
