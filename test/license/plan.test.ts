import { describe, expect, it } from "vitest";
import { type CalendarDate, calendarDate } from "../../provider/billmanager/types";
import { claimOf } from "../../provider/license/claim";
import type { Wish } from "../../provider/license/inputs";
import { notices, describe as phrases, plan, TooManyPeriodsError, warnings } from "../../provider/license/plan";
import type { Observed } from "../../provider/license/state";

const day = (text: string) => calendarDate(text) as CalendarDate;
const today = day("2026-01-20");

const wish: Wish = {
  claim: claimOf("urn:pulumi:prod::shop::billmanager:index:License::web01"),
  licenseName: "web01",
  product: "cloudlinux",
  pricelist: 9203,
  ip: "192.0.2.10",
  period: 1,
  suspended: false,
  autoRenew: false,
  deletionPolicy: "delete",
  recreateWhenDeleted: false,
};
const observed: Observed = {
  licenseName: "web01",
  ip: "192.0.2.10",
  status: "active",
  expiresOn: day("2026-02-15"),
  cost: "14.00 EUR / Month",
  autoRenew: false,
};

/** The printout of the plan, which is what a preview shows. */
const says = (changed: Partial<Observed> | undefined, wanted: Partial<Wish> = {}, on = today) => {
  const seen = changed && { ...observed, ...changed };
  return plan(seen, { ...wish, ...wanted }, on).flatMap((step) => phrases(step, seen, { ...wish, ...wanted }));
};

describe("the plan", () => {
  it("is empty where everything is as wished", () => {
    expect(says({})).toEqual([]);
  });

  it("orders where there is nothing", () => {
    expect(says(undefined)).toEqual(["orders CloudLinux for 192.0.2.10"]);
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
    expect(() => says({ cost: "0.35 EUR / Month" }, { paidUntil: day("2028-02-16") })).toThrow(TooManyPeriodsError);
    expect(() => says({ cost: "0.35 EUR / Month" }, { paidUntil: day("2028-02-16") })).toThrow(
      "more than 8.40 EUR: nothing was paid",
    );
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

  it("stays as it is, with a warning, where the panel does not let it be changed", () => {
    const fixed = { ...observed, autoRenew: true, autoRenewFixed: true };
    expect(plan(fixed, wish, today)).toEqual([]);
    expect(warnings(fixed, wish, today)).toEqual([
      "autoRenew is true at the vendor, whose panel does not let it be changed after the order; change it in the panel, or set autoRenew to true",
    ]);
  });

  it("is left alone where the panel does not show it, with a warning where it is asked for", () => {
    const { autoRenew: _, ...hidden } = observed;
    expect(plan(hidden, { ...wish, autoRenew: true }, today)).toEqual([]);
    expect(warnings(hidden, { ...wish, autoRenew: true }, today)).toEqual([
      "autoRenew is true, but the panel does not show whether the vendor renews this license, so an update cannot change it: look in the panel",
    ]);
    expect(warnings(hidden, wish, today)).toEqual([]);
  });
});

describe("warnings", () => {
  const about = (changed: Partial<Observed>, wanted: Partial<Wish> = {}) =>
    warnings({ ...observed, ...changed }, { ...wish, ...wanted }, today);

  it("are none where all is well", () => {
    expect(about({})).toEqual([]);
    expect(about({ status: "suspended" }, { suspended: true })).toEqual([]);
  });

  it("say what lapsed and which input would mend it, unless it is about to be mended", () => {
    const lapsed = { status: "suspended", statusReason: "autosuspend", expiresOn: day("2026-01-10") } as const;
    expect(about(lapsed)).toEqual([
      "this license lapsed unpaid on 2026-01-10; to pay for it, set paidUntil to a later day",
    ]);
    expect(about(lapsed, { paidUntil: day("2026-02-10") })).toEqual([]);
  });

  it("do not call a day of the future the one on which it lapsed", () => {
    expect(about({ status: "suspended", statusReason: "autosuspend" })).toEqual([
      "this license is suspended as unpaid, although it is paid until 2026-02-15; to pay for it, set paidUntil to a later day",
    ]);
  });

  it("say when the vendor will close it, which nothing is paid for", () => {
    const closes = (on: string) =>
      `the vendor will close this license${on}, and no update renews it: cancel that in the panel if it shall stay`;
    const due = { renewBeforeDays: 400 };
    expect(says({ closesOn: day("2026-02-15") }, due)).toEqual([]);
    expect(about({ closesOn: day("2026-02-15") }, due)).toEqual([closes(" on 2026-02-15")]);
    expect(about({ closesOn: "some day" })).toEqual([closes("")]);
    const lapsed = { status: "suspended", statusReason: "autosuspend", expiresOn: day("2026-01-10") } as const;
    expect(about({ ...lapsed, closesOn: day("2026-02-15") }, due)).toEqual([closes(" on 2026-02-15")]);
    expect(notices({ ...observed, closesOn: day("2026-02-15") }, wish, today)).toEqual([]);
  });

  it("say that no date is shown to renew by, where an update is to renew", () => {
    const { expiresOn: _, ...dateless } = observed;
    const none = [
      "the panel shows no date until which this license is paid, so no update can renew it: look in the panel, and renew it there",
    ];
    expect(warnings(dateless, { ...wish, renewBeforeDays: 7 }, today)).toEqual(none);
    expect(warnings(dateless, { ...wish, paidUntil: day("2026-03-01") }, today)).toEqual(none);
    expect(warnings(dateless, wish, today)).toEqual([]);
    expect(warnings({ ...dateless, status: "processing" }, { ...wish, renewBeforeDays: 7 }, today)).toEqual([]);
    const abused = { ...dateless, status: "suspended", statusReason: "abusesuspend" } as const;
    expect(warnings(abused, { ...wish, renewBeforeDays: 7 }, today)).toHaveLength(1);
  });

  it("say how to pay only where it can be done", () => {
    const lapsed = { ...observed, status: "suspended", statusReason: "autosuspend" } as const;
    const { expiresOn: _, ...dateless } = lapsed;
    expect(warnings(dateless, { ...wish, paidUntil: day("2026-03-01") }, today)).toEqual([
      "this license lapsed unpaid; the vendor shows no date to count from, so pay for it in the panel",
    ]);
    expect(warnings({ ...lapsed, expiresOn: day("2026-01-10") }, { ...wish, period: -100 }, today)).toEqual([
      "this license lapsed unpaid on 2026-01-10; what is sold for this period cannot be renewed",
    ]);
  });

  it("say that a term has ended which nobody renews, though no refresh has seen it lapse", () => {
    const ended = { expiresOn: day("2026-01-19") };
    const expected = [
      "this license was paid until 2026-01-19 when it was seen last; to pay for it, set paidUntil to a later day",
    ];
    expect(about(ended)).toEqual(expected);
    expect(about({ ...ended, status: "suspended" }, { suspended: true })).toEqual(expected);
    expect(about({ expiresOn: today })).toEqual([]);
    expect(about({ ...ended, autoRenew: true }, { autoRenew: true })).toEqual([]);
    expect(about(ended, { renewBeforeDays: 0 })).toEqual([]);
    expect(about(ended, { paidUntil: day("2026-01-21") })).toEqual([]);
    expect(about({ ...ended, status: "processing" })).toEqual([]);
  });

  it("say who has to act where only somebody else can", () => {
    expect(about({ status: "suspended", statusReason: "abusesuspend" })).toEqual([
      "this license is suspended by the vendor (abusesuspend); only the vendor can bring it back",
    ]);
    expect(about({ status: "deleted" })).toEqual([
      "the vendor no longer has this license; nothing is bought for it (to order it again, set recreateWhenDeleted: true, or replace it: pulumi up --replace <urn>)",
    ]);
    expect(about({ status: "deleted" }, { recreateWhenDeleted: true })).toEqual([
      "the vendor no longer has this license; the next update orders it again, since recreateWhenDeleted is set",
    ]);
    expect(about({ status: "ordered" })).toEqual([
      "this license is ordered but not paid: pay for it in the panel, and the next update finishes it",
    ]);
  });
});

describe("the notice that a license lapses", () => {
  const told = (changed: Partial<Observed> = {}, wanted: Partial<Wish> = {}, on = today) =>
    notices({ ...observed, ...changed }, { ...wish, ...wanted }, on);
  const lapses = (on: string) => [`nothing renews this license: it lapses on ${on}`];

  it("is given where neither the vendor nor an update renews it, up to its last day", () => {
    expect(told()).toEqual(lapses("2026-02-15"));
    expect(told({}, {}, day("2026-02-15"))).toEqual(lapses("2026-02-15"));
    expect(told({}, {}, day("2026-02-16"))).toEqual([]);
    expect(told({}, { period: 12 })).toEqual(lapses("2026-02-15"));
  });

  it("is given of a suspended license, too, which runs out as well", () => {
    expect(told({ status: "suspended" }, { suspended: true })).toEqual(lapses("2026-02-15"));
  });

  it("is not given where an update renews", () => {
    expect(told({}, { renewBeforeDays: 0 })).toEqual([]);
    expect(told({}, { paidUntil: day("2026-02-16") })).toEqual([]);
  });

  it("is given again once paidUntil is reached", () => {
    expect(told({}, { paidUntil: day("2026-02-15") })).toEqual(lapses("2026-02-15"));
    expect(told({}, { paidUntil: day("2025-12-31") })).toEqual(lapses("2026-02-15"));
  });

  it("is not given where the vendor renews, is about to be told to, or has not yet been told to stop", () => {
    expect(told({ autoRenew: true }, { autoRenew: true })).toEqual([]);
    expect(told({ autoRenew: false }, { autoRenew: true })).toEqual([]);
    expect(told({ autoRenew: true }, { autoRenew: false })).toEqual([]);
    expect(told({ autoRenew: true, autoRenewFixed: true }, { autoRenew: false })).toEqual([]);
  });

  it("is given where the vendor cannot be told to renew, and not where the panel does not show whether it does", () => {
    expect(told({ autoRenew: false, autoRenewFixed: true }, { autoRenew: true })).toEqual(lapses("2026-02-15"));
    const { autoRenew: _, ...hidden } = observed;
    expect(notices(hidden, { ...wish, autoRenew: true }, today)).toEqual([]);
    expect(notices(hidden, wish, today)).toEqual(lapses("2026-02-15"));
  });

  it("is not given of what does not run, has lapsed, is the vendor's to decide, or has no term", () => {
    for (const status of ["deleted", "ordered", "processing"] as const) {
      expect(told({ status })).toEqual([]);
    }
    for (const statusReason of ["autosuspend", "abusesuspend", "employeesuspend", "something"]) {
      expect(told({ status: "suspended", statusReason })).toEqual([]);
    }
    const { expiresOn: _, ...dateless } = observed;
    expect(notices(dateless, wish, today)).toEqual([]);
    for (const period of [0, -50, -100]) {
      expect(told({}, { period })).toEqual([]);
    }
  });

  it("computes of an order until when its first period runs", () => {
    expect(notices(undefined, wish, day("2026-01-31"))).toEqual(lapses("2026-02-28"));
    expect(notices(undefined, { ...wish, period: 12 }, today)).toEqual(lapses("2027-01-20"));
    expect(notices(undefined, { ...wish, suspended: true }, today)).toEqual(lapses("2026-02-20"));
    expect(notices(undefined, { ...wish, period: 0 }, today)).toEqual([]);
    expect(notices(undefined, { ...wish, autoRenew: true }, today)).toEqual([]);
    expect(notices(undefined, { ...wish, renewBeforeDays: 3 }, today)).toEqual([]);
    expect(notices(undefined, { ...wish, paidUntil: day("2026-02-21") }, today)).toEqual([]);
  });

  it("is no step, and no warning", () => {
    expect(says({})).toEqual([]);
    expect(warnings(observed, wish, today)).toEqual([]);
  });
});
