import type { Dispatcher, Pool } from "undici";

/**
 * Far above any real answer (1,000 licenses take about half a megabyte); what is longer is not this API. Reading takes up to
 * eighty times as much memory as the bytes, and a process that runs out of it takes the other calls in flight along.
 */
const largestBody = 8 * 1024 * 1024;

/** One HTTP exchange. Everything but `answer` says how far it came. */
export type Exchange =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly header: (name: string) => string;
      readonly body: Uint8Array;
    }
  | { readonly kind: "not-sent"; readonly reason: "connect" | "tls"; readonly detail: string; readonly cause?: Error }
  | {
      readonly kind: "unknown";
      readonly reason: "timeout" | "connection-closed" | "too-large";
      readonly detail: string;
      readonly cause?: Error;
    };

/** A form that is posted. */
interface HttpRequest {
  readonly url: URL;
  readonly body: string;
  /** A connection of its own: a kept-alive one may be closed by the server in the moment it is used. */
  readonly fresh?: boolean;
  /** Ends the exchange wherever it stands. */
  readonly signal: AbortSignal;
  /** Called when the request is on its way: what the answer will need can be made ready meanwhile. */
  readonly onSent?: () => void;
}

/** The exchanges with one server. Certificates are always verified, redirects never followed, nothing is ever sent twice. */
export class Http {
  readonly #origin: string;
  readonly #connections: number;
  #kept: Promise<Pool> | undefined;
  #fresh: Promise<Pool> | undefined;

  constructor(origin: string, connections: number) {
    this.#origin = origin;
    this.#connections = connections;
  }

  async exchange(request: HttpRequest): Promise<Exchange> {
    if (request.fresh) {
      // No pipelining means that each connection ends with its answer.
      this.#fresh ??= this.#connect(0);
      return dispatch(await this.#fresh, request);
    }
    this.#kept ??= this.#connect(1);
    return dispatch(await this.#kept, request);
  }

  /** Loads undici ahead of the first exchange. No connection is made. */
  prepare(): void {
    this.#kept ??= this.#connect(1);
    // Where it cannot be loaded, the first exchange says so.
    this.#kept.catch(() => undefined);
  }

  /** Waits for the exchanges in flight, then closes the connections. */
  async close(): Promise<void> {
    for (const pool of await Promise.all([this.#kept, this.#fresh])) {
      if (pool?.closed === false) await pool.close();
    }
  }

  /** undici is loaded for the first call: most runs of a provider make none. */
  async #connect(pipelining: number): Promise<Pool> {
    const PoolOfUndici = await loadPool();
    return new PoolOfUndici(this.#origin, { ...connectionOptions, connections: this.#connections, pipelining });
  }
}

/**
 * The pool alone: with it, undici's main module loads `fetch`, WebSocket, caches and more, which takes as long as reading hundreds of
 * licenses. Where in the package a module lies is no promise of undici's; the main module is.
 */
async function loadPool(): Promise<typeof Pool> {
  try {
    const alone = (await import("undici/lib/dispatcher/pool.js" as string)) as { readonly default: typeof Pool };
    return alone.default;
  } catch {
    return (await import("undici")).Pool;
  }
}

/**
 * HTTP/1.1 alone, since HTTP/2 servers may hand a request back for another try. The caller's signal replaces undici's
 * time limits. `rejectUnauthorized` stands against NODE_TLS_REJECT_UNAUTHORIZED=0.
 */
const connectionOptions = {
  allowH2: false,
  headersTimeout: 0,
  bodyTimeout: 0,
  connect: { rejectUnauthorized: true, timeout: 30_000 },
} as const;

function dispatch(connection: Dispatcher, { url, body, fresh, signal, onSent }: HttpRequest): Promise<Exchange> {
  return new Promise((resolve) => {
    let sending: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: Readonly<Record<string, string | string[] | undefined>> = {};
    const chunks: Buffer[] = [];
    let received = 0;

    const settle = (exchange: Exchange) => {
      signal.removeEventListener("abort", onDeadline);
      resolve(exchange);
    };
    const stop = (exchange: Exchange) => {
      settle(exchange);
      sending?.abort(new Error("no longer of interest"));
    };
    const answer = () =>
      ({
        kind: "answer",
        status,
        header: (name: string) => [headers[name] ?? []].flat()[0] ?? "",
        body: Buffer.concat(chunks),
      }) as const;
    const onDeadline = () =>
      stop(
        sending === undefined
          ? { kind: "not-sent", reason: "connect", detail: `no connection ${whenEnded(signal)}` }
          : { kind: "unknown", reason: "timeout", detail: `the answer was not complete ${whenEnded(signal)}` },
      );
    if (signal.aborted) return onDeadline();
    signal.addEventListener("abort", onDeadline);

    connection.dispatch(
      {
        method: "POST",
        path: url.pathname + url.search,
        headers: {
          accept: "application/xml, text/xml",
          "accept-encoding": "identity",
          "user-agent": "pulumi-billmanager",
          "content-type": "application/x-www-form-urlencoded",
        },
        body,
        reset: fresh ?? false,
      },
      {
        // Called when a connection stands and before the first byte is written: the line between "not sent" and "unknown".
        onRequestStart(controller) {
          if (signal.aborted) return controller.abort(new Error("too late"));
          sending = controller;
          if (onSent !== undefined) setImmediate(onSent);
        },
        onResponseStart(_controller, statusCode, responseHeaders) {
          if (statusCode < 200) return;
          status = statusCode;
          headers = responseHeaders;
          // What is not the panel's own answer is not read: its status says enough.
          if (statusCode !== 200) stop(answer());
        },
        onResponseData(_controller, chunk) {
          received += chunk.length;
          if (received <= largestBody) chunks.push(chunk);
          else stop({ kind: "unknown", reason: "too-large", detail: `the answer is longer than ${largestBody} bytes` });
        },
        onResponseEnd: () => settle(answer()),
        onResponseError: (_controller, error) => settle(failure(error, sending !== undefined)),
      },
    );
  });
}

/** The caller's reason, unless it is that time is over. */
function whenEnded({ reason }: AbortSignal): string {
  return reason instanceof Error && reason.name !== "TimeoutError"
    ? `when ${reason.message}`
    : "within the time allowed";
}

function failure(cause: Error, sent: boolean): Exchange {
  if (sent)
    return {
      kind: "unknown",
      reason: "connection-closed",
      detail: "the connection broke before the answer was complete",
      cause,
    };
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
  return isTlsFailure(code)
    ? { kind: "not-sent", reason: "tls", detail: `no secure connection to the panel could be made (${code})`, cause }
    : { kind: "not-sent", reason: "connect", detail: `no connection to the panel could be made (${code})`, cause };
}

/** @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function isTlsFailure(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|EPROTO)/.test(
    code,
  );
}
