import { describe, expect, it } from "vitest";
import { type CalendarDate, calendarDate } from "../../provider/billmanager/types";
import { canonicalAddress } from "../../provider/license/address";
import { addDays, addMonths, daysBetween, utcDay } from "../../provider/license/calendar";

const day = (text: string) => calendarDate(text) as CalendarDate;

describe("calendar days", () => {
  it.each([
    ["2026-01-15", 1, "2026-02-15"],
    ["2026-01-31", 1, "2026-02-28"],
    ["2028-01-31", 1, "2028-02-29"],
    ["2026-12-31", 2, "2027-02-28"],
    ["2026-11-30", 1, "2026-12-30"],
    ["2026-03-31", 12, "2027-03-31"],
  ])("%s and %i months is %s", (from, months, to) => {
    expect(addMonths(day(from), months)).toBe(to);
  });

  it("count across a month, a leap day and backwards", () => {
    expect(daysBetween(day("2026-01-15"), day("2026-02-15"))).toBe(31);
    expect(daysBetween(day("2028-02-28"), day("2028-03-01"))).toBe(2);
    expect(daysBetween(day("2026-02-15"), day("2026-02-10"))).toBe(-5);
  });

  it("are the vendor's, in UTC, wherever the pipeline runs", () => {
    expect(utcDay(new Date("2026-11-22T23:59:59Z"))).toBe("2026-11-22");
    expect(utcDay(new Date("2026-11-23T00:30:00+02:00"))).toBe("2026-11-22");
  });
});

describe("a day so many days later", () => {
  it.each([
    ["2026-12-20", 0, "2026-12-20"],
    ["2026-12-20", 12, "2027-01-01"],
    ["2028-02-28", 1, "2028-02-29"],
  ])("%s and %i days is %s", (from, days, to) => {
    expect(addDays(day(from), days)).toBe(to);
  });
});

describe("the spelling of an address", () => {
  it.each([
    ["192.0.2.10", "192.0.2.10"],
    ["2001:DB8:0:0::0010", "2001:db8::10"],
    ["2001:db8::10", "2001:db8::10"],
  ])("%s is stored as %s", (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each([
    "",
    "web01",
    "192.0.2.0/24",
    "192.0.2.300",
    "192.0.2.010",
    "192.0.2.10 ",
    "fe80::1%eth0",
    "[2001:db8::1]",
    "1",
  ])("%j is no address of one server", (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });
});
