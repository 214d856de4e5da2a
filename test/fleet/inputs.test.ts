import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FleetStack, servers } from "./helpers";

/** How the engine writes a value that it does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("the inputs of a fleet", () => {
  let stack: FleetStack;
  beforeAll(async () => {
    stack = await FleetStack.start();
  });
  afterAll(() => stack.close());

  /** What is wrong with the inputs, of which no call may tell. */
  async function wrong(inputs: Record<string, unknown>): Promise<string[]> {
    const failures = await stack.preview(inputs);
    expect(stack.calls()).toEqual({});
    return failures;
  }

  it("are all judged at once, each problem with its path, before any call", async () => {
    const failures = await wrong({
      product: "cloudlinux",
      licenses: {
        "web01.example.com": "192.0.2.300",
        web02: { ip: "192.0.2.2", period: 2, licence: "x" },
        web03: 3,
        web04: {},
      },
      adopt: { web05: "1000001", web02: 7 },
      replicas: 3,
    });
    expect(failures).toEqual([
      expect.stringMatching(
        /^replicas: replicas is no input of LicenseFleet; the inputs are licenses, adopt, licenseName,/,
      ),
      expect.stringMatching(
        /^licenses\.web02\.licence: .* is no input of a fleet's license; the inputs are licenseName, /,
      ),
      expect.stringMatching(
        /^licenses\.web03: licenses\.web03 must be an address such as "192\.0\.2\.10", or the inputs of/,
      ),
      "adopt.web05: adopt.web05 names no member: the same key has to stand in licenses",
      expect.stringMatching(
        /^licenses\["web01\.example\.com"\]\.ip: .* must be one IPv4 or IPv6 address .* not "192\.0\.2\.300"$/,
      ),
      expect.stringMatching(/^adopt\.web02: adopt\.web02 must be a license's number as text, .* not 7$/),
      expect.stringMatching(/^licenses\.web02\.period: .* must be 1 for this product/),
      expect.stringMatching(/^licenses\.web04\.ip: .* is missing: this license is bound to one address/),
    ]);
  });

  it("say once what is wrong for all members", async () => {
    expect(await wrong({ product: "cloudlinus", period: 3, maxPrice: "cheap", licenses: servers(50) })).toEqual([
      expect.stringMatching(/^maxPrice: maxPrice must be an amount and a currency/),
      expect.stringMatching(/^product: product "cloudlinus" is not known/),
    ]);
    expect(await wrong({ product: "cloudlinux", period: 3, licenses: servers(50) })).toEqual([
      "period: period must be 1 for this product, which is sold for one month at a time, not 3",
    ]);
  });

  it("name a tariff in one of two ways, for all or for one member", async () => {
    expect(await wrong({ product: "cloudlinux", pricelist: 9203, licenses: servers(2) })).toEqual([
      expect.stringMatching(/^product: product and pricelist are both given/),
    ]);
    expect(
      await wrong({ licenses: { web01: "192.0.2.1", web02: { ip: "192.0.2.2", product: "cloudlinux" } } }),
    ).toEqual([expect.stringMatching(/^licenses\.web01\.product: .*product and pricelist are both missing/)]);
    expect(
      await stack.preview({ product: "cloudlinux", licenses: { web01: { ip: "192.0.2.1", pricelist: 9204 } } }),
    ).toEqual([]);
    stack.calls();
  });

  it.each([
    ["a list", ["192.0.2.1"]],
    ["a text", "192.0.2.1"],
    ["nothing", undefined],
  ])("refuse %s in place of the map", async (_, licenses) => {
    expect(await wrong({ product: "cloudlinux", licenses })).toEqual([
      'licenses: licenses must be a map from a key to an address or to inputs, such as { web01: "192.0.2.10" }',
    ]);
  });

  it("refuse adoptId, which is of one license, and say where it belongs", async () => {
    expect(await wrong({ product: "cloudlinux", adoptId: "1", licenses: servers(1) })).toEqual([
      expect.stringMatching(/^adoptId: .*give the numbers of licenses to take over by key: adopt$/),
    ]);
    expect(await wrong({ product: "cloudlinux", licenses: { web01: { ip: "192.0.2.1", adoptId: "1" } } })).toEqual([
      expect.stringMatching(/^licenses\.web01\.adoptId: .*give it as adopt\.web01$/),
    ]);
  });

  it("refuse two members for one tariff and address, in whatever spelling, and for one name without an address", async () => {
    const licenses = { a: "2001:db8::1", b: { ip: "2001:0DB8:0::1" }, c: { ip: "2001:db8::1", product: "kernelcare" } };
    expect(await wrong({ product: "cloudlinux", licenses })).toEqual([
      expect.stringMatching(
        /^licenses\.b: licenses\.b is for the same tariff and the same address or name as licenses\.a/,
      ),
    ]);
    const named = { a: { licenseName: "one" }, b: { licenseName: "one" }, c: {} };
    expect(await wrong({ pricelist: 55369, licenses: named })).toEqual([expect.stringMatching(/^licenses\.b: /)]);
  });

  it("refuse a key that nobody can read", async () => {
    expect(await wrong({ product: "cloudlinux", licenses: { "": "192.0.2.1", "a\n": "192.0.2.2" } })).toEqual([
      expect.stringMatching(/^licenses: licenses has a key without a character, or with one that cannot be printed$/),
    ]);
  });

  it("may be keyed by whatever else a server is called", async () => {
    const licenses = JSON.parse('{ "__proto__": "192.0.2.1", "constructor": "192.0.2.2", "ö ü": "192.0.2.3" }');
    expect((await stack.up({ product: "cloudlinux", licenses })).reasons).toBeUndefined();
    expect(Object.keys(stack.members).sort()).toEqual(["__proto__", "constructor", "ö ü"]);
    await stack.destroy();
    stack.calls();
  });

  it("may be unknown in a preview: a value, a member, the map, all without a word of what is not known", async () => {
    stack.lines();
    expect(
      await stack.preview({ product: "cloudlinux", licenses: { a: UNKNOWN, b: { ip: UNKNOWN }, c: "192.0.2.1" } }),
    ).toEqual([]);
    expect(stack.lines()).toEqual([
      "web: b: an update orders CloudLinux",
      "web: c: an update orders CloudLinux for 192.0.2.1",
      "web: in all, an update orders 2 licenses, and spends 28.00 EUR",
      expect.stringMatching(/^web: c: nothing renews this license/),
    ]);
    expect(await stack.preview({ product: "cloudlinux", licenses: UNKNOWN })).toEqual([]);
    expect(await stack.preview({ product: UNKNOWN, licenses: servers(2), adopt: UNKNOWN })).toEqual([]);
    expect(stack.lines()).toEqual([]);
  });

  it("may name no member at all", async () => {
    expect(await stack.up({ product: "cloudlinux", licenses: {} })).toEqual({});
    expect(stack.members).toEqual({});
    await stack.destroy();
  });
});
