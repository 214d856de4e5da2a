import { isBillmanagerError } from "../billmanager/errors/BillmanagerError";
import { isLoginRefused } from "../billmanager/errors/LoginRefusedError";
import { isUnknownOutcome } from "../billmanager/errors/UnknownOutcomeError";
import { type OrderReceipt, orderLicense } from "../billmanager/orderLicense";
import { type LicenseId, type LicenseRow, licenseId } from "../billmanager/types";
import { bringAbout } from "./bringAbout";
import { type Claim, isAutomaticName, nameWithClaim, parseClaim } from "./claim";
import {
  NotFinishedError,
  OrderOutcomeUnknownError,
  OrderStoppedError,
  PartialFailure,
  reasonOf,
  UnpaidError,
} from "./errors";
import { type Wish, withoutAbsent } from "./inputs";
import { bearsOn, claimOfRow, matchOrder } from "./match";
import { plan } from "./plan";
import { tariffTitle } from "./products";
import type { LostOrder, Obtained, Run } from "./run";
import { type LicenseOutputs, type ManagedLicense, type Observed, outputsOf } from "./state";

/**
 * Brings one license into the account and into the state: found again if an interrupted run has bought it, ordered otherwise.
 *
 * May charge the account for one order (and for the renewals that `paidUntil` asks for); never sends a second order for the same
 * wish on a guess. The engine repeats a create that it could not save, so each one looks before it buys.
 *
 * @throws OrderStoppedError nothing was bought: what stands in the way is named with its id
 * @throws OrderOutcomeUnknownError the order was sent and cannot be found: it may have been charged
 * @throws PartialFailure the license is there and saved, but not yet as wished; the next update goes on
 */
export function createLicense(run: Run, wish: Wish): Promise<ManagedLicense> {
  return run.operate(() => create(run, wish));
}

async function create(run: Run, wish: Wish): Promise<ManagedLicense> {
  const { id, payment } = await obtain(run, wish);
  let outputs = justOrdered(run, wish);
  const seen = (observed: Observed) => {
    outputs = outputsOf(observed, wish, run.account);
  };
  try {
    const observed = await bringAbout(run, id, wish, { isNew: true, seen });
    return { id, outputs: observed === undefined ? outputs : outputsOf(observed, wish, run.account) };
  } catch (error) {
    throw new PartialFailure(id, outputs, sinceOrdered(error, payment));
  }
}

/** A call that failed speaks of itself alone: that nothing was charged by it must not be read as that nothing was bought. */
function sinceOrdered(error: unknown, payment: string | undefined): Error {
  if (error instanceof UnpaidError && payment !== undefined) {
    return new UnpaidError(`${error.message} (${payment})`);
  }
  if (isBillmanagerError(error)) {
    const what = "it is bought and saved, but not yet as the program says";
    return new NotFinishedError(`${what}: ${reasonOf(error)}. The next update goes on, and orders nothing`);
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** A create that is repeated after a failure goes on with what it has obtained before: to look for it anew could lose it. */
async function obtain(run: Run, wish: Wish): Promise<Obtained> {
  const key = `${wish.claim} ${wish.pricelist} ${wish.ip}`;
  const obtained =
    run.obtained.get(key) ??
    (await adopted(run, wish)) ??
    (await run.turns.take(turnsOf(wish), () => findOrOrder(run, wish)));
  run.obtained.set(key, obtained);
  run.declare(obtained.id);
  return obtained;
}

/** Orders that could stand in each other's way: for one resource, or for one place as {@link matchOrder} knows it. */
function turnsOf({ claim, pricelist, ip, licenseName }: Wish): string[] {
  return [claim, ip === undefined ? `${pricelist} named ${licenseName}` : `${pricelist} ${ip}`];
}

/** What is certain about a license of which nothing but the id is known yet. */
function justOrdered(run: Run, wish: Wish): LicenseOutputs {
  const observed = { licenseName: orderedName(wish), status: "processing" as const };
  return outputsOf(wish.ip === undefined ? observed : { ...observed, ip: wish.ip }, wish, run.account);
}

async function findOrOrder(run: Run, wish: Wish): Promise<Obtained> {
  // What cannot be paid for is refused before anything is bought.
  plan(undefined, wish, run.today());
  const rows = (await run.listings.next()).rows().filter((row) => bearsOn(row, wish));
  const numbered = await Promise.all(rows.map((row) => run.withTariffNumber(row)));
  const match = matchOrder(numbered, wish, run.handled, run.today());
  switch (match.kind) {
    case "stop":
      throw new OrderStoppedError(match.reason);
    case "ours":
      run.log.info(
        `${wish.licenseName}: found license ${match.id}, which an earlier run has bought for it; nothing is ordered`,
      );
      return { id: match.id };
    case "none":
      return lookAgain(run, wish) ?? order(run, wish, new Set(rows.map((row) => row.id)));
  }
}

/**
 * Where this process has sent an order that may stand in this place, and that no list shows yet, there is no other: a create that is
 * repeated looks for it once more.
 */
function lookAgain(run: Run, wish: Wish): Promise<Obtained> | undefined {
  const lost = turnsOf(wish)
    .map((key) => run.lostOrders.get(key))
    .find((order) => order !== undefined);
  if (lost !== undefined && lost.claim !== wish.claim) {
    throw new OrderStoppedError(
      `an order of this run for the same ${wish.ip === undefined ? "name" : "address"} (claim ${lost.claim}) may or may not have been carried out. Nothing was ordered; ` +
        "look for it in the panel, then run the update again",
    );
  }
  return lost && findOrdered(run, wish, lost).then((id) => ({ id }));
}

async function order(run: Run, wish: Wish, before: ReadonlySet<LicenseId>): Promise<Obtained> {
  run.countOrder();
  let receipt: OrderReceipt;
  try {
    receipt = await run.change(() =>
      orderLicense(run.panel, {
        pricelist: wish.pricelist,
        period: wish.period,
        licenseName: orderedName(wish),
        autoRenew: wish.autoRenew,
        ...(wish.ip === undefined ? {} : { ip: wish.ip }),
        ...(run.settings.sendRemoteId ? { remoteId: wish.claim } : {}),
      }),
    );
  } catch (error) {
    if (isUnknownOutcome(error)) {
      return { id: await findOrdered(run, wish, { claim: wish.claim, why: error.message, before }) };
    }
    throw error;
  }
  const payment = paymentIn(receipt);
  const unnamed = `The panel accepted the order without naming the license${payment === undefined ? "" : `, to be paid by ${payment}`}.`;
  const id = receipt.id ?? (await findOrdered(run, wish, { claim: wish.claim, why: unnamed, before }));
  return { id, ...withoutAbsent({ payment }) };
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
    (pause === undefined || Date.now() + pause <= deadline) && !isLoginRefused(failure);
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
        `Look at them in the panel; to keep one, set adoptId: "${ids[0]}"`,
    );
  }
  const unread = failure === undefined ? "" : ` (${reasonOf(failure)})`;
  throw new OrderOutcomeUnknownError(
    `${what} was not found in the account within ${searchTimeout} seconds${unread}, so it may or may not have been bought and charged. ` +
      "Look for it in the panel; the next update looks again and orders only if it is not there",
  );
}

function orderedName(wish: Wish): string {
  return isAutomaticName(wish.licenseName, wish.claim) ? wish.licenseName : nameWithClaim(wish.licenseName, wish.claim);
}

/**
 * The license that `adoptId` names, to be taken over instead of an order. `undefined` where it names none: the input may stay in the
 * program after the license has been replaced by another product, or was deleted.
 */
async function adopted(run: Run, wish: Wish): Promise<Obtained | undefined> {
  if (wish.adoptId === undefined) {
    return undefined;
  }
  const { id, namedClaim } = readAdoptId(wish.adoptId);
  return run.turns.take([`license ${id}`], () => adopt(run, wish, id, namedClaim));
}

async function adopt(
  run: Run,
  wish: Wish,
  id: LicenseId,
  namedClaim: Claim | undefined,
): Promise<Obtained | undefined> {
  if (run.handled.replaced.has(id)) {
    return undefined;
  }
  const refuse = (why: string) =>
    new OrderStoppedError(`license ${id} cannot be taken over: ${why}. Nothing was ordered or changed`);
  if (run.handled.known.has(id)) {
    throw refuse("another resource of this run has it");
  }
  const sight = await run.readAlone(id);
  if (sight.kind === "gone" && sight.shownAsDeleted === true) {
    return undefined;
  }
  if (sight.kind === "gone") {
    throw refuse(`the account ${run.account} does not show it; correct adoptId, or remove it to order a new license`);
  }
  const row = await run.withTariffNumber(sight.row);
  const claim = claimOfRow(row);
  if (row.pricelist !== wish.pricelist) {
    const shown =
      row.pricelist === undefined ? "of a tariff that the panel does not show" : `of tariff ${row.pricelist}`;
    throw refuse(`it is ${shown}, and the program says ${wish.pricelist}`);
  }
  if (row.ip !== undefined && wish.ip !== undefined && row.ip !== wish.ip) {
    throw refuse(
      `it is for ${row.ip}, and the program says ${wish.ip}; take it over with its address, and move it afterwards`,
    );
  }
  if (claim !== undefined && claim !== wish.claim && claim !== namedClaim) {
    throw refuse(`it was bought for another resource; if that one is gone, set adoptId: "${id}@${claim}"`);
  }
  run.declare(id);
  return { id };
}

/** `<id>`, or `<id>@<claim>` for a license of another resource. */
function readAdoptId(adoptId: string): { id: LicenseId; namedClaim: Claim | undefined } {
  const [id = "", claim = ""] = adoptId.split("@");
  return { id: licenseId(id), namedClaim: parseClaim(claim) };
}
