import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Balance } from "../../provider/billmanager/account";
import { addMoney, compareMoney, type Money } from "../../provider/billmanager/money";
import { type CalendarDate, calendarDate } from "../../provider/billmanager/types";
import {
  availableIn,
  type Balances,
  covers,
  judgePrice,
  limitOf,
  limitOnOrders,
  measure,
  paymentsOf,
  type Quote,
} from "../../provider/license/guards";
import { seedOf } from "../seed";
import { wishFor } from "./helpers";

const eur = (amount: string): Money => ({ amount, currency: "EUR" });
const usd = (amount: string): Money => ({ amount, currency: "USD" });
const priced = (price: Money): Quote => ({ kind: "priced", price });
const none: Quote = { kind: "none" };
const unread: Quote = { kind: "unread", why: "silence" };

describe("a price", () => {
  it.each([
    ["14.00", "14.00"],
    ["14.00", "14"],
    ["13.9999", "14.00"],
    ["0.00", "0"],
    ["9.00", "10.00"],
    ["14.00", "999999999999.999999999999"],
  ])("of %s is paid where maxPrice is %s", (price, most) => {
    expect(judgePrice(priced(eur(price)), eur(most))).toBeUndefined();
  });

  it.each([
    ["14.01", "14.00"],
    ["14.0001", "14.00"],
    ["10.00", "9.00"],
    ["0.01", "0"],
  ])("of %s is refused where maxPrice is %s, and both are named", (price, most) => {
    expect(judgePrice(priced(eur(price)), eur(most))).toEqual({
      reason: `one period costs ${price} EUR, more than maxPrice (${most} EUR)`,
      advice: "set a higher maxPrice if that price is right",
    });
  });

  it("in another currency is refused, however small it is", () => {
    expect(judgePrice(priced(usd("0.01")), eur("20.00"))).toEqual({
      reason: "one period costs 0.01 USD, which is not the currency of maxPrice (20.00 EUR)",
      advice: "give maxPrice in USD",
    });
  });

  it("that the vendor does not name is refused", () => {
    expect(judgePrice(none, eur("20.00"))).toEqual({
      reason: "the vendor names no price, so there is nothing to hold against maxPrice (20.00 EUR)",
      advice: "remove maxPrice to pay whatever the vendor asks",
    });
  });

  it("that cannot be read is refused, with what was seen instead", () => {
    expect(judgePrice(unread, eur("20.00"))).toEqual({
      reason: "the price cannot be read (silence), so it cannot be held against maxPrice (20.00 EUR)",
      advice: "run the update again when the panel answers",
    });
  });

  it.each([none, unread, priced(usd("9999.00"))])("is not judged without maxPrice: %j", (quote) => {
    expect(judgePrice(quote, undefined)).toBeUndefined();
  });
});

describe("maxPrice", () => {
  it("is money", () => expect(limitOf(wishFor("web01", { maxPrice: "20.00 EUR" }))).toEqual(eur("20.00")));
  it("is no limit where it is not given", () => expect(limitOf(wishFor("web01"))).toBeUndefined());
  it.each(["", "20", "20 eur", "-1 EUR"])("is never no limit because it cannot be read: %j", (maxPrice) => {
    expect(() => limitOf(wishFor("web01", { maxPrice }))).toThrow(/is no amount of money: nothing was sent/);
  });
});

describe("the money of an account", () => {
  const balance = (amount: string, currency: string, credit?: string): Balance => ({
    amount,
    currency,
    ...(credit === undefined ? {} : { credit }),
  });

  it.each<[string, readonly Balance[], string | undefined]>([
    ["a balance", [balance("12.50", "EUR")], "12.50"],
    ["a balance with credit", [balance("12.50", "EUR", "100.00")], "112.50"],
    ["a balance below zero with credit", [balance("-30.00", "EUR", "100.00")], "70.00"],
    ["a balance below zero", [balance("-30.00", "EUR")], "-30.00"],
    ["an empty balance", [balance("0.00", "EUR", "0.00")], "0.00"],
    ["two balances", [balance("1.00", "EUR"), balance("2.00", "USD"), balance("3.5", "EUR", "1")], "5.50"],
    ["a balance in another currency", [balance("1000.00", "USD", "1000.00")], undefined],
    ["no balance", [], undefined],
  ])("is, in EUR, for %s", (_, balances, amount) => {
    expect(availableIn(balances, "EUR")).toEqual(amount === undefined ? undefined : eur(amount));
  });

  it.each([
    ["14.00", "0", "14.00", true],
    ["14.00", "0", "14.01", false],
    ["14.00", "0.00", "14", true],
    ["28.00", "14.00", "14.00", true],
    ["28.00", "14.01", "14.00", false],
    ["13.9999", "0", "14.00", false],
    ["-1.00", "0", "0.01", false],
    // What costs nothing can always be paid, a trial on an account below zero included.
    ["-1.00", "0", "0.00", true],
    ["10.00", "20.00", "0", true],
  ])("%s with %s spoken for covers %s: %s", (available, spokenFor, price, isCovered) => {
    expect(covers(eur(available), eur(spokenFor), eur(price))).toBe(isCovered);
  });

  it("covers as many of equal prices as go into it, and not one more", () => {
    const cents = (units: number) => eur((units / 100).toFixed(2));
    fc.assert(
      fc.property(fc.nat({ max: 2_000 }), fc.integer({ min: 1, max: 100 }), (has, price) => {
        let spokenFor = eur("0");
        let paid = 0;
        while (covers(cents(has), spokenFor, cents(price)) && paid <= 2_000) {
          spokenFor = addMoney(spokenFor, cents(price));
          paid += 1;
        }
        expect(paid).toBe(Math.floor(has / price));
        expect(compareMoney(spokenFor, cents(has))).toBeLessThanOrEqual(0);
      }),
      { seed: seedOf(process.env.FC_SEED, process.env.FC_RUNS !== undefined), numRuns: 200 },
    );
  });
});

describe("a price beside the money for it", () => {
  const read: Balances = { kind: "read", all: [{ amount: "12.50", currency: "EUR", credit: "1.50" }] };

  it("is known whatever cannot be read of another currency", () => {
    const all = [
      { ...eur("14.00"), credit: "0" },
      { ...usd("0.00"), unreadCredit: "1,000" },
    ];
    expect(measure(priced(eur("14.00")), { kind: "read", all }).kind).toBe("known");
  });

  it("is known where both are", () => {
    expect(measure(priced(eur("14.00")), read)).toEqual({
      kind: "known",
      price: eur("14.00"),
      available: eur("14.00"),
    });
  });

  it.each<[Quote, Balances, string]>([
    [priced(eur("14.00")), { kind: "unread", why: "access" }, "the account's balance cannot be read (access)"],
    // One doubt is enough: that there is no price either adds nothing.
    [none, { kind: "unread", why: "access" }, "the account's balance cannot be read (access)"],
    [none, read, "the vendor names no price"],
    [unread, read, "the vendor's price cannot be read (silence)"],
    [priced(usd("14.00")), read, "the account shows no balance in USD"],
    [
      priced(eur("14.00")),
      { kind: "read", all: [{ ...eur("99.00"), unreadCredit: "1,000" }] },
      'the account\'s credit cannot be read ("1,000")',
    ],
  ])("is in doubt for %j and %j", (quote, balances, why) => {
    expect(measure(quote, balances)).toEqual({ kind: "doubt", why });
  });
});

describe("the payments of a plan", () => {
  const until = calendarDate("2026-04-20") as CalendarDate;

  it.each([
    [[], { orders: 0, renewals: 0 }],
    [[{ kind: "resume" }, { kind: "suspend" }, { kind: "edit", changes: [] }], { orders: 0, renewals: 0 }],
    [[{ kind: "order" }], { orders: 1, renewals: 0 }],
    [[{ kind: "resume" }, { kind: "renew", periods: 1, until }], { orders: 0, renewals: 1 }],
    [[{ kind: "order" }, { kind: "renew", periods: 3, until }, { kind: "suspend" }], { orders: 1, renewals: 3 }],
  ] as const)("%j are %j", (steps, payments) => expect(paymentsOf(steps)).toEqual(payments));
});

describe("the number of orders", () => {
  const { allowOrders, maxOrders } = { allowOrders: true, maxOrders: 2 };

  it.each([
    [{ allowOrders }, 1_000, undefined],
    [{ allowOrders, maxOrders }, 2, undefined],
    [{ allowOrders, maxOrders }, 3, "a run may send no more orders than billmanager:maxOrders allows (2)"],
    [{ allowOrders, maxOrders: 0 }, 1, "a run may send no more orders than billmanager:maxOrders allows (0)"],
    [{ allowOrders: false }, 1, "orders are switched off (billmanager:allowOrders is false)"],
    [{ allowOrders: false, maxOrders }, 3, "orders are switched off (billmanager:allowOrders is false)"],
  ])("by %j is, for the order of number %i: %s", (settings, count, refusal) => {
    expect(limitOnOrders(settings, count)).toBe(refusal);
  });
});
