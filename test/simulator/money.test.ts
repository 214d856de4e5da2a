import { describe, expect, it } from "vitest";
import { formatAmount, parseAmount } from "../../simulator/money";

describe("money", () => {
  it.each([
    ["14.00", "EUR", 1400n],
    ["14", "EUR", 1400n],
    ["0.1", "EUR", 10n],
    ["-0.01", "EUR", -1n],
    ["500", "JPY", 500n],
    ["1.005", "KWD", 1005n],
    ["90071992547409931.07", "EUR", 9007199254740993107n],
  ])("%s %s is exact", (text, currency, units) => {
    expect(parseAmount(text, currency)).toBe(units);
  });

  it.each([
    ["1.005", "EUR"],
    ["1.0", "JPY"],
    ["1,00", "EUR"],
    ["", "EUR"],
    ["1e3", "EUR"],
    ["1.00", "EURO"],
  ])("refuses %s %s", (text, currency) => {
    expect(() => parseAmount(text, currency)).toThrow(RangeError);
  });

  it.each([
    [1400n, "EUR", "14.00"],
    [-1n, "EUR", "-0.01"],
    [0n, "EUR", "0.00"],
    [500n, "JPY", "500"],
    [9007199254740993107n, "EUR", "90071992547409931.07"],
  ])("%s of %s reads %s", (units, currency, text) => {
    expect(formatAmount(units, currency)).toBe(text);
  });

  it("pads where four decimals are asked for", () => {
    expect([formatAmount(1400n, "EUR", 4), formatAmount(500n, "JPY", 4)]).toEqual(["14.0000", "500.0000"]);
  });
});
