import { randomBytes } from "node:crypto";
import type { CalendarDate } from "../calendar";
import type { MinorUnits } from "../money";
import type { Tariff } from "../tariffs";
import type { SimulatedLicense } from "../types";

/** What the panel is still busy with. `finish` is what happens when it is done. */
export interface Processing {
  readonly finish: (at: Date) => void;
  pollsLeft?: number;
  /** Moment of the simulator's clock. */
  readonly until?: number;
  /** Moment of real time. */
  readonly realUntil?: number;
}

/** A license in the books. */
export interface License {
  readonly id: string;
  readonly account: string;
  readonly tariff: Tariff;
  readonly period: number;
  readonly createdate: CalendarDate;
  readonly lickey: string;
  readonly remoteid: string | undefined;
  readonly project: string;
  licname: string;
  ip: string;
  autoprolong: number | null;
  status: string;
  expiredate: CalendarDate | undefined;
  scheduledclose: CalendarDate | undefined;
  processing: Processing | undefined;
  /** When it was suspended for want of payment. */
  lapsedOn: CalendarDate | undefined;
  lastIpChange: CalendarDate | undefined;
  /** The last payment for it, of which a deletion may give part back. */
  lastPayment: { amount: MinorUnits; from: CalendarDate } | undefined;
  /** Number of the bill of an order that waits for payment. */
  billorder: string | undefined;
}

/** The first digit of a raw code: 1 ordered, 2 active, 3 suspended, 4 deleted, 5 processing. */
export function stateOf(license: License): string {
  return license.status.slice(0, 1);
}

/** Whether the panel will renew: documented to need `autoprolong` equal to the period; any other value means no. */
export function renewsItself(license: License): boolean {
  return license.period > 0 && license.autoprolong === license.period;
}

export function newLicenseKey(): string {
  return randomBytes(8).toString("hex").toUpperCase();
}

/** The public picture of a license. */
export function pictureOf(license: License): SimulatedLicense {
  return {
    id: license.id,
    account: license.account,
    licname: license.licname,
    ip: license.ip,
    pricelist: license.tariff.pricelist,
    tariff: license.tariff.name,
    period: license.period,
    createdate: license.createdate,
    ...(license.expiredate !== undefined && { expiredate: license.expiredate }),
    autoprolong: license.autoprolong,
    status: license.status,
    ...(license.remoteid !== undefined && { remoteid: license.remoteid }),
    ...(license.scheduledclose !== undefined && { scheduledclose: license.scheduledclose }),
    lickey: license.lickey,
  };
}
