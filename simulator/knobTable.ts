import type { Knobs, KnobValues, LiveKnobs, ProcessingAction } from "./knobs";

/** One knob's default and what it may be set to. `read` returns the value, or `undefined` for a bad one. */
interface Spec<Value> {
  readonly fallback: Value;
  readonly expected: string;
  read(value: unknown): Value | undefined;
}

const table: { readonly [Name in keyof Knobs]: Spec<Knobs[Name]> } = {
  latencyMs: wholeNumber(0, 0),
  latencyMsFor: record(wholeNumber(0, 0)),
  processing: processingDelays(),
  whileProcessing: oneOf("refused", "accepted"),
  whileProcessingType: word("processing"),
  orderAnswer: oneOf("id", "item.id", "none", "billorder", "payment_id"),
  insufficientFunds: oneOf("error", "unpaid", "billorder"),
  insufficientFundsType: word("not_enough_money"),
  basketId: oneOf("at-once", "after-payment"),
  duplicate: oneOf("allowed", "exists", "value"),
  unknownPricelist: oneOf("wizard_unavailable", "value"),
  otherPeriods: oneOf("refused", "accepted"),
  badIp: oneOf("refused", "accepted"),
  ipv6: oneOf("accepted", "refused"),
  remoteid: oneOf("kept", "dropped"),
  autoprolongDefault: oneOf("off", "period"),
  quote: oneOf("shown", "absent"),
  deniedFunctions: texts(),
  pricelistExport: oneOf("readable", "access"),
  editAnswer: oneOf("ok", "ok-text", "form"),
  editOmitted: oneOf("kept", "emptied", "refused"),
  ipChangeLimit: oneOf("off", "31-days", "month"),
  ipChangeLimitType: word("limit"),
  suspendResume: oneOf("allowed", "access"),
  resumeRefusedType: word("access"),
  resumeLapsed: oneOf("refused", "accepted"),
  renewalFunctions: oneOf("both", "service.prolong", "softexternal.prolong"),
  renewalAnswer: oneOf("newexpiredate", "newexpiredate-only", "ok"),
  renewalFrom: oneOf("end-or-today", "end"),
  renewalResumes: oneOf("suspended", "lapsed"),
  deletedAfterDays: wholeNumber(30, 0),
  deletion: oneOf("at-once", "scheduled", "minimum-term", "forbidden", "phone"),
  deletionForbiddenType: word("access"),
  deletionPhoneType: word("extraconfirm"),
  refund: oneOf("none", "balance"),
  deletedRows: oneOf("hidden", "listed"),
  deletedForm: oneOf("missed", "status-4"),
  wrongElid: oneOf("missed", "access"),
  foreignElid: oneOf("missed", "access"),
  listColumns: someOf(
    "status",
    "pricelist_id",
    "item_real_status",
    "special_status",
    "remoteid",
    "scheduledclose",
    "real_expiredate",
  ),
  itemStatus: oneOf("word", "real-status-only"),
  statusWords: oneOf("english", "localised"),
  listExpiredate: oneOf("date", "phrase"),
  listAutoprolongOn: oneOf("number", "word"),
  listAutoprolongOff: oneOf("off", "null", "empty"),
  formPricelist: oneOf("number", "name"),
  formStatus: oneOf("code", "raw", "absent"),
  formAutoprolong: oneOf("present", "absent"),
  formFields: someOf("lickey", "remoteid", "scheduledclose", "pricelist_name", "real_expiredate"),
  pageSize: wholeNumber(10, 1),
  pageSizeCap: wholeNumber(0, 0),
  savedFilter: record(text("")),
  jsonSingleRow: oneOf("array", "object"),
  jsonParam: oneOf("object", "array"),
  bjsonScalars: oneOf("plain", "wrapped"),
  errorBody: oneOf("full", "minimal"),
  errorTrailingSpace: yesOrNo(),
  errorPlaceholders: yesOrNo(),
  errorMessages: oneOf("english", "localised"),
  unseenErrorType: text(""),
  unknownFunctionType: word("missed"),
  httpLayer: oneOf("none", "403", "460", "long"),
  authinfo: oneOf("accepted", "forbidden_auth"),
  wrongPassword: oneOf("badpassword", "blocklogon", "blocked_ip"),
  wrongPasswordTries: wholeNumber(1, 1),
  sourceAddress: oneOf("allowed", "refused"),
  sessionExpired: oneOf("auth", "access"),
  sessionMinutes: wholeNumber(60, 1),
  secondFactor: oneOf("off", "totp", "captcha"),
  level: oneOf(16, 8),
  tparams: oneOf("redacted", "echoed"),
  subaccount: oneOf("readable", "access"),
};

/**
 * Makes the live knobs of one simulator.
 *
 * Methods are not enumerable, so that a copy or a JSON text of the knobs holds the values alone.
 */
export function createKnobs(initial: unknown = {}): LiveKnobs {
  const values = Object.fromEntries(names().map((name) => [name, structuredClone(table[name].fallback)]));
  apply(values, initial);
  const start = structuredClone(values);
  Object.defineProperties(values, {
    set: { value: (patch: unknown) => apply(values, patch) },
    reset: { value: () => Object.assign(values, structuredClone(start)) },
  });
  const live = new Proxy(values, {
    set(target, name, value) {
      apply(target, { [String(name)]: value });
      return true;
    },
  });
  return live as unknown as LiveKnobs;
}

/** Checks everything before it changes anything. */
function apply(values: Record<string, unknown>, patch: unknown): void {
  if (!isRecord(patch)) throw new RangeError("knobs must be an object of names and values");
  const checked: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(patch)) {
    if (!isKnob(name)) throw new RangeError(`unknown knob "${name}"`);
    const spec: Spec<unknown> = table[name];
    const merged = name === "processing" && isRecord(given) ? { ...(values[name] as object), ...given } : given;
    const value = spec.read(merged);
    if (value === undefined) {
      throw new RangeError(`knob "${name}" cannot be ${JSON.stringify(given)}; expected ${spec.expected}`);
    }
    checked[name] = value;
  }
  Object.assign(values, checked);
}

/** Reads knobs from JSON text, for the command line. */
export function parseKnobs(json: string): KnobValues {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new RangeError(`knobs are no valid JSON: ${json}`);
  }
  createKnobs(parsed);
  return parsed as KnobValues;
}

function names(): (keyof Knobs)[] {
  return Object.keys(table) as (keyof Knobs)[];
}

function isKnob(name: string): name is keyof Knobs {
  return Object.hasOwn(table, name);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function oneOf<const Value extends string | number>(first: Value, ...others: Value[]): Spec<Value> {
  const all = [first, ...others];
  return {
    fallback: first,
    expected: all.map((each) => JSON.stringify(each)).join(" or "),
    read: (value) => all.find((each) => each === value),
  };
}

function someOf<const Value extends string>(...all: Value[]): Spec<Value[]> {
  return {
    fallback: [],
    expected: `a list of ${all.map((each) => JSON.stringify(each)).join(", ")}`,
    read(value) {
      if (!Array.isArray(value)) return undefined;
      const chosen = all.filter((each) => value.includes(each));
      return value.every((each) => chosen.includes(each)) ? chosen : undefined;
    },
  };
}

function texts(): Spec<string[]> {
  return {
    fallback: [],
    expected: "a list of texts",
    read: (value) => (Array.isArray(value) && value.every((each) => typeof each === "string") ? [...value] : undefined),
  };
}

function wholeNumber(fallback: number, least: number): Spec<number> {
  return {
    fallback,
    expected: `a whole number from ${least}`,
    read: (value) => (typeof value === "number" && Number.isSafeInteger(value) && value >= least ? value : undefined),
  };
}

function text(fallback: string): Spec<string> {
  return { fallback, expected: "a text", read: (value) => (typeof value === "string" ? value : undefined) };
}

function word(fallback: string): Spec<string> {
  return {
    fallback,
    expected: "a text that is not empty",
    read: (value) => (typeof value === "string" && value !== "" ? value : undefined),
  };
}

function yesOrNo(): Spec<boolean> {
  return {
    fallback: false,
    expected: "true or false",
    read: (value) => (typeof value === "boolean" ? value : undefined),
  };
}

function record<Value>(each: Spec<Value>): Spec<Record<string, Value>> {
  return {
    fallback: {},
    expected: `an object whose values are each ${each.expected}`,
    read(value) {
      if (!isRecord(value)) return undefined;
      const entries: [string, Value][] = [];
      for (const [key, given] of Object.entries(value)) {
        const read = each.read(given);
        if (read === undefined) return undefined;
        entries.push([key, read]);
      }
      return Object.fromEntries(entries);
    },
  };
}

function processingDelays(): Spec<Knobs["processing"]> {
  const actions: readonly ProcessingAction[] = ["open", "prolong", "suspend", "resume", "close", "edit"];
  const delay = '"none", "stuck", {"polls": N}, {"seconds": N} or {"realSeconds": N}';
  return {
    fallback: { open: "none", prolong: "none", suspend: "none", resume: "none", close: "none", edit: "none" },
    expected: `an object of ${actions.join(", ")}, each ${delay}`,
    read(value) {
      const known = isRecord(value) && Object.keys(value).every((key) => actions.some((action) => action === key));
      return known && Object.values(value).every(isDelay) ? (value as Knobs["processing"]) : undefined;
    },
  };
}

function isDelay(value: unknown): boolean {
  if (value === "none" || value === "stuck") return true;
  if (!isRecord(value)) return false;
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return false;
  const [unit, amount] = entry;
  if (typeof amount !== "number" || !Number.isFinite(amount) || amount < 0) return false;
  return unit === "polls" ? Number.isInteger(amount) : unit === "seconds" || unit === "realSeconds";
}
