import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Attempt, NoPulumiError } from "./explain.mts";
import { goWay } from "./goWay.mts";
import {
  findInstalled,
  findOnPath,
  type Inspection,
  inspect,
  type PulumiCli,
  versionsFolder,
} from "./installation.mts";
import { interruptible } from "./interruptible.mts";
import { withLock } from "./lock.mts";
import { npmWay } from "./npmWay.mts";
import { publish } from "./staging.mts";
import { PULUMI_VERSION } from "./version.mts";
import type { Way, WayContext } from "./way.mts";

export interface EnsureOptions {
  /** Where `PATH`, `PULUMI_HOME` and `HOME` are read from, and what the commands are given; `process.env` unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told what is done and how long it took, line by line; nothing where everything is there. */
  readonly report?: (line: string) => void;
  /** How to install, in this order. */
  readonly ways?: readonly Way[];
  /** Milliseconds without a sign of life after which another run counts as dead. */
  readonly staleAfter?: number;
}

/**
 * Makes a real Pulumi CLI available and tells where it is.
 *
 * A suitable one on PATH is used as it is. Otherwise one is installed once into the folder that the npm package `pulumi` uses, so
 * that `npx pulumi` works afterwards. Runs that meet wait for each other; one that is interrupted leaves nothing half done.
 *
 * @throws NoPulumiError where no way works; it names each one, the reason, and what helps
 */
export async function ensurePulumi(options: EnsureOptions = {}): Promise<PulumiCli> {
  const { env = process.env, report = console.log, ways = [npmWay, goWay], staleAfter = 15_000 } = options;
  return interruptible(async (signal) => {
    const onPath = await findOnPath(env, signal);
    if ("cli" in onPath) {
      return onPath.cli;
    }
    const installed = await findInstalled(env, signal);
    if ("cli" in installed) {
      return installed.cli;
    }
    const versions = versionsFolder(env);
    await mkdir(versions, { recursive: true });
    const onWait = (): void => report("pulumi: another run is setting it up; waiting for it");
    return withLock(join(versions, `.${PULUMI_VERSION}.lock`), { signal, staleAfter, onWait }, async () => {
      // The run that held the lock before may have done it.
      const meanwhile = await findInstalled(env, signal);
      if ("cli" in meanwhile) {
        return meanwhile.cli;
      }
      const attempts: Attempt[] = [{ way: "on PATH", reason: onPath.reason }];
      return install(ways, attempts, { env, signal, report });
    });
  });
}

async function install(ways: readonly Way[], attempts: Attempt[], context: WayContext): Promise<PulumiCli> {
  const folder = join(versionsFolder(context.env), PULUMI_VERSION);
  for (const way of ways) {
    const started = performance.now();
    const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(0)} s`;
    context.report(`pulumi: trying ${way.title}`);
    try {
      await publish(folder, async (staging) => {
        await way.install(staging, context);
        requireUsable(await inspect(staging.bin, way.source, context.env, context.signal));
      });
      const cli = requireUsable(await findInstalled(context.env, context.signal));
      context.report(`pulumi: set up in ${seconds()}`);
      return cli;
    } catch (error) {
      context.signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      context.report(`pulumi: not this way, after ${seconds()}: ${reason.split("\n").at(-1)}`);
      attempts.push({ way: way.title, reason });
    }
  }
  throw new NoPulumiError(attempts);
}

function requireUsable(inspection: Inspection): PulumiCli {
  if ("reason" in inspection) {
    throw new Error(inspection.reason);
  }
  return inspection.cli;
}
