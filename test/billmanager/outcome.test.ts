import { describe, expect, it } from "vitest";
import type { Effect } from "../../provider/billmanager/errors/BillmanagerError";
import type { Exchange } from "../../provider/billmanager/http";
import { type Call, readLongCallOutcome, readOutcome } from "../../provider/billmanager/outcome";
import { Redactor } from "../../provider/billmanager/redact";

const NOW = Date.parse("2026-01-15T12:00:00Z");
const redactor = new Redactor(["c4nary"]);
const call = (effect: Effect, changes: Partial<Call> = {}): Call => ({
  func: "softexternal.order.param",
  effect,
  parameters: {},
  ...changes,
});
const answer = (body: string, { status = 200, headers = {} as Readonly<Record<string, string>> } = {}): Exchange => ({
  kind: "answer",
  status,
  header: (name) => ({ "content-type": "text/xml", ...headers })[name] ?? "",
  body: Buffer.from(body),
});
const refusal = (type: string, more = "") => answer(`<doc><error type="${type}"${more}><msg>No</msg></error></doc>`);
const notSent: Exchange = { kind: "not-sent", reason: "connect", detail: "no connection (ECONNREFUSED)" };
const lost: Exchange = { kind: "unknown", reason: "timeout", detail: "too late", cause: new Error("c4nary leaked") };

function thrownBy(read: () => unknown): Error & Record<string, unknown> {
  try {
    read();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("it was accepted");
}
const outcome = (asked: Call, exchange: Exchange) => thrownBy(() => readOutcome(asked, exchange, redactor, NOW));
const fetched = (asked: Call, exchange: Exchange) =>
  thrownBy(() => readLongCallOutcome(asked, exchange, redactor, NOW));

describe("an exchange", () => {
  it("that brought an answer without an error is accepted", () => {
    expect(readOutcome(call("charge"), answer("<doc><id>7</id></doc>"), redactor, NOW).name).toBe("doc");
  });

  it("that never began is not sent, with its reason and without credentials", () => {
    const error = outcome(call("charge"), { ...notSent, cause: new Error("c4nary") } as Exchange);
    expect(error).toMatchObject({ name: "NotSentError", reason: "connect" });
    expect(error.message).toContain("no connection (ECONNREFUSED)");
    expect((error.cause as Error).message).toBe("[hidden]");
    expect(outcome(call("charge"), notSent).cause).toBeUndefined();
  });

  it("that broke off is unknown, with its reason and without credentials", () => {
    const error = outcome(call("charge"), lost);
    expect(error).toMatchObject({ name: "UnknownOutcomeError", reason: "timeout" });
    expect((error.cause as Error).message).toBe("[hidden] leaked");
    expect(outcome(call("charge"), { kind: "unknown", reason: "too-large", detail: "long" }).cause).toBeUndefined();
  });
});

describe("a status that is not 200", () => {
  it.each([
    [401, "LoginRefusedError", { type: "auth" }, "the server answered HTTP 401"],
    [429, "NotSentError", { reason: "rate-limited" }, "the server answered HTTP 429, too many requests"],
    [300, "UnknownOutcomeError", { reason: "redirect", status: 300 }, "HTTP 300, a redirect, which is not followed"],
    [399, "UnknownOutcomeError", { reason: "redirect", status: 399 }, "HTTP 399, a redirect"],
    [299, "UnknownOutcomeError", { reason: "http-status", status: 299 }, "the server answered HTTP 299"],
    [400, "UnknownOutcomeError", { reason: "http-status", status: 400 }, "the server answered HTTP 400"],
    [502, "UnknownOutcomeError", { reason: "http-status", status: 502 }, "the server answered HTTP 502"],
  ])("%i is told by %s", (status, name, fields, message) => {
    const error = outcome(call("read"), answer("<doc/>", { status }));
    expect(error).toMatchObject({ name, ...fields });
    expect(error.message).toContain(message);
    expect(error.retryAfterMs).toBeUndefined();
  });

  it.each([
    [429, "7", 7_000],
    [503, "3", 3_000],
  ])("%i says how long to wait", (status, after, ms) => {
    const headers = { "retry-after": after };
    expect(outcome(call("read"), answer("", { status, headers })).retryAfterMs).toBe(ms);
  });
});

describe("an answer with 200", () => {
  it.each([
    ["no XML", "hello", "not-xml"],
    ["damage", "<doc><id>7</doc>", "malformed"],
  ])("that is %s is unknown", (_, body, reason) => {
    expect(outcome(call("charge"), answer(body))).toMatchObject({ name: "UnknownOutcomeError", reason });
  });

  it.each([
    ["in another encoding", { "content-type": "text/xml; charset=windows-1251" }],
    ["packed", { "content-encoding": "gzip" }],
  ])("that its headers call %s is unknown, whatever its bytes look like", (_, headers) => {
    expect(outcome(call("charge"), answer("<doc><id>7</id></doc>", { headers }))).toMatchObject({
      name: "UnknownOutcomeError",
      reason: "malformed",
    });
  });

  it("that names an error and a result is unknown for a charge alone", () => {
    const both = answer('<doc><ok/><error type="value"><msg>No</msg></error></doc>');
    expect(outcome(call("charge"), both)).toMatchObject({ name: "UnknownOutcomeError", reason: "malformed" });
    expect(outcome(call("charge"), both).message).toContain("it names an error and a result at once");
    expect(outcome(call("change"), both)).toMatchObject({ name: "RefusedError", type: "value" });
  });

  it.each([
    ["internal", "charge", "UnknownOutcomeError"],
    ["unknown", "charge", "UnknownOutcomeError"],
    ["internal", "change", "RefusedError"],
    ["unknown", "read", "RefusedError"],
    ["value", "charge", "RefusedError"],
    ["auth", "charge", "LoginRefusedError"],
    ["forbidden_auth", "read", "LoginRefusedError"],
    ["access", "charge", "RefusedError"],
  ] as const)("that refuses by type %s is for a %s a %s", (type, effect, name) => {
    expect(outcome(call(effect), refusal(type)).name).toBe(name);
  });

  it("tells of an error inside the panel with its text, or that there is none", () => {
    const error = outcome(call("charge"), refusal("internal"));
    expect(error).toMatchObject({ name: "UnknownOutcomeError", reason: "internal-error" });
    expect(error.message).toContain("the panel met an error of its own (No)");
    expect(outcome(call("charge"), answer('<doc><error type="internal"/></doc>')).message).toContain("(no text given)");
  });

  it("that refuses the login by any type is a refused login for the login itself", () => {
    expect(outcome(call("read", { func: "auth" }), refusal("whatever")).name).toBe("LoginRefusedError");
  });

  it("says missed of a license only where one was named, and the function is known", () => {
    const named = call("change", { parameters: { elid: "7" } });
    expect(outcome(named, refusal("missed", ' object="softexternal"')).name).toBe("NotFoundError");
    expect(outcome(call("change"), refusal("missed", ' object="softexternal"')).name).toBe("RefusedError");
    expect(outcome(named, refusal("missed", ' object="func"')).name).toBe("RefusedError");
    expect(outcome(named, refusal("value", ' object="elid"')).name).toBe("RefusedError");
  });

  it("shows no credentials and no endless words, and all else as it is", () => {
    const long = "x".repeat(201);
    const body = `<doc><error type="${long}" object="c4nary"><param name="value">${long}</param><msg>${"y".repeat(2001)}</msg></error></doc>`;
    expect(outcome(call("change"), answer(body))).toMatchObject({
      type: `${"x".repeat(200)}…`,
      object: "[hidden]",
      value: `${"x".repeat(200)}…`,
      vendorMessage: `${"y".repeat(2000)}…`,
      func: "softexternal.order.param",
    });
    const bare = outcome(call("change"), answer(`<doc><error type="${"x".repeat(200)}"/></doc>`));
    expect(bare).toMatchObject({ type: "x".repeat(200), vendorMessage: "" });
    expect(bare.object).toBeUndefined();
    expect(bare.value).toBeUndefined();
  });
});

describe("the answer to a call that was put aside", () => {
  const aside = "the panel put the call aside, and its answer could not be fetched";

  it("is what a call without it would be told", () => {
    expect(readLongCallOutcome(call("charge"), answer("<doc><ok/></doc>"), redactor, NOW).name).toBe("doc");
    expect(fetched(call("charge"), refusal("value")).name).toBe("RefusedError");
    expect(fetched(call("charge"), answer("hello"))).toMatchObject({ reason: "not-xml" });
  });

  it.each([
    ["nothing", notSent],
    ["an answer cut off", lost],
    ["HTTP 502", answer("", { status: 502 })],
    ["refused access", refusal("access")],
    ["that it is not there", refusal("missed")],
    ["that the function asked for is not there", answer('<doc><error type="missed" object="func"/></doc>')],
  ])("says nothing of the call where fetching it brought %s", (_, exchange) => {
    const error = fetched(call("charge"), exchange);
    expect(error).toMatchObject({ name: "UnknownOutcomeError", reason: "slow-call" });
    expect(error.message).toContain(aside);
  });

  it.each([
    ["error auth", refusal("auth")],
    ["HTTP 401", answer("", { status: 401 })],
  ])("is a refused login for a call that reads, and unknown for one that may have been carried out: %s", (_, said) => {
    expect(fetched(call("read"), said).name).toBe("LoginRefusedError");
    const error = fetched(call("charge"), said);
    expect(error).toMatchObject({ name: "UnknownOutcomeError", reason: "slow-call" });
    expect(error.message).toContain("refused the login when its answer was fetched");
    expect((error.cause as Error).name).toBe("LoginRefusedError");
  });

  it("is a refusal where the panel names the call's own function as unknown", () => {
    const { func } = call("charge");
    const missing = (named: string) => answer(`<doc><error type="missed" ${named}</error></doc>`);
    expect(fetched(call("charge"), missing(`object="${func}">`)).name).toBe("RefusedError");
    expect(fetched(call("charge"), missing(`object="func"><param name="value">${func}</param>`)).name).toBe(
      "RefusedError",
    );
  });

  it.each([429, 503])("keeps what the server asks to wait: HTTP %d", (status) => {
    const busy = answer("", { status, headers: { "retry-after": "20" } });
    expect(fetched(call("read"), busy)).toMatchObject({ reason: "slow-call", retryAfterMs: 20_000 });
  });
});
