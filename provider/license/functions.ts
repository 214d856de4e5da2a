import { type Balance, type Price, quotePrice, readBalances } from "../billmanager/account";
import { isLoginRefused } from "../billmanager/errors/LoginRefusedError";
import { isNotFound } from "../billmanager/errors/NotFoundError";
import { isRefused } from "../billmanager/errors/RefusedError";
import type { Money } from "../billmanager/money";
import { readLicense } from "../billmanager/readLicense";
import type { LicenseId, LicenseRow, LicenseState } from "../billmanager/types";
import { canonicalAddress } from "./address";
import { LicenseNotShownError, NotToldError, reasonOf } from "./errors";
import { type Filter, filterAsked, licenseAsked, nothingAsked, priceAsked } from "./functionArguments";
import { type RawInputs, withoutAbsent } from "./inputs";
import { productOf, tariffTitle } from "./products";
import type { Run } from "./run";

/** A license as the vendor shows it. What the panel does not show is absent. */
export interface LicenseInfo {
  /** The license's number at the vendor. */
  readonly id: string;
  readonly licenseName?: string;
  /** In canonical form. */
  readonly ip?: string;
  /** The tariff's number. */
  readonly pricelist?: number;
  /** The tariff's name in `product`: a documented one, or one from config `billmanager:pricelists`. */
  readonly product?: string;
  /** The tariff's name at the vendor. */
  readonly tariff?: string;
  readonly status?: LicenseState;
  /** The vendor's sub-code, such as `autosuspend`. */
  readonly statusReason?: string;
  /** `YYYY-MM-DD` */
  readonly createdOn?: string;
  /** `YYYY-MM-DD` */
  readonly expiresOn?: string;
  /** Whether the vendor renews at expiry. */
  readonly autoRenew?: boolean;
  /** Price and period in the vendor's words, such as `14.00 EUR / Month`. */
  readonly cost?: string;
}

/** How long a call waits for others to share its list with, in ms. */
const GATHER = 10;

/**
 * Reads one license, whoever manages it. A deleted one is returned where the vendor still shows it.
 *
 * @throws ArgumentsError before any call
 * @throws LicenseNotShownError the account does not show it
 */
export async function getLicense(run: Run, args: RawInputs): Promise<LicenseInfo> {
  const id = licenseAsked(args);
  const listed = (await run.listings.next(GATHER)).get(id);
  const row = listed === undefined ? await readUnlisted(run, id) : await completed(run, listed);
  if (row === undefined) {
    throw new LicenseNotShownError(
      `the account ${run.account} shows no license ${id}; look for its number in the panel, or list all with getLicenses`,
    );
  }
  return infoOf(row, run);
}

/**
 * Reads the account's licenses, those that the arguments ask for, in the order in which the panel lists them. Deleted ones only where
 * they are asked for by `status`.
 *
 * A listing is asked for after the call, so what an update has just bought is in it; calls made together share one.
 *
 * @throws ArgumentsError before any call
 * @throws NotToldError the panel does not show what the arguments choose by
 */
export async function getLicenses(run: Run, args: RawInputs): Promise<{ licenses: LicenseInfo[] }> {
  const rows = await findLicenses(run, filterAsked(args, run.settings.pricelists, run.today()));
  return { licenses: rows.map((row) => infoOf(row, run)) };
}

/**
 * The rows of {@link getLicenses}, each as far as the panel shows it, in the order of the list. Reads only.
 *
 * @throws NotToldError as {@link getLicenses}
 */
export async function findLicenses(run: Run, filter: Filter): Promise<LicenseRow[]> {
  const listing = await run.listings.next(GATHER);
  const candidates = filter.ip === undefined ? listing.rows() : listing.onAddress(filter.ip);
  const listed = candidates.filter((row) => isPossible(row, filter));
  const rows = await Promise.all(listed.map((row) => completed(run, row, filter.expiresUntil !== undefined)));
  return rows.filter((row) => row !== undefined).filter((row) => isChosen(row, filter));
}

/**
 * Reads what the account has: one balance for each currency or legal entity, in the panel's order. The credit is not part of it.
 *
 * @throws ArgumentsError before any call
 * @throws NotToldError this user may not read it
 */
export async function getBalance(run: Run, args: RawInputs): Promise<{ balances: Money[] }> {
  nothingAsked(args);
  const balances = await readBalances(run.panel).catch((error: unknown) => {
    throw isRefused(error) && !isLoginRefused(error)
      ? new NotToldError(
          `the panel does not tell ${run.account} its balance: ${reasonOf(error)}. Nothing was changed; have the panel's owner allow this user the function subaccount`,
        )
      : error;
  });
  return { balances: balances.map(({ amount, currency }: Balance) => ({ amount, currency })) };
}

/**
 * Reads what one period of a tariff costs this account, by a quote that orders nothing.
 *
 * @throws ArgumentsError before any call
 * @throws NotToldError neither the order form nor the price list names one clear price
 */
export async function getPrice(run: Run, args: RawInputs): Promise<Price> {
  const { pricelist, period } = priceAsked(args, run.settings.pricelists);
  const price = await quoteOnce(run, pricelist, period);
  if (price === undefined) {
    const title = tariffTitle(productOf(pricelist, run.settings.pricelists), pricelist);
    throw new NotToldError(
      `the panel names ${run.account} no clear price of ${title} (tariff ${pricelist}) for period ${period}. Nothing was ordered; ` +
        "look in the panel whether this account can order the tariff for this period",
    );
  }
  return { amount: price.amount, currency: price.currency, period: price.period };
}

/** All functions by their names in programs. */
export const FUNCTIONS = { getLicense, getLicenses, getBalance, getPrice };

/** Quotes under way: a program that asks for each of its servers asks for the same few prices. */
const quotes = new WeakMap<Run, Map<string, Promise<Price | undefined>>>();

function quoteOnce(run: Run, pricelist: number, period: number): Promise<Price | undefined> {
  const underWay = quotes.get(run) ?? new Map<string, Promise<Price | undefined>>();
  quotes.set(run, underWay);
  const key = `${pricelist} ${period}`;
  const quote =
    underWay.get(key) ?? quotePrice(run.panel, { pricelist, period }).finally(() => void underWay.delete(key));
  underWay.set(key, quote);
  return quote;
}

async function readUnlisted(run: Run, id: LicenseId): Promise<LicenseRow | undefined> {
  try {
    return await readLicense(run.panel, id);
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}

/**
 * The row with what its list leaves out: status and date by a read of its own, the tariff's number by one read for all of its tariff.
 *
 * @returns `undefined` for a license that is gone meanwhile
 */
async function completed(run: Run, row: LicenseRow, isDateNeeded = false): Promise<LicenseRow | undefined> {
  const lacksDate = isDateNeeded && row.expiresOn === undefined;
  if (row.status === undefined || (lacksDate && row.status !== "deleted")) {
    return readAlone(run, row);
  }
  try {
    return await run.withTariffNumber(row, "name");
  } catch (error) {
    if (!isNotFound(error)) {
      throw error;
    }
    // A deleted license may be listed and have no form any more. Otherwise it may be another of the tariff that is gone.
    return row.status === "deleted" ? row : readAlone(run, row);
  }
}

async function readAlone(run: Run, row: LicenseRow): Promise<LicenseRow | undefined> {
  const read = await readUnlisted(run, row.id);
  return read && { ...row, ...read };
}

/** Whether a row may be one of those asked for, as far as its list tells. */
function isPossible(row: LicenseRow, filter: Filter): boolean {
  return (
    (row.status === undefined || isOfStatus(row.status, filter)) &&
    (row.pricelist === undefined || isOfTariff(row.pricelist, filter)) &&
    (filter.ip === undefined || row.ip === filter.ip) &&
    (filter.licenseName === undefined || row.licenseName === filter.licenseName) &&
    (filter.expiresUntil === undefined || row.expiresOn === undefined || row.expiresOn <= filter.expiresUntil)
  );
}

/** A license that may be one of those asked for is never passed over in silence; one without a date does not expire. */
function isChosen(row: LicenseRow, filter: Filter): boolean {
  const untold =
    row.status === undefined && filter.status !== undefined
      ? "status"
      : row.pricelist === undefined && filter.pricelists.length > 0
        ? "tariff number"
        : undefined;
  if (untold !== undefined) {
    throw new NotToldError(
      `the panel does not show the ${untold} of license ${row.id}, so nobody can tell whether it is one of those asked for. ` +
        "Nothing was changed; leave this argument out, and choose by what the panel shows",
    );
  }
  return isPossible(row, filter) && (filter.expiresUntil === undefined || row.expiresOn !== undefined);
}

function isOfStatus(status: LicenseState, filter: Filter): boolean {
  return filter.status === undefined ? status !== "deleted" || filter.deleted === true : status === filter.status;
}

function isOfTariff(pricelist: number, { pricelists }: Filter): boolean {
  return pricelists.every((asked) => asked === pricelist);
}

function infoOf(row: LicenseRow, { settings }: Run): LicenseInfo {
  const { id, pricelist, tariff, status, statusReason, createdOn, expiresOn, autoRenew, cost } = row;
  return {
    id,
    ...withoutAbsent({
      licenseName: row.licenseName === "" ? undefined : row.licenseName,
      ip: row.ip === undefined ? undefined : (canonicalAddress(row.ip) ?? row.ip),
      pricelist,
      product: pricelist === undefined ? undefined : productOf(pricelist, settings.pricelists),
      tariff,
      status,
      statusReason,
      createdOn,
      expiresOn,
      autoRenew,
      cost,
    }),
  };
}
