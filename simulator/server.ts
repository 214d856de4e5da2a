import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ArmedFaults, type Fault, isBooked } from "./faults";
import type { Journal, OpenEntry } from "./journal";
import { PanelError } from "./messages";
import type { Answer, Panel } from "./panel/call";
import { effectOf, perform } from "./panel/functions";
import { savedFilterOf } from "./panel/list";
import { page } from "./render/html";
import { BodyTooLargeError, type Params, paramsOf, readBody, redacted } from "./request";
import { type Asked, htmlResponse, type Response, respond, shownType } from "./respond";

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
      await this.answer(request, response, url, params, entry);
    } finally {
      this.journal.end();
    }
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    params: Params,
    entry: OpenEntry,
  ): Promise<void> {
    const early = this.beforeThePanel(request, url);
    if (early !== undefined) {
      entry.result = `http:${early.status}`;
      await this.delay(entry.func);
      return this.reply(response, entry, early);
    }
    const fault = this.faults.take(entry);
    if (fault !== undefined) entry.fault = fault.kind;
    const isCarriedOut = fault === undefined || isBooked(fault);
    const perform = () => this.call(request, url, params, entry);
    const answer = isCarriedOut ? this.withFault(fault, perform) : undefined;
    if (answer === undefined) entry.result = "not carried out";
    await this.delay(entry.func);
    if (fault === undefined && answer !== undefined) return this.reply(response, entry, this.wrap(answer));
    if (fault !== undefined) return this.fail(fault, answer, { request, response, url, params, entry });
  }

  private reply(response: ServerResponse, entry: OpenEntry, answer: Response): void {
    entry.status = answer.status;
    send(response, answer);
  }

  /** Carries a call out to which something happens on the way. */
  private withFault(fault: Fault | undefined, perform: () => Response): Response {
    const { books, knobs, lags } = this.panel;
    if (fault?.hiddenFor !== undefined && fault.hiddenFor > 0) {
      const { hiddenFor, ...rest } = fault;
      return lags.during(books.licenses, hiddenFor, () => this.withFault(rest, perform));
    }
    if (fault?.kind === "twin") perform();
    if (fault?.kind !== "knobs") return perform();
    const before = { ...knobs };
    knobs.set(fault.knobs);
    try {
      return perform();
    } finally {
      knobs.set(before);
    }
  }

  /** Answers, or does not, as the fault says. */
  private async fail(fault: Fault, answer: Response | undefined, exchange: Exchange): Promise<void> {
    const { request, response, entry } = exchange;
    const reply = (other: Response | undefined) => other && this.reply(response, entry, other);
    switch (fault.kind) {
      case "reset":
        request.socket.resetAndDestroy();
        return;
      case "closed":
        request.socket.destroy();
        return;
      case "silence":
        return;
      case "cut":
        if (answer !== undefined) cut(response, answer, fault.framing, fault.at ?? 0.5);
        return;
      case "late":
        await this.pause(fault.seconds * 1000);
        return reply(answer);
      case "refused":
        response.once("close", () => this.faults.refuse(fault.seconds));
        return reply(answer);
      case "slow-call":
        return reply(answer && this.putAside(answer));
      case "empty":
        return reply({ status: 200, contentType: "text/xml; charset=UTF-8", body: "" });
      case "login-page":
        return reply(htmlResponse(200, page("Log in", loginForm)));
      case "http": {
        if (fault.retryAfter !== undefined) response.setHeader("retry-after", fault.retryAfter);
        return reply(htmlResponse(fault.status, page(`${fault.status}`, "The server does not answer")));
      }
      case "error":
        return reply(this.refusal(fault, exchange));
      default:
        return reply(answer);
    }
  }

  /** What a proxy, a guard or the web server says without asking the panel. */
  private beforeThePanel(request: IncomingMessage, url: URL): Response | undefined {
    const { httpLayer } = this.panel.knobs;
    if (httpLayer === "403" || httpLayer === "460") {
      return htmlResponse(Number(httpLayer), page("Access denied", "The request was blocked"));
    }
    const key = /^\/long\/([0-9a-f]+)\/billmgr$/.exec(url.pathname)?.[1];
    const kept = key === undefined ? undefined : this.longAnswers.get(key);
    if (kept !== undefined) return kept;
    if (!panelPaths.has(url.pathname)) return htmlResponse(404, page("404 Not Found", "No such page"));
    if (request.method !== "GET" && request.method !== "POST") {
      return htmlResponse(405, page("405 Method Not Allowed", "GET and POST only"));
    }
    return undefined;
  }

  /** The panel itself: carries the call out and words the answer. */
  private call(request: IncomingMessage, url: URL, params: Params, entry: OpenEntry): Response {
    this.catchUp();
    const outcome = this.outcome(request, params, entry);
    const { knobs } = this.panel;
    entry.result = outcome instanceof PanelError ? `error:${shownType(outcome, knobs)}` : outcome.result;
    return respond(outcome, this.asked(request, url, params, entry), knobs);
  }

  private refusal({ type, object, message }: Fault & { kind: "error" }, exchange: Exchange): Response {
    const { request, url, params, entry } = exchange;
    const error = new PanelError(type, object, "fault", message ?? "Something went wrong");
    return respond(error, this.asked(request, url, params, entry), this.panel.knobs);
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

  private async delay(func: string): Promise<void> {
    const { latencyMs, latencyMsFor } = this.panel.knobs;
    const wait = Object.hasOwn(latencyMsFor, func) ? (latencyMsFor[func] ?? 0) : latencyMs;
    if (wait > 0) await this.pause(wait);
  }

  private pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { signal: this.endOfServer }).catch(() => undefined);
  }

  private wrap(answer: Response): Response {
    if (this.panel.knobs.httpLayer !== "long" || answer.status !== 200) return answer;
    return this.putAside(answer);
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

function send(response: ServerResponse, { status, contentType, body }: Response): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(body, "utf8");
  response.writeHead(status, { "content-type": contentType, "content-length": bytes.length });
  response.end(bytes);
}

/** Sends a part of an answer as if it were all, or ends in the midst of it. */
function cut(response: ServerResponse, answer: Response, framing: "chunked" | "content-length", at: number): void {
  const bytes = Buffer.from(answer.body, "utf8");
  const part = bytes.subarray(0, Math.floor(bytes.length * at));
  response.writeHead(answer.status, {
    "content-type": answer.contentType,
    ...(framing === "content-length" ? { "content-length": part.length } : {}),
  });
  if (framing === "content-length") response.end(part);
  else response.write(part, () => response.destroy());
}
