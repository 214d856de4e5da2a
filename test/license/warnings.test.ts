import { describe, expect, it } from "vitest";
import type { Wish } from "../../provider/license/inputs";
import { notices, pendingRenewal, warnings } from "../../provider/license/plan";
import type { Observed } from "../../provider/license/state";
import { day, observed, says, today, wish } from "./plans";

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
    expect(about({ ...lapsed, expiresOn: today })).toEqual([
      "this license lapsed unpaid on 2026-01-20; to pay for it, set paidUntil to a later day",
    ]);
  });

  it("leave what the vendor is at work on alone, whatever it gives for a reason", () => {
    for (const statusReason of ["open", "autosuspend"]) {
      expect(about({ status: "processing", statusReason, expiresOn: day("2026-01-10") })).toEqual([]);
    }
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
    const { expiresOn: _, ...dateless } = { ...observed, closesOn: day("2026-02-15") };
    expect(warnings(dateless, { ...wish, ...due }, today)).toEqual([closes(" on 2026-02-15")]);
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
    expect(warnings({ ...dateless, status: "suspended" }, { ...wish, renewBeforeDays: 7 }, today)).toEqual(none);
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
    expect(about({ ...ended, autoRenew: true })).toEqual([]);
    const { autoRenew: _, ...hidden } = { ...observed, ...ended };
    expect(warnings(hidden, wish, today)).toEqual(expected);
    expect(warnings(hidden, { ...wish, autoRenew: true }, today)).not.toContain(expected[0]);
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

describe("the warning that an accepted renewal is not shown", () => {
  const pending = { ...observed, renewedFrom: day("2026-02-15") };

  it("is given up to the last day of the old term, and says that nothing more is paid", () => {
    const expected = [
      "the vendor accepted to renew this license from 2026-02-15 on and does not show it yet: nothing more is paid until " +
        "it does, or until that day is over; look at the expenses and bills in the panel",
    ];
    expect(pendingRenewal(pending, today)).toEqual(expected);
    expect(pendingRenewal(pending, day("2026-02-15"))).toEqual(expected);
    expect(pendingRenewal(pending, day("2026-02-16"))).toEqual([]);
  });

  it("is not given where none was accepted, or where it is shown", () => {
    expect(pendingRenewal(observed, today)).toEqual([]);
    expect(pendingRenewal({ ...pending, expiresOn: day("2026-03-15") }, today)).toEqual([]);
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
    expect(notices({ ...hidden, autoRenewFixed: true }, { ...wish, autoRenew: true }, today)).toEqual([]);
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
