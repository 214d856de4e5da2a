import { BillmanagerError, type Effect } from "./BillmanagerError";

/**
 * Why there is no readable answer:
 * - `timeout`: none within the time allowed
 * - `connection-closed`: the connection broke after the call was sent
 * - `http-status`: a status other than 200; it comes from something in front of the panel
 * - `redirect`: a redirect, which is never followed (it would carry the credentials elsewhere)
 * - `not-xml`: HTML or other text in place of the answer
 * - `malformed`: XML that is cut, broken, or not an answer to what was asked
 * - `too-large`: longer than any answer of this API
 * - `slow-call`: the panel put the call aside ("long call" page) and its result could not be fetched
 * - `form-redisplayed`: the panel showed the form again, without an error and without a result. Most likely nothing was
 *   done; the API gives no proof of it
 * - `internal-error`: the panel reports an error of its own, with no word on how far it had come
 * - `inconsistent-list`: the list changed under the reader each time it was read
 */
export type UnknownReason =
  | "timeout"
  | "connection-closed"
  | "http-status"
  | "redirect"
  | "not-xml"
  | "malformed"
  | "too-large"
  | "slow-call"
  | "form-redisplayed"
  | "internal-error"
  | "inconsistent-list";

export interface UnknownOutcome {
  readonly func: string;
  readonly effect: Effect;
  readonly reason: UnknownReason;
  /** What was seen instead of an answer: a clause without a full stop. */
  readonly detail: string;
  /** The HTTP status, where there was one. */
  readonly status?: number;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The call was sent and no readable answer came back. It may have been carried out: look before doing it again. */
export class UnknownOutcomeError extends BillmanagerError {
  override readonly name = "UnknownOutcomeError";
  readonly func: string;
  readonly effect: Effect;
  readonly reason: UnknownReason;
  declare readonly status?: number;
  declare readonly retryAfterMs?: number;

  constructor(outcome: UnknownOutcome, options?: ErrorOptions) {
    super(`${outcome.func} has no readable answer: ${outcome.detail}. ${consequence(outcome)}`, options);
    this.func = outcome.func;
    this.effect = outcome.effect;
    this.reason = outcome.reason;
    if (outcome.status !== undefined) this.status = outcome.status;
    if (outcome.retryAfterMs !== undefined) this.retryAfterMs = outcome.retryAfterMs;
  }
}

export function isUnknownOutcome(error: unknown): error is UnknownOutcomeError {
  return error instanceof UnknownOutcomeError;
}

function consequence({ effect, reason }: UnknownOutcome): string {
  switch (effect) {
    case "read":
      return "The call only reads: nothing was changed.";
    case "change":
      return reason === "form-redisplayed"
        ? "Most likely the change was not made: read the license to be sure."
        : "The change may or may not have been made: read the license to find out.";
    case "charge":
      return "The account may have been charged: look for the result before you send it again.";
  }
}
