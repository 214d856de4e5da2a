/** What a call does to the account: only reads it, changes a license, or spends money. */
export type Effect = "read" | "change" | "charge";

/** The root of every error that this client throws on purpose. No message of it ever holds a credential. */
export abstract class BillmanagerError extends Error {
  abstract override readonly name: string;
}

export function isBillmanagerError(error: unknown): error is BillmanagerError {
  return error instanceof BillmanagerError;
}
