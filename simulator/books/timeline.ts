import { addDays, type CalendarDate, dateOf, endOfPeriod, startOf } from "../calendar";
import type { Knobs } from "../knobs";
import type { Acts } from "./acts";
import type { Books } from "./books";
import { type License, renewsItself, stateOf } from "./license";

/**
 * What happens by itself as time passes: processing ends, terms end, the panel renews, suspends and deletes.
 *
 * Every midnight (UTC) on the way is gone through in order, however far the clock jumps.
 */
export class Timeline {
  private reached: Date;

  constructor(
    private readonly books: Books,
    private readonly acts: Acts,
    private readonly knobs: Knobs,
    start: Date,
  ) {
    this.reached = start;
  }

  runTo(moment: Date): void {
    // Real time, which a running clock follows, may be set back a little: nothing happens twice.
    if (moment < this.reached) return;
    for (
      let midnight = startOf(addDays(dateOf(this.reached), 1));
      midnight <= moment;
      midnight = startOf(addDays(dateOf(midnight), 1))
    ) {
      this.settle(midnight);
      this.beginDay(midnight);
    }
    this.settle(moment);
    this.reached = moment;
  }

  private settle(at: Date): void {
    const realNow = Date.now();
    for (const license of this.books.processing) {
      const { until = Number.POSITIVE_INFINITY, realUntil = Number.POSITIVE_INFINITY } = license.processing ?? {};
      if (until <= at.getTime()) this.acts.finish(license, new Date(until));
      else if (realUntil <= realNow) this.acts.finish(license, at);
    }
  }

  private beginDay(midnight: Date): void {
    const today = dateOf(midnight);
    for (const license of this.books.licenses.values()) {
      const state = stateOf(license);
      if (state !== "2" && state !== "3") continue;
      if (license.scheduledclose !== undefined && license.scheduledclose <= today) {
        this.acts.close(license, midnight, true);
      } else if (license.status === "3_autosuspend") {
        this.deleteLapsed(license, midnight);
      } else if (license.status === "2" || license.status === "3") {
        this.endTerm(license, today, midnight);
      }
    }
  }

  /** At its end a term is renewed from the balance, or the license is suspended (documented for own licenses). */
  private endTerm(license: License, today: CalendarDate, at: Date): void {
    while (license.expiredate !== undefined && license.expiredate <= today) {
      if (!this.renew(license, license.expiredate, at)) {
        this.acts.suspend(license, "3_autosuspend", at, true);
        return;
      }
    }
  }

  private renew(license: License, from: CalendarDate, at: Date): boolean {
    const { period } = license;
    if (license.scheduledclose !== undefined || !renewsItself(license)) return false;
    const amount = this.acts.price(license, period);
    if (!this.books.canPay(this.books.account(license.account), amount)) return false;
    const paidUntil = endOfPeriod(from, period);
    this.books.charge(license, { kind: "autoprolong", amount, period, from, paidUntil }, at);
    license.expiredate = paidUntil;
    return true;
  }

  private deleteLapsed(license: License, at: Date): void {
    const { lapsedOn } = license;
    if (lapsedOn !== undefined && addDays(lapsedOn, this.knobs.deletedAfterDays) <= dateOf(at)) {
      this.acts.close(license, at, true);
    }
  }
}
