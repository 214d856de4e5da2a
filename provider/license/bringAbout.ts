import { editLicense, resumeLicense, suspendLicense } from "../billmanager/changeLicense";
import { isBillmanagerError } from "../billmanager/errors/BillmanagerError";
import { isLoginRefused } from "../billmanager/errors/LoginRefusedError";
import { isRefused } from "../billmanager/errors/RefusedError";
import { isUnknownOutcome } from "../billmanager/errors/UnknownOutcomeError";
import { prolongLicense } from "../billmanager/prolongLicense";
import { readLicense } from "../billmanager/readLicense";
import type { LicenseId } from "../billmanager/types";
import { NotFinishedError, RenewalOutcomeUnknownError, RenewalStoppedError, reasonOf, UnpaidError } from "./errors";
import { paymentsOf } from "./guards";
import { type Wish, withoutAbsent } from "./inputs";
import { type Change, pendingRenewal, plan, type Step, warnings, withoutRenewals, withoutWindow } from "./plan";
import type { Purse } from "./purse";
import { endsAllCalls, type Run, type Shown, type Sight } from "./run";
import { isProcessing } from "./sights";
import { isRenewalSought, isSuspendedByClient, type Observed } from "./state";

type Doing = Exclude<Step, { kind: "order" }>;

/** What is said of an order that the panel has accepted, and whose license it does not show. */
export function notShownYet(seconds: number): string {
  return `the vendor accepted the order but does not show the license after ${seconds} seconds; the next update looks again`;
}

export interface Circumstances {
  /** Ordered or taken over by this very operation: its window of renewal is left for an update. */
  readonly isNew: boolean;
  /** What the state tells and the panel may not show. */
  readonly remembered?: Pick<Observed, "autoRenewPeriod" | "renewedFrom" | "renewalSought" | "ip">;
  /** What renewals are paid from, where the caller expects any. */
  readonly purse?: Purse;
  /** Told of every observation, so that a failure saves what was true last. */
  readonly seen: (observed: Observed) => void;
}

/**
 * Observes an existing license, does step by step what the plan asks for, and observes each step's effect before the next.
 *
 * May charge the account for renewals, each confirmed by a later expiry date before another is sent. Never orders. A renewal that is
 * refused, by a limit or by the vendor, fails the operation at its end: what costs nothing is done first, above all what ends costs.
 *
 * @param sight what was seen of it just now
 * @returns what the vendor showed last
 * @throws RenewalStoppedError, NotFinishedError, UnpaidError, RenewalOutcomeUnknownError, and the client's errors
 */
export async function bringAbout(
  run: Run,
  id: LicenseId,
  wish: Wish,
  sight: Shown,
  circumstances: Circumstances,
): Promise<Observed> {
  const { remembered, seen } = circumstances;
  run.warnOfOthers(id, wish);
  const observed: Observed = { ...remembered, ...sight.observed };
  seen(observed);
  if (observed.status === "processing") {
    return waitedInVain(run, observed, "is still being processed by the vendor");
  }
  if (observed.status === "ordered") {
    throw new UnpaidError(
      `${observed.tariff ?? `tariff ${wish.pricelist}`} is ordered but not paid; pay for it in the panel (or top up the balance), then run the update again: it finishes this license and orders nothing`,
    );
  }
  if (isRenewalSought(observed)) {
    return bringAboutAfterSearch(run, id, wish, observed, circumstances);
  }
  let stopped: Error | undefined;
  try {
    const last = await takeSteps(run, id, wish, observed, circumstances, (why) => {
      stopped = why;
    });
    if (stopped !== undefined) {
      throw stopped;
    }
    return last;
  } catch (error) {
    if (stopped !== undefined && error !== stopped) {
      run.log.warn(`${wish.licenseName}: ${stopped.message}`);
    }
    throw error;
  }
}

/**
 * First looks for a renewal that an earlier run has sent, as patiently as that run would have done had it been given the time: what it
 * has paid must not be paid twice. A run that cannot look to the end leaves it to the next one.
 */
async function bringAboutAfterSearch(
  run: Run,
  id: LicenseId,
  wish: Wish,
  before: Observed,
  circumstances: Circumstances,
): Promise<Observed> {
  const { remembered = {} } = circumstances;
  const isFound = (now: Sight) =>
    now.kind === "shown" && now.observed.status !== "processing" && isPaidLonger(before, now.observed);
  const sight = await run.waitFor(id, isFound, run.settings.searchTimeout, { patient: true, wish });
  if (sight.kind === "gone") {
    throw new NotFinishedError("the vendor deleted it while a renewal was looked for that may have been charged");
  }
  const { renewalSought: _, ...settled } = remembered;
  return bringAbout(run, id, isFound(sight) ? withoutWindow(wish) : wish, sight, {
    ...circumstances,
    remembered: isProcessing(sight) ? remembered : settled,
  });
}

/** @param stopped told why no (further) renewal is paid for, before the steps that cost nothing go on */
async function takeSteps(
  run: Run,
  id: LicenseId,
  wish: Wish,
  first: Observed,
  circumstances: Circumstances,
  stopped: (why: Error) => void,
): Promise<Observed> {
  const { isNew, purse, seen } = circumstances;
  let observed = first;
  // One period per update, also where the engine repeats it.
  let pending = isNew || run.sentRenewals.has(id) ? withoutWindow(wish) : wish;
  const taken = new Set<Doing["kind"]>();
  let renewalsLeft: number | undefined;
  let renewed = false;
  for (
    let steps = plan(observed, pending, run.today()), [step] = steps;
    step !== undefined;
    steps = plan(observed, pending, run.today()), [step] = steps
  ) {
    if (step.kind === "order") {
      throw new TypeError("a license that was just seen cannot be ordered");
    }
    const pays = paymentsOf(steps).renewals > 0;
    if (purse === undefined && pays) {
      // To read it takes time, and a renewal goes by a date that was observed right before it.
      const read = await run.funds.read(wish);
      const again = await run.waitFor(id, (now) => !isProcessing(now), run.activationTimeout, { wish });
      if (again.kind === "gone") {
        throw new NotFinishedError("it is gone since it was looked at; nothing was paid");
      }
      return bringAbout(run, id, wish, again, { ...circumstances, purse: read });
    }
    const refused = pays && !isSent(run, id, observed) && purse && run.funds.refusedRenewal(purse, wish);
    if (refused) {
      const error = new RenewalStoppedError(refused);
      stopped(renewed ? sinceRenewed(error, observed) : error);
      pending = withoutRenewals(pending);
      continue;
    }
    if (asksForAutoRenew(step) && (await readLicense(run.panel, id)).autoRenewEditable !== true) {
      observed = { ...observed, autoRenewFixed: true };
      seen(observed);
      continue;
    }
    if (step.kind === "renew") {
      renewalsLeft ??= step.periods;
      refuseFurtherRenewal(renewalsLeft, observed, wish);
      renewalsLeft -= 1;
    } else if (taken.has(step.kind)) {
      throw new NotFinishedError(`the vendor undid at once that it was ${DOING[step.kind]}; look at it in the panel`);
    }
    refuseMeeting(run, id, step, wish);
    taken.add(step.kind);
    const before = observed;
    const last = await carryOut(run, id, step, before, wish, isNew, purse).catch((error: unknown) => {
      seen({ ...before, ...sentRenewal(run, id, before) });
      const told = renewed ? sinceRenewed(error, before) : error;
      if (step.kind === "renew" && told instanceof Error && provesNoPayment(error)) {
        stopped(told);
        return undefined;
      }
      throw told;
    });
    if (last === undefined) {
      pending = withoutRenewals(pending);
      continue;
    }
    // A panel that shows no months says nothing of those that are still to be told.
    const isTold = last.done && asksForAutoRenew(step);
    const autoRenewPeriod = isTold ? undefined : before.autoRenewPeriod;
    const { autoRenewFixed, renewedFrom } = { ...before, ...sentRenewal(run, id, before) };
    const { ip } = step.kind === "edit" && last.done ? withChanges(before, step.changes) : before;
    observed = { ...withoutAbsent({ autoRenewFixed, autoRenewPeriod, renewedFrom, ip }), ...last.observed };
    seen(observed);
    if (!last.done) {
      return notShown(run, step, before, observed, last.lost);
    }
    renewed ||= step.kind === "renew";
    pending = step.kind === "renew" ? withoutWindow(pending) : pending;
  }
  for (const warning of [...pendingRenewal(observed, run.today()), ...warnings(observed, wish, run.today())]) {
    run.log.warn(`${wish.licenseName}: ${warning}`);
  }
  return observed;
}

const DOING = { resume: "resumed", renew: "renewed", suspend: "suspended", edit: "changed" } as const;

/** The vendor's word, or our own, that this call was not carried out; other calls may be. */
function provesNoPayment(error: unknown): boolean {
  return error instanceof RenewalStoppedError || (isRefused(error) && !isLoginRefused(error));
}

function asksForAutoRenew(step: Doing): boolean {
  return step.kind === "edit" && step.changes.some((change) => change.of === "autoRenew");
}

/** An order that was cut off may have bought a license where this one is to go. */
function refuseMeeting(run: Run, id: LicenseId, step: Doing, wish: Wish): void {
  if (step.kind !== "edit" || step.changes.every((change) => change.of !== "ip")) {
    return;
  }
  const other = run.inTheWay(id, wish);
  if (other !== undefined) {
    throw new NotFinishedError(
      `it is not moved to ${wish.ip}: license ${other.id} on that address was bought for this resource, too; ` +
        "delete one of the two in the panel",
    );
  }
}

/** Renewals that bring less than announced are not made up for by more of them: the preview has named their number. */
function refuseFurtherRenewal(left: number, { expiresOn }: Observed, { paidUntil }: Wish): void {
  if (left === 0) {
    throw new NotFinishedError(
      `it was renewed as often as announced and is paid until ${expiresOn} only, before ${paidUntil}; the next update goes on`,
    );
  }
}

/** What a later run has to know of the renewal that this one has sent, where the license does not show a later day yet. */
function sentRenewal(
  run: Run,
  id: LicenseId,
  { expiresOn }: Observed,
): Pick<Observed, "renewedFrom" | "renewalSought"> {
  const sent = run.sentRenewals.get(id);
  if (sent === undefined || sent.expiresOn !== expiresOn) {
    return {};
  }
  if (sent.lost === undefined) {
    return withoutAbsent({ renewedFrom: expiresOn });
  }
  return sent.isCutShort ? withoutAbsent({ renewalSought: expiresOn }) : {};
}

/** A call that failed speaks of itself alone: that nothing was charged by it must not be read as that nothing was paid. */
function sinceRenewed<E>(error: E, { expiresOn }: Observed): E | NotFinishedError {
  if (error instanceof RenewalStoppedError) {
    const { reason, advice } = error.refusal;
    return new NotFinishedError(`it was renewed until ${expiresOn}, and no further: ${reason}; ${advice}`);
  }
  return isBillmanagerError(error)
    ? new NotFinishedError(
        `it was renewed until ${expiresOn}, but then ${reasonOf(error)}; nothing is lost, and the next update goes on`,
      )
    : error;
}

/** A step was taken, and its effect is not there to see. */
function notShown(run: Run, step: Doing, before: Observed, now: Observed, lost: Error | undefined): Observed {
  const { activationTimeout } = run;
  const { searchTimeout } = run.settings;
  const seconds = lost === undefined ? activationTimeout : searchTimeout;
  if (step.kind === "renew" && (lost !== undefined || activationTimeout > 0)) {
    const shown = `The license is still shown as paid until ${before.expiresOn} after ${seconds} seconds`;
    throw renewalUnseen(lost, shown, "reads the date again and renews only if it has not moved");
  }
  if (lost !== undefined) {
    throw changeUnknown(lost, `The license does not show after ${seconds} seconds that it was ${DOING[step.kind]}`);
  }
  return waitedInVain(run, now, `does not show yet that it was ${DOING[step.kind]}`);
}

/** With `activationTimeout` 0 an update does not wait and the next one goes on; otherwise the user has to know. */
function waitedInVain(run: Run, observed: Observed, what: string): Observed {
  const { activationTimeout } = run;
  if (activationTimeout === 0) {
    return observed;
  }
  throw new NotFinishedError(
    `it ${what} after ${activationTimeout} seconds (status ${observed.status}${observed.statusReason === undefined ? "" : `, ${observed.statusReason}`}); ` +
      "nothing is lost, and the next update goes on",
  );
}

async function carryOut(
  run: Run,
  id: LicenseId,
  step: Doing,
  before: Observed,
  wish: Wish,
  isNew: boolean,
  purse: Purse | undefined,
): Promise<{ observed: Observed; done: boolean; lost?: Error }> {
  const lost =
    step.kind === "renew" && isSent(run, id, before)
      ? run.sentRenewals.get(id)?.lost
      : await sendOnce(run, id, step, before, wish, purse);
  if (isNew && step.kind === "edit" && lost === undefined) {
    // After this call the claim may be gone from the license: what is known now has to be saved before anything else can fail.
    return { observed: withChanges(before, step.changes), done: true };
  }
  const isDone = (sight: Sight) =>
    sight.kind === "shown" && sight.observed.status !== "processing" && shows(step, before, sight.observed);
  const sight = await look(run, id, step, before, wish, isDone, lost);
  if (sight.kind === "gone") {
    const paid = step.kind === "renew" ? " (the renewal was accepted, and may have been charged)" : "";
    throw new NotFinishedError(`the vendor deleted it while it was being ${DOING[step.kind]}${paid}`);
  }
  return { observed: sight.observed, done: isDone(sight), ...withoutAbsent({ lost }) };
}

/** Whether this run has sent a renewal of this term: an operation that the engine repeats does not pay for it again. */
function isSent(run: Run, id: LicenseId, { expiresOn }: Observed): boolean {
  const earlier = run.sentRenewals.get(id);
  return earlier !== undefined && earlier.expiresOn === expiresOn;
}

/** @returns the error of an answer that was lost, where it has to be looked for what became of the step */
async function sendOnce(
  run: Run,
  id: LicenseId,
  step: Doing,
  before: Observed,
  wish: Wish,
  purse: Purse | undefined,
): Promise<Error | undefined> {
  const change = () => run.change(() => send(run, id, step, before, wish), id);
  let lost: Error | undefined;
  try {
    await (step.kind === "renew" ? run.funds.renew(purse ?? unread(), wish, change) : change());
  } catch (error) {
    if (!isUnknownOutcome(error)) {
      throw error;
    }
    lost = error;
  }
  if (step.kind === "renew") {
    run.sentRenewals.set(id, { expiresOn: before.expiresOn, ...withoutAbsent({ lost }) });
  }
  return lost;
}

/** A renewal whose price nobody has read is never sent. */
function unread(): never {
  throw new TypeError("the price of a renewal was not read before it: nothing was sent");
}

/** Waits for the effect of a step. A list that fails must not hide that the step was taken, nor that its answer was lost. */
async function look(
  run: Run,
  id: LicenseId,
  step: Doing,
  before: Observed,
  wish: Wish,
  isDone: (sight: Sight) => boolean,
  lost: Error | undefined,
): Promise<Sight> {
  const { activationTimeout } = run;
  const { searchTimeout } = run.settings;
  try {
    return lost === undefined
      ? await run.waitFor(id, isDone, activationTimeout, { wish })
      : await run.waitFor(id, isDone, searchTimeout, { patient: true, wish });
  } catch (error) {
    const unseen = `could not be looked at since (${reasonOf(error)})`;
    if (step.kind === "renew") {
      const shown = `The license was paid until ${before.expiresOn}, and ${unseen}`;
      if (lost === undefined || !endsAllCalls(error)) {
        throw renewalUnseen(lost, shown, "reads the date again and renews only if it has not moved");
      }
      run.sentRenewals.set(id, { expiresOn: before.expiresOn, lost, isCutShort: true });
      throw renewalUnseen(lost, shown, `looks for a later date for ${searchTimeout} seconds before it renews anything`);
    }
    throw lost === undefined
      ? new NotFinishedError(
          `the vendor accepted that it was ${DOING[step.kind]}, but it ${unseen}; nothing is lost, and the next update goes on`,
        )
      : changeUnknown(lost, `The license ${unseen}`);
  }
}

/**
 * What was accepted is not sent again while its term lasts; what was lost is, where the date has not moved.
 *
 * @param shown what the vendor shows of the license now
 * @param next what the next update does where it was lost
 */
function renewalUnseen(lost: Error | undefined, shown: string, next: string): RenewalOutcomeUnknownError {
  return new RenewalOutcomeUnknownError(
    lost === undefined
      ? `The vendor accepted the renewal, and may still be at work on it, or wait for a payment. ${shown}, and the renewal may have ` +
          "been charged. Look at the expenses and bills in the panel; nothing more is paid until the date moves, or until that day is over"
      : `${lost.message} ${shown}, so the renewal may or may not have been charged. ` +
          `Check the account's expenses in the panel; the next update ${next}`,
  );
}

/** @param shown what the vendor shows of the license now */
function changeUnknown(lost: Error, shown: string): NotFinishedError {
  return new NotFinishedError(`${lost.message} ${shown}; nothing is lost, and the next update goes on`);
}

function withChanges(before: Observed, changes: readonly Change[]): Observed {
  let after = before;
  for (const change of changes) {
    after = { ...after, ...afterChange(change) };
  }
  return after;
}

function afterChange(change: Change): Partial<Observed> {
  switch (change.of) {
    case "ip":
      return { ip: change.to };
    case "licenseName":
      return { licenseName: change.to };
    case "autoRenew":
      return change.to === false ? { autoRenew: false } : { autoRenew: true, autoRenewPeriod: change.to };
  }
}

function send(run: Run, id: LicenseId, step: Doing, before: Observed, wish: Wish): Promise<unknown> {
  switch (step.kind) {
    case "resume":
      return resumeLicense(run.panel, id);
    case "suspend":
      return suspendLicense(run.panel, id);
    case "renew":
      return prolongLicense(run.panel, id, wish.period);
    case "edit": {
      const autoRenew = step.changes.find((change) => change.of === "autoRenew")?.to;
      const ip = wish.ip ?? before.ip;
      return editLicense(run.panel, id, { licenseName: wish.licenseName, ...withoutAbsent({ ip, autoRenew }) });
    }
  }
}

function shows(step: Doing, before: Observed, now: Observed): boolean {
  switch (step.kind) {
    case "resume":
      return !isSuspendedByClient(now);
    case "suspend":
      return now.status === "suspended";
    case "renew":
      return isPaidLonger(before, now);
    case "edit":
      return step.changes.every((change) => showsChange(change, now));
  }
}

function isPaidLonger(before: Observed, now: Observed): boolean {
  return now.expiresOn !== undefined && before.expiresOn !== undefined && now.expiresOn > before.expiresOn;
}

function showsChange(change: Change, now: Observed): boolean {
  switch (change.of) {
    case "ip":
      // A panel that shows no address for this tariff shows none that speaks against the one it was told.
      return now.ip === change.to || now.ip === undefined;
    case "licenseName":
      return now.licenseName === change.to;
    case "autoRenew":
      return change.to === false
        ? now.autoRenew !== true
        : now.autoRenew === true && (now.autoRenewPeriod ?? change.to) === change.to;
  }
}
