import { type Money, moneyText, multiplyMoney, parseMoney } from "../billmanager/money";
import { type CalendarDate, calendarDate } from "../billmanager/types";
import { addMonths, daysBetween } from "./calendar";
import { MEMBER_KEY, type OfMember, type Wish, withoutAbsent } from "./inputs";
import { tariffTitle } from "./products";
import { isRenewalPending, isSuspendedByClient, type Observed } from "./state";

/** One call to the vendor. */
export type Step =
  | { readonly kind: "order" }
  | { readonly kind: "resume" }
  | { readonly kind: "renew"; readonly periods: number; readonly until: CalendarDate }
  | { readonly kind: "suspend" }
  | { readonly kind: "edit"; readonly changes: readonly Change[] };

export type Change =
  | { readonly of: "ip"; readonly from: string | undefined; readonly to: string }
  | { readonly of: "licenseName"; readonly from: string; readonly to: string }
  /** months that the vendor shall renew for by itself, or not at all */
  | { readonly of: "autoRenew"; readonly to: number | false };

/** More than this is taken for a mistyped date rather than a wish to pay for years ahead. */
const MOST_PERIODS = 24;

/** What is said of a license that the vendor has deleted. */
export function gone({ recreateWhenDeleted, [MEMBER_KEY]: key }: Pick<Wish, "recreateWhenDeleted"> & OfMember): string {
  // To replace a whole fleet is no way to have one member again.
  const replacing = key === undefined ? ", or replace it: pulumi up --replace <urn>" : "";
  const what = recreateWhenDeleted
    ? "the next update orders it again, since recreateWhenDeleted is set"
    : `nothing is bought for it (to order it again, set recreateWhenDeleted: true${replacing})`;
  return `the vendor no longer has this license; ${what}`;
}

/** Asks for more renewals than one update pays for. Nothing was called. */
export class TooManyPeriodsError extends Error {
  override readonly name = "TooManyPeriodsError";
}

/**
 * The whole decision of what to do, in the order in which it is done: back into service, paid, out of service, moved and renamed.
 * A renewal counts from the end of a running license but perhaps from today for one out of service, so a suspended one is resumed
 * for it and suspended again after it. One whose term is over counts from today in any case, and a panel that calls it no more than
 * suspended resumes it only when it is paid for. The explicit name goes last, because it may take the claim off the license.
 *
 * @param observed what is there, `undefined` for nothing
 * @param today UTC
 * @throws TooManyPeriodsError
 */
export function plan(observed: Observed | undefined, wish: Wish, today: CalendarDate): Step[] {
  if (observed === undefined) {
    return [{ kind: "order" }, ...plan(asOrdered(wish, today), withoutWindow(wish), today)];
  }
  if (observed.status === "deleted" || observed.status === "ordered") {
    return [];
  }
  const steps: Step[] = [];
  const renewal = planRenewal(observed, wish, today);
  const suspended = isSuspendedByClient(observed);
  const isOver = observed.expiresOn !== undefined && observed.expiresOn <= today;
  if (suspended && !isOver && (!wish.suspended || renewal !== undefined)) {
    steps.push({ kind: "resume" });
  }
  if (renewal !== undefined) {
    steps.push(renewal);
  }
  if (suspended && isOver && !wish.suspended) {
    steps.push({ kind: "resume" });
  }
  if (wish.suspended && (observed.status !== "suspended" || renewal !== undefined)) {
    steps.push({ kind: "suspend" });
  }
  const changes = planChanges(observed, wish);
  if (changes.length > 0) {
    steps.push({ kind: "edit", changes });
  }
  return steps;
}

/**
 * What an order brings, as far as it can be told before.
 *
 * @param price of one period, where it is known
 */
export function asOrdered(wish: Wish, today: CalendarDate, price?: Money): Observed {
  const { licenseName, ip, autoRenew, period } = wish;
  const expiresOn = period < 1 ? undefined : addMonths(today, period);
  const cost = price === undefined ? undefined : moneyText(price);
  return { licenseName, status: "active", autoRenew, ...withoutAbsent({ ip, expiresOn, cost }) };
}

/** The window is for updates: a license just bought, or renewed once, is not renewed because its term is short. */
export function withoutWindow({ renewBeforeDays: _, ...rest }: Wish): Wish {
  return rest;
}

/** What is left of a wish where nothing more may be paid for: none of the rest waits for the money. */
export function withoutRenewals({ renewBeforeDays: _, paidUntil: __, ...rest }: Wish): Wish {
  return rest;
}

/** Whether an update may have to pay for a renewal, for which it has to know until when the license is paid. */
export function asksForRenewal({ renewBeforeDays, paidUntil, period }: Partial<Wish>): boolean {
  return (renewBeforeDays !== undefined || paidUntil !== undefined) && (period === undefined || period >= 1);
}

/** Whether the date is missing by which an update would renew this license. */
export function lacksDate({ status, expiresOn }: Observed, wish: Partial<Wish>): boolean {
  return expiresOn === undefined && (status === "active" || status === "suspended") && asksForRenewal(wish);
}

/** Why something stays as it is although the program asks for something else, or what the user has to know. */
export function warnings(observed: Observed, wish: Wish, today: CalendarDate): string[] {
  const { status, statusReason } = observed;
  if (status === "deleted") {
    return [gone(wish)];
  }
  if (status === "ordered") {
    return ["this license is ordered but not paid: pay for it in the panel, and the next update finishes it"];
  }
  const found: string[] = [];
  if (observed.closesOn !== undefined) {
    found.push(
      `the vendor will close this license${onDay(observed.closesOn)}, and no update renews it: cancel that in the panel if it shall stay`,
    );
  }
  const unpaid = whyUnpaid(observed, wish, today);
  if (unpaid !== undefined) {
    found.push(`this license ${unpaid}; ${howToPay(observed, wish)}`);
  }
  const mayBeRenewed = unpaid === undefined && observed.closesOn === undefined && !isSuspendedByVendor(observed);
  if (mayBeRenewed && lacksDate(observed, wish)) {
    found.push(
      "the panel shows no date until which this license is paid, so no update can renew it: look in the panel, and renew it there",
    );
  }
  if (isSuspendedByVendor(observed)) {
    found.push(`this license is suspended by the vendor (${statusReason}); only the vendor can bring it back`);
  }
  if (observed.autoRenewFixed === true && observed.autoRenew !== undefined && observed.autoRenew !== wish.autoRenew) {
    found.push(
      `autoRenew is ${observed.autoRenew} at the vendor, whose panel does not let it be changed after the order; change it in the panel, or set autoRenew to ${observed.autoRenew}`,
    );
  }
  const { autoRenewPeriod } = observed;
  const isFixedOn = observed.autoRenewFixed === true && observed.autoRenew === true && wish.autoRenew;
  if (isFixedOn && autoRenewPeriod !== undefined && autoRenewPeriod !== wish.period) {
    found.push(
      `the vendor renews this license for ${months(autoRenewPeriod)} at a time, and its panel does not let that be changed after the order; change it in the panel, or set period to ${autoRenewPeriod}`,
    );
  }
  if (observed.autoRenew === undefined && wish.autoRenew && (status === "active" || status === "suspended")) {
    found.push(
      "autoRenew is true, but the panel does not show whether the vendor renews this license, so an update cannot change it: look in the panel",
    );
  }
  return found;
}

/** What is said of a renewal that the vendor has accepted, for as long as it is seen not to show it. */
export function pendingRenewal(observed: Observed, today: CalendarDate): string[] {
  return isRenewalPending(observed, today)
    ? [
        `the vendor accepted to renew this license from ${observed.renewedFrom} on and does not show it yet: nothing more is paid until ` +
          "it does, or until that day is over; look at the expenses and bills in the panel",
      ]
    : [];
}

/**
 * What the user should know although nothing is wrong and nothing is to be done: a license that nothing renews stops to work one day.
 *
 * @param observed what is there, `undefined` for what an order would bring
 */
export function notices(observed: Observed | undefined, wish: Wish, today: CalendarDate): string[] {
  const lapsesOn = lapse(observed ?? asOrdered(wish, today), wish, today);
  return lapsesOn === undefined ? [] : [`nothing renews this license: it lapses on ${lapsesOn}`];
}

/** The day on which a license in the customer's hands runs out, where neither the vendor nor any later update renews it. */
function lapse(observed: Observed, wish: Wish, today: CalendarDate): CalendarDate | undefined {
  const { status, expiresOn, autoRenew, autoRenewFixed } = observed;
  const mayLapse = (status === "active" || isSuspendedByClient(observed)) && observed.closesOn === undefined;
  if (!mayLapse || expiresOn === undefined || expiresOn < today || wish.period < 1) {
    return undefined;
  }
  const vendorRenews = autoRenew === true || (wish.autoRenew && !(autoRenewFixed === true && autoRenew === false));
  const updateRenews =
    wish.renewBeforeDays !== undefined || (wish.paidUntil !== undefined && expiresOn < wish.paidUntil);
  return vendorRenews || updateRenews ? undefined : expiresOn;
}

/** Its term has ended, and no update pays for another. The state may lag behind: what a refresh has not seen is told as such. */
function whyUnpaid(observed: Observed, wish: Wish, today: CalendarDate): string | undefined {
  const { status, statusReason, expiresOn, closesOn } = observed;
  const isOutOfReach = isSuspendedByVendor(observed) || closesOn !== undefined;
  if (isOutOfReach || planRenewal(observed, wish, today) !== undefined) {
    return undefined;
  }
  if (status === "suspended" && statusReason === "autosuspend") {
    return expiresOn !== undefined && expiresOn > today
      ? `is suspended as unpaid, although it is paid until ${expiresOn}`
      : `lapsed unpaid${expiresOn === undefined ? "" : ` on ${expiresOn}`}`;
  }
  const isRenewedByVendor = observed.autoRenew ?? wish.autoRenew;
  const hasEnded = (status === "active" || status === "suspended") && expiresOn !== undefined && expiresOn < today;
  return hasEnded && !isRenewedByVendor ? `was paid until ${expiresOn} when it was seen last` : undefined;
}

/** " on 2026-02-15", or nothing for a day that is not known */
function onDay(date: NonNullable<Observed["closesOn"]>): string {
  return calendarDate(date) === undefined ? "" : ` on ${date}`;
}

function howToPay({ expiresOn }: Observed, { period }: Wish): string {
  if (period < 1) {
    return "what is sold for this period cannot be renewed";
  }
  return expiresOn === undefined
    ? "the vendor shows no date to count from, so pay for it in the panel"
    : "to pay for it, set paidUntil to a later day";
}

/** What a user reads of a step. Each phrase follows "an update", so that it is true in a preview, an update and a refresh. */
export function describe(step: Step, observed: Observed | undefined, wish: Wish): string[] {
  switch (step.kind) {
    case "order":
      return [`orders ${tariffTitle(wish.product, wish.pricelist)}${wish.ip === undefined ? "" : ` for ${wish.ip}`}`];
    case "resume":
      return ["resumes it"];
    case "suspend":
      return ["suspends it"];
    case "renew":
      return [`renews until ${step.until}${price(step.periods, observed?.cost)}`];
    case "edit":
      return step.changes.map((change) => describeChange(change, observed));
  }
}

function describeChange(change: Change, observed: Observed | undefined): string {
  switch (change.of) {
    case "ip":
      return `moves it ${change.from === undefined ? "" : `from ${change.from} `}to ${change.to}`;
    case "licenseName":
      return `renames it from "${change.from}" to "${change.to}"`;
    case "autoRenew":
      if (change.to === false) {
        return "switches the vendor's own renewal off";
      }
      return observed?.autoRenew === true
        ? `has the vendor renew ${months(change.to)} at a time`
        : "switches the vendor's own renewal on";
  }
}

function months(count: number): string {
  return `${count} ${count === 1 ? "month" : "months"}`;
}

function price(periods: number, cost: string | undefined): string {
  return `${periods === 1 ? "" : `, ${periods} periods`}${cost === undefined ? "" : ` at ${cost}`}`;
}

function planRenewal(
  observed: Observed,
  wish: Wish,
  today: CalendarDate,
): Extract<Step, { kind: "renew" }> | undefined {
  const { expiresOn, cost, closesOn } = observed;
  if (expiresOn === undefined || wish.period < 1 || isSuspendedByVendor(observed) || closesOn !== undefined) {
    return undefined;
  }
  // What was accepted is not asked for again, as long as its term lasts.
  if (isRenewalPending(observed, today)) {
    return undefined;
  }
  const inWindow = wish.renewBeforeDays !== undefined && daysBetween(today, expiresOn) <= wish.renewBeforeDays;
  const paidLongEnough = (until: CalendarDate) => wish.paidUntil === undefined || until >= wish.paidUntil;
  let periods = 0;
  let until = expiresOn;
  while (!paidLongEnough(until) || (inWindow && periods === 0)) {
    periods += 1;
    if (periods > MOST_PERIODS) {
      throw new TooManyPeriodsError(
        `paidUntil ${wish.paidUntil} lies more than ${MOST_PERIODS} periods after ${expiresOn}${sum(cost)}: ` +
          "nothing was paid; set an earlier paidUntil and go on in a later update",
      );
    }
    // What was paid for a lapsed license before today is gone: it counts from today on.
    until = addMonths(until < today ? today : until, wish.period);
  }
  return periods === 0 ? undefined : { kind: "renew", periods, until };
}

/** By staff, for abuse, or for a reason yet unheard of: paying does not help, and nobody but the vendor can lift it. */
function isSuspendedByVendor({ status, statusReason }: Observed): boolean {
  return status === "suspended" && statusReason !== undefined && statusReason !== "autosuspend";
}

/** ", which would cost more than 336.00 EUR" */
function sum(cost: string | undefined): string {
  const money = cost === undefined ? undefined : parseMoney(cost);
  return money === undefined ? "" : `, which would cost more than ${moneyText(multiplyMoney(money, MOST_PERIODS))}`;
}

function planChanges(observed: Observed, wish: Wish): Change[] {
  const changes: Change[] = [];
  if (wish.ip !== undefined && wish.ip !== observed.ip) {
    changes.push({ of: "ip", from: observed.ip, to: wish.ip });
  }
  const renewFor = wish.autoRenew ? wish.period : false;
  const otherPeriod =
    wish.autoRenew && observed.autoRenewPeriod !== undefined && observed.autoRenewPeriod !== wish.period;
  if (
    observed.autoRenewFixed !== true &&
    observed.autoRenew !== undefined &&
    (observed.autoRenew !== wish.autoRenew || otherPeriod)
  ) {
    changes.push({ of: "autoRenew", to: renewFor });
  }
  if (wish.licenseName !== observed.licenseName) {
    changes.push({ of: "licenseName", from: observed.licenseName, to: wish.licenseName });
  }
  return changes;
}
