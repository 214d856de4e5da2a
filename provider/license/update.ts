import type { CalendarDate, LicenseId } from "../billmanager/types";
import { bringAbout } from "./bringAbout";
import { PartialFailure } from "./errors";
import type { Wish } from "./inputs";
import { describe, plan, warnings } from "./plan";
import { tariffTitle } from "./products";
import { refuseDoubt } from "./read";
import type { Run } from "./run";
import { type LicenseOutputs, outputsOf, remembered } from "./state";

/** What an update would do, as far as the state tells. */
export interface LicenseDiff {
  readonly changes: boolean;
  /** another tariff: the vendor cannot change it, so a new license is ordered before the old one is given up */
  readonly replaces: boolean;
  /** phrases that follow "an update" */
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
}

/** Compares what a program asks for with the state. Calls nothing. */
export function diffLicense(old: LicenseOutputs, wish: Wish, today: CalendarDate): LicenseDiff {
  // A license that is gone is not bought again because the program now names another product.
  if (old.pricelist !== wish.pricelist && old.status !== "deleted") {
    const title = old.tariff ?? tariffTitle(old.product, old.pricelist);
    const paid = old.expiresOn === undefined ? "" : `, paid until ${old.expiresOn}`;
    const order = plan(undefined, wish, today).flatMap((step) => describe(step, undefined, wish));
    return {
      changes: true,
      replaces: true,
      steps: [...order, `then gives up the ${title} license${paid}`],
      warnings: [],
    };
  }
  const seen = remembered(old);
  const steps = plan(seen, wish, today);
  return {
    // An order that waited for its payment is looked at again, however it came into the state.
    changes: steps.length > 0 || old.status === "ordered" || remembersOtherwise(old, wish),
    replaces: false,
    steps: steps.flatMap((step) => describe(step, seen, wish)),
    warnings: warnings(seen, wish, today),
  };
}

/**
 * Makes one license as the program wants it. May charge for renewals; never orders.
 *
 * @throws PartialFailure with what the vendor showed last
 */
export function updateLicense(run: Run, id: LicenseId, old: LicenseOutputs, wish: Wish): Promise<LicenseOutputs> {
  run.declare(id);
  if (needsNoCall(old, wish, run.today())) {
    return Promise.resolve(outputsOf(old, wish, old.account));
  }
  return run.operate(() => update(run, id, old, wish));
}

async function update(run: Run, id: LicenseId, old: LicenseOutputs, wish: Wish): Promise<LicenseOutputs> {
  let outputs: LicenseOutputs | undefined;
  const seen = (observed: Parameters<typeof outputsOf>[0]) => {
    outputs = outputsOf(observed, wish, run.account);
  };
  try {
    const observed = await bringAbout(run, id, wish, {
      isNew: false,
      renewsFor: remembered(old).autoRenewPeriod,
      seen,
    });
    if (observed !== undefined) {
      return outputsOf(observed, wish, run.account);
    }
  } catch (error) {
    if (outputs === undefined || !(error instanceof Error)) {
      throw error;
    }
    throw new PartialFailure(id, outputs, error);
  }
  refuseDoubt(run, id, old);
  run.warnOfOthers(id, wish);
  const deleted = { ...outputsOf(old, wish, old.account), status: "deleted" as const };
  for (const warning of warnings(deleted, wish, run.today())) {
    run.log.warn(`${wish.licenseName}: ${warning}`);
  }
  return deleted;
}

/** Inputs that the vendor is not told of: they are only written down. */
function needsNoCall(old: LicenseOutputs, wish: Wish, today: CalendarDate): boolean {
  if (old.status === "deleted") {
    return true;
  }
  const settled = old.status === "active" || old.status === "suspended";
  return settled && plan(remembered(old), wish, today).length === 0 && remembersOtherwise(old, wish);
}

function remembersOtherwise(old: LicenseOutputs, wish: Wish): boolean {
  return (
    old.claim !== wish.claim ||
    old.pricelist !== wish.pricelist ||
    old.product !== wish.product ||
    old.period !== wish.period ||
    old.renewBeforeDays !== wish.renewBeforeDays ||
    old.paidUntil !== wish.paidUntil ||
    old.maxPrice !== wish.maxPrice ||
    old.deletionPolicy !== wish.deletionPolicy ||
    old.recreateWhenDeleted !== wish.recreateWhenDeleted
  );
}
