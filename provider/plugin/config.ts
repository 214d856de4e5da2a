import type { InputFailure } from "../license/inputs";
import { UNKNOWN } from "../license/inputs";
import { readSettings, SETTING_NAMES, type Settings, SettingsError } from "../license/settings";
import type { Properties } from "./values";

/** What the engine adds to a provider's settings. */
const OF_THE_ENGINE = new Set(["version", "pluginDownloadURL", "pluginChecksums"]);

/**
 * Everything that is wrong with a provider's settings, of those that are known already. Calls nothing.
 *
 * @param urn the provider's: one that the program does not declare has the stack's config
 */
export function judgeConfig(urn: string, config: Properties, env: NodeJS.ProcessEnv): InputFailure[] {
  const strangers = Object.keys(config).filter(
    (name) => !SETTING_NAMES.includes(name) && !OF_THE_ENGINE.has(name) && !name.startsWith("__"),
  );
  const failures = strangers.map((property) => ({
    property,
    reason: `billmanager:${property} is no setting of this provider; the settings are ${SETTING_NAMES.join(", ")}`,
  }));
  const unknown = Object.keys(config).filter((name) => config[name] === UNKNOWN);
  // Credentials are not told missing because they are not known yet.
  const known = { ...config, ...Object.fromEntries(unknown.map((name) => [name, STAND_INS[name]])) };
  try {
    readSettings(
      (key) => textOf(known[key]),
      env,
      isDeclared(urn) ? (key) => `give the provider its ${key}` : undefined,
    );
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      throw error;
    }
    failures.push(
      ...error.failures.map(({ property, reason }) => ({ property: property.replace("billmanager:", ""), reason })),
    );
  }
  return failures;
}

/**
 * The settings of one provider. Values may be texts, as in a stack's config, or what a program writes.
 *
 * @throws SettingsError with every problem at once
 */
export function configOf(config: Properties, env: NodeJS.ProcessEnv): Settings {
  return readSettings((key) => textOf(config[key]), env);
}

/** The engine names its own after the word, and the version where there is one. */
function isDeclared(urn: string): boolean {
  return !/::pulumi:providers:billmanager::default(?:_|$)/.test(urn);
}

const STAND_INS: Properties = { username: "known after the update", password: "known after the update" };

function textOf(value: unknown): string | undefined {
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}
