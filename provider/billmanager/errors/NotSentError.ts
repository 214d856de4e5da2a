import { BillmanagerError } from "./BillmanagerError";

/**
 * Why a call provably was not carried out:
 * - `connect`: no connection was made (refused, unreachable, name unknown, timed out before it stood)
 * - `tls`: the server's certificate or handshake was not acceptable
 * - `rate-limited`: the server answered 429 and turned the call away, or it has asked another call for a longer pause than calls wait
 * - `closed`: this `Panel` was closed before the call began
 */
export type NotSentReason = "connect" | "tls" | "rate-limited" | "closed";

/** The call did not reach the panel's program. Nothing was changed or charged, and repeating it cannot do harm twice. */
export class NotSentError extends BillmanagerError {
  override readonly name = "NotSentError";

  /** How long the server asked to wait, in milliseconds. */
  declare readonly retryAfterMs?: number;

  constructor(
    readonly func: string,
    readonly reason: NotSentReason,
    detail: string,
    retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(`${func} was not carried out: ${detail}. Nothing was changed or charged.`, options);
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

export function isNotSent(error: unknown): error is NotSentError {
  return error instanceof NotSentError;
}
