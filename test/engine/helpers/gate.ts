import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { text } from "node:stream/consumers";
import type { Simulator } from "../../../simulator/index";

/** One call that is kept at the gate. */
export interface Held {
  /** Resolves when the call is there. */
  readonly reached: Promise<void>;
  /** Lets it go on, and stops waiting for it where it has not come yet. */
  release(): void;
}

/**
 * Stands in front of a panel and can hold a call back for as long as a test needs, so that nothing depends on the machine's speed, or
 * answer what no knob of the simulator makes it answer.
 */
export interface Gate {
  readonly endpoint: string;
  /**
   * Holds the next call that is meant.
   *
   * @param what the request, before the panel has seen it; or the answer, after the panel has done what it asks for
   */
  hold(what: "request" | "answer", isMeant: (call: URLSearchParams) => boolean): Held;
  /** From now on, answers are what this makes of them. */
  rewrite(change: (call: URLSearchParams, answer: string) => string): void;
  /** Resolves when nothing has been under way for a while. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

interface Holding {
  readonly what: "request" | "answer";
  isMeant(call: URLSearchParams): boolean;
  reach(): void;
  readonly released: Promise<void>;
}

const QUIET_MS = 1_000;

export async function startGate(panel: Simulator): Promise<Gate> {
  let holdings: Holding[] = [];
  let rewritten = (_: URLSearchParams, answer: string) => answer;
  let underWay = 0;
  let lastEnded = Date.now();

  async function keep(holding: Holding | undefined, what: "request" | "answer"): Promise<void> {
    if (holding?.what === what) {
      holding.reach();
      await holding.released;
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const call = new URLSearchParams(body);
    const holding = holdings.find(({ isMeant }) => isMeant(call));
    holdings = holdings.filter((other) => other !== holding);
    await keep(holding, "request");
    if (response.destroyed) {
      return;
    }
    const { status, type, answer } = await passOn(panel, body);
    await keep(holding, "answer");
    response.writeHead(status, { "content-type": type }).end(rewritten(call, answer));
  }

  const server = createServer((request, response) => {
    underWay += 1;
    serve(request, response)
      .catch(() => response.destroy())
      .finally(() => {
        underWay -= 1;
        lastEnded = Date.now();
      });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the gate has no port");
  }
  return {
    endpoint: `http://127.0.0.1:${address.port}/billmgr`,
    hold(what, isMeant) {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const holding = { what, isMeant, reach: reached.resolve, released: released.promise };
      holdings.push(holding);
      return {
        reached: reached.promise,
        release() {
          holdings = holdings.filter((other) => other !== holding);
          released.resolve();
        },
      };
    },
    rewrite(change) {
      rewritten = change;
    },
    async quiet() {
      const since = Date.now();
      while (underWay > 0 || Date.now() - Math.max(since, lastEnded) < QUIET_MS) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function passOn(panel: Simulator, body: string): Promise<{ status: number; type: string; answer: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const asked = send(panel.endpoint, { method: "POST", headers }, (response) => {
      const type = response.headers["content-type"] ?? "";
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, type, answer }), reject);
    });
    asked.once("error", reject).end(body);
  });
}
