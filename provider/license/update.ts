import type { CalendarDate, LicenseId } from "../billmanager/types";
import { bringAbout } from "./bringAbout";
import { PartialFailure } from "./errors";
import type { Wish } from "./inputs";
import { describe, notices, plan, warnings } from "./plan";
import { tariffTitle } from "./products";
import { refuseDoubt } from "./read";
import type { Run } from "./run";
import { type LicenseOutputs, outputsOf } from "./state";

/** What an update would do, as far as the state tells. */
export interface LicenseDiff {
  readonly changes: boolean;
  /**
   * The inputs for which a new license is ordered before the old one is given up: another tariff, which the vendor cannot change; or
   * the wish to have again what is gone.
   */
  readonly replaces: readonly ("product" | "pricelist" | "recreateWhenDeleted")[];
  /** phrases that follow "an update" */
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
  /** what is good to know, and calls for nothing */
  readonly notices: readonly string[];
}

/** Compares what a program asks for with the state. Calls nothing. */
export function diffLicense(old: LicenseOutputs, wish: Wish, today: CalendarDate): LicenseDiff {
  if (old.status === "deleted" && wish.recreateWhenDeleted) {
    return replacement(["recreateWhenDeleted"], [], wish, today);
  }
  // A license that is gone is not bought again because the program now names another product.
  if (old.pricelist !== wish.pricelist && old.status !== "deleted") {
    return replacement([wish.product === undefined ? "pricelist" : "product"], [givesUp(old)], wish, today);
  }
  const steps = plan(old, wish, today);
  return {
    // An order that waited for its payment is looked at again, however it came into the state.
    changes: steps.length > 0 || old.status === "ordered" || remembersOtherwise(old, wish),
    replaces: [],
    steps: steps.flatMap((step) => describe(step, old, wish)),
    warnings: warnings(old, wish, today),
    notices: notices(old, wish, today),
  };
}

function replacement(
  replaces: LicenseDiff["replaces"],
  andThen: readonly string[],
  wish: Wish,
  today: CalendarDate,
): LicenseDiff {
  const order = plan(undefined, wish, today).flatMap((step) => describe(step, undefined, wish));
  return {
    changes: true,
    replaces,
    steps: [...order, ...andThen],
    warnings: [],
    notices: notices(undefined, wish, today),
  };
}

/** What the state says is what will be done: the engine gives up by that alone. */
function givesUp({ tariff, product, pricelist, expiresOn, deletionPolicy }: LicenseOutputs): string {
  const license = `the ${tariff ?? tariffTitle(product, pricelist)} license`;
  const paid = expiresOn === undefined ? "" : `, paid until ${expiresOn}`;
  return deletionPolicy === "suspend"
    ? `then suspends ${license} and leaves it in the account${paid}`
    : `then gives up ${license}${paid}`;
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
    const observed = await bringAbout(run, id, wish, { isNew: false, renewsFor: old.period, seen });
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
  const vendorRenewsOtherwise = wish.autoRenew && old.period !== wish.period;
  return settled && !vendorRenewsOtherwise && plan(old, wish, today).length === 0 && remembersOtherwise(old, wish);
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
