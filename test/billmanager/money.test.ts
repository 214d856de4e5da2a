import { describe, expect, it } from "vitest";
import { parseMoney } from "../../provider/billmanager";
import { moneyIn } from "../../provider/billmanager/money";

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
    ["913.9286 EUR", "913.9286", "EUR"],
    ["007.10 EUR", "7.10", "EUR"],
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

describe("moneyIn", () => {
  it("finds the total in a sentence with other amounts", () => {
    expect(moneyIn("Discount 1.00 EUR. Total amount: 14.00 EUR")).toEqual({ amount: "14.00", currency: "EUR" });
  });

  it("reads through HTML", () => {
    expect(moneyIn("<b>Total amount:</b>&nbsp;<i>1 400.00</i> RUB")).toEqual({ amount: "1400.00", currency: "RUB" });
  });

  it("is not misled by a number on the line before", () => {
    expect(moneyIn("Total amount for 3\n14.00 EUR")).toEqual({ amount: "14.00", currency: "EUR" });
  });

  it("takes the only amount of a sentence in another language", () => {
    expect(moneyIn("Итого: 14.00 EUR, к оплате 14.00 EUR")).toEqual({ amount: "14.00", currency: "EUR" });
  });

  it.each(["", "free", "14.00 EUR or 15.00 EUR", "Total amount: on request"])("says nothing of %j", (text) => {
    expect(moneyIn(text)).toBeUndefined();
  });
});
