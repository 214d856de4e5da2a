/**
 * The functions of the first face, which has no invoke: they run in the process of the program, with the same settings as the
 * provider's process. `sdk` loads this module when a function is first called, since most programs call none.
 */
import { Panel } from "./billmanager/panel";
import { FUNCTIONS } from "./license/functions";
import type { RawInputs } from "./license/inputs";
import { Run } from "./license/run";
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
  const { endpoint, username, password, auth, timeout, parallel } = settings;
  const run =
    runs.get(key) ??
    new Run(
      new Panel({ endpoint, username, password, auth, timeoutSeconds: timeout, parallel }),
      settings,
      SURROUNDINGS,
    );
  runs.set(key, run);
  return run;
}

/** Functions change nothing, have nothing to say, and need nobody to save what they return. */
const SURROUNDINGS = {
  log: { info: () => undefined, warn: () => undefined },
  engineIsGone: () => Promise.resolve(false),
  now: () => new Date(),
};
