import type { LicenseId } from "../billmanager/types";
import type { Refusal } from "./guards";
import type { InputFailure } from "./inputs";
import type { LicenseOutputs } from "./state";

/** An order would buy twice, take what is somebody else's, or is not allowed. Nothing was bought. */
export class OrderStoppedError extends Error {
  override readonly name = "OrderStoppedError";
}

/** A renewal is not allowed, or cannot be paid for. It was not sent. */
export class RenewalStoppedError extends Error {
  override readonly name = "RenewalStoppedError";

  constructor(readonly refusal: Refusal) {
    super(`${refusal.reason}. Nothing was renewed; ${refusal.advice}`);
  }
}

/** An order was sent, and neither its answer nor the account's list says what became of it: money may have been spent. */
export class OrderOutcomeUnknownError extends Error {
  override readonly name = "OrderOutcomeUnknownError";
}

/** A renewal was sent, and neither its answer nor the expiry date says what became of it: money may have been spent. */
export class RenewalOutcomeUnknownError extends Error {
  override readonly name = "RenewalOutcomeUnknownError";
}

/** The vendor did not show within the time allowed what it had accepted, or not all of it could be done. */
export class NotFinishedError extends Error {
  override readonly name = "NotFinishedError";
}

/** The license is ordered but nobody has paid for it. */
export class UnpaidError extends Error {
  override readonly name = "UnpaidError";
}

/** The account does not show the license, or not enough of it, and that proves nothing about it. Nothing was changed. */
export class LicenseNotShownError extends Error {
  override readonly name = "LicenseNotShownError";
}

/** The order's answer named another number than the license has. Nothing was changed. */
export class WrongNumberError extends LicenseNotShownError {
  constructor(
    /** the license's own */
    readonly id: LicenseId,
    message: string,
  ) {
    super(message);
  }
}

/** A function was called with arguments that cannot be meant. Nothing was called at the vendor. */
export class ArgumentsError extends Error {
  override readonly name = "ArgumentsError";

  /** @param failures everything that is wrong, each with the argument's name */
  constructor(readonly failures: readonly InputFailure[]) {
    super(`${failures.map(({ reason }) => reason).join("; ")}. No call was made`);
  }
}

/** The panel does not tell this account what a function was asked for. Functions only read: nothing was changed. */
export class NotToldError extends Error {
  override readonly name = "NotToldError";
}

/** The engine that asked for this operation is gone; what it began is finished by the next update. */
export class EngineGoneError extends Error {
  override readonly name = "EngineGoneError";
}

/** The run is to end soon, as after Ctrl-C: nothing is waited for any more. What was done is saved, and the next update goes on. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
}

/**
 * What went wrong with a call, without the words of its message on what that call did not do: they are true of it alone, and something
 * was bought, charged or changed before it.
 */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/ (?:Nothing was changed or charged[^.]*|The call only reads: nothing was changed)\.$/, "")
    .replace(/\.$/, "");
}

/** Not everything could be done, and what there is must be saved all the same, so that the next update goes on from there. */
export abstract class SavedFailure extends Error {
  /** the resource's */
  abstract readonly id: string;
  abstract readonly outputs: object;
  /** one for each thing that could not be done */
  abstract readonly reasons: readonly string[];
}

/** The license exists, and what is known of it must be saved, although not everything could be done. */
export class PartialFailure extends SavedFailure {
  override readonly name = "PartialFailure";

  constructor(
    readonly id: LicenseId,
    readonly outputs: LicenseOutputs,
    override readonly cause: Error,
  ) {
    super(`license ${id}: ${cause.message}`);
  }

  get reasons(): readonly string[] {
    return [this.message];
  }
}
