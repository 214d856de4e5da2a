import type { Money } from "../billmanager/money";
import { type CalendarDate, calendarDate, type LicenseId, licenseId } from "../billmanager/types";
import { canonicalAddress } from "./address";
import {
  automaticName,
  type Claim,
  characters,
  claimInName,
  EXPLICIT_NAME_LIMIT,
  isAutomaticName,
  parseClaim,
} from "./claim";
import { isDocumented, knownProducts, type Pricelists, pricelistOf } from "./products";

/** Stands for a value that a preview does not know yet. Each face maps its own marker to it and back. */
export const UNKNOWN: unique symbol = Symbol("known only after the update");
export type Known<T> = T | typeof UNKNOWN;

/** Where a fleet notes the key of a member, so that messages tell what to write. As a symbol it is in no program and in no state. */
export const MEMBER_KEY = Symbol("the key of a fleet's member");

/** What is known of a license, and of where it is declared. */
export interface OfMember {
  readonly [MEMBER_KEY]?: string;
}

/**
 * What a program asks for, as recorded in the state: canonical, and only what was given, since the engine rewrites the whole
 * state at every step. `claim` and `licenseName` are always there.
 */
export interface LicenseInputs extends OfMember {
  readonly claim: Known<Claim>;
  readonly licenseName: Known<string>;
  readonly product?: Known<string>;
  readonly pricelist?: Known<number>;
  readonly ip?: Known<string>;
  readonly period?: Known<number>;
  readonly suspended?: Known<boolean>;
  readonly autoRenew?: Known<boolean>;
  readonly renewBeforeDays?: Known<number>;
  readonly paidUntil?: Known<CalendarDate>;
  /** as in the program: `20.00 EUR` */
  readonly maxPrice?: Known<string>;
  readonly adoptId?: Known<string>;
  readonly deletionPolicy?: Known<DeletionPolicy>;
  readonly recreateWhenDeleted?: Known<boolean>;
}

/** What a destroy does: gives the license up, or suspends it and leaves it in the account. */
export type DeletionPolicy = "delete" | "suspend";

/** Everything that the lifecycle needs to know of one declared license, with defaults filled in and nothing left unknown. */
export interface Wish extends OfMember {
  readonly claim: Claim;
  readonly licenseName: string;
  readonly product?: string;
  readonly pricelist: number;
  readonly ip?: string;
  /** months; 0 for ever, -50 a day, -100 a trial */
  readonly period: number;
  readonly suspended: boolean;
  readonly autoRenew: boolean;
  readonly renewBeforeDays?: number;
  readonly paidUntil?: CalendarDate;
  readonly maxPrice?: string;
  readonly adoptId?: string;
  readonly deletionPolicy: DeletionPolicy;
  readonly recreateWhenDeleted: boolean;
}

/** What holds where a program says nothing. */
export const DEFAULTS = {
  period: 1,
  suspended: false,
  autoRenew: false,
  deletionPolicy: "delete",
  recreateWhenDeleted: false,
} as const;

export interface InputFailure {
  readonly property: string;
  readonly reason: string;
}

/** The raw properties of a program. */
export type RawInputs = Readonly<Record<string, unknown>> & OfMember;

type Reader<T> = (value: unknown) => T | Invalid;

/** What a value is not, as a clause that follows its name. */
export class Invalid {
  constructor(readonly reason: string) {}
}

/** One reader for each input: its value in the form in which it is recorded, or what is wrong with it. */
export const READERS: {
  readonly [K in Extract<keyof LicenseInputs, string>]-?: Reader<Exclude<LicenseInputs[K], symbol | undefined>>;
} = {
  claim: (value) =>
    (typeof value === "string" ? parseClaim(value) : undefined) ??
    new Invalid(`is set by the package, not ${shown(value)}`),
  licenseName: (value) =>
    typeof value === "string" && isPlainText(value)
      ? value
      : new Invalid(
          `must be a text without control characters, and without white space at its ends, not ${shown(value)}`,
        ),
  product: (value) =>
    typeof value === "string" ? value : new Invalid(`must be the name of a product, not ${shown(value)}`),
  pricelist: (value) =>
    isWhole(value) && value > 0 ? value : new Invalid(`must be a tariff's number such as 9203, not ${shown(value)}`),
  ip: (value) =>
    (typeof value === "string" ? canonicalAddress(value) : undefined) ??
    new Invalid(`must be one IPv4 or IPv6 address such as 192.0.2.10 or 2001:db8::10, not ${shown(value)}`),
  period: (value) =>
    isWhole(value) && (value >= 0 || value === -50 || value === -100)
      ? value
      : new Invalid(`must be a whole number of months (or 0 for ever, -50 a day, -100 a trial), not ${shown(value)}`),
  suspended: readBoolean,
  autoRenew: readBoolean,
  renewBeforeDays: (value) =>
    isWhole(value) && value >= 0
      ? value
      : new Invalid(`must be a whole number of days, 0 or more, not ${shown(value)}`),
  paidUntil: (value) =>
    (typeof value === "string" ? calendarDate(value) : undefined) ??
    new Invalid(`must be a calendar day such as "2027-01-31", not ${shown(value)}`),
  maxPrice: (value) =>
    typeof value === "string" && maxPriceOf(value) !== undefined
      ? value
      : new Invalid(`must be an amount and a currency such as "20.00 EUR", not ${shown(value)}`),
  adoptId: (value) =>
    typeof value === "string" && /^\d+(@[0-9a-z]+)?$/.test(value)
      ? value
      : new Invalid(`must be a license's number as text, such as "1234567", not ${shown(value)}`),
  deletionPolicy: (value) =>
    value === "delete" || value === "suspend"
      ? value
      : new Invalid(`must be "delete" or "suspend", not ${shown(value)}`),
  recreateWhenDeleted: readBoolean,
};

const NAMES = Object.keys(READERS).filter((name) => name !== "claim");
/** What the engine and the faces add to a program's properties. */
export const INTERNAL: ReadonlySet<string> = new Set(["__provider", "__defaults"]);

/**
 * Reads and judges the inputs of one license: every problem at once, each with its property, before anything is called.
 *
 * @param olds the inputs recorded before, `undefined` for a new resource: a claim and an automatic name are kept once set
 * @returns the inputs to record, and what is wrong with them
 */
export function checkInputs(
  olds: RawInputs | undefined,
  news: RawInputs,
  pricelists: Pricelists,
): { inputs: LicenseInputs; failures: InputFailure[] } {
  const failures: InputFailure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason: `${property} ${reason}` });

  for (const name of Object.keys(news).filter((key) => !(key in READERS) && !INTERNAL.has(key))) {
    fail(name, `is no input of License; the inputs are ${NAMES.join(", ")}`);
  }
  const read = <K extends keyof typeof READERS>(name: K): LicenseInputs[K] | undefined => {
    const value = news[name];
    if (value === undefined || value === null || value === UNKNOWN) {
      return value === UNKNOWN ? (UNKNOWN as LicenseInputs[K]) : undefined;
    }
    if (isRecorded(name, value, olds)) {
      return value as LicenseInputs[K];
    }
    const result: unknown = READERS[name](value);
    if (result instanceof Invalid) {
      fail(name, result.reason);
      return undefined;
    }
    return result as LicenseInputs[K];
  };

  const given: Given = {
    product: read("product"),
    pricelist: read("pricelist"),
    ip: read("ip"),
    period: read("period"),
    suspended: read("suspended"),
    autoRenew: read("autoRenew"),
    renewBeforeDays: read("renewBeforeDays"),
    paidUntil: read("paidUntil"),
    maxPrice: read("maxPrice"),
    adoptId: read("adoptId"),
    deletionPolicy: read("deletionPolicy"),
    recreateWhenDeleted: read("recreateWhenDeleted"),
  };
  const naming = keepNaming(olds, { claim: read("claim") ?? UNKNOWN, licenseName: read("licenseName") ?? UNKNOWN });
  if (!isRecorded("licenseName", naming.licenseName, olds)) {
    checkName(naming, fail);
  }
  checkTariff(given, news, olds, pricelists, fail);
  return { inputs: { ...naming, ...withoutAbsent(given), ...memberKeyOf(news) }, failures };
}

/**
 * The recorded inputs as a wish, for calls that come with every value known.
 *
 * @param observedIfUnknown what a preview assumes for a value that it does not know: that nothing about it changes
 */
export function wishOf(inputs: LicenseInputs, pricelists: Pricelists, observedIfUnknown?: Partial<Wish>): Wish {
  const known = <K extends keyof Wish & keyof typeof READERS>(name: K): Wish[K] | undefined =>
    (inputs[name] === UNKNOWN ? observedIfUnknown?.[name] : inputs[name]) as Wish[K] | undefined;
  const required = <T>(name: string, value: T | undefined): T => {
    if (value === undefined) {
      throw new TypeError(`${name} is not known yet: nothing was called`);
    }
    return value;
  };
  const product = known("product");
  const pricelist = product === undefined ? known("pricelist") : pricelistOf(product, pricelists);
  return {
    claim: required("claim", known("claim")),
    licenseName: required("licenseName", known("licenseName")),
    pricelist: required("pricelist", pricelist ?? observedIfUnknown?.pricelist),
    period: known("period") ?? DEFAULTS.period,
    suspended: known("suspended") ?? DEFAULTS.suspended,
    autoRenew: known("autoRenew") ?? DEFAULTS.autoRenew,
    deletionPolicy: known("deletionPolicy") ?? DEFAULTS.deletionPolicy,
    recreateWhenDeleted: known("recreateWhenDeleted") ?? DEFAULTS.recreateWhenDeleted,
    ...withoutAbsent({
      product,
      ip: known("ip"),
      renewBeforeDays: known("renewBeforeDays"),
      paidUntil: known("paidUntil"),
      maxPrice: known("maxPrice"),
      adoptId: known("adoptId"),
    }),
    ...memberKeyOf(inputs),
  };
}

/** `<id>`, or `<id>@<claim>` for a license of another resource. */
export function readAdoptId(adoptId: string): { id: LicenseId; namedClaim: Claim | undefined } {
  const [id = "", claim = ""] = adoptId.split("@");
  return { id: licenseId(id), namedClaim: parseClaim(claim) };
}

export function hasUnknown(inputs: LicenseInputs): boolean {
  return Object.values(inputs).includes(UNKNOWN);
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its absent members, as `exactOptionalPropertyTypes` and a small state want it. */
export function withoutAbsent<T extends object>(object: T): Present<T>;
export function withoutAbsent(object: Readonly<Record<string, unknown>>): object {
  const present: Record<string, unknown> = {};
  for (const name in object) {
    if (object[name] !== undefined) {
      present[name] = object[name];
    }
  }
  return present;
}

type Given = { readonly [K in Exclude<keyof typeof READERS, keyof Naming>]-?: LicenseInputs[K] | undefined };

export function memberKeyOf({ [MEMBER_KEY]: key }: OfMember): OfMember {
  return key === undefined ? {} : { [MEMBER_KEY]: key };
}

interface Naming {
  readonly claim: Known<Claim>;
  readonly licenseName: Known<string>;
}

/** A resource that is renamed with an alias comes with another claim and automatic name; the license keeps what it was ordered with. */
function keepNaming(olds: RawInputs | undefined, news: Naming): Naming {
  const kept = typeof olds?.claim === "string" ? parseClaim(olds.claim) : undefined;
  if (kept === undefined || news.claim === UNKNOWN || news.licenseName === UNKNOWN) {
    return news;
  }
  if (!isAutomaticName(news.licenseName, news.claim)) {
    return { claim: kept, licenseName: news.licenseName };
  }
  const old = olds?.licenseName;
  const resourceName = news.licenseName.slice(0, -`-${news.claim}`.length);
  return {
    claim: kept,
    licenseName: typeof old === "string" && isAutomaticName(old, kept) ? old : automaticName(resourceName, kept),
  };
}

/** A name or an address that a license came with when it was imported may be one that nobody could order. */
function isRecorded(name: string, value: unknown, olds: RawInputs | undefined): boolean {
  return (name === "licenseName" || name === "ip") && typeof value === "string" && value === olds?.[name];
}

export type Fail = (property: string, reason: string) => void;

function checkName({ claim, licenseName }: Naming, fail: Fail): void {
  if (claim === UNKNOWN || licenseName === UNKNOWN || isAutomaticName(licenseName, claim)) {
    return;
  }
  const length = characters(licenseName).length;
  if (length > EXPLICIT_NAME_LIMIT) {
    fail(
      "licenseName",
      `must have 1 to ${EXPLICIT_NAME_LIMIT} characters, so that an order can carry it; this one has ${length}`,
    );
  }
  if (claimInName(licenseName) !== undefined) {
    fail("licenseName", `must not end with a claim, as "${licenseName}" does: choose another name, or leave it out`);
  }
}

export function isGiven(raw: RawInputs, name: string): boolean {
  return raw[name] !== undefined && raw[name] !== null;
}

/** A tariff is named in one of two ways, never both. */
export function checkOneTariff(raw: RawInputs, fail: Fail): void {
  if (isGiven(raw, "product") === isGiven(raw, "pricelist")) {
    const both = isGiven(raw, "product");
    fail(
      "product",
      `and pricelist ${both ? "are both given" : "are both missing"}: give exactly one, a product's name or a tariff's number`,
    );
  }
}

export function checkProduct(product: Known<string> | undefined, pricelists: Pricelists, fail: Fail): void {
  if (typeof product === "string" && pricelistOf(product, pricelists) === undefined) {
    const names = Object.keys(knownProducts(pricelists)).sort().join(", ");
    fail(
      "product",
      `"${product}" is not known; known are ${names}; others are added with: pulumi config set --path 'billmanager:pricelists.${product}' <tariff number>`,
    );
  }
}

/** Whether a tariff is one of the vendor's three, under whatever name config gives to it; unknown ones are not told yet. */
export function isDocumentedTariff(
  product: Known<string> | undefined,
  pricelist: Known<number> | undefined,
  pricelists: Pricelists,
): boolean {
  const name = typeof product === "string" ? product : undefined;
  const number = typeof pricelist === "number" ? pricelist : undefined;
  return isDocumented(name, number ?? (name === undefined ? undefined : pricelistOf(name, pricelists)));
}

/** @param documented whether the tariff is one of the vendor's three */
export function checkPeriod(documented: boolean, period: Known<number> | undefined, fail: Fail): void {
  if (documented && typeof period === "number" && period !== 1) {
    fail("period", `must be 1 for this product, which is sold for one month at a time, not ${period}`);
  }
}

/** A license that was imported without an address does not need one afterwards; one of another tariff does. */
function isRecordedWithoutAddress(news: RawInputs, olds: RawInputs | undefined): boolean {
  return (
    olds !== undefined && !isGiven(olds, "ip") && olds.product === news.product && olds.pricelist === news.pricelist
  );
}

function checkTariff(
  given: Given,
  news: RawInputs,
  olds: RawInputs | undefined,
  pricelists: Pricelists,
  fail: Fail,
): void {
  const { product, pricelist, ip, period } = given;
  const declared = (name: string) => isGiven(news, name);
  checkOneTariff(news, fail);
  checkProduct(product, pricelists, fail);
  const documented = isDocumentedTariff(product, pricelist, pricelists);
  if (documented && !declared("ip") && !isRecordedWithoutAddress(news, olds)) {
    fail("ip", "is missing: this license is bound to one address, such as 192.0.2.10");
  }
  checkPeriod(documented, period, fail);
  if (typeof period === "number" && period < 1) {
    for (const name of ["renewBeforeDays", "paidUntil"].filter(declared)) {
      fail(name, `needs a period of at least one month, not ${period}`);
    }
    if (given.autoRenew === true) {
      fail("autoRenew", `needs a period of at least one month, not ${period}`);
    }
  }
  if ((ip === "0.0.0.0" || ip === "::") && !isRecorded("ip", ip, olds)) {
    fail("ip", `must be the address of one server, not ${ip}`);
  }
}

/** Digits, optionally a dot and decimals, a space, a three-letter currency; `undefined` for anything else. */
export function maxPriceOf(text: string): Money | undefined {
  const [, amount, currency] = /^(\d{1,12}(?:\.\d{1,12})?) ([A-Z]{3})$/.exec(text) ?? [];
  return amount === undefined || currency === undefined ? undefined : { amount, currency };
}

function readBoolean(value: unknown): boolean | Invalid {
  return typeof value === "boolean" ? value : new Invalid(`must be true or false, not ${shown(value)}`);
}

/** What comes back from the panel as it was sent. */
function isPlainText(text: string): boolean {
  return text !== "" && text === text.trim() && text.isWellFormed() && !/\p{Cc}/u.test(text);
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

/** A value as a message repeats it. */
export function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
