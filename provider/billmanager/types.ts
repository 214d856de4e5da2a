import { InvalidRequestError } from "./errors/InvalidRequestError";

declare const brand: unique symbol;

/** The vendor's number of one license (`elid`): digits, kept as text. */
export type LicenseId = string & { readonly [brand]: "LicenseId" };

/** A real calendar day, `YYYY-MM-DD`. Such texts sort in the order of time. */
export type CalendarDate = string & { readonly [brand]: "CalendarDate" };

/** @throws InvalidRequestError when the text is anything but digits */
export function licenseId(text: string): LicenseId {
  if (!isLicenseId(text)) throw new InvalidRequestError("A license id consists of 1 to 20 digits. No call was made.");
  return text;
}

export function isLicenseId(text: string): text is LicenseId {
  return /^[0-9]{1,20}$/.test(text);
}

/** The text as a day, or `undefined` when it is no day of the calendar (a phrase, `0000-00-00`, 30 February). */
export function calendarDate(text: string): CalendarDate | undefined {
  return isCalendarDate(text) ? text : undefined;
}

function isCalendarDate(text: string): text is CalendarDate {
  if (!/^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/.test(text)) return false;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))];
  // Day 0 of the next month is the last one of this.
  return year > 0 && (day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate());
}

/** The vendor's codes 1, 5, 2, 3, 4, in the order of a license's life. */
export type LicenseState = "ordered" | "processing" | "active" | "suspended" | "deleted";

/** One license as the panel shows it. What the panel does not show is absent. */
export interface LicenseRow {
  readonly id: LicenseId;
  /** `licname`; empty where the panel shows none. */
  readonly licenseName: string;
  readonly ip?: string;
  /** Tariff code. Lists may show the tariff's name alone: then read the license itself. */
  readonly pricelist?: number;
  /** The tariff's name. */
  readonly tariff?: string;
  readonly status?: LicenseState;
  /** The vendor's sub-code without its digit: `autosuspend`, `abusesuspend`, `open`, … */
  readonly statusReason?: string;
  readonly createdOn?: CalendarDate;
  readonly expiresOn?: CalendarDate;
  /** Whether the vendor renews at expiry. Absent where the panel shows nothing, or a word nobody can be sure of. */
  readonly autoRenew?: boolean;
  /** Months per automatic renewal. */
  readonly autoRenewPeriod?: number;
  /** Price and period as the panel words them, e.g. `14.00 EUR / Month`. */
  readonly cost?: string;
  /** The text sent as `remoteId` with the order, on panels that show it. */
  readonly remoteId?: string;
  /** Present when the panel will delete the license by itself; `on` where it says when. */
  readonly scheduledClose?: { readonly on?: CalendarDate };
  /** Only from `readLicense`: whether the form has a field for automatic renewal. */
  readonly autoRenewEditable?: boolean;
}
