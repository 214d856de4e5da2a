import { child, children, textOf } from "./envelope";
import {
  type CalendarDate,
  calendarDate,
  isLicenseId,
  type LicenseId,
  type LicenseRow,
  type LicenseState,
} from "./types";
import type { XmlElement } from "./xml";

/**
 * One row of the list, in our words. All of the vendor's spellings of a license end here.
 *
 * @returns `undefined` when the row has no id of digits: then the answer is damaged
 */
export function licenseFromRow(row: XmlElement): LicenseRow | undefined {
  const id = textOf(row, "id") ?? "";
  return isLicenseId(id) ? { id, ...fields(row) } : undefined;
}

/**
 * The single form of the license `asked` for.
 *
 * @returns `undefined` when the form shows another license, or none
 */
export function licenseFromForm(doc: XmlElement, asked: LicenseId): LicenseRow | undefined {
  const shown = [textOf(doc, "elid"), textOf(doc, "id")].filter((id) => id !== undefined);
  const showsLicense = ["licname", "ip", "pricelist", "status", "createdate", "expiredate"].some(
    (name) => textOf(doc, name) !== undefined,
  );
  if (shown.some((id) => id !== asked) || !showsLicense) return undefined;
  const offersAutoRenew =
    children(doc, "autoprolong").length > 0 ||
    children(doc, "slist").some((list) => list.attributes.get("name") === "autoprolong");
  return { id: asked, ...fields(doc), autoRenewEditable: offersAutoRenew };
}

/** A row without the credentials that a panel may echo into what people alone read. The name stays: it is compared. */
export function withoutCredentials(row: LicenseRow, redact: (text: string) => string): LicenseRow {
  const { cost, tariff } = row;
  return {
    ...row,
    ...(cost === undefined ? {} : { cost: redact(cost) }),
    ...(tariff === undefined ? {} : { tariff: redact(tariff) }),
  };
}

function fields(source: XmlElement): Omit<LicenseRow, "id"> {
  return withoutAbsent({
    licenseName: textOf(source, "licname") ?? "",
    ip: textOf(source, "ip"),
    ...tariff(source),
    ...status(source),
    createdOn: date(source, "createdate"),
    // "Daily charges" and the like may stand in place of the date (seen in real clients).
    expiresOn: date(source, "expiredate") ?? date(source, "real_expiredate"),
    ...autoRenew(source),
    cost: textOf(source, "cost"),
    remoteId: textOf(source, "remoteid"),
    scheduledClose: scheduledClose(source),
  });
}

type Optional<T> = { [K in keyof T]: T[K] | undefined };

function withoutAbsent<T extends object>(values: Optional<T>): T;
function withoutAbsent(values: Readonly<Record<string, unknown>>): object {
  const present: Record<string, unknown> = {};
  for (const name in values) if (values[name] !== undefined) present[name] = values[name];
  return present;
}

/** A list shows the tariff's name, a form its number; `pricelist_id` and `pricelist_name` say which is which. */
function tariff(source: XmlElement): Optional<Pick<LicenseRow, "pricelist" | "tariff">> {
  const shown = textOf(source, "pricelist");
  const number =
    tariffCode(textOf(source, "pricelist_id")) ?? tariffCode(rawCode(source, "pricelist")) ?? tariffCode(shown);
  const name = shown !== undefined && tariffCode(shown) === undefined ? shown : undefined;
  return { pricelist: number, tariff: textOf(source, "pricelist_name") ?? name };
}

function tariffCode(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined;
}

/** The value behind a displayed one: the attribute `orig`. */
function rawCode(source: XmlElement, name: string): string | undefined {
  return child(source, name)?.attributes.get("orig");
}

const states: ReadonlyMap<string, LicenseState> = new Map([
  ["1", "ordered"],
  ["2", "active"],
  ["3", "suspended"],
  ["4", "deleted"],
  ["5", "processing"],
]);

/**
 * The state is the leading digit of the first code shown, the reason the suffix of any that begins with the same digit: a panel
 * may show `2` in one place and `2_start` in another. Words are for people and follow the account's language.
 */
function status(source: XmlElement): Optional<Pick<LicenseRow, "status" | "statusReason">> {
  const codes = [
    rawCode(source, "status"),
    textOf(source, "status"),
    rawCode(source, "item_status"),
    textOf(source, "item_status_orig"),
    textOf(source, "item_status"),
    textOf(source, "item_real_status"),
  ];
  let digit: string | undefined;
  let reason: string | undefined;
  for (const code of codes) {
    const [, leading, suffix] = /^([1-5])(?:_(\S+))?$/.exec(code ?? "") ?? [];
    digit ??= leading;
    if (leading === digit) reason ??= suffix;
  }
  return digit === undefined ? {} : { status: states.get(digit), statusReason: reason };
}

function date(source: XmlElement, name: string): CalendarDate | undefined {
  return dateIn(textOf(source, name)) ?? dateIn(rawCode(source, name));
}

/** A day, also where a time of day follows it. */
function dateIn(text: string | undefined): CalendarDate | undefined {
  return calendarDate(/^(\S{10})(?:[ T].*)?$/.exec(text ?? "")?.[1] ?? "");
}

/**
 * `autoprolong` is a number of months, `off`, `null`, empty, or a display word. A period's name ("Month") means on; a word that
 * is neither known nor a period is left unsaid rather than guessed.
 */
function autoRenew(source: XmlElement): Optional<Pick<LicenseRow, "autoRenew" | "autoRenewPeriod">> {
  const field = child(source, "autoprolong");
  if (field === undefined) return {};
  const value = (field.attributes.get("orig") ?? field.text).toLowerCase();
  if (/^(?:|0|off|null|no|none|false|нет)$/.test(value)) return { autoRenew: false };
  if (/^-?[0-9]{1,4}$/.test(value)) return { autoRenew: true, autoRenewPeriod: Number(value) };
  if (
    /^(?:on|yes|true|да)$/.test(value) ||
    /^(?:[0-9]+ )?(?:months?|monthly|years?|yearly|days?|daily|месяц\S*|год\S*|день|дн\S*)$/.test(value)
  )
    return { autoRenew: true };
  return {};
}

/** `scheduledclose` is `on`, `off` or the date; `scheduledclose_prop` is the date (seen in a hoster's front end). */
function scheduledClose(source: XmlElement): LicenseRow["scheduledClose"] {
  const flag = textOf(source, "scheduledclose")?.toLowerCase();
  if (flag === undefined || /^(?:0|off|no|null|false)$/.test(flag)) return undefined;
  const on = dateIn(flag) ?? date(source, "scheduledclose_prop");
  return on === undefined ? {} : { on };
}
