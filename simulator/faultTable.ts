import type { Effect } from "./effect";
import type { FaultKind, FaultOptions, Target } from "./faults";
import { createKnobs } from "./knobTable";

/** What a field of a fault may be. */
interface Field {
  readonly expected: string;
  readonly isOptional?: true;
  accepts(value: unknown): boolean;
}

type Fields<Options> = { readonly [Name in keyof Required<Options>]: Field };

const text: Field = {
  expected: "a text that is not empty",
  accepts: (value) => typeof value === "string" && value !== "",
};
const yesOrNo: Field = { expected: "true or false", accepts: (value) => typeof value === "boolean" };
const seconds: Field = {
  expected: "a number from 0 to 3600",
  accepts: (value) => typeof value === "number" && value >= 0 && value <= 3600,
};
const share: Field = {
  expected: "a number between 0 and 1",
  accepts: (value) => typeof value === "number" && value > 0 && value < 1,
};
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const times: Field = {
  expected: 'a whole number from 1 or "always"',
  accepts: (value) => value === "always" || (count.accepts(value) && value !== 0),
};
const hiding: Field = {
  expected: 'a whole number of lists or {"seconds": N}',
  accepts: (value) => count.accepts(value) || hasOnlySeconds(value),
};
const knobs: Field = {
  expected: "an object of knobs",
  // Throws for a bad one, and says what the knob expects.
  accepts: (value) => createKnobs(value) !== undefined,
};

const kinds: { readonly [Kind in FaultKind]: Fields<FaultOptions[Kind]> } = {
  refused: { seconds },
  reset: {},
  closed: {},
  silence: {},
  cut: { framing: oneOf("chunked", "content-length"), at: optional(share) },
  http: { status: wholeNumber(200, 599), booked: optional(yesOrNo), retryAfter: optional(count) },
  late: { seconds },
  answered: {},
  "slow-call": {},
  empty: {},
  "login-page": { booked: optional(yesOrNo) },
  error: { type: text, object: optional(text), message: optional(text) },
  knobs: { knobs },
  twin: {},
};

const target: Fields<Target> = {
  func: optional(text),
  effect: optional(oneOf<Effect>("read", "change", "charge", "login")),
  times: optional(times),
  skip: optional(count),
  hiddenFor: optional(hiding),
};

/** The functions whose doings lists and forms show. */
const shownLater = [
  "softexternal.order.param",
  "softexternal.edit",
  "softexternal.suspend",
  "softexternal.resume",
  "softexternal.delete",
  "service.prolong",
  "softexternal.prolong",
];

/** @throws RangeError that names what is wrong and what would be right */
export function checkFault(fault: object): void {
  const { kind, ...given }: Record<string, unknown> = { ...fault };
  const name = Object.keys(kinds).find((known): known is FaultKind => known === kind);
  if (name === undefined) {
    throw new RangeError(`no fault of kind ${JSON.stringify(kind)}; expected one of ${Object.keys(kinds).join(", ")}`);
  }
  checkFields(name, new Map<string, Field>(Object.entries({ ...kinds[name], ...target })), given);
  checkTarget(name, given);
}

function checkFields(kind: FaultKind, fields: ReadonlyMap<string, Field>, given: Record<string, unknown>): void {
  for (const [name, { expected, isOptional }] of fields) {
    if (isOptional || given[name] !== undefined) continue;
    throw new RangeError(`a fault of kind "${kind}" needs "${name}"; expected ${expected}`);
  }
  for (const [name, value] of Object.entries(given)) {
    const field = fields.get(name);
    if (field === undefined) {
      throw new RangeError(`a fault of kind "${kind}" knows no "${name}"; expected ${[...fields.keys()].join(", ")}`);
    }
    if (value !== undefined && !field.accepts(value)) {
      throw new RangeError(`"${name}" of a fault cannot be ${JSON.stringify(value)}; expected ${field.expected}`);
    }
  }
}

/** What is right by itself, and makes no sense together. */
function checkTarget(kind: FaultKind, given: { readonly [Name in keyof Target]?: unknown }): void {
  const { func, effect, hiddenFor } = given;
  if (kind === "refused" && func === undefined && Object.keys(given).some((name) => Object.hasOwn(target, name))) {
    throw new RangeError('a fault of kind "refused" begins at once without "func", and takes "seconds" alone');
  }
  if (kind === "twin" && (func !== "softexternal.order.param" || (effect ?? "charge") !== "charge")) {
    throw new RangeError('a fault of kind "twin" happens to charges of "softexternal.order.param" alone');
  }
  if (hiddenFor !== undefined && func !== undefined && !shownLater.some((each) => each === func)) {
    throw new RangeError(`"hiddenFor" of a fault does nothing for "${func}"; expected ${shownLater.join(", ")}`);
  }
}

function oneOf<Value extends string>(...all: Value[]): Field {
  return {
    expected: all.map((each) => JSON.stringify(each)).join(" or "),
    accepts: (value) => all.some((each) => each === value),
  };
}

function wholeNumber(least: number, most: number): Field {
  return {
    expected:
      most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`,
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
  };
}

function optional(field: Field): Field {
  return { ...field, isOptional: true };
}

function hasOnlySeconds(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const entries = Object.entries(value);
  return entries.length === 1 && entries.every(([name, amount]) => name === "seconds" && seconds.accepts(amount));
}
