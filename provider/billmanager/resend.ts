import type { BillmanagerError, Effect } from "./errors/BillmanagerError";
import { isNotSent } from "./errors/NotSentError";
import { isUnknownOutcome, type UnknownOutcomeError } from "./errors/UnknownOutcomeError";

/**
 * Whether a call that failed may be sent again by itself. The one place that decides it.
 *
 * A call that charges is never sent twice, not even when it provably was not carried out: only its caller, who looks at the
 * account first, may order again.
 */
export function mayResend(effect: Effect, failure: BillmanagerError): boolean {
  switch (effect) {
    case "charge":
      return false;
    case "change":
      return isNotSent(failure) && passes(failure.reason);
    case "read":
      return (
        (isNotSent(failure) && passes(failure.reason)) || (isUnknownOutcome(failure) && isWorthAnotherRead(failure))
      );
  }
}

/** A certificate does not become valid by asking again, and a closed `Panel` stays closed. */
function passes(reason: "connect" | "tls" | "rate-limited" | "closed"): boolean {
  return reason === "connect" || reason === "rate-limited";
}

function isWorthAnotherRead({ reason, status }: UnknownOutcomeError): boolean {
  switch (reason) {
    case "http-status":
      // Other 4xx are a decision of whatever stands before the panel (seen: 403 and 460 of guards against floods).
      return status === 408 || status === 425 || (status ?? 0) >= 500;
    case "timeout":
    case "connection-closed":
    case "not-xml":
    case "malformed":
    case "slow-call":
      return true;
    case "redirect":
    case "too-large":
    case "form-redisplayed":
    case "internal-error":
    case "inconsistent-list":
      return false;
  }
}

const firstDelayMs = 500;
const longestDelayMs = 10_000;
/** A server that wants more than this is not waited for: the caller learns of it at once. */
export const longestRetryAfterMs = 60_000;

/**
 * How long to wait before a call is sent again: anything between nothing and a bound that doubles each time ("full jitter"),
 * but never less than the server asked for.
 *
 * @param attempt 0 before the first repetition
 * @returns milliseconds, or `undefined` when the server asks for more time than anyone would wait
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function delayBeforeResend(attempt: number, random: number, retryAfterMs = 0): number | undefined {
  if (retryAfterMs > longestRetryAfterMs) return undefined;
  return Math.max(retryAfterMs, Math.floor(random * Math.min(longestDelayMs, firstDelayMs * 2 ** attempt)));
}

/** What a panel that turned calls away before is given at most when it does not say how long. */
const longestPauseMs = 4_000;

/** Whether the server asked for fewer calls: by its status, or by saying how long it wants to be left alone. */
export function asksToSlowDown(failure: BillmanagerError): boolean {
  return (
    (isNotSent(failure) && failure.reason === "rate-limited") ||
    (isUnknownOutcome(failure) && (failure.status === 503 || failure.retryAfterMs !== undefined))
  );
}

/**
 * How long all calls of an account pause when the server has asked one of them to slow down: what it asked for, and where it named no
 * time a bound that doubles each time. Never less than half of that bound: the other half keeps processes apart that were told together.
 *
 * @param count 1 for the first pause since the server has last accepted a call
 */
export function pauseOfAll(count: number, random: number, retryAfterMs: number): number {
  const bound = Math.min(longestPauseMs, firstDelayMs * 2 ** (count - 1));
  return Math.max(retryAfterMs, Math.floor((bound * (1 + random)) / 2));
}

/**
 * The header `Retry-After`: seconds or a date.
 *
 * @returns milliseconds from `now`, `undefined` when the header is absent or unreadable
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  // The oldest of the three forms of a date names no time zone; all three mean GMT.
  const time = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text.endsWith("GMT") ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
