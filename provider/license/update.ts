import type { CalendarDate, LicenseId, LicenseRow } from "../billmanager/types";
import { bringAbout, notShownYet } from "./bringAbout";
import { type Claim, claimInName } from "./claim";
import { LicenseNotShownError, NotFinishedError, PartialFailure } from "./errors";
import { type Payments, paymentsOf } from "./guards";
import { readAdoptId, type Wish, withoutAbsent } from "./inputs";
import { refuseWrongNumber } from "./orderedNumber";
import { type Outlook, outlookOn, type Prospect } from "./outlook";
import { describe, lacksDate, notices, plan, type Step, warnings } from "./plan";
import { tariffTitle } from "./products";
import { refuseDoubt, refuseStranger, warnOfOtherTariff } from "./read";
import type { Run } from "./run";
import { isProcessing } from "./sights";
import {
  asDeleted,
  isRenewalPending,
  isRenewalSought,
  isUnseen,
  type LicenseOutputs,
  type OutputName,
  outputsOf,
  remembered,
} from "./state";
import { takingOver } from "./takingOver";

/** What an update would do, as far as the state tells. */
export interface LicenseDiff {
  readonly changes: boolean;
  /** The properties that make it a change, in no order; one that an update does not set, such as `expiresOn`, will be another after it. */
  readonly changed: readonly OutputName[];
  /**
   * The inputs for which a new license is ordered before the old one is given up: another tariff, which the vendor cannot change; or
   * the wish to have again what is gone.
   */
  readonly replaces: readonly ("product" | "pricelist" | "recreateWhenDeleted")[];
  /** phrases that follow "an update" */
  readonly steps: readonly string[];
  readonly payments: Payments;
  readonly warnings: readonly string[];
  /** what is good to know, and calls for nothing */
  readonly notices: readonly string[];
}

/** The inputs that call for a new license; none where the old one stays. */
export function replacedFor(old: LicenseOutputs, wish: Wish): LicenseDiff["replaces"] {
  if (old.status === "deleted") {
    // A license that is gone is not bought again because the program now names another product.
    return wish.recreateWhenDeleted ? ["recreateWhenDeleted"] : [];
  }
  return old.pricelist === wish.pricelist ? [] : [wish.product === undefined ? "pricelist" : "product"];
}

/**
 * Compares what a program asks for with the state. Calls nothing.
 *
 * @param prospect what a new license in the place of the old one would begin with
 */
export function diffLicense(
  old: LicenseOutputs,
  wish: Wish,
  today: CalendarDate,
  prospect: Prospect = { kind: "order" },
): LicenseDiff {
  const replaces = replacedFor(old, wish);
  const theirs = takenOverBy(old.licenseName, wish);
  if (replaces.length > 0) {
    const isGivenUp = old.status !== "deleted" && prospect.kind !== "refused" && theirs === undefined;
    return replacement(replaces, isGivenUp ? [`then ${givesUp(old)}`] : [], outlookOn(prospect, wish, today));
  }
  const seen = remembered(pricedFor(wish, old));
  const steps = plan(seen, wish, today);
  const isPending = isRenewalPending(old, today);
  const isSought = isRenewalSought(old);
  const changed = [
    ...steps.flatMap(touched),
    // What waited for its payment is looked at again, however it came into the state.
    ...(old.status === "ordered" || isLeftUnfinished(old) ? (["status"] as const) : []),
    ...(isPending || isSought ? (["expiresOn"] as const) : []),
    ...rememberedOtherwise(old, wish),
  ];
  if (theirs !== undefined && changed.length > 0 && old.status !== "deleted") {
    const refusal =
      `an update would refuse to change it, since it carries the claim ${theirs} of another resource in its name: if that one has it ` +
      "now, remove this one from the program, which leaves the license alone";
    return {
      changes: true,
      changed,
      replaces: [],
      payments: paymentsOf([]),
      steps: [],
      warnings: [refusal],
      notices: [],
    };
  }
  return {
    changes: changed.length > 0,
    changed,
    replaces: [],
    payments: paymentsOf(steps),
    steps: [
      ...(isPending ? ["looks for the renewal that the vendor has accepted"] : []),
      ...(isSought ? ["looks for the renewal that an interrupted run has sent, before it pays for another"] : []),
      ...(isLeftUnfinished(old) ? ["looks whether the vendor has finished it"] : []),
      ...steps.flatMap((step) => describe(step, seen, wish)),
    ],
    warnings: warnings(seen, wish, today),
    notices: notices(old, wish, today),
  };
}

/** What one of the old periods costs says nothing of a new one. */
function pricedFor({ period }: Wish, old: LicenseOutputs): LicenseOutputs {
  const { cost: _, ...withoutCost } = old;
  return old.period === period ? old : withoutCost;
}

/** Nobody has waited for the end of the order, and nothing that an update would go by is known of its license yet. */
function isLeftUnfinished(old: LicenseOutputs): boolean {
  return old.status === "processing" && (isUnseen(old) || old.expiresOn === undefined);
}

function replacement(
  replaces: LicenseDiff["replaces"],
  andThen: readonly string[],
  { steps, payments, warnings, notices }: Outlook,
): LicenseDiff {
  return {
    changes: true,
    changed: replaces,
    replaces,
    payments,
    steps: [...steps, ...andThen],
    warnings,
    notices,
  };
}

function touched(step: Step): OutputName[] {
  switch (step.kind) {
    case "order":
      return [];
    case "resume":
    case "suspend":
      return ["suspended"];
    case "renew":
      return ["expiresOn"];
    case "edit":
      return step.changes.map((change) => change.of);
  }
}

/** What the state says is what will be done: the engine gives up by that alone. */
export function givesUp({ tariff, product, pricelist, expiresOn, deletionPolicy }: LicenseOutputs): string {
  const license = `the ${tariff ?? tariffTitle(product, pricelist)} license`;
  const paid = expiresOn === undefined ? "" : `, paid until ${expiresOn}`;
  return deletionPolicy === "suspend"
    ? `suspends ${license} and leaves it in the account${paid}`
    : `gives up ${license}${paid}`;
}

/**
 * Makes one license as the program wants it. May charge for renewals; never orders.
 *
 * @throws PartialFailure with what the vendor showed last
 */
export async function updateLicense(run: Run, id: LicenseId, old: LicenseOutputs, wish: Wish): Promise<LicenseOutputs> {
  run.declare(id);
  refuseSharing(run, id, wish);
  if (needsNoCall(old, wish, run.today())) {
    return outputsOf(remembered(old), wish, old.account);
  }
  return run.operate(() => update(run, id, old, wish));
}

async function update(run: Run, id: LicenseId, old: LicenseOutputs, wish: Wish): Promise<LicenseOutputs> {
  let outputs: LicenseOutputs | undefined;
  const seen = (observed: Parameters<typeof outputsOf>[0]) => {
    outputs = outputsOf(observed, wish, run.account);
  };
  const { autoRenewPeriod, renewedFrom, renewalSought, ip } = remembered(old);
  const known = { autoRenewPeriod, ...withoutAbsent({ renewedFrom, renewalSought, ip }) };
  const isDue = paymentsOf(plan(old, wish, run.today())).renewals > 0;
  const purse = isDue ? await run.funds.read(wish) : undefined;
  try {
    const { activationTimeout } = run;
    const sight = await run.waitFor(
      id,
      (now) => !isProcessing(now) && !(now.kind === "gone" && isUnseen(old)),
      activationTimeout,
      { wish },
    );
    await refuseWrongNumber(run, id, old, sight);
    if (sight.kind === "shown") {
      refuseStranger(run, sight.row, old);
      refuseTakenOver(sight.row, wish);
      warnOfOtherTariff(run, sight.row, old);
      seen(
        await bringAbout(run, id, wish, sight, { isNew: false, remembered: known, seen, ...withoutAbsent({ purse }) }),
      );
    } else if (isUnseen(old)) {
      outputs = outputsOf(old, wish, old.account);
      run.log.warn(`${wish.licenseName}: ${notShownYet(activationTimeout)}`);
      if (activationTimeout > 0) {
        throw new NotFinishedError(notShownYet(activationTimeout));
      }
    }
    if (outputs !== undefined) {
      return outputs;
    }
  } catch (error) {
    if (outputs === undefined || !(error instanceof Error)) {
      throw error;
    }
    throw new PartialFailure(id, outputs, error);
  }
  refuseDoubt(run, id, old);
  run.warnOfOthers(id, wish, true);
  const deleted = asDeleted(outputsOf(old, wish, old.account));
  for (const warning of warnings(deleted, wish, run.today())) {
    run.log.warn(`${wish.licenseName}: ${warning}`);
  }
  return deleted;
}

/** A license that another resource of this very program has just taken over. */
export function sharedWith(run: Run, id: LicenseId, { claim }: Wish): string | undefined {
  const theirs = run.takenOver.get(id);
  return theirs === undefined || theirs === claim
    ? undefined
    : `license ${id} is taken over by another resource of this program (claim ${theirs}), which would share it: remove one of the two`;
}

function refuseSharing(run: Run, id: LicenseId, wish: Wish): void {
  const why = sharedWith(run, id, wish);
  if (why !== undefined) {
    throw new LicenseNotShownError(`${why}. Nothing was changed`);
  }
}

/** A license that another resource has taken over is no longer this one's to change, to pay for or to name. */
function refuseTakenOver({ id, licenseName }: LicenseRow, wish: Wish): void {
  const theirs = takenOverBy(licenseName, wish);
  if (theirs !== undefined) {
    throw new LicenseNotShownError(
      `license ${id} carries the claim ${theirs} of another resource in its name: nothing was changed. If that one has it now, remove ` +
        `this one from the program, which leaves the license alone; otherwise set ${takingOver(`${id}@${theirs}`, wish)}`,
    );
  }
}

function takenOverBy(licenseName: string, { claim, adoptId }: Wish): Claim | undefined {
  const theirs = claimInName(licenseName);
  const allowed = adoptId === undefined ? undefined : readAdoptId(adoptId).namedClaim;
  return theirs === claim || theirs === allowed ? undefined : theirs;
}

/** Inputs that the vendor is not told of: they are only written down. */
function needsNoCall(old: LicenseOutputs, wish: Wish, today: CalendarDate): boolean {
  if (old.status === "deleted") {
    return true;
  }
  const isAwaited = isRenewalPending(old, today) || isRenewalSought(old);
  const settled = (old.status === "active" || old.status === "suspended") && !isAwaited && !lacksDate(old, wish);
  return settled && plan(remembered(old), wish, today).length === 0 && rememberedOtherwise(old, wish).length > 0;
}

/** The inputs that the state alone keeps, and keeps otherwise than the program has them. */
function rememberedOtherwise(old: LicenseOutputs, wish: Wish): (OutputName & keyof Wish)[] {
  return KEPT.filter((name) => old[name] !== wish[name]);
}

const KEPT = [
  "claim",
  "pricelist",
  "product",
  "period",
  "renewBeforeDays",
  "paidUntil",
  "maxPrice",
  "deletionPolicy",
  "recreateWhenDeleted",
] as const;
