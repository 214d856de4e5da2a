import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMoney } from "../../provider/billmanager";
import {
  addMoney,
  compareMoney,
  type Money,
  moneyIn,
  moneyText,
  multiplyMoney,
  parseAmount,
  subtractMoney,
} from "../../provider/billmanager/money";
import { seedOf } from "../seed";

describe("parseMoney", () => {
  it.each([
    ["12.50 EUR", "12.50", "EUR"],
    ["12 EUR", "12", "EUR"],
    ["0.00 EUR", "0.00", "EUR"],
    ["-3.00 EUR", "-3.00", "EUR"],
    ["12.50EUR", "12.50", "EUR"],
    ["EUR 12.50", "12.50", "EUR"],
    ["  12.50   EUR  ", "12.50", "EUR"],
    ["12,50 EUR", "12.50", "EUR"],
    ["1 234.50 RUB", "1234.50", "RUB"],
    ["1\u00a0234,50 RUB", "1234.50", "RUB"],
    ["1\u202f234\u202f567 RUB", "1234567", "RUB"],
    ["1,234.50 USD", "1234.50", "USD"],
    ["1.234,50 EUR", "1234.50", "EUR"],
    ["1,234,567 USD", "1234567", "USD"],
    ["12 345 RUB", "12345", "RUB"],
    ["12,345.60 USD", "12345.60", "USD"],
    ["12.345,60 EUR", "12345.60", "EUR"],
    ["1,234,567.80 USD", "1234567.80", "USD"],
    ["1.234.567,80 EUR", "1234567.80", "EUR"],
    ["12,345,678 USD", "12345678", "USD"],
    ["913.9286 EUR", "913.9286", "EUR"],
    ["007.10 EUR", "7.10", "EUR"],
    ["-007.10 EUR", "-7.10", "EUR"],
    ["14.00 EUR / Month", "14.00", "EUR"],
    ["100.00 RUB / Месяц", "100.00", "RUB"],
    ["9007199254740993.01 EUR", "9007199254740993.01", "EUR"],
  ])("reads %j as %s %s", (text, amount, currency) => {
    expect(parseMoney(text)).toEqual({ amount, currency });
  });

  it.each([
    "",
    "EUR",
    "12.50",
    "12.50 eur",
    "12.50 €",
    "plenty EUR",
    "1.2.3 EUR",
    "1 2 EUR",
    "1 2 345 EUR",
    "1 234 5 EUR",
    "1,1,234.50 EUR",
    "1,234.50,5 EUR",
    "1,2,345,678 EUR",
    "1,234,567,8 EUR",
    "1.2.345,60 EUR",
    "1.234,50.5 EUR",
    "12..5 EUR",
    "1e3 EUR",
    "0x10 EUR",
    "12.50 EUR 7",
    "--1 EUR",
  ])("reads nothing from %j", (text) => expect(parseMoney(text)).toBeUndefined());

  it.each(["1,234 EUR", "1.234 EUR", "-12.345 EUR", "999,000 RUB", "EUR 1.000"])(
    "does not guess whether a lone separator before three digits means thousands: %s",
    (text) => expect(parseMoney(text)).toBeUndefined(),
  );

  it.each([
    ["0.125 EUR", "0.125"],
    ["0,125 EUR", "0.125"],
    ["1234.567 EUR", "1234.567"],
    ["1234,567 EUR", "1234.567"],
    ["1 234,567 EUR", "1234.567"],
    ["1,234.567 EUR", "1234.567"],
  ])("takes three digits for decimals where they cannot be thousands: %s", (text, amount) =>
    expect(parseMoney(text)).toMatchObject({ amount }),
  );
});

describe("an amount of a hundred characters", () => {
  it("is the longest that is read", () => {
    expect(parseAmount("1".repeat(100))).toBe("1".repeat(100));
    expect(parseAmount("1".repeat(101))).toBeUndefined();
    expect(parseMoney(`${"1".repeat(96)} EUR`)).toEqual({ amount: "1".repeat(96), currency: "EUR" });
    expect(parseMoney(`${"1".repeat(97)} EUR`)).toBeUndefined();
  });
});

describe("moneyIn", () => {
  it("finds the total in a sentence with other amounts", () => {
    expect(moneyIn("Discount 1.00 EUR. Total amount: 14.00 EUR")).toEqual({ amount: "14.00", currency: "EUR" });
    expect(moneyIn("Total amount: 14.00 EUR, with VAT of 2.33 EUR")).toEqual({ amount: "14.00", currency: "EUR" });
  });

  it("reads through HTML", () => {
    expect(moneyIn("<b>Total amount:</b>&nbsp;<i>1 400.00</i> RUB")).toEqual({ amount: "1400.00", currency: "RUB" });
    expect(moneyIn("<td>14.00 EUR</td><td>Month</td>")).toEqual({ amount: "14.00", currency: "EUR" });
    expect(moneyIn("14.00 EUR&nbsp;Month")).toEqual({ amount: "14.00", currency: "EUR" });
    expect(moneyIn("14.00&nbsp;EUR")).toEqual({ amount: "14.00", currency: "EUR" });
  });

  it("is not misled by a number on the line before", () => {
    expect(moneyIn("Total amount for 3\n14.00 EUR")).toEqual({ amount: "14.00", currency: "EUR" });
  });

  it("takes the only amount of a sentence in another language", () => {
    expect(moneyIn("Итого: 14.00 EUR, к оплате 14.00EUR")).toEqual({ amount: "14.00", currency: "EUR" });
  });

  it.each(["", "free", "14.00 EUR or 15.00 EUR", "Total amount: on request"])("says nothing of %j", (text) => {
    expect(moneyIn(text)).toBeUndefined();
  });
});

const euros = (amount: string): Money => ({ amount, currency: "EUR" });

describe("sums of money", () => {
  it.each([
    ["14.00", "2.50", "16.50"],
    ["14", "2.5", "16.5"],
    ["14", "13.9999", "27.9999"],
    ["0.10", "0.20", "0.30"],
    ["0", "14.00", "14.00"],
    ["-3", "14.00", "11.00"],
    ["-0.05", "0.04", "-0.01"],
    ["-0.05", "0.05", "0.00"],
    ["99999999999999999999.99", "0.01", "100000000000000000000.00"],
  ])("%s and %s are %s", (one, other, sum) => {
    expect(addMoney(euros(one), euros(other))).toEqual(euros(sum));
    expect(addMoney(euros(other), euros(one))).toEqual(euros(sum));
  });

  it.each([
    ["5.00", "14.00", "-9.00"],
    ["14.00", "14", "0.00"],
    ["1", "0.0001", "0.9999"],
  ])("%s less %s are %s", (one, other, rest) => {
    expect(subtractMoney(euros(one), euros(other))).toEqual(euros(rest));
  });

  it.each([
    ["14.00", 24, "336.00"],
    ["0.07", 3, "0.21"],
    ["913.9286", 2, "1827.8572"],
    ["14", 0, "0"],
    ["0.50", -1, "-0.50"],
    ["-0.50", -1, "0.50"],
  ])("%s taken %i times are %s", (amount, count, product) => {
    expect(multiplyMoney(euros(amount), count)).toEqual(euros(product));
  });

  it.each([
    ["14", "14.00", 0],
    ["14.0", "14.000", 0],
    ["13.9999", "14.00", -1],
    ["14.0001", "14", 1],
    ["9", "10", -1],
    ["0.9", "0.10", 1],
    ["-1", "-2.00", 1],
    ["-0.5", "0", -1],
    ["9007199254740993", "9007199254740992", 1],
  ])("%s beside %s is %i", (one, other, order) => {
    expect(Math.sign(compareMoney(euros(one), euros(other)))).toBe(order);
    expect(Math.sign(compareMoney(euros(other), euros(one)))).toBe(order === 0 ? 0 : -order);
  });

  it("are never made of two currencies, nor of a broken number of times", () => {
    const dollars = { amount: "14.00", currency: "USD" };
    for (const reckon of [addMoney, subtractMoney, compareMoney]) {
      expect(() => reckon(euros("14.00"), dollars)).toThrow("amounts of EUR and of USD cannot be reckoned together");
    }
    expect(() => multiplyMoney(euros("14.00"), 1.5)).toThrow(RangeError);
  });

  it("are shown as the panel shows them", () => expect(moneyText(euros("14.00"))).toBe("14.00 EUR"));

  it("agree with fractions of whole numbers, whatever decimals are written", () => {
    const written = fc
      .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.nat({ max: 8 }))
      .map(([units, scale]) => ({ units, scale, money: euros(written10(units, scale)) }));
    fc.assert(
      fc.property(written, written, fc.integer({ min: -1000, max: 1000 }), (one, other, count) => {
        // Over the common denominator 10^16, so that no decimals are lost.
        const [a, b] = [one, other].map(({ units, scale }) => units * 10n ** BigInt(16 - scale)) as [bigint, bigint];
        expect(over16(addMoney(one.money, other.money))).toBe(a + b);
        expect(over16(subtractMoney(one.money, other.money))).toBe(a - b);
        expect(over16(multiplyMoney(one.money, count))).toBe(a * BigInt(count));
        expect(Math.sign(compareMoney(one.money, other.money))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
      {
        seed: seedOf(process.env.FC_SEED, process.env.FC_RUNS !== undefined),
        numRuns: Number(process.env.FC_RUNS ?? 2_000),
      },
    );
  });
});

/** So many units of 10^-scale, by division instead of cutting text. */
function written10(units: bigint, scale: number): string {
  const [size, one] = [units < 0n ? -units : units, 10n ** BigInt(scale)];
  const decimals = scale === 0 ? "" : `.${String(one + (size % one)).slice(1)}`;
  return `${units < 0n ? "-" : ""}${size / one}${decimals}`;
}

function over16({ amount }: Money): bigint {
  const [, sign, whole = "", decimals = ""] = /^(-?)([0-9]+)(?:[.]([0-9]+))?$/.exec(amount) ?? [];
  const size = [...decimals].reduce(
    (sum, digit, index) => sum + BigInt(digit) * 10n ** BigInt(15 - index),
    BigInt(whole) * 10n ** 16n,
  );
  return sign === "-" ? -size : size;
}
