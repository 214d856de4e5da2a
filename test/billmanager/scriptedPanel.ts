import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Panel, type PanelOptions } from "../../provider/billmanager";

/** One call as the server received it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly form: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Numbers the TCP connections in the order of their use. */
  readonly connection: number;
}

export type Reply = (response: ServerResponse, call: Received) => void;

export interface ScriptedPanel {
  readonly endpoint: string;
  readonly calls: readonly Received[];
  /** The most calls that were in flight at the same time. */
  readonly peak: () => number;
  /** Lets all held replies go. */
  readonly release: () => void;
}

/**
 * A real HTTP server on this machine that answers by script: one reply per call in the order of arrival, or a function that
 * chooses. A call too many is answered with status 599, which no test expects.
 */
export async function scriptedPanel(script: readonly Reply[] | ((call: Received) => Reply)): Promise<ScriptedPanel> {
  const calls: Received[] = [];
  const held: (() => void)[] = [];
  const sockets = new Map<object, number>();
  let inFlight = 0;
  let peak = 0;
  const server = createServer((request, response) => {
    if (!sockets.has(request.socket)) sockets.set(request.socket, sockets.size + 1);
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      const call: Received = {
        method: request.method ?? "",
        path: request.url ?? "",
        form: new URLSearchParams(body),
        headers: request.headers,
        connection: sockets.get(request.socket) ?? 0,
      };
      calls.push(call);
      inFlight++;
      peak = Math.max(peak, inFlight);
      response.on("close", () => inFlight--);
      const reply = typeof script === "function" ? script(call) : (script[calls.length - 1] ?? status(599));
      if (reply === hold) held.push(() => xml("<doc><ok/></doc>")(response, call));
      else reply(response, call);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    calls,
    peak: () => peak,
    release: () => {
      for (const go of held.splice(0)) go();
    },
  };
}

/** The secret that no test may find anywhere it does not belong: every encoding changes it. */
export const password = `p&ss<w0rd>"it's"+/?=%й ~c4nary`;

export const pauses: number[] = [];

/** A client of the scripted panel that never sleeps on the wall clock; `pauses` has what it would have slept. */
export function clientOf(server: ScriptedPanel, options: Partial<PanelOptions> = {}): Panel {
  pauses.length = 0;
  const panel = new Panel({
    endpoint: server.endpoint,
    username: "user",
    password,
    timing: {
      now: () => Date.parse("2026-01-15T12:00:00Z"),
      sleep: async (milliseconds) => {
        pauses.push(milliseconds);
      },
      random: () => 0.5,
    },
    ...options,
  });
  onTestFinished(() => panel.close());
  return panel;
}

export function fixtureText(name: string): string {
  return readFileSync(join(__dirname, "fixtures", name), "utf8");
}

export function fixture(name: string): Reply {
  return name.endsWith(".html") ? html(fixtureText(name)) : xml(fixtureText(name));
}

export function xml(text: string | Buffer, headers: Record<string, string> = {}): Reply {
  return (response) => response.writeHead(200, { "content-type": "text/xml; charset=UTF-8", ...headers }).end(text);
}

export function html(text: string): Reply {
  return (response) => response.writeHead(200, { "content-type": "text/html" }).end(text);
}

export function status(code: number, headers: Record<string, string> = {}): Reply {
  return (response) => response.writeHead(code, headers).end("<html>secretless</html>");
}

/** Waits for `release`, then says ok. */
export const hold: Reply = () => {};

/** Never answers. */
export const silence: Reply = () => undefined;

/** Bytes of our own making, then the connection ends. */
export function raw(text: string): Reply {
  return (response) => response.socket?.end(text);
}

/** The connection breaks without an answer. */
export const hangUp: Reply = (response) => response.socket?.destroy();
