/**
 * The functions of the first face, which has no invoke: they run in the process of the program, with the same settings as the
 * provider's process. `sdk` loads this module when a function is first called, since most programs call none.
 */
import { FUNCTIONS } from "./license/functions";
import type { RawInputs } from "./license/inputs";
import { READING, type Run, startRun } from "./license/run";
import { readSettings, type Settings } from "./license/settings";

export type FunctionName = keyof typeof FUNCTIONS;
export type Result<Name extends FunctionName> = Awaited<ReturnType<(typeof FUNCTIONS)[Name]>>;

/**
 * One for each account and its settings: calls made together share lists, one login serves all, and after a refused one none is tried
 * again. A process may hold several, where a program drives stacks itself.
 */
const runs = new Map<string, Run>();

/**
 * Calls one function. It only reads.
 *
 * @param config the value of a key of `billmanager`, as text
 * @throws SettingsError before any call
 */
export async function callFunction<Name extends FunctionName>(
  name: Name,
  args: RawInputs,
  config: (key: string) => string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Result<Name>> {
  const run = runWith(readSettings(config, env));
  return (await FUNCTIONS[name](run, args)) as Result<Name>;
}

function runWith(settings: Settings): Run {
  const key = JSON.stringify(settings);
  const run = runs.get(key) ?? startRun(settings, READING);
  runs.set(key, run);
  return run;
}
