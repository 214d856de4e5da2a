import { readAnswer } from "./envelope";
import type { BillmanagerError, Effect } from "./errors/BillmanagerError";
import { isLoginRefused, LoginRefusedError, refusesLogin } from "./errors/LoginRefusedError";
import { NotFoundError } from "./errors/NotFoundError";
import { isNotSent, NotSentError } from "./errors/NotSentError";
import { isRefused, isUnknownFunction, type Refusal, RefusedError } from "./errors/RefusedError";
import { isUnknownOutcome, UnknownOutcomeError, type UnknownReason } from "./errors/UnknownOutcomeError";
import type { Exchange } from "./http";
import type { Redactor } from "./redact";
import { parseRetryAfter } from "./resend";
import type { XmlElement } from "./xml";

/** One function of the API and what calling it does. */
export interface Call {
  readonly func: string;
  readonly effect: Effect;
  /** Form fields in the vendor's names; `undefined` ones are not sent. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

type HttpAnswer = Extract<Exchange, { kind: "answer" }>;

/**
 * What is known of a call after its exchange.
 *
 * @param now milliseconds since 1970, for a `Retry-After` that is a date
 * @returns the root of the accepted answer
 * @throws RefusedError, NotSentError or UnknownOutcomeError, all without credentials
 */
export function readOutcome(call: Call, exchange: Exchange, redactor: Redactor, now: number): XmlElement {
  if (exchange.kind !== "answer") throw transportError(call, exchange, redactor);
  // The panel answers with 200 whatever it has to say; another status comes from a proxy or a guard in front of it.
  if (exchange.status !== 200) throw statusError(call, exchange, now);
  const answer = readAnswer(call.func, {
    body: exchange.body,
    contentType: exchange.header("content-type"),
    contentEncoding: exchange.header("content-encoding"),
  });
  switch (answer.kind) {
    case "accepted":
      return answer.doc;
    case "refused":
      // "Nothing was charged" would be a guess.
      if (call.effect === "charge" && answer.namesResult) {
        throw unknown(call, "malformed", "the answer is damaged: it names an error and a result at once");
      }
      throw refusedError(call, answer.refusal, redactRefusal(answer.refusal, redactor));
    case "unreadable":
      throw unknown(call, answer.reason, redactor.redact(answer.detail));
  }
}

/**
 * What is known of a call that was put aside, after its answer was fetched. A failure to fetch says nothing about the call; nor
 * does a refusal of login or access, or of what is not there any more, which may concern the fetching alone.
 */
export function readLongCallOutcome(call: Call, exchange: Exchange, redactor: Redactor, now: number): XmlElement {
  try {
    return readOutcome(call, exchange, redactor, now);
  } catch (error) {
    if (isLoginRefused(error)) {
      // It is the last word on a call that only reads; what changes may have been carried out before it.
      if (call.effect === "read") throw error;
      const detail = "the panel put the call aside, and refused the login when its answer was fetched";
      throw unknown(call, "slow-call", detail, {}, { cause: error });
    }
    const isAnswer = exchange.kind === "answer" && exchange.status === 200;
    if (isAnswer && !mayConcernTheFetching(error)) throw error;
    throw unknown(
      call,
      "slow-call",
      "the panel put the call aside, and its answer could not be fetched",
      isNotSent(error) || isUnknownOutcome(error) ? withRetryAfter(error.retryAfterMs) : {},
    );
  }
}

/** What is `missed` may be the answer itself, which the panel no longer has; where it is the function, the call's own is named. */
function mayConcernTheFetching(error: unknown): boolean {
  if (!isRefused(error)) return false;
  const namesFunction = error.object === error.func || error.value === error.func;
  return error.type === "access" || (error.type === "missed" && !namesFunction);
}

export function unknown(
  { func, effect }: Pick<Call, "func" | "effect">,
  reason: UnknownReason,
  detail: string,
  more: { status?: number; retryAfterMs?: number } = {},
  options?: ErrorOptions,
): UnknownOutcomeError {
  return new UnknownOutcomeError({ func, effect, reason, detail, ...more }, options);
}

function transportError(call: Call, exchange: Exclude<Exchange, HttpAnswer>, redactor: Redactor): BillmanagerError {
  const options = exchange.cause === undefined ? undefined : { cause: redactor.cause(exchange.cause) };
  return exchange.kind === "not-sent"
    ? new NotSentError(call.func, exchange.reason, exchange.detail, undefined, options)
    : unknown(call, exchange.reason, exchange.detail, {}, options);
}

function statusError(call: Call, { status, header }: HttpAnswer, now: number): BillmanagerError {
  const retryAfterMs = parseRetryAfter(header("retry-after"), now);
  if (status === 401) {
    return new LoginRefusedError({ func: call.func, type: "auth", vendorMessage: "the server answered HTTP 401" });
  }
  if (status === 429) {
    return new NotSentError(call.func, "rate-limited", "the server answered HTTP 429, too many requests", retryAfterMs);
  }
  if (status >= 300 && status < 400) {
    const detail = `the server answered HTTP ${status}, a redirect, which is not followed; check the endpoint`;
    return unknown(call, "redirect", detail, { status });
  }
  return unknown(call, "http-status", `the server answered HTTP ${status}`, {
    status,
    ...withRetryAfter(retryAfterMs),
  });
}

function withRetryAfter(retryAfterMs: number | undefined): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

/**
 * @param raw as the panel sent it: a password that happens to be the word `auth` must not change what an error is
 * @param shown the same without credentials
 */
function refusedError(call: Call, raw: Refusal, shown: Refusal): BillmanagerError {
  if (call.func === "auth" || refusesLogin(raw.type, call.effect)) return new LoginRefusedError(shown);
  if (call.effect === "charge" && (raw.type === "internal" || raw.type === "unknown")) {
    // Something broke inside the panel, at a point that nobody names: that is no proof that nothing was booked.
    return unknown(
      call,
      "internal-error",
      `the panel met an error of its own (${shown.vendorMessage || "no text given"})`,
    );
  }
  const isMissing = raw.type === "missed" && call.parameters.elid !== undefined && !isUnknownFunction(raw);
  return isMissing ? new NotFoundError(shown) : new RefusedError(shown);
}

/** What a message shows of the vendor's words. Longer ones are cut, after the credentials in them were found. */
const longestShown = { word: 200, message: 2000 };

function redactRefusal(refusal: Refusal, redactor: Redactor): Refusal {
  const shown = (text: string, longest = longestShown.word) => {
    const redacted = redactor.redact(text);
    return redacted.length > longest ? `${redacted.slice(0, longest)}…` : redacted;
  };
  return {
    func: refusal.func,
    type: shown(refusal.type),
    ...(refusal.object === undefined ? {} : { object: shown(refusal.object) }),
    ...(refusal.value === undefined ? {} : { value: shown(refusal.value) }),
    vendorMessage: shown(refusal.vendorMessage, longestShown.message),
  };
}
