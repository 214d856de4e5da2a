import { describe, expect, it } from "vitest";
import { calendarDate, isInvalidRequest, licenseId } from "../../provider/billmanager";

describe("calendarDate", () => {
  it.each(["2026-01-15", "2024-02-29", "2000-02-29", "2026-12-31"])("accepts %s", (day) => {
    expect(calendarDate(day)).toBe(day);
  });

  it.each([
    "",
    "2026-02-29",
    "1900-02-29",
    "2026-04-31",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "0000-00-00",
    "2026-1-5",
    "26-01-15",
    " 2026-01-15",
    "2026-01-15T00:00:00Z",
    "Daily charges",
  ])("refuses %j, which is no day of the calendar", (text) => expect(calendarDate(text)).toBeUndefined());
});

describe("licenseId", () => {
  it("keeps the digits as they are", () => expect(licenseId("007")).toBe("007"));

  it.each(["", "12a", "-1", "1.0", " 1", "1, 2", "١"])("refuses %j", (text) => {
    expect(() => licenseId(text)).toThrow(expect.toSatisfy(isInvalidRequest));
  });
});
