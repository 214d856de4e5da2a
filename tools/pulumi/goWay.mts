import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { GO_LINK_FLAGS, GO_MODULES, GO_SILENCE, type GoBuild, go, goBuild } from "../goBuild.mts";
import { CommandError, command } from "./command.mts";
import { isOlderGo, PULUMI_VERSION } from "./version.mts";
import type { Staging, Way, WayContext } from "./way.mts";

/** Lies in a `bin` folder that was built here, and tells whoever finds it what it holds. */
export const BUILT_HERE = "BUILT-FROM-GO-MODULES.txt";

/** The newest hosts that are published as Go modules need an older SDK than the CLI does. */
const HOSTS = "hosts-nodejs-python";
const SUFFIX = process.platform === "win32" ? ".exe" : "";

interface Build extends GoBuild {
  readonly title: string;
}

/** The largest comes last: what it needs is mostly downloaded by then. */
const BUILDS: readonly Build[] = [
  {
    module: HOSTS,
    title: "the language hosts for Node.js and Python",
    ldflags: GO_LINK_FLAGS,
    packages: [
      "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
    ],
  },
  {
    module: "host-go",
    title: "the language host for Go",
    ldflags: GO_LINK_FLAGS,
    packages: ["github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go"],
  },
  {
    module: "pulumi",
    title: `the CLI ${PULUMI_VERSION} and the language host for YAML`,
    ldflags: `${GO_LINK_FLAGS} -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`,
    packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"],
  },
];

/** Scripts that a distribution has beside the CLI, from the module of the hosts that start them. */
const HOST_SCRIPTS = [
  "nodejs/dist/pulumi-analyzer-policy",
  "python/cmd/pulumi-language-python-exec",
  "python/dist/pulumi-analyzer-policy-python",
  "python/dist/pulumi-resource-pulumi-python",
];

/** Builds everything from the Go modules that `tools/go` pins; their sums are checked by `go` itself. */
export const goWay: Way = {
  source: "go",
  title: "a build from Go modules",
  async install(staging, context) {
    await requireGo(context);
    await mkdir(staging.bin);
    const missing = await keepWhatWasBuilt(staging, context);
    context.report("pulumi: building; with cold caches this takes a few minutes");
    await buildAll(missing, staging, context);
    await copyScripts(staging, context);
    await writeFile(
      join(staging.bin, BUILT_HERE),
      "Built from the Go modules pinned in tools/go of pulumi-billmanager. The language hosts for Node.js, Python and Go\n" +
        "are older than the CLI: the newest ones that are published as Go modules. A regular installation may replace this folder.\n",
    );
  },
};

async function requireGo(context: WayContext): Promise<void> {
  const module = join(GO_MODULES, "pulumi");
  const needed = /^go (\S+)$/m.exec(await readFile(join(module, "go.mod"), "utf8"))?.[1] ?? "";
  let answer: string;
  try {
    answer = await command("go", ["version"], {
      cwd: module,
      env: context.env,
      signal: context.signal,
      silence: GO_SILENCE,
    });
  } catch (error) {
    throw error instanceof CommandError ? new CommandError(`Go ${needed} or newer is needed: ${error.message}`) : error;
  }
  if (isOlderGo(answer, needed)) {
    throw new CommandError(`Go ${needed} or newer is needed; here is ${answer.trim()}`);
  }
}

/**
 * Takes over the programs of an earlier set-up that knew fewer language hosts.
 *
 * @returns what is still to be built
 */
async function keepWhatWasBuilt(staging: Staging, context: WayContext): Promise<readonly Build[]> {
  const { before, bin } = staging;
  if (!existsSync(join(before, BUILT_HERE)) || !(await runsHere(join(before, `pulumi${SUFFIX}`), context))) {
    return BUILDS;
  }
  const missing: Build[] = [];
  for (const build of BUILDS) {
    const programs = build.packages.map((path) => `${basename(path)}${SUFFIX}`);
    if (programs.every((program) => existsSync(join(before, program)))) {
      await Promise.all(programs.map((program) => copyFile(join(before, program), join(bin, program))));
    } else {
      missing.push(build);
    }
  }
  return missing;
}

/** A folder may come from another machine. */
async function runsHere(executable: string, { env, signal }: WayContext): Promise<boolean> {
  try {
    await command(executable, ["version"], { env, signal, silence: GO_SILENCE });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/**
 * One after the other, while what the later ones need is downloaded: builds side by side compile what they share twice. What fails first ends
 * the others.
 */
async function buildAll(missing: readonly Build[], staging: Staging, context: WayContext): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const ending = { ...context, signal };
  const build = async () => {
    for (const each of missing) {
      const started = performance.now();
      await goBuild(each, staging, ending);
      context.report(`pulumi: built ${each.title} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    }
  };
  // Prints nothing, so that where it fails its last words are why.
  const download = missing
    .slice(1)
    .map(({ module, packages }) => go(["list", "-deps", "-f", "{{/* */}}", ...packages], module, staging, ending));
  const jobs = [build(), ...download].map((job) =>
    job.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(jobs);
  await Promise.all(jobs);
}

async function copyScripts(staging: Staging, context: WayContext): Promise<void> {
  const sdk = ["-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"];
  const folder = (await go(["list", "-m", ...sdk], HOSTS, staging, context)).trim();
  const scripts = HOST_SCRIPTS.map((script) => join(folder, script));
  // The host of dynamic providers belongs to the SDK in use, and is published with it.
  scripts.push(createRequire(import.meta.url).resolve("@pulumi/pulumi/pulumi-resource-pulumi-nodejs"));
  for (const script of scripts) {
    const copy = join(staging.bin, basename(script));
    await copyFile(script, copy);
    await chmod(copy, 0o755);
  }
}
