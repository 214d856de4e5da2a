import { CallGate } from "./callGate";
import { child, readAnswer } from "./envelope";
import { BillmanagerError, type Effect } from "./errors/BillmanagerError";
import { isLoginRefused, LoginRefusedError, refusesLogin } from "./errors/LoginRefusedError";
import { NotFoundError } from "./errors/NotFoundError";
import { NotSentError } from "./errors/NotSentError";
import { isRefused, isUnknownFunction, type Refusal, RefusedError } from "./errors/RefusedError";
import { UnknownOutcomeError, type UnknownReason } from "./errors/UnknownOutcomeError";
import { type Exchange, Http } from "./http";
import { longCallLink } from "./longCall";
import { type CheckedOptions, checkOptions, type PanelOptions } from "./options";
import { Redactor } from "./redact";
import { delayBeforeResend, mayResend, parseRetryAfter } from "./resend";
import type { XmlElement } from "./xml";

/** One function of the API and what calling it does. */
export interface Call {
  readonly func: string;
  readonly effect: Effect;
  /** Form fields in the vendor's names; `undefined` ones are not sent. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

interface Session {
  readonly id: string;
  /** Functions that a brand-new session was denied: their `access` error is no sign that the session ended. */
  readonly denied: Set<string>;
}

/**
 * One account on one panel: the transport with its login state, and what every function of this client takes first.
 *
 * After a refused login no further call starts here. Make a new `Panel` with the right password.
 */
export class Panel {
  /** `username@host`: whose licenses these are. */
  readonly account: string;
  readonly #options: CheckedOptions;
  readonly #http: Http;
  readonly #gate: CallGate;
  readonly #redactor: Redactor;
  #session: Promise<Session> | undefined;

  /** @throws InvalidRequestError for options that cannot work; no connection is made yet */
  constructor(options: PanelOptions) {
    this.#options = checkOptions(options);
    const { endpoint, username, password, parallel } = this.#options;
    this.account = `${username}@${endpoint.host}`;
    this.#http = new Http(endpoint.origin, parallel);
    this.#gate = new CallGate(parallel);
    this.#redactor = new Redactor([password, `${username}:${password}`]);
  }

  /** No further call starts; resolves when those in flight have ended. */
  async close(): Promise<void> {
    this.#gate.shut(new NotSentError("The call", "closed", "this Panel is closed"));
    await this.#http.close();
  }

  /**
   * Calls one function of the API and returns the root of its answer. The functions of this package are made of it; use it for
   * functions that they do not cover.
   *
   * @throws RefusedError the panel said no (NotFoundError: no such license; LoginRefusedError: this login is not let in)
   * @throws NotSentError the call provably was not carried out
   * @throws UnknownOutcomeError there was no readable answer; a call that changes or charges may have been carried out
   */
  async call(call: Call): Promise<XmlElement> {
    if (this.#options.auth === "authinfo") {
      return this.#send(call, { authinfo: `${this.#options.username}:${this.#options.password}` }, true);
    }
    const opened = this.#openSession();
    const session = await opened;
    try {
      return await this.#send(call, { auth: session.id }, false);
    } catch (error) {
      if (!mayBeSessionEnd(error) || (!isLoginRefused(error) && session.denied.has(call.func))) throw error;
    }
    // The panel refused the call, hence did not carry it out: with a new session even a call that charges may be sent.
    if (this.#session === opened) this.#session = undefined;
    const renewed = await this.#openSession();
    try {
      return await this.#send(call, { auth: renewed.id }, true);
    } catch (error) {
      if (mayBeSessionEnd(error)) renewed.denied.add(call.func);
      throw error;
    }
  }

  /** A text that came from the panel, without the credentials it may echo. */
  redact(text: string): string {
    return this.#redactor.redact(text);
  }

  /** One login, shared by all calls that need it at the same time. */
  #openSession(): Promise<Session> {
    const opening = this.#session ?? this.#logIn();
    if (this.#session === undefined) {
      this.#session = opening;
      opening.catch(() => {
        if (this.#session === opening) this.#session = undefined;
      });
    }
    return opening;
  }

  async #logIn(): Promise<Session> {
    const { username, password } = this.#options;
    const doc = await this.#send({ func: "auth", effect: "read", parameters: { username, password } }, {}, true);
    const auth = child(doc, "auth");
    const id = auth?.text || auth?.attributes.get("id");
    if (!id) throw unknown({ func: "auth", effect: "read" }, "malformed", "the answer names no session");
    this.#redactor.add(id);
    return { id, denied: new Set() };
  }

  /**
   * Sends a call, and again where that is safe.
   *
   * @param isLastLogin whether a refusal of the login is the last word on it: then no further call may start
   */
  async #send(call: Call, login: Readonly<Record<string, string>>, isLastLogin: boolean): Promise<XmlElement> {
    const { retries, timing } = this.#options;
    for (let attempt = 0; ; attempt++) {
      await this.#gate.enter();
      let failure: BillmanagerError;
      try {
        const doc = await this.#once(call, login);
        this.#gate.widen();
        return doc;
      } catch (error) {
        if (!(error instanceof BillmanagerError)) throw error;
        failure = error;
        if (isLoginRefused(failure)) {
          if (isLastLogin) this.#gate.shut(failure);
        } else if (isRefused(failure)) {
          this.#gate.widen();
        }
      } finally {
        this.#gate.leave();
      }
      const wait = this.#waitBeforeResend(call.effect, failure, attempt);
      if (wait === undefined || attempt === retries) throw failure;
      await timing.sleep(wait);
    }
  }

  #waitBeforeResend(effect: Effect, failure: BillmanagerError, attempt: number): number | undefined {
    if (!mayResend(effect, failure)) return undefined;
    const retryAfterMs =
      failure instanceof NotSentError || failure instanceof UnknownOutcomeError ? failure.retryAfterMs : undefined;
    return delayBeforeResend(attempt, this.#options.timing.random(), retryAfterMs);
  }

  /** One call over the wire: its answer, or the error that says what is known of its outcome. */
  async #once(call: Call, login: Readonly<Record<string, string>>): Promise<XmlElement> {
    const exchange = await this.#exchange(call, login);
    if (exchange.kind !== "answer") throw this.#transportError(call, exchange);
    if (exchange.status !== 200) throw this.#statusError(call, exchange);
    const answer = readAnswer(call.func, {
      body: exchange.body,
      contentType: exchange.header("content-type"),
      contentEncoding: exchange.header("content-encoding"),
    });
    switch (answer.kind) {
      case "accepted":
        return answer.doc;
      case "refused":
        throw refusedError(call, this.#redactRefusal(answer.refusal));
      case "unreadable":
        throw unknown(call, answer.reason, this.redact(answer.detail));
    }
  }

  async #exchange(call: Call, login: Readonly<Record<string, string>>): Promise<Exchange> {
    const { endpoint, timeoutSeconds, timing } = this.#options;
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const form = new URLSearchParams({ func: call.func, out: "xml", lang: "en", ...login });
    for (const [name, value] of Object.entries(call.parameters)) if (value !== undefined) form.set(name, value);
    const body = form.toString();
    let exchange = await this.#http.exchange({
      method: "POST",
      url: endpoint,
      body,
      fresh: call.effect === "charge",
      signal,
    });
    for (let page = endpoint; ; ) {
      const link =
        exchange.kind === "answer" && exchange.status === 200 ? longCallLink(exchange.body, page) : undefined;
      if (link === undefined) return exchange;
      if (link === "foreign")
        throw unknown(call, "slow-call", "the panel put the call aside and pointed to another server for its answer");
      await timing.sleep(longCallPauseMs);
      // Whatever goes wrong from here on, the call itself has been sent.
      exchange = await this.#http.exchange({ method: "GET", url: link, signal });
      if (exchange.kind !== "answer" || exchange.status !== 200) {
        throw unknown(call, "slow-call", "the panel put the call aside and its answer could not be fetched");
      }
      page = link;
    }
  }

  #transportError(call: Call, exchange: Exclude<Exchange, { kind: "answer" }>): BillmanagerError {
    const options = exchange.cause === undefined ? undefined : { cause: this.#redactor.cause(exchange.cause) };
    return exchange.kind === "not-sent"
      ? new NotSentError(call.func, exchange.reason, exchange.detail, undefined, options)
      : unknown(call, exchange.reason, exchange.detail, {}, options);
  }

  #statusError(call: Call, { status, header }: Extract<Exchange, { kind: "answer" }>): BillmanagerError {
    const retryAfterMs = parseRetryAfter(header("retry-after"), this.#options.timing.now());
    if (status === 429)
      return new NotSentError(
        call.func,
        "rate-limited",
        "the server answered HTTP 429, too many requests",
        retryAfterMs,
      );
    if (status >= 300 && status < 400) {
      return unknown(
        call,
        "redirect",
        `the server answered HTTP ${status}, a redirect, which is not followed; check the endpoint`,
        { status },
      );
    }
    return unknown(call, "http-status", `the server answered HTTP ${status}`, {
      status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  #redactRefusal(refusal: Refusal): Refusal {
    return {
      func: refusal.func,
      type: this.redact(refusal.type),
      ...(refusal.object === undefined ? {} : { object: this.redact(refusal.object) }),
      ...(refusal.value === undefined ? {} : { value: this.redact(refusal.value) }),
      vendorMessage: this.redact(refusal.vendorMessage),
    };
  }
}

const longCallPauseMs = 1000;

function unknown(
  { func, effect }: Pick<Call, "func" | "effect">,
  reason: UnknownReason,
  detail: string,
  more: { status?: number; retryAfterMs?: number } = {},
  options?: ErrorOptions,
): UnknownOutcomeError {
  return new UnknownOutcomeError({ func, effect, reason, detail, ...more }, options);
}

/** An expired session shows as `auth` on some panels and as `access` on others (both seen in real clients). */
function mayBeSessionEnd(error: unknown): boolean {
  return isRefused(error) && (error.type === "auth" || error.type === "access");
}

function refusedError(call: Call, refusal: Refusal): RefusedError {
  if (call.func === "auth" || refusesLogin(refusal.type)) return new LoginRefusedError(refusal);
  const isMissing = refusal.type === "missed" && call.parameters.elid !== undefined && !isUnknownFunction(refusal);
  return isMissing ? new NotFoundError(refusal) : new RefusedError(refusal);
}
