import type { CalendarDate, LicenseId, LicenseRow } from "../billmanager/types";
import { daysBetween } from "./calendar";
import { type Claim, claimInName, nameWithoutClaim, parseClaim } from "./claim";
import type { Wish } from "./inputs";
import { tariffTitle } from "./products";
import { takingOver } from "./takingOver";

/** What the account holds that bears on an order about to be sent. */
export type Match =
  | { readonly kind: "none" }
  /** bought for this very resource by a run that could not save it */
  | { readonly kind: "ours"; readonly id: LicenseId }
  /** ordering now could buy twice or take what is somebody else's */
  | { readonly kind: "stop"; readonly reason: string };

/** What this process knows of licenses from handling them. */
export interface Handled {
  /** licenses that stand in the state of this run, or that it has brought about */
  readonly known: ReadonlySet<LicenseId>;
  /** licenses that this run is about to replace by another product */
  readonly replaced: ReadonlySet<LicenseId>;
}

/** An interrupted order is looked for among licenses of at most this age: an older one of the same claim was not just bought. */
const DAYS_TO_FIND_AN_ORDER = 7;

/** What was read from rows: the unchanged ones of an account are the same in every list, and to check a claim takes a digest. */
const claimsOfRows = new WeakMap<LicenseRow, { readonly claim: Claim | undefined }>();

/** The name's claim, since a license that was taken over gets a new name and keeps the remote id of its order; else that one's. */
export function claimOfRow(row: LicenseRow): Claim | undefined {
  const known = claimsOfRows.get(row);
  if (known !== undefined) {
    return known.claim;
  }
  const claim = claimInName(row.licenseName) ?? (row.remoteId === undefined ? undefined : parseClaim(row.remoteId));
  claimsOfRows.set(row, { claim });
  return claim;
}

/** Neither gone nor on its way out. */
export function isLive(row: LicenseRow): boolean {
  return row.status !== "deleted" && row.scheduledClose === undefined && !isClosing(row);
}

/** What an order has asked for. */
interface Ordered {
  readonly claim?: Claim;
  readonly pricelist: number;
  readonly ip?: string;
}

/** What an order of ours cannot have brought. */
export function isOfOthers(row: LicenseRow, ordered: Ordered): boolean {
  const claim = claimOfRow(row);
  const isOfAnotherTariff = row.pricelist !== undefined && row.pricelist !== ordered.pricelist;
  return claim === undefined ? isOfAnotherTariff || row.ip !== ordered.ip : claim !== ordered.claim;
}

/** What an order of ours has brought, for all that a list can tell. The row's tariff has to be known. */
export function isOrdered(row: LicenseRow, { claim, pricelist, ip }: Ordered): boolean {
  return isLive(row) && claimOfRow(row) === claim && row.pricelist === pricelist && (ip === undefined || row.ip === ip);
}

/** What keeps a license that is there, and not {@link isLive}, from becoming a resource's. */
export function whyClosing({ scheduledClose }: LicenseRow): string {
  const { on } = scheduledClose ?? {};
  return `the vendor ${on === undefined ? "is closing it" : `will close it on ${on}`}; cancel that in the panel first`;
}

/** Rows that a decision about this order needs: all of its claim, and all that take its place. Their tariff has to be known. */
export function bearsOn(row: LicenseRow, wish: Wish): boolean {
  return row.status !== "deleted" && (claimOfRow(row) === wish.claim || takesPlaceOf(row, wish));
}

/** On the same address; of the same name where the program names no address, also of one whose order is not finished. */
function takesPlaceOf(row: LicenseRow, wish: Wish): boolean {
  return wish.ip === undefined ? nameWithoutClaim(row.licenseName) === wish.licenseName : row.ip === wish.ip;
}

/** A wish without an address is content with the one that the panel gives to its license. */
function isOnAddress(row: LicenseRow, { ip }: Wish): boolean {
  return ip === undefined || row.ip === ip;
}

/**
 * Decides from a fresh list whether an order may be sent.
 *
 * To order although the license is there buys it twice; to take over one that only looks like it takes it from somebody else.
 * So only full agreement is taken, nothing in doubt is ordered, and everything between is told.
 *
 * @param rows those that {@link bearsOn} picks, with their tariff numbers
 */
export function matchOrder(rows: readonly LicenseRow[], wish: Wish, handled: Handled, today: CalendarDate): Match {
  const title = tariffTitle(wish.product, wish.pricelist);
  const relevant = rows.filter((row) => bearsOn(row, wish) && !handled.replaced.has(row.id) && !isClosing(row));
  const place = wish.ip === undefined ? "of this name" : "on this address";
  const sameTariff = (row: LicenseRow) => row.pricelist === wish.pricelist;

  const leaving = relevant.find((row) => row.scheduledClose !== undefined && sameTariff(row) && isOnAddress(row, wish));
  if (leaving !== undefined) {
    const date = leaving.scheduledClose?.on === undefined ? "" : ` on ${leaving.scheduledClose.on}`;
    return stop(leaving, `is a ${title} license ${place} that the vendor will close${date}`, "wait until it is gone");
  }
  const live = relevant.filter((row) => row.scheduledClose === undefined && !isSetAside(row, wish));
  const claimed = live.filter((row) => claimOfRow(row) === wish.claim);
  const [first, second] = claimed;
  if (first !== undefined && second !== undefined) {
    const ids = claimed.map((row) => row.id).join(" and ");
    const fitting = claimed.find((row) => sameTariff(row) && isOnAddress(row, wish));
    return stop(
      fitting ?? first,
      `carries this resource's claim ${wish.claim}, but not alone: ${ids} do`,
      fitting === undefined ? removing(" all but one of them", first, wish) : `to keep it, ${adopting(fitting, wish)}`,
    );
  }
  if (first !== undefined) {
    return matchClaimed(first, wish, handled, today, sameTariff(first));
  }
  const occupant = live.find((row) => takesPlaceOf(row, wish) && (sameTariff(row) || row.pricelist === undefined));
  if (occupant !== undefined && occupant.pricelist === undefined) {
    return stop(
      occupant,
      `is a license ${place} whose tariff the panel does not show`,
      "it may be the one that is to be ordered: look in the panel",
    );
  }
  if (occupant !== undefined) {
    const claim = claimOfRow(occupant);
    const owner = claim === undefined ? "" : `, bought for another resource (claim ${claim})`;
    return stop(
      occupant,
      `is a ${title} license ${place} already${owner}`,
      handled.known.has(occupant.id)
        ? "another resource of this program has it: remove one of the two, or run this again where that one was to be moved"
        : `to take it over, ${adopting(occupant, wish)}`,
    );
  }
  return { kind: "none" };
}

function matchClaimed(row: LicenseRow, wish: Wish, handled: Handled, today: CalendarDate, sameTariff: boolean): Match {
  if (handled.known.has(row.id)) {
    return stop(
      row,
      "carries this resource's claim but stands in the state of this run already",
      "if another resource has it, give one of the two another name; for --replace, leave --refresh out",
    );
  }
  if (!sameTariff || !isOnAddress(row, wish)) {
    const difference = sameTariff
      ? "is on another address"
      : row.pricelist === undefined
        ? "its tariff is not shown"
        : "is of another tariff";
    return stop(row, `carries this resource's claim ${wish.claim} but ${difference}`, asItIs(row, wish));
  }
  const age = row.createdOn === undefined ? Number.POSITIVE_INFINITY : daysBetween(row.createdOn, today);
  if (age > DAYS_TO_FIND_AN_ORDER) {
    const since = row.createdOn === undefined ? "shows no date" : `was bought on ${row.createdOn}`;
    return stop(
      row,
      `carries this resource's claim ${wish.claim} but ${since}, so no interrupted run has just bought it`,
      `to take it over, ${adopting(row, wish)}`,
    );
  }
  return { kind: "ours", id: row.id };
}

/** On its way out: it neither serves this resource nor stands in the way of a new one. */
function isClosing(row: LicenseRow): boolean {
  return row.status === "processing" && row.statusReason === "close";
}

/**
 * What this resource had before it got another product, suspended and left in the account as its policy says. Only of another tariff:
 * one of the same is what is wanted, and has been paid for.
 */
export function isSetAside(row: LicenseRow, { claim, deletionPolicy, pricelist }: Wish): boolean {
  return (
    deletionPolicy === "suspend" &&
    isOutOfService(row) &&
    claimOfRow(row) === claim &&
    row.pricelist !== undefined &&
    row.pricelist !== pricelist
  );
}

/** Suspended on the customer's own request. */
export function isOutOfService(row: LicenseRow): boolean {
  return row.status === "suspended" && row.statusReason === undefined;
}

/** Naming the claim of another resource is what tells a deliberate take-over from a mistyped number. */
function adopting(row: LicenseRow, wish: Wish): string {
  const claim = claimOfRow(row);
  return `set ${takingOver(`${row.id}${claim === undefined || claim === wish.claim ? "" : `@${claim}`}`, wish)}`;
}

/** What the program asks for otherwise it cannot be taken over as: with its own tariff and address it can. */
function asItIs(row: LicenseRow, wish: Wish): string {
  const remove = removing(" it", row, wish);
  if (row.pricelist === undefined) {
    return remove;
  }
  const own = [
    takingOver(row.id, wish),
    ...(row.pricelist === wish.pricelist ? [] : [`tariff ${row.pricelist}`]),
    ...(isOnAddress(row, wish) || row.ip === undefined ? [] : [`ip: "${row.ip}"`]),
  ];
  return `take it over as it is (${own.join(", ")}) and change that afterwards, or ${remove}`;
}

/** Another name takes a claim off a license only where the panel does not show that of its order as well. */
function removing(what: string, row: LicenseRow, { claim }: Wish): string {
  return `${row.remoteId === claim ? "delete" : "rename or delete"}${what} in the panel`;
}

function stop(row: LicenseRow, what: string, advice: string): Match {
  const where = row.ip === undefined ? "" : ` (${row.ip})`;
  return { kind: "stop", reason: `license ${row.id}${where} ${what}. Nothing was ordered; ${advice}` };
}
