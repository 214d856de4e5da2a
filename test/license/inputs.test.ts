import { describe, expect, it } from "vitest";
import { claimOf } from "../../provider/license/claim";
import { checkInputs, hasUnknown, type RawInputs, UNKNOWN, wishOf } from "../../provider/license/inputs";

const claim = claimOf("urn:pulumi:prod::shop::billmanager:index:License::web01");
const otherClaim = claimOf("urn:pulumi:prod::shop::billmanager:index:License::web02");
const valid = { claim, licenseName: `web01-${claim}`, product: "cloudlinux", ip: "192.0.2.10" };

const check = (news: RawInputs, olds?: RawInputs) => checkInputs(olds, news, {});
const reasons = (news: RawInputs, pricelists = {}) =>
  Object.fromEntries(
    checkInputs(undefined, news, pricelists).failures.map(({ property, reason }) => [property, reason]),
  );

describe("inputs", () => {
  it("are recorded as given, without defaults", () => {
    expect(check(valid)).toEqual({ inputs: valid, failures: [] });
  });

  it("record another spelling of an address as the canonical one", () => {
    expect(check({ ...valid, ip: "2001:DB8:0::10" }).inputs.ip).toBe("2001:db8::10");
  });

  it("are all judged at once, each with its property and what would be right", () => {
    expect(
      reasons({
        ...valid,
        product: "cloudlinx",
        pricelist: 9203,
        ip: "web01.example",
        period: 1.5,
        suspended: "yes",
        autoRenew: 1,
        renewBeforeDays: -1,
        paidUntil: "2027-02-30",
        maxPrice: "20,00 EUR",
        adoptId: "web",
        deletionPolicy: "keep",
        recreateWhenDeleted: "yes",
        licensename: "x",
      }),
    ).toEqual({
      product: `product "cloudlinx" is not known; known are cloudlinux, kernelcare, softaculous; others are added with: pulumi config set --path 'billmanager:pricelists.cloudlinx' <tariff number>`,
      ip: 'ip must be one IPv4 or IPv6 address such as 192.0.2.10 or 2001:db8::10, not "web01.example"',
      period: "period must be a whole number of months (or 0 for ever, -50 a day, -100 a trial), not 1.5",
      suspended: 'suspended must be true or false, not "yes"',
      autoRenew: "autoRenew must be true or false, not 1",
      renewBeforeDays: "renewBeforeDays must be a whole number of days, 0 or more, not -1",
      paidUntil: 'paidUntil must be a calendar day such as "2027-01-31", not "2027-02-30"',
      maxPrice: 'maxPrice must be an amount and a currency such as "20.00 EUR", not "20,00 EUR"',
      adoptId: 'adoptId must be a license\'s number as text, such as "1234567", not "web"',
      deletionPolicy: 'deletionPolicy must be "delete" or "suspend", not "keep"',
      recreateWhenDeleted: 'recreateWhenDeleted must be true or false, not "yes"',
      licensename: expect.stringContaining("licensename is no input of License; the inputs are licenseName, product"),
    });
  });

  it("are told by their names when they are of another type", () => {
    const { claim: _, ...others } = valid;
    const wrong = {
      licenseName: 7,
      product: 9203,
      ip: 10,
      period: "1",
      suspended: "true",
      renewBeforeDays: "7",
      paidUntil: 20270131,
      adoptId: 1000001,
    };
    expect(Object.keys(reasons({ ...others, claim: 1, ...wrong })).sort()).toEqual(
      ["claim", ...Object.keys(wrong)].sort(),
    );
    expect(reasons({ ...others, pricelist: "9203", product: undefined }).pricelist).toBe(
      'pricelist must be a tariff\'s number such as 9203, not "9203"',
    );
    expect(reasons({ ...valid, ip: () => "192.0.2.10" }).ip).toContain("must be one IPv4 or IPv6 address");
  });

  it.each(["0.0.0.0", "::"])("cannot be for every address at once: %s", (ip) => {
    expect(reasons({ ...valid, ip }).ip).toBe(`ip must be the address of one server, not ${ip}`);
  });

  it("need exactly one of product and pricelist", () => {
    const { product: _, ...neither } = valid;
    expect(reasons(neither).product).toBe(
      "product and pricelist are both missing: give exactly one, a product's name or a tariff's number",
    );
    expect(reasons({ ...valid, pricelist: 9203 }).product).toMatch(/^product and pricelist are both given/);
  });

  it("take no member of every object for a product", () => {
    expect(reasons({ ...valid, product: "constructor" }).product).toMatch(/^product "constructor" is not known/);
  });

  it("need an address and one month for the documented products, by name, by number, and by a name from config", () => {
    const { ip: _, product: __, ...rest } = valid;
    for (const tariff of [{ product: "kernelcare" }, { pricelist: 11738 }, { product: "ours" }]) {
      expect(reasons({ ...rest, ...tariff, period: 3 }, { ours: 11738 })).toEqual({
        ip: "ip is missing: this license is bound to one address, such as 192.0.2.10",
        period: "period must be 1 for this product, which is sold for one month at a time, not 3",
      });
    }
  });

  it("accept any other tariff without an address and for another period", () => {
    const { ip: _, product: __, ...rest } = valid;
    expect(reasons({ ...rest, pricelist: 55369, period: 12 })).toEqual({});
    expect(reasons({ ...rest, product: "bitninja", period: -100 }, { bitninja: 55369 })).toEqual({});
  });

  it("refuse renewal of what has no months to renew", () => {
    const { ip: _, product: __, ...rest } = valid;
    const trial = { ...rest, pricelist: 55369, period: -100 };
    expect(
      Object.keys(reasons({ ...trial, autoRenew: true, renewBeforeDays: 3, paidUntil: "2027-01-01" })).sort(),
    ).toEqual(["autoRenew", "paidUntil", "renewBeforeDays"]);
    expect(reasons({ ...trial, autoRenew: false })).toEqual({});
  });

  it("refuse an explicit name that an order could not carry, counted in characters", () => {
    expect(reasons({ ...valid, licenseName: "n".repeat(244) })).toEqual({});
    expect(reasons({ ...valid, licenseName: "🙂".repeat(244) })).toEqual({});
    expect(reasons({ ...valid, licenseName: "n".repeat(245) }).licenseName).toBe(
      "licenseName must have 1 to 244 characters, so that an order can carry it; this one has 245",
    );
    expect(reasons({ ...valid, licenseName: "" }).licenseName).toMatch(
      /^licenseName must be a text without control characters, and without white space at its ends, not ""/,
    );
    expect(reasons({ ...valid, licenseName: `web [${otherClaim}]` }).licenseName).toMatch(/must not end with a claim/);
  });

  it.each([" web", "web ", "we\u0001b", "web\n", "\ud800"])(
    "refuse the name %j, which would come back as another",
    (licenseName) => {
      expect(reasons({ ...valid, licenseName }).licenseName).toMatch(/^licenseName must be a text without control/);
    },
  );

  it("that a preview does not know yet are never an error", () => {
    const { inputs, failures } = check({ ...valid, ip: UNKNOWN, paidUntil: UNKNOWN, suspended: UNKNOWN });
    expect(failures).toEqual([]);
    expect(hasUnknown(inputs)).toBe(true);
    expect(inputs).toMatchObject({ ip: UNKNOWN, paidUntil: UNKNOWN, suspended: UNKNOWN });
  });
});

describe("a claim and an automatic name", () => {
  const olds = { ...valid };

  it("are kept when the resource is renamed with an alias", () => {
    const renamed = { ...valid, claim: otherClaim, licenseName: `www-${otherClaim}` };
    expect(check(renamed, olds).inputs).toMatchObject({ claim, licenseName: `web01-${claim}` });
  });

  it("are new for a new resource", () => {
    const news = { ...valid, claim: otherClaim, licenseName: `www-${otherClaim}` };
    expect(check(news).inputs).toMatchObject({ claim: otherClaim, licenseName: `www-${otherClaim}` });
  });

  it("give way to an explicit name, whose resource keeps its claim", () => {
    const named = { ...valid, claim: otherClaim, licenseName: "Shop front" };
    expect(check(named, olds).inputs).toMatchObject({ claim, licenseName: "Shop front" });
  });

  it("come back, with the kept claim, when an explicit name is taken away", () => {
    const before = { ...valid, licenseName: "Shop front" };
    const after = { ...valid, claim: otherClaim, licenseName: `www-${otherClaim}` };
    expect(check(after, before).inputs).toMatchObject({ claim, licenseName: `www-${claim}` });
  });
});

describe("what a license was imported with", () => {
  const { ip: _, ...nowhere } = valid;

  it.each(["0.0.0.0", "::", "server.example"])(
    "stays valid as the address %s, which no other license may ask for",
    (ip) => {
      expect(check({ ...valid, ip }, { ...valid, ip })).toEqual({ inputs: { ...valid, ip }, failures: [] });
      expect(check({ ...valid, ip }, valid).failures).toMatchObject([{ property: "ip" }]);
      expect(check({ ...valid, ip }).failures[0]).toMatchObject({ property: "ip" });
    },
  );

  it("may be no address, as long as it is of that tariff", () => {
    expect(check(nowhere, nowhere)).toEqual({ inputs: nowhere, failures: [] });
    expect(check({ ...nowhere, product: "kernelcare" }, nowhere).failures).toMatchObject([{ property: "ip" }]);
    expect(check(nowhere, valid).failures).toMatchObject([{ property: "ip" }]);
    const { product: __, ...bare } = nowhere;
    expect(check({ ...bare, pricelist: 9204 }, { ...bare, pricelist: 9203 }).failures).toMatchObject([
      { property: "ip" },
    ]);
  });

  it("stays valid, as a name that no order could carry", () => {
    for (const licenseName of ["", "x".repeat(250), `web02-${otherClaim}`]) {
      const imported = { ...valid, licenseName };
      expect(check(imported, imported)).toEqual({ inputs: imported, failures: [] });
      expect(check(imported, valid).failures).toMatchObject([{ property: "licenseName" }]);
    }
  });
});

describe("a wish", () => {
  it("has every default filled in", () => {
    expect(wishOf(check(valid).inputs, {})).toEqual({
      ...valid,
      pricelist: 9203,
      deletionPolicy: "delete",
      recreateWhenDeleted: false,
      period: 1,
      suspended: false,
      autoRenew: false,
    });
  });

  it("takes the tariff number of a product from config where that names another", () => {
    expect(wishOf(check(valid).inputs, { cloudlinux: 7777 }).pricelist).toBe(7777);
  });

  it("keeps its tariff where a preview does not know the product yet, or config has lost its name", () => {
    const unknown = checkInputs(undefined, { ...valid, product: UNKNOWN }, {}).inputs;
    expect(wishOf(unknown, {}, { pricelist: 9203 }).pricelist).toBe(9203);
    const forgotten = { ...check(valid).inputs, product: "bitninja" };
    expect(wishOf(forgotten, {}, { pricelist: 55369 }).pricelist).toBe(55369);
  });

  it("assumes in a preview that what is not known yet stays as it is", () => {
    const { inputs } = check({ ...valid, ip: UNKNOWN });
    expect(wishOf(inputs, {}, { ip: "192.0.2.99" }).ip).toBe("192.0.2.99");
  });
});
