import type { IncomingMessage, ServerResponse } from "node:http";
import { outsideAct } from "./controlActs";
import { BadRequestError, recordOf, textOf } from "./controlFields";
import type { Fault } from "./faults";
import { BodyTooLargeError, readBody } from "./request";
import type { Simulator } from "./types";

/** An answer of the control address. */
interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Serves what the simulator offers in its API as JSON, for other processes and languages. */
export async function control(simulator: Simulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await reply(simulator, request);
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`, "utf8");
  response.writeHead(status, { "content-type": "application/json; charset=UTF-8", "content-length": bytes.length });
  response.end(bytes);
}

async function reply(simulator: Simulator, request: IncomingMessage): Promise<Reply> {
  try {
    const url = new URL(`http://127.0.0.1${request.url}`);
    const text = await readBody(request);
    return route(simulator, request.method ?? "GET", url, text);
  } catch (error) {
    if (error instanceof BodyTooLargeError) return { status: 413, body: { error: error.message } };
    if (error instanceof BadRequestError || error instanceof RangeError) {
      return { status: 400, body: { error: error.message } };
    }
    throw error;
  }
}

function route(simulator: Simulator, method: string, url: URL, text: string): Reply {
  const act = /^\/outside\/(\w+)$/.exec(url.pathname)?.[1];
  if (act !== undefined) {
    if (method !== "POST") return notAllowed(method, url);
    return done({ ok: true, ...outsideAct(simulator.outside, act, fieldsOf(text)) });
  }
  switch (`${method} ${url.pathname}`) {
    case "GET /":
      return done(indexOf(simulator));
    case "GET /journal":
      return done(simulator.journal());
    case "DELETE /journal":
      simulator.clearJournal();
      return done({ ok: true });
    case "GET /ledger":
      return done(simulator.ledger());
    case "GET /licenses":
      return done(simulator.licenses());
    case "GET /balance":
      return done({ balance: simulator.balance(url.searchParams.get("username") ?? undefined) });
    case "GET /knobs":
      return done(simulator.knobs);
    case "PUT /knobs":
    case "PATCH /knobs":
      simulator.knobs.set(fieldsOf(text));
      return done(simulator.knobs);
    case "DELETE /knobs":
      simulator.knobs.reset();
      return done(simulator.knobs);
    case "GET /faults":
      return done(simulator.faults.armed());
    case "POST /faults":
      // An impossible one is refused by the faults themselves.
      simulator.faults.arm(fieldsOf(text) as unknown as Fault);
      return done(simulator.faults.armed());
    case "DELETE /faults":
      simulator.faults.clear();
      return done(simulator.faults.armed());
    case "GET /clock":
      return done(clockOf(simulator));
    case "POST /clock":
      return moveClock(simulator, fieldsOf(text));
    default:
      return notAllowed(method, url);
  }
}

function indexOf(simulator: Simulator): unknown {
  return {
    endpoint: simulator.endpoint,
    read: [
      "GET /journal",
      "GET /ledger",
      "GET /licenses",
      "GET /balance?username=",
      "GET /knobs",
      "GET /faults",
      "GET /clock",
    ],
    change: [
      "DELETE /journal",
      "PATCH /knobs {name: value}",
      "DELETE /knobs (reset)",
      'POST /faults {"func": "softexternal.order.param", "effect": "charge", "kind": "closed"}',
      "DELETE /faults",
      'POST /clock {"set": "2026-01-31"} or {"advance": {"days": 1, "seconds": 0}}',
      ...Object.keys(simulator.outside).map((act) => `POST /outside/${act}`),
    ],
  };
}

function moveClock(simulator: Simulator, { set, advance, ...others }: Record<string, unknown>): Reply {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new BadRequestError(`/clock knows no "${unknown}"; expected "set" or "advance"`);
  if ((set === undefined) === (advance === undefined)) {
    throw new BadRequestError('/clock expects either {"set": "2026-01-31"} or {"advance": {"days": 1}}');
  }
  if (advance === undefined) simulator.clock.set(textOf({ set }, "set"));
  else {
    const by = recordOf(advance, "advance");
    const bad = Object.entries(by).find(
      ([unit, amount]) => (unit !== "days" && unit !== "seconds") || typeof amount !== "number",
    );
    if (bad !== undefined)
      throw new BadRequestError(`"advance" expects numbers of "days" and "seconds", not "${bad[0]}"`);
    simulator.clock.advance(by);
  }
  return done(clockOf(simulator));
}

function done(body: unknown): Reply {
  return { status: 200, body };
}

function notAllowed(method: string, url: URL): Reply {
  return { status: 404, body: { error: `no ${method} ${url.pathname}; GET / lists what there is` } };
}

function clockOf(simulator: Simulator): unknown {
  return { now: simulator.clock.now().toISOString(), today: simulator.clock.today() };
}

function fieldsOf(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new BadRequestError(`the body is no valid JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
  return recordOf(parsed, "the body");
}
