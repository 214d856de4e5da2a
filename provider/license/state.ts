import {
  type CalendarDate,
  calendarDate,
  type LicenseId,
  type LicenseRow,
  type LicenseState as Status,
} from "../billmanager/types";
import { type Claim, parseClaim } from "./claim";
import { type DeletionPolicy, memberKeyOf, type OfMember, type Wish, withoutAbsent } from "./inputs";

/** A day that the vendor does not name. */
const SOME_DAY = "some day" as const;

/** What is known of one license at a moment, from the vendor or remembered from it. */
export interface Observed {
  readonly licenseName: string;
  readonly ip?: string;
  readonly status: Status;
  /** the vendor's sub-code, such as `autosuspend` */
  readonly statusReason?: string;
  readonly createdOn?: CalendarDate;
  readonly expiresOn?: CalendarDate;
  readonly tariff?: string;
  readonly cost?: string;
  readonly autoRenew?: boolean;
  /** months that the vendor would renew for */
  readonly autoRenewPeriod?: number;
  /** The panel's form offers no field for it. */
  readonly autoRenewFixed?: boolean;
  /** The day on which the vendor will delete it by itself; one that it does not show is told, too. */
  readonly closesOn?: CalendarDate | typeof SOME_DAY;
  /** The end of the term from which on the vendor has accepted to renew, while it does not show a later one. */
  readonly renewedFrom?: CalendarDate;
  /** The end of the term from which on a renewal was sent, where its answer was lost and it was not looked for to the end. */
  readonly renewalSought?: CalendarDate;
}

/** The outputs of a license, as they stand in the state: what the vendor showed last, and the inputs that it does not show. */
export interface LicenseOutputs extends Observed, OfMember {
  readonly claim?: Claim;
  readonly product?: string;
  readonly pricelist: number;
  readonly period: number;
  readonly suspended: boolean;
  readonly renewBeforeDays?: number;
  readonly paidUntil?: CalendarDate;
  readonly maxPrice?: string;
  readonly adoptId?: string;
  readonly deletionPolicy: DeletionPolicy;
  readonly recreateWhenDeleted: boolean;
  /** `username@host` that showed the license last: gone from any other account proves nothing. Empty: none has shown it yet. */
  readonly account: string;
}

export type OutputName = Extract<keyof LicenseOutputs, string>;

/** Ordered, and shown by no panel so far: that it is not shown does not mean that it is gone. */
export function isUnseen({ account }: Pick<LicenseOutputs, "account">): boolean {
  return account === "";
}

export interface ManagedLicense {
  readonly id: LicenseId;
  readonly outputs: LicenseOutputs;
}

/** What the state tells of the license, as if the vendor showed it: it renews for the months of `period`, unless something else was seen. */
export function remembered(outputs: LicenseOutputs): LicenseOutputs & { readonly autoRenewPeriod: number } {
  return { ...outputs, autoRenewPeriod: outputs.autoRenewPeriod ?? outputs.period };
}

/** What is saved for a license that was brought about as wished. */
export function outputsOf(observed: Observed, wish: Wish, account: string): LicenseOutputs {
  return withAccount(observed, account, notShown(wish));
}

/** What is saved for a license that was only looked at. */
export function refreshedOutputs(observed: Observed, old: LicenseOutputs, account: string): LicenseOutputs {
  const { autoRenewFixed, renewedFrom, renewalSought, ip } = old;
  // Where a panel shows no address, nothing speaks against the one that it was told.
  const remembered = withoutAbsent({ autoRenewFixed, renewedFrom, renewalSought, ip });
  return withAccount({ ...remembered, ...observed }, account, notShown(old));
}

/** What is saved for a license that is gone: no reason is left for a state that it is no longer in. */
export function asDeleted({ statusReason: _, ...rest }: LicenseOutputs): LicenseOutputs {
  return { ...rest, status: "deleted" };
}

type NotShown = Pick<
  LicenseOutputs,
  | "claim"
  | "product"
  | "pricelist"
  | "period"
  | "renewBeforeDays"
  | "paidUntil"
  | "maxPrice"
  | "adoptId"
  | "deletionPolicy"
  | "recreateWhenDeleted"
>;

/** The inputs that no panel shows, as the program or the state has them. */
function notShown(known: NotShown): NotShown {
  const { claim, product, pricelist, period, renewBeforeDays, paidUntil, maxPrice, adoptId } = known;
  const { deletionPolicy, recreateWhenDeleted } = known;
  return {
    pricelist,
    period,
    deletionPolicy,
    recreateWhenDeleted,
    ...withoutAbsent({ claim, product, renewBeforeDays, paidUntil, maxPrice, adoptId }),
  };
}

function withAccount(observed: Observed, account: string, notShown: NotShown): LicenseOutputs {
  const { licenseName, status, ip, statusReason, createdOn, expiresOn, tariff, cost, autoRenew, autoRenewFixed } =
    observed;
  const renewedFrom = observed.renewedFrom === expiresOn ? expiresOn : undefined;
  const renewalSought = observed.renewalSought === expiresOn ? expiresOn : undefined;
  // Months like those of `period` are not worth their place in every state.
  const isOfPeriod = autoRenew !== true || observed.autoRenewPeriod === notShown.period;
  const autoRenewPeriod = isOfPeriod ? undefined : observed.autoRenewPeriod;
  const renewing = { autoRenew, autoRenewPeriod, autoRenewFixed, renewedFrom, renewalSought };
  const shown = { ip, statusReason, createdOn, expiresOn, tariff, cost, closesOn: observed.closesOn, ...renewing };
  return {
    ...notShown,
    licenseName,
    status,
    ...withoutAbsent(shown),
    suspended: isSuspendedByClient(observed),
    account,
  };
}

/** The vendor's own suspensions carry a reason; the one that a client asked for carries none. */
export function isSuspendedByClient(observed: Observed): boolean {
  return observed.status === "suspended" && observed.statusReason === undefined;
}

/**
 * A renewal that was accepted, and is perhaps charged, although the license is still shown as paid no longer than before. When the
 * term is over that it was to prolong, nobody waits for it any more.
 */
export function isRenewalPending({ renewedFrom, expiresOn }: Observed, today: CalendarDate): boolean {
  return renewedFrom !== undefined && renewedFrom === expiresOn && today <= renewedFrom;
}

/** A renewal that may have been charged, and that the next update looks for before it may send another. */
export function isRenewalSought({ renewalSought, expiresOn, status }: Observed): boolean {
  return renewalSought !== undefined && renewalSought === expiresOn && status !== "deleted";
}

/** A row of the vendor as observation. `undefined` where it shows no status: the row alone proves nothing then. */
export function observedOf(row: LicenseRow): Observed | undefined {
  if (row.status === undefined) {
    return undefined;
  }
  return {
    licenseName: row.licenseName,
    status: row.status,
    ...withoutAbsent({
      ip: row.ip,
      statusReason: row.statusReason,
      createdOn: row.createdOn,
      expiresOn: row.expiresOn,
      tariff: row.tariff,
      cost: row.cost,
      autoRenew: row.autoRenew,
      autoRenewPeriod: row.autoRenewPeriod,
      closesOn: row.scheduledClose && (row.scheduledClose.on ?? SOME_DAY),
    }),
  };
}

/** The outputs that the engine hands back from the state; `undefined` where there are none yet, as for a license looked up by id. */
export function outputsFromState(properties: Readonly<Record<string, unknown>>): LicenseOutputs | undefined {
  const text = (name: OutputName) => {
    const value = properties[name];
    return typeof value === "string" ? value : undefined;
  };
  const whole = (name: OutputName) => {
    const value = properties[name];
    return typeof value === "number" ? value : undefined;
  };
  const flag = (name: OutputName) => {
    const value = properties[name];
    return typeof value === "boolean" ? value : undefined;
  };
  const day = (name: OutputName) => calendarDate(text(name) ?? "");
  const pricelist = whole("pricelist");
  const status = STATUSES.find((known) => known === text("status"));
  if (pricelist === undefined || status === undefined) {
    return undefined;
  }
  return {
    licenseName: text("licenseName") ?? "",
    pricelist,
    period: whole("period") ?? 1,
    suspended: flag("suspended") ?? false,
    status,
    account: text("account") ?? "",
    deletionPolicy: text("deletionPolicy") === "suspend" ? "suspend" : "delete",
    recreateWhenDeleted: flag("recreateWhenDeleted") ?? false,
    ...withoutAbsent({
      claim: parseClaim(text("claim") ?? ""),
      product: text("product"),
      ip: text("ip"),
      statusReason: text("statusReason"),
      createdOn: day("createdOn"),
      expiresOn: day("expiresOn"),
      tariff: text("tariff"),
      cost: text("cost"),
      autoRenew: flag("autoRenew"),
      autoRenewPeriod: whole("autoRenewPeriod"),
      autoRenewFixed: flag("autoRenewFixed"),
      closesOn: text("closesOn") === SOME_DAY ? SOME_DAY : day("closesOn"),
      renewedFrom: day("renewedFrom"),
      renewalSought: day("renewalSought"),
      renewBeforeDays: whole("renewBeforeDays"),
      paidUntil: day("paidUntil"),
      maxPrice: text("maxPrice"),
      adoptId: text("adoptId"),
    }),
    ...memberKeyOf(properties),
  };
}

export const STATUSES: readonly Status[] = ["ordered", "processing", "active", "suspended", "deleted"];
