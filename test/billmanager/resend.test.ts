import { describe, expect, it } from "vitest";
import {
  type Effect,
  NotSentError,
  type NotSentReason,
  RefusedError,
  UnknownOutcomeError,
  type UnknownReason,
} from "../../provider/billmanager";
import {
  asksToSlowDown,
  delayBeforeResend,
  mayResend,
  parseRetryAfter,
  pauseOfAll,
} from "../../provider/billmanager/resend";
import { namesIn, tableOf } from "../docs/pages";

const notSent = (reason: NotSentReason) => new NotSentError("f", reason, "detail");
const unknown = (reason: UnknownReason, status?: number) =>
  new UnknownOutcomeError({
    func: "f",
    effect: "read",
    reason,
    detail: "detail",
    ...(status === undefined ? {} : { status }),
  });

/** Every reason, and whether a read is repeated for it. */
const reasons: Readonly<Record<UnknownReason, "yes" | "no" | "depends">> = {
  timeout: "yes",
  "connection-closed": "yes",
  "http-status": "depends",
  redirect: "no",
  "not-xml": "yes",
  malformed: "yes",
  "too-large": "no",
  "slow-call": "yes",
  "form-redisplayed": "no",
  "internal-error": "no",
  "inconsistent-list": "no",
};

const everyFailure = [
  ...(["connect", "tls", "rate-limited", "closed"] as const).map(notSent),
  ...(Object.keys(reasons) as UnknownReason[])
    .filter((reason) => reason !== "http-status")
    .map((reason) => unknown(reason)),
  ...[400, 403, 408, 425, 460, 500, 502, 503].map((status) => unknown("http-status", status)),
  new RefusedError({ func: "f", type: "value", vendorMessage: "no" }),
];

const resent = (effect: Effect) =>
  everyFailure
    .filter((failure) => mayResend(effect, failure))
    .map((failure) => ("status" in failure && failure.status) || ("reason" in failure ? failure.reason : failure.name));

describe("docs/client.md", () => {
  it("lists every reason, and whether a read is repeated for it", () => {
    const listed = tableOf("docs/client.md", "reason").map(([name = "", , repeated = ""]) => [
      ...namesIn(name),
      /^(?:yes|no)/.exec(repeated)?.[0] ?? "depends",
    ]);
    expect(listed).toEqual(Object.entries(reasons));
  });
});

describe("mayResend", () => {
  it("repeats a read for just the reasons for which it is told to", () => {
    const repeated = Object.keys(reasons).map((reason) => mayResend("read", unknown(reason as UnknownReason, 502)));
    expect(repeated).toEqual(Object.values(reasons).map((told) => told !== "no"));
  });

  it("never sends a call that charges a second time, whatever happened", () => {
    expect(everyFailure.map((failure) => mayResend("charge", failure))).toEqual(everyFailure.map(() => false));
  });

  it("does not repeat a read for a status that is not known", () => {
    expect(mayResend("read", unknown("http-status"))).toBe(false);
  });

  it("repeats a change only when it provably was not carried out", () => {
    expect(resent("change")).toEqual(["connect", "rate-limited"]);
  });

  it("repeats a read after anything that may pass", () => {
    expect(resent("read")).toEqual([
      "connect",
      "rate-limited",
      "timeout",
      "connection-closed",
      "not-xml",
      "malformed",
      "slow-call",
      408,
      425,
      500,
      502,
      503,
    ]);
  });
});

describe("delayBeforeResend", () => {
  it("doubles its bound up to ten seconds", () => {
    expect([0, 1, 2, 3, 4, 5, 60].map((attempt) => delayBeforeResend(attempt, 0.999999))).toEqual([
      499, 999, 1999, 3999, 7999, 9999, 9999,
    ]);
  });

  it("spreads over the whole range below its bound", () => {
    expect([0, 0.25, 0.5].map((random) => delayBeforeResend(1, random))).toEqual([0, 250, 500]);
  });

  it("waits at least as long as the server asked", () => expect(delayBeforeResend(0, 0.5, 7000)).toBe(7000));

  it("gives up on a server that asks for more than a minute", () => {
    expect(delayBeforeResend(0, 0.5, 60_000)).toBe(60_000);
    expect(delayBeforeResend(0, 0.5, 60_001)).toBeUndefined();
  });
});

describe("asksToSlowDown", () => {
  it("is what 429 and 503 mean, and any answer that names a time", () => {
    expect(
      everyFailure.filter(asksToSlowDown).map((failure) => ("status" in failure && failure.status) || failure.name),
    ).toEqual(["NotSentError", 503]);
    const named = { func: "f", effect: "read", reason: "http-status", detail: "…", status: 502 } as const;
    expect(asksToSlowDown(new UnknownOutcomeError({ ...named, retryAfterMs: 1000 }))).toBe(true);
  });
});

describe("pauseOfAll", () => {
  it("is what the server asks for", () => expect(pauseOfAll(1, 0.5, 7000)).toBe(7000));

  it("doubles its bound up to four seconds where the server names no time, and is at least half of it", () => {
    expect([1, 2, 3, 4, 5, 60].map((count) => pauseOfAll(count, 0, 0))).toEqual([250, 500, 1000, 2000, 2000, 2000]);
    expect([1, 2, 3, 4, 5, 60].map((count) => pauseOfAll(count, 0.999999, 0))).toEqual([
      499, 999, 1999, 3999, 3999, 3999,
    ]);
  });

  it("is no shorter where the server asks for less", () => expect(pauseOfAll(2, 0, 0)).toBe(500));
});

describe("parseRetryAfter", () => {
  const now = Date.parse("2026-01-15T12:00:00Z");

  it.each([
    ["seconds", "7", 7000],
    ["seconds between blanks", " 7 ", 7000],
    ["zero", "0", 0],
    ["a date", "Thu, 15 Jan 2026 12:00:30 GMT", 30_000],
    ["a date in the old form", "Thursday, 15-Jan-26 12:00:30 GMT", 30_000],
    ["a date in the oldest form, which names no time zone", "Thu Jan 15 12:00:30 2026", 30_000],
    ["a date gone by", "Thu, 15 Jan 2026 11:00:00 GMT", 0],
  ])("reads %s", (_name, header, expected) => expect(parseRetryAfter(header, now)).toBe(expected));

  it.each([undefined, "", "soon", "-5", "1.5", "2026-01-15", "after Thu, 15 Jan 2026 12:00:30 GMT"])(
    "reads nothing from %j",
    (header) => {
      expect(parseRetryAfter(header, now)).toBeUndefined();
    },
  );
});
