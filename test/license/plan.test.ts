import { describe, expect, it } from "vitest";
import {
  asksForRenewal,
  asOrdered,
  describe as phrases,
  plan,
  TooManyPeriodsError,
  warnings,
  withoutRenewals,
} from "../../provider/license/plan";
import { day, observed, says, today, wish } from "./plans";

describe("the plan", () => {
  it("is empty where everything is as wished", () => {
    expect(says({})).toEqual([]);
  });

  it("orders where there is nothing", () => {
    expect(says(undefined)).toEqual(["orders CloudLinux for 192.0.2.10"]);
    const { ip: _, product: __, ...anywhere } = { ...wish, pricelist: 55369 };
    expect(plan(undefined, anywhere, today).flatMap((step) => phrases(step, undefined, anywhere))).toEqual([
      "orders tariff 55369",
    ]);
  });

  it("says of a new license all that it will cost, and leaves the window of renewal to updates", () => {
    expect(says(undefined, { paidUntil: day("2026-04-01"), renewBeforeDays: 400, suspended: true })).toEqual([
      "orders CloudLinux for 192.0.2.10",
      "renews until 2026-04-20, 2 periods",
      "suspends it",
    ]);
  });

  it("moves and renames in one step", () => {
    expect(plan(observed, { ...wish, ip: "192.0.2.11", licenseName: "www" }, today)).toHaveLength(1);
    expect(says({}, { ip: "192.0.2.11", licenseName: "www" })).toEqual([
      "moves it from 192.0.2.10 to 192.0.2.11",
      'renames it from "web01" to "www"',
    ]);
  });

  it("moves back what was moved outside, and leaves an address alone that the program does not name", () => {
    expect(says({ ip: "192.0.2.99" })).toEqual(["moves it from 192.0.2.99 to 192.0.2.10"]);
    const { ip: _, ...anywhere } = wish;
    expect(plan({ ...observed, ip: "192.0.2.99" }, anywhere, today)).toEqual([]);
  });

  it("moves to the address of the program what is shown without any", () => {
    const { ip: _, ...unplaced } = observed;
    expect(plan(unplaced, wish, today).flatMap((step) => phrases(step, unplaced, wish))).toEqual([
      "moves it to 192.0.2.10",
    ]);
  });

  it("suspends and resumes", () => {
    expect(says({}, { suspended: true })).toEqual(["suspends it"]);
    expect(says({ status: "suspended" })).toEqual(["resumes it"]);
    expect(says({ status: "suspended" }, { suspended: true })).toEqual([]);
  });

  it.each(["employeesuspend", "abusesuspend", "autosuspend", "something"])(
    "does not fight a suspension by the vendor (%s)",
    (statusReason) => {
      expect(says({ status: "suspended", statusReason })).toEqual([]);
      expect(says({ status: "suspended", statusReason }, { suspended: true })).toEqual([]);
    },
  );

  it("pays for no license that the vendor keeps out of service", () => {
    const abused = { status: "suspended", statusReason: "abusesuspend" } as const;
    expect(says(abused, { paidUntil: day("2026-03-01"), renewBeforeDays: 400 })).toEqual([]);
  });

  it("resumes a suspended license for a renewal, which might count from today otherwise, and suspends it again", () => {
    expect(says({ status: "suspended" }, { suspended: true, paidUntil: day("2026-03-01") })).toEqual([
      "resumes it",
      "renews until 2026-03-15 at 14.00 EUR / Month",
      "suspends it",
    ]);
  });

  it("renews one whose term is over before it resumes it, which only a payment may make possible", () => {
    const over = { status: "suspended", expiresOn: today } as const;
    expect(says(over, { renewBeforeDays: 7 })).toEqual(["renews until 2026-02-20 at 14.00 EUR / Month", "resumes it"]);
    expect(says(over, { renewBeforeDays: 7, suspended: true })).toEqual([
      "renews until 2026-02-20 at 14.00 EUR / Month",
      "suspends it",
    ]);
    expect(says(over)).toEqual(["resumes it"]);
  });

  it("does nothing about a license that is gone or not paid for", () => {
    expect(says({ status: "deleted" }, { ip: "192.0.2.11" })).toEqual([]);
    expect(says({ status: "ordered" }, { ip: "192.0.2.11" })).toEqual([]);
  });

  it("brings back into service before it renews, and suspends after it", () => {
    expect(says({ status: "suspended" }, { paidUntil: day("2026-03-01"), ip: "192.0.2.11" })).toEqual([
      "resumes it",
      "renews until 2026-03-15 at 14.00 EUR / Month",
      "moves it from 192.0.2.10 to 192.0.2.11",
    ]);
    expect(says({}, { paidUntil: day("2026-03-01"), suspended: true })).toEqual([
      "renews until 2026-03-15 at 14.00 EUR / Month",
      "suspends it",
    ]);
  });
});

describe("what an order brings", () => {
  it("is in service for its first period, at the price that was read", () => {
    expect(asOrdered(wish, today, { amount: "14.00", currency: "EUR" })).toEqual({
      licenseName: "web01",
      ip: "192.0.2.10",
      status: "active",
      autoRenew: false,
      expiresOn: "2026-02-20",
      cost: "14.00 EUR",
    });
  });

  it.each([0, -50, -100])(
    "has no end that could be told before where the period is %i, nor a price unread",
    (period) => {
      expect(Object.keys(asOrdered({ ...wish, period }, today))).toEqual(["licenseName", "status", "autoRenew", "ip"]);
    },
  );
});

describe("renewal", () => {
  it.each([
    ["2026-02-04", []],
    ["2026-02-05", ["renews until 2026-03-15 at 14.00 EUR / Month"]],
    ["2026-02-20", ["renews until 2026-03-20 at 14.00 EUR / Month"]],
  ])("by renewBeforeDays 10 of a license until 2026-02-15 on %s: %j", (on, expected) => {
    expect(says({}, { renewBeforeDays: 10 }, day(on))).toEqual(expected);
  });

  it.each([
    ["2026-02-15", []],
    ["2026-02-16", ["renews until 2026-03-15 at 14.00 EUR / Month"]],
    ["2026-04-16", ["renews until 2026-05-15, 3 periods at 14.00 EUR / Month"]],
  ])("until at least %s: %j", (paidUntil, expected) => {
    expect(says({}, { paidUntil: day(paidUntil) })).toEqual(expected);
  });

  it("pays one period within the window even if the new date lies within it again", () => {
    expect(says({}, { renewBeforeDays: 400 })).toEqual(["renews until 2026-03-15 at 14.00 EUR / Month"]);
  });

  it("keeps the end of the month in February and counts a lapsed license from today", () => {
    expect(says({ expiresOn: day("2026-01-31") }, { paidUntil: day("2026-02-10") })).toEqual([
      "renews until 2026-02-28 at 14.00 EUR / Month",
    ]);
    expect(
      says(
        { status: "suspended", statusReason: "autosuspend", expiresOn: day("2026-01-10") },
        { paidUntil: day("2026-02-10") },
      ),
    ).toEqual(["renews until 2026-02-20 at 14.00 EUR / Month"]);
  });

  it("pays by whole periods of several months", () => {
    expect(says({}, { period: 12, paidUntil: day("2026-03-01") })).toEqual([
      "renews until 2027-02-15 at 14.00 EUR / Month",
    ]);
  });

  it("is never guessed where the vendor shows no date, nor for what has no months", () => {
    const { expiresOn: _, ...dateless } = observed;
    expect(plan(dateless, { ...wish, renewBeforeDays: 400 }, today)).toEqual([]);
    expect(says({}, { period: 0, renewBeforeDays: 400 })).toEqual([]);
  });

  it("suspends again what comes back into service by being paid for", () => {
    const lapsed = { status: "suspended", statusReason: "autosuspend", expiresOn: day("2026-01-10") } as const;
    expect(says(lapsed, { suspended: true, paidUntil: day("2026-02-10") })).toEqual([
      "renews until 2026-02-20 at 14.00 EUR / Month",
      "suspends it",
    ]);
  });

  it("of more than 24 periods is refused, naming the sum, exactly", () => {
    expect(says({}, { paidUntil: day("2028-02-15") })).toEqual([
      "renews until 2028-02-15, 24 periods at 14.00 EUR / Month",
    ]);
    const tooLate = { paidUntil: day("2028-02-16") };
    const refusal = (sum: string) =>
      `paidUntil 2028-02-16 lies more than 24 periods after 2026-02-15${sum}: nothing was paid; set an earlier paidUntil and go on in a later update`;
    expect(() => says({ cost: "0.35 EUR / Month" }, tooLate)).toThrow(TooManyPeriodsError);
    expect(() => says({ cost: "0.35 EUR / Month" }, tooLate)).toThrow(refusal(", which would cost more than 8.40 EUR"));
    const { cost: _, ...unpriced } = observed;
    expect(() => plan(unpriced, { ...wish, ...tooLate }, today)).toThrow(refusal(""));
    expect(() => says({ cost: "on request" }, tooLate)).toThrow(refusal(""));
  });

  it("that the vendor has accepted is not asked for again, as long as it is only not shown yet", () => {
    const due = { renewBeforeDays: 400, paidUntil: day("2026-12-31") };
    expect(says({ renewedFrom: day("2026-02-15") }, due)).toEqual([]);
    expect(says({ renewedFrom: day("2026-02-15"), expiresOn: day("2026-03-15") }, { renewBeforeDays: 400 })).toEqual([
      "renews until 2026-04-15 at 14.00 EUR / Month",
    ]);
  });

  it("that nothing more may be paid for leaves the steps that cost nothing", () => {
    const due = { ...wish, ip: "192.0.2.11", renewBeforeDays: 400, paidUntil: day("2026-12-31") };
    expect(plan(observed, due, today).map(({ kind }) => kind)).toEqual(["renew", "edit"]);
    expect(plan(observed, withoutRenewals(due), today).map(({ kind }) => kind)).toEqual(["edit"]);
  });

  it("is asked for by a window or a date, for a period of months, which is what an unnamed one is", () => {
    expect(asksForRenewal({ renewBeforeDays: 7 })).toBe(true);
    expect(asksForRenewal({ paidUntil: today, period: 12 })).toBe(true);
    expect(asksForRenewal({ period: 1 })).toBe(false);
    expect(asksForRenewal({ renewBeforeDays: 7, paidUntil: today, period: 0 })).toBe(false);
  });
});

describe("the vendor's own renewal", () => {
  it("is switched where it is found otherwise, for the months of the period", () => {
    expect(plan(observed, { ...wish, autoRenew: true, period: 3 }, today)).toEqual([
      { kind: "edit", changes: [{ of: "autoRenew", to: 3 }] },
    ]);
    expect(says({ autoRenew: true })).toEqual(["switches the vendor's own renewal off"]);
    expect(says({}, { autoRenew: true })).toEqual(["switches the vendor's own renewal on"]);
    expect(says({ autoRenew: true, autoRenewPeriod: 1 }, { autoRenew: true, period: 3 })).toEqual([
      "has the vendor renew 3 months at a time",
    ]);
    expect(says({ autoRenew: true, autoRenewPeriod: 3 }, { autoRenew: true })).toEqual([
      "has the vendor renew 1 month at a time",
    ]);
  });

  it("is left alone where it is as wished, where no months are shown, and where it is off whatever they are", () => {
    expect(says({ autoRenew: true, autoRenewPeriod: 1 }, { autoRenew: true })).toEqual([]);
    expect(says({ autoRenew: true }, { autoRenew: true, period: 3 })).toEqual([]);
    expect(says({ autoRenewPeriod: 3 })).toEqual([]);
  });

  it("stays as it is, with a warning, where the panel does not let it be changed", () => {
    const fixed = { ...observed, autoRenew: true, autoRenewFixed: true };
    expect(plan(fixed, wish, today)).toEqual([]);
    expect(warnings(fixed, wish, today)).toEqual([
      "autoRenew is true at the vendor, whose panel does not let it be changed after the order; change it in the panel, or set autoRenew to true",
    ]);
  });

  it("stays with its months where the panel does not let it be changed, with a warning where they are others", () => {
    const fixed = { ...observed, autoRenew: true, autoRenewFixed: true, autoRenewPeriod: 12 };
    const wanted = { ...wish, autoRenew: true, period: 1 };
    expect(plan(fixed, wanted, today)).toEqual([]);
    expect(warnings(fixed, wanted, today)).toEqual([
      "the vendor renews this license for 12 months at a time, and its panel does not let that be changed after the order; change it in the panel, or set period to 12",
    ]);
    expect(warnings({ ...fixed, autoRenewPeriod: 1 }, { ...wanted, period: 3 }, today)).toEqual([
      expect.stringMatching(/^the vendor renews this license for 1 month at a time.*set period to 1$/),
    ]);
  });

  it("is warned of neither where it can be changed nor where it is as wished", () => {
    const on = { ...observed, autoRenew: true, autoRenewPeriod: 12 };
    const { autoRenewPeriod: _, ...monthless } = { ...on, autoRenewFixed: true };
    expect(warnings(on, { ...wish, autoRenew: true }, today)).toEqual([]);
    expect(warnings(on, wish, today)).toEqual([]);
    expect(warnings({ ...on, autoRenewFixed: true }, { ...wish, autoRenew: true, period: 12 }, today)).toEqual([]);
    expect(warnings(monthless, { ...wish, autoRenew: true }, today)).toEqual([]);
    expect(warnings({ ...on, autoRenew: false, autoRenewFixed: true }, wish, today)).toEqual([]);
  });

  it("is not called that of other months where it does not run, or shall not", () => {
    const off = { ...observed, autoRenew: false, autoRenewFixed: true, autoRenewPeriod: 12 };
    expect(warnings(off, { ...wish, autoRenew: true }, today)).toEqual([
      expect.stringMatching(/^autoRenew is false at the vendor/),
    ]);
    expect(warnings({ ...off, autoRenew: true }, wish, today)).toEqual([
      expect.stringMatching(/^autoRenew is true at the vendor/),
    ]);
  });

  it("is left alone where the panel does not show it, with a warning where it is asked for", () => {
    const { autoRenew: _, ...hidden } = observed;
    expect(plan(hidden, { ...wish, autoRenew: true }, today)).toEqual([]);
    expect(warnings(hidden, { ...wish, autoRenew: true }, today)).toEqual([
      "autoRenew is true, but the panel does not show whether the vendor renews this license, so an update cannot change it: look in the panel",
    ]);
    expect(warnings(hidden, wish, today)).toEqual([]);
    expect(warnings({ ...hidden, autoRenewFixed: true }, wish, today)).toEqual([]);
    const suspended = { ...hidden, status: "suspended" } as const;
    expect(warnings(suspended, { ...wish, autoRenew: true, suspended: true }, today)).toHaveLength(1);
    expect(warnings({ ...hidden, status: "processing" }, { ...wish, autoRenew: true }, today)).toEqual([]);
  });
});
