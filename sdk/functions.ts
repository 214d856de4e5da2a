import * as pulumi from "@pulumi/pulumi";
import type { FunctionName, Result } from "../provider/functions";
import type { LicenseInfo } from "../provider/license/functions";
import type { LicenseStatus, Product } from "./license";

export type { LicenseInfo };

export interface GetLicenseArgs {
  /** The license's number at the vendor, as text: `"1234567"`. */
  id: string;
}

/** What the licenses have to be; each member narrows the choice, and without any all are returned that are not deleted. */
export interface GetLicensesArgs {
  /** A product's name. */
  product?: Product | undefined;
  /** A tariff's number. */
  pricelist?: number | undefined;
  /** An address in any spelling. */
  ip?: string | undefined;
  /** The whole name at the vendor. */
  licenseName?: string | undefined;
  /** Deleted licenses are returned for `deleted` alone, where the panel still lists them. */
  status?: LicenseStatus | undefined;
  /** Those that expire within so many days from today (UTC), or have expired: 0 or more. */
  expiringWithinDays?: number | undefined;
}

export interface GetLicensesResult {
  /** In the order in which the panel lists them. */
  readonly licenses: LicenseInfo[];
}

/** An amount as decimal text with a dot, so that nothing is lost: `{ amount: "12.50", currency: "EUR" }`. */
export interface MoneyAmount {
  readonly amount: string;
  /** Three capital letters. */
  readonly currency: string;
}

export interface GetBalanceResult {
  /** One for each currency or legal entity of the account; below zero with a minus. The credit is not part of it. */
  readonly balances: MoneyAmount[];
}

export interface GetPriceArgs {
  /** A product's name; give either this or `pricelist`. */
  product?: Product | undefined;
  /** A tariff's number; give either this or `product`. */
  pricelist?: number | undefined;
  /** Months; 0 for ever, -50 a day, -100 a trial. Default 1. */
  period?: number | undefined;
}

export interface GetPriceResult extends MoneyAmount {
  /** What the amount pays for: months, or 0, -50, -100 as in the arguments. */
  readonly period: number;
}

type Inputs<Args> = { [Name in keyof Args]: pulumi.Input<Args[Name]> };
export type GetLicenseOutputArgs = Inputs<GetLicenseArgs>;
export type GetLicensesOutputArgs = Inputs<GetLicensesArgs>;
export type GetPriceOutputArgs = Inputs<GetPriceArgs>;

/**
 * Reads one license by its number at the vendor, whoever manages it; what the panel does not show is absent. A deleted one is returned
 * where the panel still shows it.
 *
 * Runs in previews, too; like all functions here it only reads. Calls made together share a list.
 *
 * @throws RunError for an id that is no number, or one that the account does not show
 */
export function getLicense(args: GetLicenseArgs): Promise<LicenseInfo> {
  return call("getLicense", args);
}

/** {@link getLicense} for arguments that may be outputs. Unknown ones make the result unknown, and nothing is called. */
export function getLicenseOutput(args: GetLicenseOutputArgs): pulumi.Output<LicenseInfo> {
  return pulumi.output(args).apply((known) => getLicense(known));
}

/**
 * Reads the account's licenses, those that the arguments ask for.
 *
 * @throws RunError for arguments that cannot be meant, all of them at once and before any call
 */
export function getLicenses(args: GetLicensesArgs = {}): Promise<GetLicensesResult> {
  return call("getLicenses", args);
}

/** {@link getLicenses} for arguments that may be outputs. Unknown ones make the result unknown, and nothing is called. */
export function getLicensesOutput(args: GetLicensesOutputArgs = {}): pulumi.Output<GetLicensesResult> {
  return pulumi.output(args).apply((known) => getLicenses(known));
}

/**
 * Reads what the account has.
 *
 * @throws RunError where the panel does not let this user read it
 */
export function getBalance(): Promise<GetBalanceResult> {
  return call("getBalance", {});
}

/** {@link getBalance} as an output. */
export function getBalanceOutput(): pulumi.Output<GetBalanceResult> {
  return pulumi.output(getBalance());
}

/**
 * Reads what one period of a tariff costs this account, by a quote that orders nothing.
 *
 * @throws RunError for arguments that cannot be meant, and where the panel names no clear price
 */
export function getPrice(args: GetPriceArgs): Promise<GetPriceResult> {
  return call("getPrice", args);
}

/** {@link getPrice} for arguments that may be outputs. Unknown ones make the result unknown, and nothing is called. */
export function getPriceOutput(args: GetPriceOutputArgs): pulumi.Output<GetPriceResult> {
  return pulumi.output(args).apply((known) => getPrice(known));
}

async function call<Name extends FunctionName>(name: Name, args: object): Promise<Result<Name>> {
  const config = new pulumi.Config("billmanager");
  const { callFunction } = await import("../provider/functions.js");
  try {
    return await callFunction(name, { ...args }, (key) => config.get(key), process.env);
  } catch (error) {
    // The engine's library prints the stack of any other error, by which nobody is served here.
    throw Object.assign(new pulumi.RunError(`${name}: ${error instanceof Error ? error.message : error}`), {
      cause: error,
    });
  }
}
