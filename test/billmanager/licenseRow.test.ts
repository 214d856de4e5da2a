import { describe, expect, it } from "vitest";
import { type LicenseRow, licenseId } from "../../provider/billmanager";
import { children } from "../../provider/billmanager/envelope";
import { licenseFromForm, licenseFromRow } from "../../provider/billmanager/licenseRow";
import { readXml } from "../../provider/billmanager/xml";
import { fixtureText } from "./scriptedPanel";

function documentOf(name: string) {
  const reading = readXml(fixtureText(name));
  if ("flaw" in reading) throw new Error(reading.flaw);
  return reading.root;
}

function rows(name: string): (LicenseRow | undefined)[] {
  return children(documentOf(name), "elem").map(licenseFromRow);
}

function row(name: string): LicenseRow | undefined {
  return rows(name)[0];
}

function form(name: string) {
  return licenseFromForm(documentOf(name), licenseId("1234567"));
}

describe("a row of the list", () => {
  it("is read from the documented columns", () => {
    expect(rows("list-documented-columns.xml")).toEqual([
      {
        id: "1234567",
        licenseName: "web01",
        ip: "192.0.2.10",
        tariff: "CloudLinux",
        status: "active",
        createdOn: "2026-01-15",
        expiresOn: "2026-02-15",
        autoRenew: true,
        autoRenewPeriod: 1,
        cost: "14.00 EUR / Month",
      },
      {
        id: "1234568",
        licenseName: "web02",
        ip: "192.0.2.11",
        tariff: "KernelCare",
        status: "suspended",
        statusReason: "autosuspend",
        createdOn: "2026-01-16",
        expiresOn: "2026-02-16",
        autoRenew: false,
        cost: "4.00 EUR / Month",
      },
    ]);
  });

  it("takes the tariff's number from its own column, the sub-code from any that agrees, and our mark", () => {
    expect(row("list-single-row.xml")).toEqual({
      id: "1234567",
      licenseName: "web01",
      ip: "192.0.2.10",
      pricelist: 9203,
      tariff: "CloudLinux",
      status: "active",
      statusReason: "start",
      remoteId: "k3yz0abc",
    });
  });

  it("takes a tariff shown as a number for its code", () => {
    const license = row("list-tariff-number.xml");
    expect([license?.pricelist, license?.tariff]).toEqual([9203, undefined]);
  });

  it("does not depend on the account's language", () => {
    expect(row("list-localised.xml")).toEqual({
      id: "1234567",
      licenseName: "web01",
      ip: "192.0.2.10",
      tariff: "КлаудЛинукс — на месяц",
      status: "active",
      cost: "1 400.00 RUB / Месяц",
      autoRenew: true,
    });
  });

  it.each([
    ["list-real-status.xml", "processing", "open"],
    ["list-raw-item-status.xml", "suspended", "abusesuspend"],
    ["list-processing.xml", "processing", "suspend"],
    ["list-deleted.xml", "deleted", undefined],
    ["list-ordered.xml", "ordered", undefined],
    ["list-only-words.xml", undefined, undefined],
  ])("has its state wherever the panel shows the code: %s", (name, status, reason) => {
    const license = row(name);
    expect([license?.status, license?.statusReason]).toEqual([status, reason]);
  });

  it.each([
    ["list-phrase-date.xml", undefined, "2026-02-15"],
    ["list-no-date.xml", undefined, undefined],
    ["list-date-with-time.xml", "2026-01-15", "2026-02-15"],
  ])("has dates that are days, or none: %s", (name, createdOn, expiresOn) => {
    const license = row(name);
    expect([license?.createdOn, license?.expiresOn]).toEqual([createdOn, expiresOn]);
  });

  it("says whether the vendor renews, where the panel says it clearly", () => {
    expect(rows("list-autoprolong.xml").map((license) => [license?.autoRenew, license?.autoRenewPeriod])).toEqual([
      [true, 1],
      [true, 12],
      [false, undefined],
      [false, undefined],
      [false, undefined],
      [false, undefined],
      [true, undefined],
      [true, undefined],
      [false, undefined],
      [undefined, undefined],
      [true, 3],
      [undefined, undefined],
    ]);
  });

  it("says whether and when the panel will delete it", () => {
    expect(rows("list-scheduled-close.xml").map((license) => license?.scheduledClose)).toEqual([
      { on: "2026-02-15" },
      {},
      { on: "2026-03-01" },
      undefined,
      undefined,
    ]);
  });

  it("keeps names in any alphabet as they are", () => {
    expect(row("list-unicode.xml")?.licenseName).toBe('Сервер №1 & <тест> 😀—"ok" &lt;');
  });

  it("may have character data and remarks in it", () => {
    expect(rows("list-cdata.xml")).toEqual([
      { id: "1", licenseName: "a & <b>", ip: "192.0.2.1" },
      { id: "2", licenseName: "plain" },
    ]);
  });

  it("takes no value from deeper inside", () => {
    expect(row("list-nested-cells.xml")).toEqual({ id: "1", licenseName: "web", ip: "192.0.2.1" });
  });

  it("is not disturbed by columns named like JavaScript's own properties", () => {
    expect(row("list-reserved-names.xml")).toEqual({ id: "1", licenseName: "web" });
  });

  it.each(["list-id-not-a-number.xml", "list-row-without-id.xml"])("is nothing without an id of digits: %s", (name) => {
    expect(row(name)).toBeUndefined();
  });
});

describe("the form of one license", () => {
  it("shows the tariff's number and whether automatic renewal can be set", () => {
    expect(form("form-documented.xml")).toEqual({
      id: "1234567",
      licenseName: "web01",
      ip: "192.0.2.10",
      pricelist: 9203,
      tariff: "CloudLinux",
      status: "active",
      createdOn: "2026-01-15",
      expiresOn: "2026-02-15",
      autoRenew: true,
      autoRenewPeriod: 1,
      autoRenewEditable: true,
    });
  });

  it("may show the tariff's name alone and no field for automatic renewal", () => {
    expect(form("form-without-autoprolong.xml")).toEqual({
      id: "1234567",
      licenseName: "web01",
      ip: "192.0.2.10",
      tariff: "CloudLinux",
      status: "suspended",
      statusReason: "employeesuspend",
      autoRenewEditable: false,
    });
  });

  it("may leave the id out: it is the one asked for", () => {
    expect(form("form-without-id.xml")).toEqual({
      id: "1234567",
      licenseName: "web01",
      status: "deleted",
      autoRenewEditable: false,
    });
  });

  it.each(["form-of-another-license.xml", "form-empty.xml", "logon-form.xml"])(
    "is nothing when it does not show that license: %s",
    (name) => {
      expect(form(name)).toBeUndefined();
    },
  );
});
