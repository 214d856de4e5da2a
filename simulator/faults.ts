import type { KnobValues } from "./knobs";
import { createKnobs } from "./knobTable";
import type { Effect, JournalEntry } from "./types";

/** What may happen to a call. Those marked "not carried out" book nothing; after all others the books hold what the call asked for. */
interface FaultOptions {
  /** Nobody is let in for so many real seconds: at once, or with a `func` after that call has been answered as usual. */
  refused: { readonly seconds: number };
  /** Not carried out: the connection is reset. */
  reset: object;
  /** The connection is closed without an answer. */
  closed: object;
  /** Nothing comes back, and the connection stays open. */
  silence: object;
  /** The answer ends in its middle, `at` a share of it (default 0.5): in the midst of chunks, or by a length that fits what is sent. */
  cut: { readonly framing: "chunked" | "content-length"; readonly at?: number };
  /** A page of a proxy with this HTTP status; not carried out unless `booked`. */
  http: { readonly status: number; readonly booked?: boolean; readonly retryAfter?: number };
  /** The answer comes so many real seconds later. */
  late: { readonly seconds: number };
  /** The usual answer; of use with `hiddenFor`. */
  answered: object;
  /** A page that asks to wait, with a link to the answer. */
  "slow-call": object;
  /** An empty answer with HTTP status 200. */
  empty: object;
  /** The page that asks people to log in, with HTTP status 200; not carried out unless `booked`. */
  "login-page": { readonly booked?: boolean };
  /** Not carried out: an error of this type. */
  error: { readonly type: string; readonly object?: string; readonly message?: string };
  /** The call is carried out and answered as with these knobs. */
  knobs: { readonly knobs: KnobValues };
  /** An order is booked twice. */
  twin: object;
}

export type FaultKind = keyof FaultOptions;

/** Which calls a fault waits for. */
interface Target {
  /** Default: every function. */
  readonly func?: string;
  /** Default: every effect. `softexternal.edit` reads without `sok` and changes with it. */
  readonly effect?: Effect;
  /** How many calls it happens to, or "always". Default 1. */
  readonly times?: number | "always";
  /** How many such calls it lets pass before. Default 0. */
  readonly skip?: number;
  /** For so many lists, what the call has done does not show, neither in lists nor in forms. Default 0. */
  readonly hiddenFor?: number;
}

/** Something that shall happen to a call, as armed by `faults.arm` or `POST /faults`. */
export type Fault = { [Kind in FaultKind]: { readonly kind: Kind } & FaultOptions[Kind] & Target }[FaultKind];

/** The faults of a running simulator. Of several that wait for a call, the first armed happens. */
export interface Faults {
  /** @throws RangeError for a fault that makes no sense */
  arm(fault: Fault): void;
  /** Those still to come, with the times that are left. */
  armed(): Fault[];
  clear(): void;
}

interface Armed {
  readonly fault: Fault;
  skip: number;
  left: number;
}

export class ArmedFaults implements Faults {
  private waiting: Armed[] = [];

  /** @param refuse lets nobody in for so many seconds */
  constructor(readonly refuse: (seconds: number) => void) {}

  arm(fault: Fault): void {
    check(fault);
    if (fault.kind === "refused" && fault.func === undefined) {
      this.refuse(fault.seconds);
      return;
    }
    const { times = 1, skip = 0 } = fault;
    this.waiting.push({ fault, skip, left: times === "always" ? Number.POSITIVE_INFINITY : times });
  }

  armed(): Fault[] {
    return this.waiting.map(({ fault, left, skip }) => ({
      ...structuredClone(fault),
      times: Number.isFinite(left) ? left : "always",
      skip,
    }));
  }

  clear(): void {
    this.waiting = [];
  }

  /** What happens to this call. */
  take(call: Pick<JournalEntry, "func" | "effect">): Fault | undefined {
    const meant = this.waiting.filter(
      ({ fault }) => (fault.func ?? call.func) === call.func && (fault.effect ?? call.effect) === call.effect,
    );
    const due = meant.find(({ skip }) => skip === 0);
    for (const armed of meant) if (armed !== due && armed.skip > 0) armed.skip -= 1;
    if (due === undefined) return undefined;
    due.left -= 1;
    this.waiting = this.waiting.filter(({ left }) => left > 0);
    return due.fault;
  }
}

/** Whether the panel carries the call out all the same. */
export function isBooked(fault: Fault): boolean {
  switch (fault.kind) {
    case "reset":
    case "error":
      return false;
    case "http":
    case "login-page":
      return fault.booked === true;
    default:
      return true;
  }
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string" && value !== "";
const isFlag: Check = (value) => typeof value === "boolean";
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isSeconds: Check = (value) => typeof value === "number" && value >= 0 && value <= 3600;
const isStatus: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 200 && Number(value) <= 599;
const isShare: Check = (value) => typeof value === "number" && value > 0 && value < 1;
const isFraming: Check = (value) => value === "chunked" || value === "content-length";
const isEffect: Check = (value) => ["read", "change", "charge", "login"].some((effect) => effect === value);
const isTimes: Check = (value) => value === "always" || (isCount(value) && value !== 0);

const targetFields = { func: isText, effect: isEffect, times: isTimes, skip: isCount, hiddenFor: isCount } satisfies {
  [Field in keyof Target]: Check;
};

/** The fields of each kind; those that end in `?` may be left out. */
const kinds: { readonly [Kind in FaultKind]: Readonly<Record<string, Check>> } = {
  refused: { seconds: isSeconds },
  reset: {},
  closed: {},
  silence: {},
  cut: { framing: isFraming, "at?": isShare },
  http: { status: isStatus, "booked?": isFlag, "retryAfter?": isCount },
  late: { seconds: isSeconds },
  answered: {},
  "slow-call": {},
  empty: {},
  "login-page": { "booked?": isFlag },
  error: { type: isText, "object?": isText, "message?": isText },
  knobs: { knobs: (value) => createKnobs(value) !== undefined },
  twin: {},
};

/** @throws RangeError that names what is wrong and what would be right */
function check(fault: object): void {
  const { kind, ...fields }: Record<string, unknown> = { ...fault };
  const name = Object.keys(kinds).find((known): known is FaultKind => known === kind);
  if (name === undefined) {
    throw new RangeError(`no fault of kind ${JSON.stringify(kind)}; expected one of ${Object.keys(kinds).join(", ")}`);
  }
  const own = kinds[name];
  const missing = Object.keys(own).find((field) => !field.endsWith("?") && fields[field] === undefined);
  if (missing !== undefined) throw new RangeError(`a fault of kind "${name}" needs "${missing}"`);
  for (const [field, value] of Object.entries(fields)) {
    const accepts = own[field] ?? own[`${field}?`] ?? targetFields[field as keyof Target];
    if (accepts === undefined) {
      const known = [...Object.keys(own), ...Object.keys(targetFields)].map((each) => each.replace("?", ""));
      throw new RangeError(`a fault of kind "${name}" knows no "${field}"; expected ${known.join(", ")}`);
    }
    if (!accepts(value)) throw new RangeError(`"${field}" of a fault cannot be ${JSON.stringify(value)}`);
  }
  if (name === "twin" && fields.func !== "softexternal.order.param") {
    throw new RangeError('a fault of kind "twin" happens to "softexternal.order.param" alone');
  }
}
