import type { Effect } from "./effect";
import type { KnobValues } from "./knobs";

/** How long something stays hidden: for so many lists, or for so many seconds of real time. */
export type Hiding = number | { readonly seconds: number };

/** What may happen to a call. Those marked "not carried out" book nothing; after all others the books hold what the call asked for. */
export interface FaultOptions {
  /** Nobody is let in for so many real seconds: at once, or with a `func` after such a call has been answered as usual. */
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
  /** A paid order is booked twice; the answer is that to the first. Waits for orders alone, not for their quotes. */
  twin: object;
}

export type FaultKind = keyof FaultOptions;

/** Which calls a fault waits for. */
export interface Target {
  /** Default: every function. */
  readonly func?: string;
  /** Default: every effect. `softexternal.edit` reads without `sok` and changes with it. */
  readonly effect?: Effect;
  /** How many calls it happens to, or "always". Default 1. */
  readonly times?: number | "always";
  /** How many such calls it lets pass before. Default 0. */
  readonly skip?: number;
  /** For so many lists or real seconds, what the call has done does not show, neither in lists nor in forms. Default 0. */
  readonly hiddenFor?: Hiding;
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
