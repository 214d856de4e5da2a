import { isIP } from "node:net";
import { type License, stateOf } from "../books/license";
import { addDays, addMonths, dateOf } from "../calendar";
import { PanelError } from "../messages";
import { periodsOf, type Tariff } from "../tariffs";
import { type Call, param } from "./call";

/** Documented for one tariff of this kind, in characters of any alphabet. */
const longestName = 255;

/** The tariff that the call names. */
export function tariffNamed(call: Call): Tariff {
  const text = param(call, "pricelist");
  const tariff = /^\d+$/.test(text) ? call.panel.tariffs.get(Number(text)) : undefined;
  if (tariff === undefined || (tariff.currency ?? call.account.currency) !== call.account.currency) {
    if (call.panel.knobs.unknownPricelist === "value") throw new PanelError("value", "pricelist", "value", text);
    throw new PanelError("wizard_unavailable", "pricelist", "wizard");
  }
  return tariff;
}

/** The period that the call names, or `fallback` where it names none. */
export function periodNamed(call: Call, tariff: Tariff, fallback?: number): number {
  const text = param(call, "period");
  if (text === "" && fallback !== undefined) return fallback;
  const period = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!periodsOf(tariff, call.panel.knobs.otherPeriods === "accepted").includes(period)) {
    throw new PanelError("value", "period", text === "" ? "empty" : "value", text);
  }
  return period;
}

export function checkName(name: string): string {
  if (name === "") throw new PanelError("value", "licname", "empty");
  if ([...name].length > longestName) throw new PanelError("value", "licname", "value", name);
  return name;
}

/** Checks an address as the tariff and the knobs ask. */
export function checkIp(call: Call, tariff: Tariff, ip: string): string {
  const { knobs } = call.panel;
  if (knobs.badIp === "accepted") return ip;
  if (ip === "" && tariff.ipRequired === false) return ip;
  const version = isIP(ip);
  if (version === 0 || (version === 6 && knobs.ipv6 === "refused")) {
    throw new PanelError("value", "ip", ip === "" ? "empty" : "value", ip);
  }
  return ip;
}

/** Refuses a second license of one tariff on one address, where the knob says so. */
export function refuseDuplicate(call: Call, tariff: Tariff, ip: string, except?: License): void {
  const { books, knobs } = call.panel;
  if (knobs.duplicate === "allowed" || ip === "") return;
  const wanted = canonical(ip);
  for (const other of books.licenses.values()) {
    const isOfTariff = other.tariff.pricelist === tariff.pricelist && other !== except && stateOf(other) !== "4";
    if (isOfTariff && canonical(other.ip) === wanted) {
      if (knobs.duplicate === "exists") throw new PanelError("exists", "ip", "exists", ip);
      throw new PanelError("value", "ip", "value", ip);
    }
  }
}

/** Refuses a change of address too soon after the last, where the knob says so. */
export function refuseEarlyIpChange(call: Call, license: License): void {
  const { ipChangeLimit, ipChangeLimitType } = call.panel.knobs;
  const last = license.lastIpChange;
  if (ipChangeLimit === "off" || last === undefined) return;
  const allowedFrom = ipChangeLimit === "month" ? addMonths(last, 1) : addDays(last, 31);
  if (dateOf(call.at) < allowedFrom) throw new PanelError(ipChangeLimitType, "ip", "ipChangeLimit", allowedFrom);
}

/** `autoprolong` as sent: months, or off for anything else (documented: `null`; any other value means no renewal). */
export function autoprolongNamed(text: string): number | null {
  return /^[1-9]\d*$/.test(text) ? Number(text) : null;
}

/** One spelling for each IPv6 address. */
function canonical(ip: string): string {
  return isIP(ip) === 6 && !ip.includes("%") ? new URL(`http://[${ip}]/`).hostname : ip;
}
