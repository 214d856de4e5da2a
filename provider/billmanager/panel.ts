import { CallGate, type Passage } from "./callGate";
import { child } from "./envelope";
import { BillmanagerError, type Effect } from "./errors/BillmanagerError";
import { blocksLogin, isLoginRefused, type LoginRefusedError } from "./errors/LoginRefusedError";
import { isNotSent, NotSentError } from "./errors/NotSentError";
import { isRefused } from "./errors/RefusedError";
import { isUnknownOutcome } from "./errors/UnknownOutcomeError";
import { Http } from "./http";
import { longCallLink } from "./longCall";
import { type CheckedOptions, checkOptions, type PanelOptions } from "./options";
import { type Call, readLongCallOutcome, readOutcome, unknown } from "./outcome";
import { Redactor } from "./redact";
import { asksToSlowDown, delayBeforeResend, mayResend } from "./resend";
import type { XmlElement } from "./xml";

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
  #mayChange: () => Promise<void> = () => Promise.resolve();
  readonly #givingUp = { reads: new AbortController(), changes: new AbortController() };

  /** @throws InvalidRequestError for options that cannot work; no connection is made yet */
  constructor(options: PanelOptions) {
    this.#options = checkOptions(options);
    const { endpoint, username, password, parallel, timing } = this.#options;
    this.account = `${username}@${endpoint.host}`;
    this.#http = new Http(endpoint.origin, parallel);
    this.#gate = new CallGate(parallel, timing);
    this.#redactor = new Redactor([password, password.trim(), `${username}:${password}`]);
  }

  /**
   * Has this asked before each call that changes or charges, once its turn has come: a call may wait for others for a long time.
   *
   * @param ask what it throws keeps the call from being sent
   */
  beforeChanges(ask: () => Promise<void>): void {
    this.#mayChange = ask;
  }

  /** Loads what the first call needs, for a caller that is about to wait for something else. No connection is made. */
  prepare(): void {
    this.#http.prepare();
  }

  /** No further call starts; resolves when those in flight have ended. */
  async close(): Promise<void> {
    this.#gate.shut((func) => new NotSentError(func, "closed", "this Panel is closed"));
    await this.#http.close();
  }

  /**
   * No further call starts, and those in flight end soon: reads at once, one that changes or charges after `grace` ms, with an unknown
   * outcome then.
   *
   * @param why as in "the run was cancelled"
   */
  end(why: string, grace: number): void {
    this.#gate.shut((func) => new NotSentError(func, "closed", why));
    this.#givingUp.reads.abort(new Error(why));
    setTimeout(() => this.#givingUp.changes.abort(new Error(why)), grace).unref();
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
    const session = await forCall(call, opened);
    try {
      return await this.#send(call, { auth: session.id }, false);
    } catch (error) {
      if (!mayBeSessionEnd(error) || (!isLoginRefused(error) && session.denied.has(call.func))) throw error;
    }
    // The panel refused the call, hence did not carry it out: with a new session even a call that charges may be sent.
    if (this.#session === opened) this.#session = undefined;
    const renewed = await forCall(call, this.#openSession());
    for (const func of session.denied) renewed.denied.add(func);
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
    if (!id || id.length > longestSessionId)
      throw unknown({ func: "auth", effect: "read" }, "malformed", "the answer names no session");
    this.#redactor.add(id);
    return { id, denied: new Set() };
  }

  /**
   * Sends a call, and again where that is safe.
   *
   * @param isLastLogin whether a refusal of the login is the last word on it: then no further call may start
   */
  async #send(call: Call, login: Readonly<Record<string, string>>, isLastLogin: boolean): Promise<XmlElement> {
    const { retries } = this.#options;
    for (let attempt = 0; ; attempt++) {
      const passage = await this.#enter(call);
      let failure: BillmanagerError;
      try {
        const doc = await this.#once(call, login);
        this.#gate.accepted(passage);
        return doc;
      } catch (error) {
        if (!(error instanceof BillmanagerError)) throw error;
        failure = error;
        if (asksToSlowDown(failure)) this.#gate.slowDown(passage, retryAfterOf(failure));
        // The login may have been refused to the question after a slow call's answer.
        const refused = isLoginRefused(failure) ? failure : failure.cause;
        if (isLoginRefused(refused)) {
          // A session that has ended is no refused login: the next call opens another.
          if (isLastLogin || !mayBeSessionEnd(refused)) this.#shut(refused);
        } else if (isRefused(failure)) {
          this.#gate.accepted(passage);
        }
      } finally {
        this.#gate.leave();
      }
      const wait = this.#waitBeforeResend(call.effect, failure, attempt);
      if (wait === undefined || attempt === retries) throw failure;
      // What the server asked to wait is waited for by everybody, at the gate.
      if (!asksToSlowDown(failure)) await this.#gate.sleep(wait);
    }
  }

  /**
   * Waits for the call's turn. Of one that changes or charges, those who may object are asked then, which takes a while: it starts only
   * where nobody has shut the gate meanwhile, and waits anew where the panel has asked for a pause.
   */
  async #enter({ func, effect }: Call): Promise<Passage> {
    for (;;) {
      const passage = await this.#gate.enter(func, effect);
      if (effect === "read") return passage;
      try {
        await this.#mayChange();
        const refusal = this.#gate.refusal(func);
        if (refusal !== undefined) throw refusal;
      } catch (error) {
        this.#gate.leave();
        throw error;
      }
      if (!this.#gate.isPaused) return passage;
      this.#gate.leave();
    }
  }

  #shut(refused: LoginRefusedError): void {
    this.#gate.shut((func) => refused.of(func));
  }

  #waitBeforeResend(effect: Effect, failure: BillmanagerError, attempt: number): number | undefined {
    if (!mayResend(effect, failure)) return undefined;
    return delayBeforeResend(attempt, this.#options.timing.random(), retryAfterOf(failure));
  }

  /** One call over the wire: its answer, or the error that says what is known of its outcome. */
  async #once(call: Call, login: Readonly<Record<string, string>>): Promise<XmlElement> {
    // A timer of its own, to be stopped: that of `AbortSignal.timeout` would keep the call in memory until its time is over.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(outOfTime()), this.#options.timeoutSeconds * 1000);
    const givingUp = call.effect === "read" ? this.#givingUp.reads : this.#givingUp.changes;
    try {
      return await this.#exchange(call, login, AbortSignal.any([deadline.signal, givingUp.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  async #exchange(call: Call, login: Readonly<Record<string, string>>, signal: AbortSignal): Promise<XmlElement> {
    const { endpoint, timing } = this.#options;
    const body = formOf({ func: call.func, ...common, ...login, ...call.parameters });
    const fresh = call.effect === "charge";
    const onSent = () => this.#redactor.prepare();
    const exchange = await this.#http.exchange({ url: endpoint, body, fresh, signal, onSent });
    const link = longCallLink(exchange, endpoint);
    return link === undefined
      ? readOutcome(call, exchange, this.#redactor, timing.now())
      : this.#resultOfLongCall(call, link, formOf({ ...common, ...login }), signal);
  }

  /**
   * Fetches the answer to a call that the panel has put aside, until it is there or the call's time is over. The call itself has
   * been sent: whatever goes wrong here, its outcome is unknown.
   */
  async #resultOfLongCall(
    call: Call,
    firstLink: URL | "foreign",
    body: string,
    signal: AbortSignal,
  ): Promise<XmlElement> {
    const { timing } = this.#options;
    for (let link: URL | "foreign" | undefined = firstLink; ; ) {
      if (link === "foreign") throw unknown(call, "slow-call", "the panel points to another server for its answer");
      await this.#gate.sleep(longCallPauseMs);
      await this.#gate.rest();
      const refusal = this.#gate.refusal(call.func);
      if (refusal !== undefined) {
        if (call.effect === "read") throw refusal;
        const detail = "the panel put the call aside, and no further call is made to fetch its answer";
        throw unknown(call, "slow-call", detail, {}, { cause: refusal });
      }
      const exchange = await this.#http.exchange({ url: link, body, signal });
      const next = longCallLink(exchange, link);
      if (next === undefined) return readLongCallOutcome(call, exchange, this.#redactor, timing.now());
      link = next;
    }
  }
}

function retryAfterOf(failure: BillmanagerError): number | undefined {
  return isNotSent(failure) || isUnknownOutcome(failure) ? failure.retryAfterMs : undefined;
}

const common = { out: "xml", lang: "en" };

function formOf(fields: Readonly<Record<string, string | undefined>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.append(name, value);
  }
  return form.toString();
}

function outOfTime(): DOMException {
  return new DOMException("the call's time is over", "TimeoutError");
}

const longCallPauseMs = 1000;

/** Of each session id all spellings are kept, to be hidden. */
const longestSessionId = 256;

/** The session, or the refusal of its login as the error of the call that needs it. */
async function forCall({ func }: Call, opening: Promise<Session>): Promise<Session> {
  try {
    return await opening;
  } catch (error) {
    throw isLoginRefused(error) ? error.of(func) : error;
  }
}

/** An expired session shows as `auth` on some panels and as `access` on others (both seen in real clients). */
function mayBeSessionEnd(error: unknown): boolean {
  return isRefused(error) && (error.type === "access" || (error.type === "auth" && !blocksLogin(error)));
}
