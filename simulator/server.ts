import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { finished } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type ArmedFaults, isBooked } from "./armedFaults";
import type { Fault } from "./faults";
import type { Journal, OpenEntry } from "./journal";
import type { KnobValues, LiveKnobs } from "./knobs";
import { PanelError } from "./messages";
import type { Answer, Panel } from "./panel/call";
import { effectOf, perform } from "./panel/functions";
import { savedFilterOf } from "./panel/list";
import { page } from "./render/html";
import { BodyTooLargeError, type Params, paramsOf, readBody, redacted } from "./request";
import { type Asked, htmlResponse, type Response, respond, shownType } from "./respond";
import { cut, send } from "./send";

const panelPaths = new Set(["/billmgr", "/manager/billmgr", "/"]);

/** Serves the panel over HTTP: reads, books, and only then answers. */
export class PanelServer {
  private readonly connections = new WeakMap<Socket, number>();
  private connectionCount = 0;
  /** Answers that wait behind a link (`httpLayer: "long"`). */
  private readonly longAnswers = new Map<string, Response>();

  constructor(
    private readonly panel: Panel,
    private readonly journal: Journal,
    private readonly faults: ArmedFaults,
    /** Brings the books up to the moment. */
    private readonly catchUp: () => void,
    private readonly endOfServer: AbortSignal,
  ) {}

  connected(socket: Socket): void {
    this.connectionCount += 1;
    this.connections.set(socket, this.connectionCount);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(`http://127.0.0.1${request.url}`);
    if (url === null) {
      send(response, htmlResponse(400, page("400 Bad Request", "The address cannot be read")));
      return;
    }
    let body: string;
    try {
      body = await readBody(request);
    } catch (error) {
      // Any other failure to read is a client that has gone away.
      if (!(error instanceof BodyTooLargeError)) return;
      send(response, htmlResponse(413, page("413 Payload Too Large", error.message)));
      return;
    }
    const params = paramsOf(url.searchParams, request.headers["content-type"], body);
    const entry = this.note(request, url, params);
    try {
      await this.answer({ request, response, url, params, entry });
    } finally {
      this.journal.end();
    }
  }

  private async answer(exchange: Exchange): Promise<void> {
    const { request, url, entry } = exchange;
    const aside = this.besideThePanel(request, url);
    if (aside !== undefined) {
      entry.result = `http:${aside.status}`;
      await this.pause(this.latencyOf(entry.func));
      return this.deliver(aside, undefined, exchange);
    }
    const fault = this.faults.take(entry);
    if (fault !== undefined) entry.fault = fault.kind;
    const { answer, latency } = this.under(fault, () => ({
      answer: this.carryOut(fault, exchange),
      latency: this.latencyOf(entry.func),
    }));
    await this.pause(latency);
    await this.deliver(fault === undefined ? answer : this.inPlaceOf(answer, fault, exchange), fault, exchange);
  }

  /** What the web server says without asking the panel. */
  private besideThePanel(request: IncomingMessage, url: URL): Response | undefined {
    const key = /^\/long\/([0-9a-f]+)\/billmgr$/.exec(url.pathname)?.[1];
    const kept = key === undefined ? undefined : this.longAnswers.get(key);
    if (kept !== undefined) return kept;
    if (!panelPaths.has(url.pathname)) return htmlResponse(404, page("404 Not Found", "No such page"));
    if (request.method !== "GET" && request.method !== "POST") {
      return htmlResponse(405, page("405 Method Not Allowed", "GET and POST only"));
    }
    return undefined;
  }

  /** Acts while what a fault changes about the panel holds. */
  private under<Result>(fault: Fault | undefined, act: () => Result): Result {
    const { books, knobs, lags } = this.panel;
    const actWithKnobs = () => (fault?.kind === "knobs" ? withKnobs(knobs, fault.knobs, act) : act());
    return fault?.hiddenFor === undefined ? actWithKnobs() : lags.during(books.licenses, fault.hiddenFor, actWithKnobs);
  }

  /** What the panel answers; nothing where a fault keeps the call from it. */
  private carryOut(fault: Fault | undefined, exchange: Exchange): Response | undefined {
    if (fault !== undefined && !isBooked(fault)) {
      exchange.entry.result = "not carried out";
      return undefined;
    }
    const answer = this.guardedCall(exchange);
    // The twin is nobody's request: the journal and the caller know of the first alone.
    if (fault?.kind === "twin") this.guardedCall({ ...exchange, entry: { ...exchange.entry } });
    return answer;
  }

  /** The panel and what stands in front of it. */
  private guardedCall(exchange: Exchange): Response {
    const { httpLayer } = this.panel.knobs;
    if (httpLayer === "403" || httpLayer === "460") {
      exchange.entry.result = `http:${httpLayer}`;
      return htmlResponse(Number(httpLayer), page("Access denied", "The request was blocked"));
    }
    const answer = this.call(exchange);
    return httpLayer === "long" && answer.status === 200 ? this.putAside(answer) : answer;
  }

  /** The panel itself: carries the call out and words the answer. */
  private call({ request, url, params, entry }: Exchange): Response {
    this.catchUp();
    const outcome = this.outcome(request, params, entry);
    const { knobs } = this.panel;
    entry.result = outcome instanceof PanelError ? `error:${shownType(outcome, knobs)}` : outcome.result;
    return respond(outcome, this.asked(request, url, params, entry), knobs);
  }

  /** What a fault makes of an answer; nothing where the caller gets none. */
  private inPlaceOf(answer: Response | undefined, fault: Fault, exchange: Exchange): Response | undefined {
    switch (fault.kind) {
      case "reset":
      case "closed":
      case "silence":
        return undefined;
      case "slow-call":
        return answer && this.putAside(answer);
      case "empty":
        return { status: 200, contentType: "text/xml; charset=UTF-8", body: "" };
      case "login-page":
        return htmlResponse(200, page("Log in", loginForm));
      case "http":
        return htmlResponse(fault.status, page(String(fault.status), "The server does not answer"));
      case "error":
        return this.refusal(fault, exchange);
      default:
        return answer;
    }
  }

  private refusal({ type, object, message }: Fault & { kind: "error" }, exchange: Exchange): Response {
    const { request, url, params, entry } = exchange;
    const error = new PanelError(type, object, "fault", message ?? "Something went wrong");
    return respond(error, this.asked(request, url, params, entry), this.panel.knobs);
  }

  /** Sends an answer in the way that a fault leaves it. */
  private async deliver(answer: Response | undefined, fault: Fault | undefined, exchange: Exchange): Promise<void> {
    const { request, response, entry } = exchange;
    switch (fault?.kind) {
      case "reset":
        request.socket.resetAndDestroy();
        break;
      case "closed":
        request.socket.destroy();
        break;
      case "cut":
        if (answer !== undefined) cut(response, answer, fault.framing, fault.at ?? 0.5);
        return;
      case "late":
        await this.pause(fault.seconds * 1000);
        break;
      case "refused":
        finished(response, () => this.faults.refuse(fault.seconds));
        break;
      case "http":
        if (fault.retryAfter !== undefined) response.setHeader("retry-after", fault.retryAfter);
        break;
    }
    if (answer === undefined) return;
    entry.status = answer.status;
    send(response, answer);
  }

  private asked(request: IncomingMessage, url: URL, params: Params, entry: OpenEntry): Asked {
    const { knobs, books } = this.panel;
    return {
      params,
      binary: url.pathname === "/" ? "/billmgr" : url.pathname,
      host: `http://${request.headers.host ?? url.host}`,
      username: entry.account,
      savedFilter: entry.account === undefined ? new Map() : savedFilterOf(books.account(entry.account), knobs),
    };
  }

  private outcome(request: IncomingMessage, params: Params, entry: OpenEntry): Answer | PanelError {
    try {
      return perform(this.panel, params, sessionCookie(request), (account) => {
        entry.account = account.username;
      });
    } catch (error) {
      if (error instanceof PanelError) return error;
      throw error;
    }
  }

  private latencyOf(func: string): number {
    const { latencyMs, latencyMsFor } = this.panel.knobs;
    return Object.hasOwn(latencyMsFor, func) ? (latencyMsFor[func] ?? 0) : latencyMs;
  }

  private async pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: this.endOfServer }).catch(() => undefined);
  }

  /** Seen in a client: HTML with a link, to be fetched until the real answer arrives. */
  private putAside(answer: Response): Response {
    const key = randomBytes(8).toString("hex");
    this.longAnswers.set(key, answer);
    return htmlResponse(200, page("Please wait", `<a href="/long/${key}/billmgr">/long/${key}/billmgr</a>`));
  }

  private note(request: IncomingMessage, url: URL, params: Params): OpenEntry {
    return this.journal.begin({
      at: this.panel.clock.now().toISOString(),
      method: request.method ?? "",
      path: url.pathname,
      func: params.get("func") ?? "",
      effect: effectOf(params),
      params: redacted(params),
      connection: this.connections.get(request.socket) ?? 0,
    });
  }
}

/** A request under way. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly params: Params;
  readonly entry: OpenEntry;
}

const loginForm = '<form method="post"><input name="username"><input name="password" type="password"></form>';

/** Seen in a client: the session cookie counts only when the request names a referer. */
function sessionCookie(request: IncomingMessage): string | undefined {
  if (request.headers.referer === undefined) return undefined;
  return /(?:^|;\s*)billmgrses5=([^;]*)/.exec(request.headers.cookie ?? "")?.[1];
}

/** Knobs as they are for one act. */
function withKnobs<Result>(knobs: LiveKnobs, values: KnobValues, act: () => Result): Result {
  const before = { ...knobs };
  knobs.set(values);
  try {
    return act();
  } finally {
    knobs.set(before);
  }
}
