import { RefusedError } from "./RefusedError";

/** The panel's positive word that no such license exists on this account (error type `missed`). */
export class NotFoundError extends RefusedError {
  override readonly name = "NotFoundError";
}

export function isNotFound(error: unknown): error is NotFoundError {
  return error instanceof NotFoundError;
}
