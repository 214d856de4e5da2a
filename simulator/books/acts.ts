import { dateOf, daysBetween, endOfPeriod } from "../calendar";
import type { Knobs, ProcessingAction } from "../knobs";
import type { MinorUnits } from "../money";
import { priceOf, type Tariff } from "../tariffs";
import type { SuspensionCode } from "../types";
import type { Account, Books } from "./books";
import { type License, newLicenseKey, stateOf } from "./license";

/** What an order asks for, after all checks. */
export interface Wish {
  readonly tariff: Tariff;
  readonly licname: string;
  readonly ip: string;
  readonly period: number;
  readonly autoprolong: number | null;
  readonly remoteid: string | undefined;
  readonly project: string;
}

/**
 * What can be done to a license, whoever does it. Who may, and when, is for the caller to decide.
 *
 * Each act is booked at once; what the license shows meanwhile follows from the processing delay. A license that is in
 * processing must be finished before it is acted upon.
 */
export class Acts {
  constructor(
    private readonly books: Books,
    private readonly knobs: Knobs,
  ) {}

  /** Writes an unpaid order into the books: status 1. */
  place(account: Account, wish: Wish, at: Date): License {
    const license: License = {
      ...wish,
      id: this.books.nextLicenseId(),
      account: account.username,
      createdate: dateOf(at),
      lickey: newLicenseKey(),
      status: "1",
      expiredate: undefined,
      scheduledclose: undefined,
      processing: undefined,
      lapsedOn: undefined,
      lastIpChange: undefined,
      lastPayment: undefined,
      billorder: undefined,
    };
    this.books.add(license);
    return license;
  }

  /** Pays an order in status 1. The first term begins today. */
  pay(license: License, at: Date, instantly = false): void {
    if (stateOf(license) !== "1") throw new RangeError(`license ${license.id} does not wait for payment`);
    const from = dateOf(at);
    const paidUntil = endOfPeriod(from, license.period);
    const { period } = license;
    this.books.charge(license, { kind: "order", amount: this.price(license, period), period, from, paidUntil }, at);
    license.expiredate = paidUntil;
    license.billorder = undefined;
    this.process(license, "open", at, instantly, () => {
      license.status = "2";
    });
  }

  edit(license: License, change: { licname?: string; ip?: string; autoprolong?: number | null }, at: Date): void {
    if (change.ip !== undefined && change.ip !== license.ip) {
      license.ip = change.ip;
      license.lastIpChange = dateOf(at);
    }
    if (change.licname !== undefined) license.licname = change.licname;
    if (change.autoprolong !== undefined) license.autoprolong = change.autoprolong;
  }

  /** Lets the panel work on an edit that has been booked. */
  processEdit(license: License, at: Date): void {
    const { status } = license;
    this.process(license, "edit", at, false, () => {
      license.status = status;
    });
  }

  suspend(license: License, code: SuspensionCode, at: Date, instantly = false): void {
    this.process(license, "suspend", at, instantly, (done) => {
      license.status = code;
      license.lapsedOn = code === "3_autosuspend" ? dateOf(done) : undefined;
    });
  }

  resume(license: License, at: Date, instantly = false): void {
    this.process(license, "resume", at, instantly, () => {
      license.status = "2";
      license.lapsedOn = undefined;
    });
  }

  /** The term that a renewal today would pay for. */
  renewedTerm(license: License, period: number, at: Date): { from: string; until: string | undefined } {
    const today = dateOf(at);
    const countsFromToday = this.knobs.renewalFrom === "end-or-today" && stateOf(license) === "3";
    const from = countsFromToday ? today : (license.expiredate ?? today);
    return { from, until: endOfPeriod(from, period) };
  }

  /** Charges one renewal. The new date shows when the panel is done. */
  prolong(license: License, period: number, at: Date, instantly = false): void {
    const { from, until } = this.renewedTerm(license, period, at);
    const amount = this.price(license, period);
    this.books.charge(license, { kind: "prolong", amount, period, from, paidUntil: until }, at);
    const status = this.liftedByRenewal(license.status) ? "2" : license.status;
    this.process(license, "prolong", at, instantly, () => {
      license.expiredate = until;
      license.status = status;
      if (status === "2") license.lapsedOn = undefined;
    });
  }

  /** Gives a license up: its row ends in status 4. */
  close(license: License, at: Date, instantly = false): void {
    if (this.knobs.refund === "balance") this.refundRest(license, at);
    this.process(license, "close", at, instantly, () => {
      license.status = "4";
      license.scheduledclose = undefined;
    });
  }

  price(license: License, period: number): MinorUnits {
    return priceOf(license.tariff, period, this.books.account(license.account).currency);
  }

  /** Ends what the panel is busy with, as if its time had come. */
  finish(license: License, at: Date): void {
    const { processing } = license;
    if (processing === undefined) return;
    license.processing = undefined;
    this.books.processing.delete(license);
    processing.finish(at);
  }

  /** Counts one look at the row by a client, after it has been shown. */
  seen(license: License, at: Date): void {
    const { processing } = license;
    if (processing?.pollsLeft === undefined) return;
    processing.pollsLeft -= 1;
    if (processing.pollsLeft <= 0) this.finish(license, at);
  }

  private process(
    license: License,
    action: ProcessingAction,
    at: Date,
    instantly: boolean,
    finish: (at: Date) => void,
  ): void {
    const delay = instantly ? "none" : this.knobs.processing[action];
    if (delay === "none" || (typeof delay === "object" && Object.values(delay)[0] === 0)) {
      finish(at);
      return;
    }
    license.status = action === "edit" ? "5" : `5_${action}`;
    license.processing = { finish, ...limitOf(delay, at) };
    this.books.processing.add(license);
  }

  private liftedByRenewal(status: string): boolean {
    return status === "3_autosuspend" || (status === "3" && this.knobs.renewalResumes === "suspended");
  }

  /** The unused days' share of the last payment, rounded down. Inferred: no page promises any refund. */
  private refundRest(license: License, at: Date): void {
    const { lastPayment, expiredate } = license;
    if (lastPayment === undefined || expiredate === undefined) return;
    const total = daysBetween(lastPayment.from, expiredate);
    const unused = Math.min(daysBetween(dateOf(at), expiredate), total);
    if (unused <= 0) return;
    const amount = (lastPayment.amount * BigInt(unused)) / BigInt(total);
    if (amount > 0n) this.books.refund(license, amount, at);
  }
}

function limitOf(delay: Exclude<Knobs["processing"]["open"], "none">, at: Date) {
  if (delay === "stuck") return {};
  if ("polls" in delay) return { pollsLeft: delay.polls };
  if ("seconds" in delay) return { until: at.getTime() + delay.seconds * 1000 };
  return { realUntil: Date.now() + delay.realSeconds * 1000 };
}
