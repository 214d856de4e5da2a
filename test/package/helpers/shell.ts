import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

export const REPOSITORY = join(__dirname, "../../..");

const PATIENCE = 240_000;

/**
 * Runs a command as a user would, and returns what it wrote to its standard output.
 *
 * @throws an error that holds everything it wrote
 */
export async function run(folder: string, command: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd: folder, env: ownEnv(), timeout: PATIENCE });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout ?? ""}${stderr ?? ""}`, { cause: error });
  }
}

/** Runs a script of a package that the repository has, such as `typescript/bin/tsc`. */
export function runTool(folder: string, script: string, ...args: string[]): Promise<string> {
  return run(folder, process.execPath, join(REPOSITORY, "node_modules", script), ...args);
}

/** Without what an npm script tells its children about the repository: there, another folder is meant. */
export function ownEnv(): NodeJS.ProcessEnv {
  const told = /^npm_(command|execpath|lifecycle_|package_|config_(local|global)_prefix)/;
  const entries = Object.entries(process.env).filter(([name]) => !told.test(name));
  return { ...Object.fromEntries(entries), CI: "true" };
}
