import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Journal, OpenEntry } from "./journal";
import type { LostAnswer } from "./knobs";
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
    const answer = early ?? this.call(request, url, params, entry);
    if (early !== undefined) entry.result = `http:${early.status}`;
    const lost = early === undefined ? this.faults(entry) : undefined;

    await this.delay(entry.func);
    if (lost === "silence") return;
    if (lost === "cut") {
      request.socket.destroy();
      return;
    }
    const sent = lost === "html" ? htmlResponse(200, page("BILLmanager", "Please stand by")) : this.wrap(answer);
    entry.status = sent.status;
    send(response, sent);
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
    const { knobs, books } = this.panel;
    const outcome = this.outcome(request, params, entry);
    entry.result = outcome instanceof PanelError ? `error:${shownType(outcome, knobs)}` : outcome.result;
    const asked: Asked = {
      params,
      binary: url.pathname === "/" ? "/billmgr" : url.pathname,
      host: `http://${request.headers.host ?? url.host}`,
      username: entry.account,
      savedFilter: entry.account === undefined ? new Map() : savedFilterOf(books.account(entry.account), knobs),
    };
    return respond(outcome, asked, knobs);
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

  /** Whether something happens to the answer of a call that has been carried out. */
  private faults(entry: OpenEntry): LostAnswer | undefined {
    const { lostAnswers } = this.panel.knobs;
    if (entry.effect === "read" || !Object.hasOwn(lostAnswers, entry.func)) return undefined;
    const lost = lostAnswers[entry.func];
    entry.result += ` (lost: ${lost})`;
    return lost;
  }

  private async delay(func: string): Promise<void> {
    const { latencyMs, latencyMsFor } = this.panel.knobs;
    const wait = Object.hasOwn(latencyMsFor, func) ? (latencyMsFor[func] ?? 0) : latencyMs;
    if (wait > 0) await sleep(wait, undefined, { signal: this.endOfServer }).catch(() => undefined);
  }

  /** Seen in a client: HTML with a link, to be fetched until the real answer arrives. */
  private wrap(answer: Response): Response {
    if (this.panel.knobs.httpLayer !== "long" || answer.status !== 200) return answer;
    for (const kept of this.longAnswers.values()) if (kept === answer) return answer;
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
