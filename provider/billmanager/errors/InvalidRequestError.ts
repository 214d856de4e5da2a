import { BillmanagerError } from "./BillmanagerError";

/** Options or arguments that cannot work; found before any call was made, so nothing happened. */
export class InvalidRequestError extends BillmanagerError {
  override readonly name = "InvalidRequestError";
}

export function isInvalidRequest(error: unknown): error is InvalidRequestError {
  return error instanceof InvalidRequestError;
}
