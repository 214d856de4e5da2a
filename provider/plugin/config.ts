import type { InputFailure } from "../license/inputs";
import { UNKNOWN } from "../license/inputs";
import { readSettings, SETTING_NAMES, type Settings, SettingsError } from "../license/settings";
import type { Properties } from "./values";

/** What the engine adds to a provider's settings. */
const OF_THE_ENGINE = new Set(["version", "pluginDownloadURL", "pluginChecksums"]);

/** Everything that is wrong with a provider's settings, of those that are known already. Calls nothing. */
export function judgeConfig(config: Properties, env: NodeJS.ProcessEnv): InputFailure[] {
  const strangers = Object.keys(config).filter(
    (name) => !SETTING_NAMES.includes(name) && !OF_THE_ENGINE.has(name) && !name.startsWith("__"),
  );
  const failures = strangers.map((property) => ({
    property,
    reason: `billmanager:${property} is no setting of this provider; the settings are ${SETTING_NAMES.join(", ")}`,
  }));
  try {
    configOf(config, env);
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      throw error;
    }
    const named = error.failures.map(({ property, reason }) => ({
      property: property.replace("billmanager:", ""),
      reason,
    }));
    failures.push(...named.filter(({ property }) => config[property] !== UNKNOWN));
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

function textOf(value: unknown): string | undefined {
  return value === undefined || value === UNKNOWN || typeof value === "string"
    ? (value as string | undefined)
    : JSON.stringify(value);
}
