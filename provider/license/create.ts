import { isBillmanagerError } from "../billmanager/errors/BillmanagerError";
import { isUnknownOutcome } from "../billmanager/errors/UnknownOutcomeError";
import { type OrderReceipt, orderLicense } from "../billmanager/orderLicense";
import type { LicenseId, LicenseRow } from "../billmanager/types";
import { adoptLicense, lookForAdopted } from "./adopt";
import { bringAbout, notShownYet } from "./bringAbout";
import { isAutomaticName, nameWithClaim } from "./claim";
import {
  NotFinishedError,
  OrderOutcomeUnknownError,
  OrderStoppedError,
  PartialFailure,
  RenewalStoppedError,
  reasonOf,
  UnpaidError,
} from "./errors";
import { paymentsOf } from "./guards";
import { type Wish, withoutAbsent } from "./inputs";
import type { Listing } from "./listing";
import { isLive, isOfOthers, isSetAside, type Match, matchOrder } from "./match";
import { plan } from "./plan";
import { tariffTitle } from "./products";
import type { Purse } from "./purse";
import { endsAllCalls, type LostOrder, type Obtained, type Run, type Sight } from "./run";
import { type LicenseOutputs, type ManagedLicense, type Observed, outputsOf } from "./state";
import { takingOver } from "./takingOver";

/**
 * Brings one license into the account and into the state: found again if an interrupted run has bought it, ordered otherwise.
 *
 * May charge the account for one order (and for the renewals that `paidUntil` asks for); never sends a second order for the same
 * wish on a guess. The engine repeats a create that it could not save, so each one looks before it buys.
 *
 * @param isThere called when the license is there; what it returns is awaited where the license is to have an explicit name, which may
 * take the claim off it, by which an interrupted run is mended
 * @throws OrderStoppedError nothing was bought: what stands in the way is named with its id
 * @throws OrderOutcomeUnknownError the order was sent and cannot be found: it may have been charged
 * @throws PartialFailure the license is there and saved, but not yet as wished; the next update goes on
 */
export function createLicense(run: Run, wish: Wish, isThere?: () => Promise<unknown>): Promise<ManagedLicense> {
  return run.operate(() => create(run, wish, isThere));
}

async function create(run: Run, wish: Wish, isThere?: () => Promise<unknown>): Promise<ManagedLicense> {
  const { id: named, before, payment, purse, takenOver, sight: first } = await obtain(run, wish);
  let id = named;
  let outputs = justOrdered(wish);
  const seen = (observed: Observed) => {
    outputs = outputsOf(observed, wish, run.account);
  };
  try {
    const appeared = first === undefined ? await appearance(run, wish, named, before) : { id, sight: first };
    id = appeared.id;
    const sight = await whenAllAreThere(run, id, wish, appeared.sight, isThere);
    if (sight.kind === "shown") {
      forgetBefore(run, wish);
      const remembered = takenOver === true ? {} : withoutAbsent({ ip: wish.ip });
      seen(await bringAbout(run, id, wish, sight, { isNew: true, remembered, seen, ...withoutAbsent({ purse }) }));
    }
    return { id, outputs };
  } catch (error) {
    throw error instanceof OrderOutcomeUnknownError
      ? error
      : new PartialFailure(id, outputs, sinceObtained(error, payment, takenOver === true));
  } finally {
    if (purse !== undefined) {
      run.funds.settle(purse);
    }
  }
}

/** @returns how the license is seen when that is over: what is decided next, and charged, goes by no older sight */
async function whenAllAreThere(
  run: Run,
  id: LicenseId,
  wish: Wish,
  sight: Sight,
  isThere: (() => Promise<unknown>) | undefined,
): Promise<Sight> {
  const allAreThere = isThere?.();
  if (allAreThere === undefined || isAutomaticName(wish.licenseName, wish.claim)) {
    return sight;
  }
  await allAreThere;
  return run.look(id, run.listings.next(), { wish });
}

/**
 * Waits until the license is there, by the number that it was ordered or found under. What the number in an order's answer counts is
 * documented nowhere: where it turns out to be another license's, the one that carries the claim is taken.
 *
 * @param before what the account held before the order, where only its answer names the license
 * @returns a sight of kind `gone` only with `activationTimeout` 0
 * @throws NotFinishedError the panel does not show it yet
 * @throws OrderOutcomeUnknownError the number is another license's, and none carries the claim
 */
async function appearance(
  run: Run,
  wish: Wish,
  id: LicenseId,
  before: Listing | undefined,
): Promise<{ readonly id: LicenseId; readonly sight: Sight }> {
  const { activationTimeout } = run;
  const another = () => (before === undefined ? undefined : boughtUnderAnotherNumber(run, wish, id, before));
  const isThere = (now: Sight) => now.kind === "shown" && now.observed.status !== "processing";
  const sight = await run.waitFor(id, (now) => another() !== undefined || isThere(now), activationTimeout, { wish });
  const bought = another();
  if (bought !== undefined) {
    run.obtained.set(placeOf(wish), { id: bought });
    run.declare(bought);
    return appearance(run, wish, bought, undefined);
  }
  if (sight.kind === "gone" && activationTimeout > 0) {
    throw new NotFinishedError(notShownYet(activationTimeout));
  }
  if (before !== undefined && sight.kind === "shown" && isOfOthers(sight.row, wish)) {
    const what = `The panel named license ${id} for the order, which is another one (${sight.row.licenseName}).`;
    run.obtained.delete(placeOf(wish));
    const found = await findOrdered(run, wish, { claim: wish.claim, why: what, before });
    return appearance(run, wish, found, undefined);
  }
  return { id, sight };
}

function boughtUnderAnotherNumber(run: Run, wish: Wish, id: LicenseId, before: Listing): LicenseId | undefined {
  const bought = run.listings.latest?.ofClaim(wish.claim).filter((row) => isLive(row) && !before.has(row.id)) ?? [];
  const [only, second] = bought;
  return bought.some((row) => row.id === id) || second !== undefined ? undefined : only?.id;
}

/** A call that failed speaks of itself alone: that nothing was charged by it must not be read as that nothing was bought. */
function sinceObtained(error: unknown, payment: string | undefined, takenOver: boolean): Error {
  if (error instanceof UnpaidError && payment !== undefined) {
    return new UnpaidError(`${error.message} (${payment})`);
  }
  if (isBillmanagerError(error) || error instanceof RenewalStoppedError) {
    const what = `it is ${takenOver ? "taken over" : "bought"} and saved, but not yet as the program says`;
    return new NotFinishedError(`${what}: ${reasonOf(error)}. The next update goes on, and orders nothing`);
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** The number is seen to be the license's, so what was there before it no longer matters: a run would keep a listing of each of its waves. */
function forgetBefore(run: Run, wish: Wish): void {
  const place = placeOf(wish);
  const obtained = run.obtained.get(place);
  if (obtained !== undefined) {
    const { before: _, ...settled } = obtained;
    run.obtained.set(place, settled);
  }
}

/** A create that is repeated after a failure goes on with what it has obtained before: to look for it anew could lose it. */
async function obtain(run: Run, wish: Wish): Promise<Obtained> {
  const place = placeOf(wish);
  const obtained =
    run.obtained.get(place) ??
    (await adoptLicense(run, wish)) ??
    (await run.turns.take(turnsOf(wish), () => findOrOrder(run, wish)));
  const { sight: _, ...lasting } = obtained;
  run.obtained.set(place, lasting);
  run.declare(obtained.id);
  return obtained;
}

function placeOf({ claim, pricelist, ip }: Wish): string {
  return `${claim} ${pricelist} ${ip}`;
}

/** Orders that could stand in each other's way: for one resource, or for one place as {@link matchOrder} knows it. */
function turnsOf({ claim, pricelist, ip, licenseName }: Wish): string[] {
  return [claim, ip === undefined ? `${pricelist} named ${licenseName}` : `${pricelist} ${ip}`];
}

/** What is certain about a license of which nothing but the id is known, and which no account has shown yet. */
function justOrdered(wish: Wish): LicenseOutputs {
  const observed = { licenseName: orderedName(wish), status: "processing" as const };
  return outputsOf(wish.ip === undefined ? observed : { ...observed, ip: wish.ip }, wish, "");
}

/** What a create would do, for all that one list tells. */
export type Foreseen =
  | { readonly does: "order" | "stop" | "go on with another" }
  | { readonly does: "find its own"; readonly id: LicenseId };

/**
 * Whether a create would send an order: nothing in the account is, or may be, what it asks for. Calls nothing but what the create would
 * call as well.
 */
export async function foreseen(run: Run, wish: Wish, listing: Listing): Promise<Foreseen> {
  const isUnderWay = run.obtained.has(placeOf(wish)) || turnsOf(wish).some((place) => run.lostOrders.has(place));
  const adoption = wish.adoptId === undefined ? undefined : await lookForAdopted(run, wish, wish.adoptId);
  if (isUnderWay || (adoption !== undefined && adoption.kind !== "passed over")) {
    return { does: "go on with another" };
  }
  const { match } = await matched(run, wish, listing);
  return match.kind === "ours"
    ? { does: "find its own", id: match.id }
    : { does: match.kind === "none" ? "order" : "stop" };
}

async function matched(run: Run, wish: Wish, listing: Listing): Promise<{ match: Match; numbered: LicenseRow[] }> {
  const numbered = await Promise.all(listing.bearingOn(wish).map((row) => run.withTariffNumber(row, "nothing")));
  return { match: matchOrder(numbered, wish, run.handled, run.today()), numbered };
}

async function findOrOrder(run: Run, wish: Wish): Promise<Obtained> {
  // What cannot be paid for is refused before anything is bought.
  const { renewals } = paymentsOf(plan(undefined, wish, run.today()));
  // Before the list: nothing may come between that and the order.
  const purse = await run.funds.read(wish);
  const listing = await run.listings.next();
  const { match, numbered } = await matched(run, wish, listing);
  switch (match.kind) {
    case "stop":
      throw new OrderStoppedError(match.reason);
    case "ours":
      run.log.info(
        `${wish.licenseName}: found license ${match.id}, which an earlier run has bought for it; nothing is ordered`,
      );
      return { id: match.id, purse };
    case "none":
      // Perhaps set aside by an earlier replacement, perhaps bought by a run that was cut off: then no state has it.
      for (const row of numbered.filter((other) => isSetAside(other, wish))) {
        run.log.warn(
          `${wish.licenseName}: license ${row.id} of tariff ${row.pricelist} carries this resource's claim, too, and stays suspended in ` +
            "the account; delete it in the panel where nobody needs it",
        );
      }
      try {
        return await (lookAgain(run, wish, purse) ?? order(run, wish, purse, renewals, listing));
      } catch (error) {
        run.funds.settle(purse);
        throw error;
      }
  }
}

/**
 * Where this process has sent an order that may stand in this place, and that no list shows yet, there is no other: a create that is
 * repeated looks for it once more.
 */
function lookAgain(run: Run, wish: Wish, purse: Purse): Promise<Obtained> | undefined {
  const lost = turnsOf(wish)
    .map((key) => run.lostOrders.get(key))
    .find((order) => order !== undefined);
  if (lost !== undefined && lost.claim !== wish.claim) {
    throw new OrderStoppedError(
      `an order of this run for the same ${wish.ip === undefined ? "name" : "address"} (claim ${lost.claim}) may or may not have been carried out. Nothing was ordered; ` +
        "look for it in the panel, then run the update again",
    );
  }
  return lost && findOrdered(run, wish, lost).then((id) => ({ id, purse }));
}

async function order(run: Run, wish: Wish, purse: Purse, renewals: number, before: Listing): Promise<Obtained> {
  let receipt: OrderReceipt;
  try {
    receipt = await run.funds.order(purse, wish, renewals, () =>
      run.change(() =>
        orderLicense(run.panel, {
          pricelist: wish.pricelist,
          period: wish.period,
          licenseName: orderedName(wish),
          autoRenew: wish.autoRenew,
          ...(wish.ip === undefined ? {} : { ip: wish.ip }),
          ...(run.settings.sendRemoteId ? { remoteId: wish.claim } : {}),
        }),
      ),
    );
  } catch (error) {
    if (isUnknownOutcome(error)) {
      return { id: await findOrdered(run, wish, { claim: wish.claim, why: error.message, before }), purse };
    }
    throw error;
  }
  const payment = withoutAbsent({ payment: paymentIn(receipt) });
  if (receipt.id !== undefined && !before.has(receipt.id)) {
    return { id: receipt.id, before, purse, ...payment };
  }
  const answer =
    receipt.id === undefined
      ? "without naming the license"
      : `and named license ${receipt.id}, which was there before it`;
  const bill = payment.payment === undefined ? "" : `, to be paid by ${payment.payment}`;
  const why = `The panel accepted the order ${answer}${bill}.`;
  return { id: await findOrdered(run, wish, { claim: wish.claim, why, before, ...payment }), purse, ...payment };
}

function paymentIn({ unpaid }: OrderReceipt): string | undefined {
  const named = [
    unpaid?.billorder && `bill ${unpaid.billorder}`,
    unpaid?.paymentId && `payment ${unpaid.paymentId}`,
    unpaid?.paymentUrl,
  ];
  return named.filter((part) => part !== undefined && part !== "").join(", ") || undefined;
}

/** Looks for a license whose order was answered by nothing readable. It is never ordered again on the ground that it is not there. */
async function findOrdered(run: Run, wish: Wish, lost: LostOrder): Promise<LicenseId> {
  const { searchTimeout } = run.settings;
  const places = turnsOf(wish);
  for (const place of places) {
    run.lostOrders.set(place, lost);
  }
  const deadline = Date.now() + searchTimeout * 1000;
  let failure: unknown;
  let several: readonly LicenseRow[] | undefined;
  for (
    let pause: number | undefined;
    (pause === undefined || Date.now() + pause <= deadline) && !endsAllCalls(failure);
    pause = Math.min((pause ?? 500) * 2, 10_000)
  ) {
    try {
      const listing = await run.listings.next(pause);
      const found = listing.ofClaim(wish.claim).filter((row) => row.status !== "deleted" && !lost.before.has(row.id));
      const [first, second] = found;
      if (first !== undefined && second !== undefined) {
        several = found;
        break;
      }
      if (first !== undefined) {
        for (const place of places) {
          run.lostOrders.delete(place);
        }
        return first.id;
      }
    } catch (error) {
      // A list that cannot be read must not hide that money may have been spent.
      failure = error;
    }
  }
  const what = `${lost.why} ${tariffTitle(wish.product, wish.pricelist)}${wish.ip === undefined ? "" : ` for ${wish.ip}`} (claim ${wish.claim})`;
  if (several !== undefined) {
    const ids = several.map((row) => row.id);
    throw new OrderOutcomeUnknownError(
      `${what} was bought and charged, perhaps more than once: ${ids.join(" and ")} carry its claim. ` +
        `Look at them in the panel; to keep one, set ${takingOver(String(ids[0]), wish)}`,
    );
  }
  const unread = failure === undefined ? "" : ` (${reasonOf(failure)})`;
  // The next run cannot know how long ago the order was sent: no state has its license.
  const isCutShort = endsAllCalls(failure);
  const sought = isCutShort ? "looked for to the end" : `found in the account within ${searchTimeout} seconds`;
  const next = isCutShort
    ? `Look for it in the panel, and run the next update only after ${searchTimeout} seconds: it orders where the panel shows none by then`
    : "Look for it in the panel; the next update looks again and orders only if it is not there";
  const advice =
    lost.payment === undefined
      ? next
      : `Pay ${lost.payment} in the panel, or delete it there, before the next update: as long as no license is there, each one orders again`;
  throw new OrderOutcomeUnknownError(
    `${what} was not ${sought}${unread}, so it may or may not have been bought and charged. ${advice}`,
  );
}

function orderedName(wish: Wish): string {
  return isAutomaticName(wish.licenseName, wish.claim) ? wish.licenseName : nameWithClaim(wish.licenseName, wish.claim);
}
