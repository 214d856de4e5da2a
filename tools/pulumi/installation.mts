import { access, constants, realpath } from "node:fs/promises";
import { userInfo } from "node:os";
import { delimiter, join, sep } from "node:path";
import { command } from "./command.mts";
import { BUILT_HERE } from "./goWay.mts";
import { judgeVersion, PULUMI_VERSION } from "./version.mts";

/** A `pulumi` that can run programs. */
export interface PulumiCli {
  /** Absolute path of the executable. */
  readonly command: string;
  /** Its folder, where the language hosts are too. */
  readonly binDir: string;
  readonly version: string;
  readonly source: "path" | "npm" | "go";
}

export type Inspection = { readonly cli: PulumiCli } | { readonly reason: string };

/** The languages that the examples are written in. */
const LANGUAGES = ["nodejs", "python", "go", "yaml"];
const SUFFIX = process.platform === "win32" ? ".exe" : "";
const ANSWER_WITHIN = 30_000;

/** The folder in which the npm package `pulumi` and the Automation API look for this version before they download it. */
export function versionsFolder(env: NodeJS.ProcessEnv): string {
  const home = env.PULUMI_HOME || join(env.HOME || userInfo().homedir, ".pulumi");
  return join(home, "versions");
}

/** Finds an installation of the user's own. */
export async function findOnPath(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Inspection> {
  const reasons: string[] = [];
  for (const folder of new Set((env.PATH ?? "").split(delimiter).filter((entry) => entry !== ""))) {
    const executable = join(folder, `pulumi${SUFFIX}`);
    if (!(await isExecutable(executable)) || (await isLauncher(executable))) {
      continue;
    }
    const inspection = await inspect(folder, "path", env, signal);
    if ("cli" in inspection) {
      return inspection;
    }
    reasons.push(`${executable}: ${inspection.reason}`);
  }
  return { reason: reasons.join("\n") || "there is no `pulumi`" };
}

/** Looks at what an earlier run, or the npm package `pulumi`, has put into its folder. */
export async function findInstalled(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Inspection> {
  const folder = join(versionsFolder(env), PULUMI_VERSION, "bin");
  const builtHere = await isReadable(join(folder, BUILT_HERE));
  return inspect(folder, builtHere ? "go" : "npm", env, signal);
}

/** Asks the `pulumi` in a folder whether it will do. */
export async function inspect(
  folder: string,
  source: PulumiCli["source"],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Inspection> {
  const executable = join(folder, `pulumi${SUFFIX}`);
  if (!(await isExecutable(executable))) {
    return { reason: `there is no \`pulumi\` in ${folder}` };
  }
  for (const host of LANGUAGES.map((language) => `pulumi-language-${language}`)) {
    if (!(await isBesideOrOnPath(host, folder, env))) {
      return { reason: `the language host \`${host}\` is neither beside it nor on PATH` };
    }
  }
  let answer: string;
  try {
    answer = await command(executable, ["version"], {
      env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      signal,
      silence: ANSWER_WITHIN,
    });
  } catch (error) {
    signal.throwIfAborted();
    return { reason: `\`pulumi version\` fails: ${error instanceof Error ? error.message : String(error)}` };
  }
  const verdict = judgeVersion(answer);
  if ("reason" in verdict) {
    return verdict;
  }
  return { cli: { command: executable, binDir: folder, version: verdict.version, source } };
}

async function isBesideOrOnPath(host: string, folder: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  for (const place of [folder, ...(env.PATH ?? "").split(delimiter)]) {
    if (await isExecutable(join(place, `${host}${SUFFIX}`))) {
      return true;
    }
  }
  return false;
}

/** The npm package's script is on PATH wherever npm runs a script, and is no installation: asked for its version, it would download one. */
async function isLauncher(executable: string): Promise<boolean> {
  const modules = `${sep}node_modules${sep}`;
  return executable.includes(modules) || (await realpath(executable)).includes(modules);
}

async function isExecutable(path: string): Promise<boolean> {
  return can(path, constants.X_OK);
}

async function isReadable(path: string): Promise<boolean> {
  return can(path, constants.R_OK);
}

async function can(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
