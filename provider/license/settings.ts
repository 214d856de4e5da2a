import { isInvalidRequest } from "../billmanager/errors/InvalidRequestError";
import { checkOptions } from "../billmanager/options";
import type { InputFailure } from "./inputs";
import type { Pricelists } from "./products";

/** Config of the namespace `billmanager`, with the environment behind it. Times in seconds. */
export interface Settings {
  readonly endpoint: string;
  readonly username: string;
  readonly password: string;
  readonly auth: "authinfo" | "session";
  readonly pricelists: Pricelists;
  /** per call */
  readonly timeout: number;
  /** how long a create or update waits for the vendor to finish; 0: not at all */
  readonly activationTimeout: number;
  /** how long to look for an order or a renewal whose answer was lost */
  readonly searchTimeout: number;
  /** calls in flight */
  readonly parallel: number;
  /** orders that one run may send at the most */
  readonly maxOrders?: number;
  readonly allowOrders: boolean;
  /** whether an order carries the claim as `remoteid`, beside the name */
  readonly sendRemoteId: boolean;
  /** tells stacks of equal name apart that buy on the same account; part of every claim */
  readonly owner: string;
}

/** Every key of the namespace. */
export const SETTING_NAMES: readonly string[] = [
  "endpoint",
  "username",
  "password",
  "auth",
  "pricelists",
  "timeout",
  "activationTimeout",
  "searchTimeout",
  "parallel",
  "maxOrders",
  "allowOrders",
  "sendRemoteId",
  "owner",
] satisfies (keyof Settings)[];

/** The longest that one call may be given, in seconds. */
const DAY = 86_400;
const DEFAULT_ENDPOINT = "https://api.ispmanager.com/manager/billmgr";

/** Settings cannot be used as they stand. Nothing was called. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(readonly failures: readonly InputFailure[]) {
    super(failures.map((failure) => failure.reason).join("; "));
  }
}

/**
 * Reads config and environment; config wins.
 *
 * @param config the value of a key without its namespace, as text, the way the engine hands it over
 * @param howToSet what follows "or" in the advice on a credential that is missing
 * @throws SettingsError with every problem at once; messages never show a password
 */
export function readSettings(
  config: (key: string) => string | undefined,
  env: NodeJS.ProcessEnv,
  howToSet = inTheStack,
): Settings {
  const failures: InputFailure[] = [];
  const fail = (key: string, reason: string) =>
    failures.push({ property: `billmanager:${key}`, reason: `billmanager:${key} ${reason}` });
  const given = (key: string) => {
    const text = config(key);
    return text === undefined || text === "" ? undefined : text;
  };
  const credential = (key: "username" | "password"): string => {
    const variable = `BILLMANAGER_${key.toUpperCase()}`;
    const text = given(key) ?? env[variable];
    if (text === undefined || text === "") {
      fail(key, `is not set: set ${variable}, or ${howToSet(key)}`);
    }
    return text ?? "";
  };
  const whole = (key: string, least: number, most = 999_999_999): number | undefined => {
    const text = given(key);
    if (text !== undefined && (!/^\d{1,9}$/.test(text) || Number(text) < least || Number(text) > most)) {
      const bounds = most === DAY ? `from ${least} to ${most}` : `${least} or more`;
      fail(key, `must be a whole number, ${bounds}, not "${text}"`);
      return undefined;
    }
    return text === undefined ? undefined : Number(text);
  };
  const flag = (key: string, otherwise: boolean): boolean => {
    const text = given(key);
    if (text !== undefined && text !== "true" && text !== "false") {
      fail(key, `must be true or false, not "${text}"`);
    }
    return text === undefined ? otherwise : text === "true";
  };

  const auth = given("auth") ?? "authinfo";
  if (auth !== "authinfo" && auth !== "session") {
    fail("auth", `must be authinfo or session, not "${auth}"`);
  }
  const maxOrders = whole("maxOrders", 0);
  const settings: Settings = {
    endpoint: given("endpoint") ?? (env.BILLMANAGER_ENDPOINT || DEFAULT_ENDPOINT),
    username: credential("username"),
    password: credential("password"),
    auth: auth === "session" ? "session" : "authinfo",
    pricelists: readPricelists(given("pricelists"), (reason) => fail("pricelists", reason)),
    timeout: whole("timeout", 1, DAY) ?? 60,
    activationTimeout: whole("activationTimeout", 0) ?? 120,
    searchTimeout: whole("searchTimeout", 0) ?? 60,
    parallel: whole("parallel", 1) ?? 8,
    ...(maxOrders === undefined ? {} : { maxOrders }),
    allowOrders: flag("allowOrders", true),
    sendRemoteId: flag("sendRemoteId", true),
    owner: given("owner") ?? "",
  };
  if (failures.length === 0) {
    checkForClient(settings, fail);
  }
  if (failures.length > 0) {
    throw new SettingsError(failures);
  }
  return settings;
}

function inTheStack(key: "username" | "password"): string {
  return `run: pulumi config set ${key === "password" ? "--secret " : ""}billmanager:${key} <${key}>`;
}

/** What the client refuses, it refuses by a message that begins with the option's name, which is the key's name too. */
function checkForClient(settings: Settings, fail: (key: string, reason: string) => void): void {
  try {
    checkOptions(settings);
  } catch (error) {
    if (!isInvalidRequest(error)) {
      throw error;
    }
    const [option = "", ...reason] = error.message.split(" ");
    fail(option, reason.join(" "));
  }
}

function readPricelists(text: string | undefined, fail: (reason: string) => void): Pricelists {
  if (text === undefined) {
    return {};
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(
      "must map product names to tariff numbers; set one with: pulumi config set --path 'billmanager:pricelists.bitninja' 55369",
    );
    return {};
  }
  const entries = Object.entries(value);
  for (const [name, code] of entries) {
    if (!isTariffNumber(code)) {
      fail(`must map "${name}" to a tariff's number such as 9203, not ${JSON.stringify(code)}`);
    }
  }
  return Object.fromEntries(entries.map(([name, code]) => [name, Number(code)]));
}

/** Quotation marks around it are easily written by hand. */
function isTariffNumber(code: unknown): boolean {
  const isWritten = typeof code === "number" || (typeof code === "string" && /^[1-9]\d*$/.test(code));
  return isWritten && Number.isSafeInteger(Number(code)) && Number(code) > 0;
}
