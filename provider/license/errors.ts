import type { LicenseId } from "../billmanager/types";
import type { LicenseOutputs } from "./state";

/** An order would buy twice, take what is somebody else's, or is not allowed. Nothing was bought. */
export class OrderStoppedError extends Error {
  override readonly name = "OrderStoppedError";
}

/** An order was sent, and neither its answer nor the account's list says what became of it: money may have been spent. */
export class OrderOutcomeUnknownError extends Error {
  override readonly name = "OrderOutcomeUnknownError";
}

/** A renewal was sent, and neither its answer nor the expiry date says what became of it: money may have been spent. */
export class RenewalOutcomeUnknownError extends Error {
  override readonly name = "RenewalOutcomeUnknownError";
}

/** The vendor did not show within `activationTimeout` what it had accepted. */
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

/** The engine that asked for this operation is gone; what it began is finished by the next update. */
export class EngineGoneError extends Error {
  override readonly name = "EngineGoneError";
}

/** The license exists, and what is known of it must be saved, although not everything could be done. */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";

  constructor(
    readonly id: LicenseId,
    readonly outputs: LicenseOutputs,
    override readonly cause: Error,
  ) {
    super(`license ${id}: ${cause.message}`);
  }
}
