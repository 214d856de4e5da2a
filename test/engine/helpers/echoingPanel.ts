import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { text } from "node:stream/consumers";
import type { Simulator } from "../../../simulator/index";
import { echoesOf } from "./secretNet";

/** A way for a call to fail that says back, in every encoding, what was asked. */
export type Echo = keyof typeof echoes;

/** A panel that stands in front of a simulator: it writes down what was sent, and can answer by throwing it back. */
export interface EchoingPanel {
  readonly endpoint: string;
  /** The bodies of all requests, as they came over the wire. */
  readonly bodies: readonly string[];
  /** The ids of all sessions that were given out. */
  readonly sessions: ReadonlySet<string>;
  /** Which calls are thrown back from now on; these never reach the simulator. */
  throwBack(choose: (call: URLSearchParams) => Echo | undefined): void;
  /** How often something was thrown back so far. */
  readonly thrown: () => number;
  close(): Promise<void>;
}

export async function startEchoingPanel(simulator: Simulator): Promise<EchoingPanel> {
  const bodies: string[] = [];
  const sessions = new Set<string>();
  let choose: (call: URLSearchParams) => Echo | undefined = () => undefined;
  let thrown = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    bodies.push(body);
    const call = new URLSearchParams(body);
    const echo = choose(call);
    if (echo !== undefined) {
      thrown += 1;
      echoes[echo](response, saidBack(call, body));
      return;
    }
    const answer = await passOn(simulator, request, body);
    const session = /<auth [^>]*>([0-9a-f]+)<\/auth>/.exec(answer.body)?.[1];
    if (session !== undefined) sessions.add(session);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the panel has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}/billmgr`,
    bodies,
    sessions,
    throwBack: (chosen) => {
      choose = chosen;
    },
    thrown: () => thrown,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

const BETWEEN = " | ";

const echoes = {
  message: refusal((said) => `<error type="value" object="ip"><msg>${said}</msg></error>`),
  value: refusal((said) => `<error type="value"><param name="value">${said}</param><msg>got __value__</msg></error>`),
  object: refusal((said) => `<error type="value" object="${said}"><msg>bad</msg></error>`),
  type: refusal((said) => `<error type="${said}"><msg>bad</msg></error>`),
  "error of its own": refusal((said) => `<error type="internal"><detail>${said}</detail></error>`),
  login: refusal((said) => `<error type="auth" object="badpassword"><msg>${said}</msg></error>`),
  "form again": refusal((said) => `<tparams><authinfo>${said}</authinfo></tparams><metadata type="form"/>`),
  root: xml((said) => `<a${said.split(BETWEEN).find((spelled) => /^[\w-]{20,}$/.test(spelled))}/>`),
  damage: xml((said) => `<doc><authinfo>${inXml(said)}`),
  page: (response, said) => response.writeHead(200, { "content-type": "text/html" }).end(`<html>${said}</html>`),
  "status 500": (response, said) => response.writeHead(500, { "content-type": "text/plain" }).end(said),
  "status 401": (response, said) => response.writeHead(401, { "www-authenticate": "Basic" }).end(said),
  redirect: (response, said) => response.writeHead(302, { location: `/billmgr?${encodeURIComponent(said)}` }).end(said),
  "broken header": (response, said) => response.socket?.end(`HTTP/1.1 200 OK\r\nno header ${said}\r\n\r\n`),
  "broken status line": (response, said) => response.socket?.end(`${said}\r\n\r\n`),
  "broken off": (response, said) => {
    response.writeHead(200, { "content-length": "100000" }).write(said, () => response.destroy());
  },
} as const satisfies Record<string, (response: ServerResponse, said: string) => void>;

function refusal(element: (said: string) => string): (response: ServerResponse, said: string) => void {
  return xml((said) => `<doc>${element(inXml(said))}</doc>`);
}

function xml(document: (said: string) => string): (response: ServerResponse, said: string) => void {
  return (response, said) => {
    response.writeHead(200, { "content-type": "text/xml; charset=UTF-8" }).end(document(said));
  };
}

function inXml(said: string): string {
  return said.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** The secrets of a call, and its body as it came. */
function saidBack(call: URLSearchParams, body: string): string {
  const authinfo = call.get("authinfo");
  const password = call.get("password") ?? authinfo?.slice(authinfo.indexOf(":") + 1);
  const secrets = [authinfo, password, call.get("auth")].filter((secret) => typeof secret === "string");
  return [...secrets.flatMap(echoesOf), body].join(BETWEEN);
}

function passOn(
  simulator: Simulator,
  { method, headers }: IncomingMessage,
  body: string,
): Promise<{ status: number; headers: Record<string, string>; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = send(
      simulator.endpoint,
      { method: method ?? "POST", headers: { "content-type": headers["content-type"] ?? "" } },
      (answer) => {
        const type = { "content-type": answer.headers["content-type"] ?? "" };
        text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, headers: type, body: said }), reject);
      },
    );
    asked.once("error", reject).end(body);
  });
}
