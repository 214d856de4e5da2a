import type { LicenseId } from "../billmanager/types";
import { type Claim, isAutomaticName } from "./claim";
import { OrderStoppedError } from "./errors";
import { readAdoptId, type Wish } from "./inputs";
import { claimOfRow, isLive, whyClosing } from "./match";
import { plan, withoutWindow } from "./plan";
import type { Obtained, Run, Shown, Sight } from "./run";
import { adoptionInput, takingOver } from "./takingOver";

/** What comes of an `adoptId`. */
export type Adoption =
  | { readonly kind: "found"; readonly id: LicenseId; readonly sight: Shown; readonly warnings: readonly string[] }
  /**
   * It names no license that is there: the input may stay in the program after the license has been replaced by another product, or
   * was deleted. A new one is ordered.
   */
  | { readonly kind: "passed over"; readonly warnings: readonly string[] }
  /** a clause without a full stop */
  | { readonly kind: "refused"; readonly why: string };

/**
 * Takes over the license that `adoptId` names instead of an order. Changes nothing yet.
 *
 * @returns `undefined` where it names none, and one is to be ordered
 * @throws OrderStoppedError it cannot be taken over
 */
export async function adoptLicense(run: Run, wish: Wish): Promise<Obtained | undefined> {
  const { adoptId } = wish;
  if (adoptId === undefined) {
    return undefined;
  }
  return run.turns.take([`license ${readAdoptId(adoptId).id}`], () => adopt(run, wish, adoptId));
}

async function adopt(run: Run, wish: Wish, adoptId: string): Promise<Obtained | undefined> {
  const judged = await lookForAdopted(run, wish, adoptId);
  // Another resource may have come forward while the account was read.
  const adoption = judged.kind === "found" && isOfAnother(run, judged.id, wish) ? takenAlready(judged.id) : judged;
  if (adoption.kind === "refused") {
    throw new OrderStoppedError(`${adoption.why}. Nothing was ordered or changed`);
  }
  for (const warning of adoption.warnings) {
    run.log.warn(`${wish.licenseName}: ${warning}`);
  }
  if (adoption.kind === "passed over") {
    return undefined;
  }
  const { id, sight } = adoption;
  const steps = plan(sight.observed, withoutWindow(wish), run.today());
  run.takenOver.set(id, wish.claim);
  run.declare(id);
  // What is charged for is decided on by what is seen immediately before.
  const isSettled = sight.observed.status === "active" || sight.observed.status === "suspended";
  return isSettled && steps.every(({ kind }) => kind !== "renew")
    ? { id, takenOver: true, sight }
    : { id, takenOver: true };
}

/** Judges the license that `adoptId` names, by the shared list and by what that leaves in doubt. Reads only. */
export async function lookForAdopted(run: Run, wish: Wish, adoptId: string): Promise<Adoption> {
  const { id, namedClaim } = readAdoptId(adoptId);
  if (isItsOwn(run, id, wish)) {
    return { kind: "passed over", warnings: [] };
  }
  if (isOfAnother(run, id, wish)) {
    return takenAlready(id);
  }
  const sight = await lookAtAdopted(run, id, wish);
  if (sight.kind === "gone" && run.gone.has(id)) {
    return { kind: "passed over", warnings: [] };
  }
  if (sight.kind === "gone" && sight.shownAsDeleted === true) {
    return {
      kind: "passed over",
      warnings: [`license ${id}, which ${adoptionInput(wish)} names, is deleted: a new one is ordered in its place`],
    };
  }
  if (sight.kind === "gone") {
    return refuse(
      id,
      `the account ${run.account} does not show it; correct ${adoptionInput(wish)}, or remove it to order a new license`,
    );
  }
  if (!isLive(sight.row)) {
    return refuse(id, whyClosing(sight.row));
  }
  const row = await run.withTariffNumber(sight.row, "name");
  const claim = claimOfRow(row);
  if (row.pricelist !== wish.pricelist) {
    const shown =
      row.pricelist === undefined ? "of a tariff that the panel does not show" : `of tariff ${row.pricelist}`;
    return refuse(id, `it is ${shown}, and the program says ${wish.pricelist}`);
  }
  if (row.ip !== undefined && wish.ip !== undefined && row.ip !== wish.ip) {
    return refuse(
      id,
      `it is for ${row.ip}, and the program says ${wish.ip}; take it over with its address, and move it afterwards`,
    );
  }
  if (claim !== undefined && claim !== wish.claim && claim !== namedClaim) {
    return refuse(
      id,
      `it was bought for another resource; if that one is gone, set ${takingOver(`${id}@${claim}`, wish)}`,
    );
  }
  return { kind: "found", id, sight, warnings: losesItsClaim(id, claim, wish) };
}

/** What this very resource has, and is about to lose to another product. */
function isItsOwn(run: Run, id: LicenseId, { claim }: Pick<Wish, "claim">): boolean {
  return run.handled.replaced.has(id) && run.replacing.has(claim);
}

/**
 * Has nobody give up what a new resource is to take over.
 *
 * @returns why it comes too late: a clause without a full stop
 */
export function reserve(run: Run, wish: Pick<Wish, "claim">, adoptId: string): string | undefined {
  const { id } = readAdoptId(adoptId);
  if (isItsOwn(run, id, wish)) {
    return undefined;
  }
  run.askFor(id, wish.claim);
  return run.isLeaving(id)
    ? `license ${id} cannot be taken over: a fleet of this program gives it up in the same update; let the fleet wait for this resource ` +
        "(dependsOn), so that it is taken over before"
    : undefined;
}

/** A resource that the program declares, or another one that takes it over. */
function isOfAnother(run: Run, id: LicenseId, { claim }: Wish): boolean {
  return run.declared.has(id) || (run.takenOver.get(id) ?? claim) !== claim;
}

function takenAlready(id: LicenseId): Adoption {
  return refuse(id, "another resource of this run has it");
}

function refuse(id: LicenseId, why: string): Adoption & { kind: "refused" } {
  return { kind: "refused", why: `license ${id} cannot be taken over: ${why}` };
}

/** The other stack goes by the name: without a claim in it, it cannot see that the license is no longer its own. */
function losesItsClaim(id: LicenseId, claim: Claim | undefined, wish: Wish): string[] {
  if (claim === undefined || claim === wish.claim || isAutomaticName(wish.licenseName, wish.claim)) {
    return [];
  }
  return [
    `license ${id} was bought for another resource (claim ${claim}), and under an explicit licenseName nothing tells whose it is now: ` +
      "if another stack still has it, make that one forget it first (pulumi state delete <urn>), or it takes the license back with its " +
      "next update and deletes it with its destroy; without licenseName it would leave it alone",
  ];
}

/** The shared list shows enough of it, unless it shows it as gone or without the address that is to be compared. */
async function lookAtAdopted(run: Run, id: LicenseId, wish: Wish): Promise<Sight> {
  const sight = await run.look(id, run.listings.recent(id), { wish });
  if (sight.kind === "gone") {
    return sight;
  }
  if (sight.observed.status === "deleted") {
    return { kind: "gone", shownAsDeleted: true };
  }
  return sight.row.ip === undefined && wish.ip !== undefined ? run.readAlone(id, sight.row) : sight;
}
