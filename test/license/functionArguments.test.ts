import { describe, expect, it } from "vitest";
import type { CalendarDate } from "../../provider/billmanager/types";
import { filterAsked, licenseAsked, nothingAsked, priceAsked } from "../../provider/license/functionArguments";
import type { RawInputs } from "../../provider/license/inputs";

const TODAY = "2026-12-20" as CalendarDate;
const PRICELISTS = { bitninja: 55369, ours: 9203 };
const filter = (args: RawInputs) => filterAsked(args, PRICELISTS, TODAY);
const price = (args: RawInputs) => priceAsked(args, PRICELISTS);

describe("the arguments of getLicenses", () => {
  it.each<[RawInputs, object]>([
    [{}, { pricelists: [] }],
    [{ product: undefined, ip: null }, { pricelists: [] }],
    [{ product: "cloudlinux" }, { pricelists: [9203] }],
    [{ product: "bitninja" }, { pricelists: [55369] }],
    [{ pricelist: 11738 }, { pricelists: [11738] }],
    [{ product: "cloudlinux", pricelist: 9204 }, { pricelists: [9203, 9204] }],
    [{ ip: "2001:DB8:0::10" }, { pricelists: [], ip: "2001:db8::10" }],
    [{ licenseName: " as shown" }, { pricelists: [], licenseName: " as shown" }],
    [{ status: "deleted" }, { pricelists: [], status: "deleted" }],
    [{ expiringWithinDays: 0 }, { pricelists: [], expiresUntil: "2026-12-20" }],
    [{ expiringWithinDays: 12 }, { pricelists: [], expiresUntil: "2027-01-01" }],
  ])("%j choose by %j", (args, chosen) => {
    expect(filter(args)).toEqual(chosen);
  });

  it.each<[RawInputs, string]>([
    [
      { product: "bitninjas" },
      'product "bitninjas" is not known; known are bitninja, cloudlinux, kernelcare, ours, softaculous',
    ],
    [{ product: 9203 }, "product must be the name of a product, not 9203"],
    [{ pricelist: "9203" }, 'pricelist must be a tariff\'s number such as 9203, not "9203"'],
    [
      { ip: "192.0.2.0/24" },
      'ip must be one IPv4 or IPv6 address such as 192.0.2.10 or 2001:db8::10, not "192.0.2.0/24"',
    ],
    [{ licenseName: "" }, 'licenseName must be the whole name of a license, not ""'],
    [{ status: "gone" }, 'status must be one of ordered, processing, active, suspended, deleted, not "gone"'],
    [{ expiringWithinDays: -1 }, "expiringWithinDays must be a whole number of days, from 0 to 100000, not -1"],
    [{ expiringWithinDays: 1.5 }, "from 0 to 100000, not 1.5"],
    [{ expiringWithinDays: 1e12 }, "from 0 to 100000, not 1000000000000"],
    [
      { address: "192.0.2.10" },
      "address is no argument of getLicenses; the arguments are product, pricelist, expiringWithinDays, ip, licenseName, status",
    ],
  ])("%j are refused: %s", (args, message) => {
    expect(() => filter(args)).toThrow(message);
  });

  it("are judged all at once, and nothing is called", () => {
    expect(() => filter({ status: "gone", ip: "web01", expiringWithinDays: "7" })).toThrow(
      /^expiringWithinDays .*; ip .*; status .*\. No call was made$/,
    );
  });
});

describe("the arguments of getLicense", () => {
  it("are the license's number", () => {
    expect(licenseAsked({ id: "1000001" })).toBe("1000001");
  });

  it.each([[{}], [{ id: undefined }], [{ id: 1000001 }], [{ id: "web01" }], [{ id: "" }], [{ id: "1@2" }]])(
    "%j are refused",
    (args: RawInputs) => {
      expect(() => licenseAsked(args)).toThrow(/^id must be a license's number as text, such as "1234567", not .*/);
    },
  );
});

describe("the arguments of getBalance", () => {
  it("are none", () => {
    expect(() => nothingAsked({})).not.toThrow();
    expect(() => nothingAsked({ currency: "EUR" })).toThrow("currency is no argument of getBalance; there is none");
  });
});

describe("the arguments of getPrice", () => {
  it.each<[RawInputs, object]>([
    [{ product: "cloudlinux" }, { pricelist: 9203, period: 1 }],
    [
      { pricelist: 9203, period: 1 },
      { pricelist: 9203, period: 1 },
    ],
    [
      { product: "bitninja", period: 12 },
      { pricelist: 55369, period: 12 },
    ],
    [
      { pricelist: 55369, period: -100 },
      { pricelist: 55369, period: -100 },
    ],
  ])("%j ask for %j", (args, asked) => {
    expect(price(args)).toEqual(asked);
  });

  it.each<[RawInputs, string]>([
    [{}, "product and pricelist are both missing: give exactly one"],
    [{ product: "cloudlinux", pricelist: 9203 }, "product and pricelist are both given: give exactly one"],
    [{ product: "nothing" }, 'product "nothing" is not known'],
    [{ product: "cloudlinux", period: 12 }, "period must be 1 for this product"],
    [{ product: "ours", period: 12 }, "period must be 1 for this product"],
    [{ pricelist: 11738, period: 0 }, "period must be 1 for this product"],
    [{ pricelist: 55369, period: -1 }, "period must be a whole number of months"],
    [{ pricelist: 0 }, "pricelist must be a tariff's number such as 9203, not 0"],
  ])("%j are refused: %s", (args, message) => {
    expect(() => price(args)).toThrow(message);
  });
});
