import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { getBalance, getLicense, getLicenses, getPrice } from "../../provider/license/functions";
import type { Run } from "../../provider/license/run";
import { type Bench, setUp, UNHEARD_OF } from "./helpers";

const LIST = "softexternal → list";
const FORM = "softexternal.edit → form";
const QUOTE = "softexternal.order.param → form";
const NOW = "2026-11-20T12:00:00Z";

/** Five licenses of three tariffs, bought by hand, the last one deleted. */
interface Held {
  readonly web: string;
  readonly shop: string;
  readonly v6: string;
  readonly endless: string;
  readonly gone: string;
}

let bench: Bench;
let run: Run;
let held: Held;
let today: string;

beforeEach(async () => {
  bench = await setUp({
    now: NOW,
    balance: "212.50",
    tariffs: [{ pricelist: 55369, name: "BitNinja", price: "10.00", periods: [1, 3, 0, -100], prices: { 0: "99.00" } }],
  });
  const { outside, clock, knobs } = bench.simulator;
  knobs.set({ deletedRows: "listed", deletedForm: "status-4" });
  const web = outside.order({ pricelist: 9203, licname: "web01", ip: "192.0.2.10" });
  const gone = outside.order({ pricelist: 9204, licname: "old", ip: "192.0.2.10" });
  const endless = outside.order({ pricelist: 55369, licname: "for ever", ip: "192.0.2.20", period: 0 });
  clock.set("2026-12-10T12:00:00Z");
  const shop = outside.order({ pricelist: 9203, licname: "Shop front", ip: "192.0.2.30", autoprolong: 1 });
  const v6 = outside.order({ pricelist: 11738, licname: "db01", ip: "2001:DB8:0::21" });
  outside.suspend(v6, "3_abusesuspend");
  outside.delete(gone);
  held = { web, shop, v6, endless, gone };
  today = "2026-12-18";
  run = bench.run({ pricelists: { bitninja: 55369 } }, undefined, () => new Date(today));
});
afterEach(() => bench.close());

const idsOf = ({ licenses }: Awaited<ReturnType<typeof getLicenses>>) => licenses.map(({ id }) => id);

describe("getLicenses", () => {
  it("returns every license that is not deleted, each with all that the panel shows", async () => {
    const { licenses } = await getLicenses(run, {});
    expect(licenses).toEqual([
      {
        id: held.web,
        licenseName: "web01",
        ip: "192.0.2.10",
        pricelist: 9203,
        product: "cloudlinux",
        tariff: "CloudLinux",
        status: "active",
        createdOn: "2026-11-20",
        expiresOn: "2026-12-20",
        autoRenew: false,
        cost: "14.00 EUR / Month",
      },
      {
        id: held.endless,
        licenseName: "for ever",
        ip: "192.0.2.20",
        pricelist: 55369,
        product: "bitninja",
        tariff: "BitNinja",
        status: "active",
        createdOn: "2026-11-20",
        autoRenew: false,
        cost: expect.stringContaining("99.00 EUR"),
      },
      {
        id: held.shop,
        licenseName: "Shop front",
        ip: "192.0.2.30",
        pricelist: 9203,
        product: "cloudlinux",
        tariff: "CloudLinux",
        status: "active",
        createdOn: "2026-12-10",
        expiresOn: "2027-01-10",
        autoRenew: true,
        cost: "14.00 EUR / Month",
      },
      {
        id: held.v6,
        licenseName: "db01",
        ip: "2001:db8::21",
        pricelist: 11738,
        product: "kernelcare",
        tariff: "KernelCare",
        status: "suspended",
        statusReason: "abusesuspend",
        createdOn: "2026-12-10",
        expiresOn: "2027-01-10",
        autoRenew: false,
        cost: "3.50 EUR / Month",
      },
    ]);
    // A list names tariffs without their numbers: one license of each is read.
    expect(bench.calls()).toEqual([LIST, FORM, FORM, FORM]);
  });

  it("chooses by each argument, and by all of them together", async () => {
    const chosen = async (args: Record<string, unknown>) => idsOf(await getLicenses(run, args));
    expect(await chosen({ product: "cloudlinux" })).toEqual([held.web, held.shop]);
    expect(await chosen({ pricelist: 55369 })).toEqual([held.endless]);
    expect(await chosen({ product: "cloudlinux", pricelist: 9204 })).toEqual([]);
    expect(await chosen({ ip: "2001:0db8::0021" })).toEqual([held.v6]);
    expect(await chosen({ licenseName: "Shop front" })).toEqual([held.shop]);
    expect(await chosen({ licenseName: "shop" })).toEqual([]);
    expect(await chosen({ status: "suspended" })).toEqual([held.v6]);
    expect(await chosen({ status: "active", product: "cloudlinux", ip: "192.0.2.10" })).toEqual([held.web]);
    expect(await chosen({ status: "deleted" })).toEqual([held.gone]);
  });

  it("counts those that expire within so many days, and those that have expired, but none that never does", async () => {
    const within = async (expiringWithinDays: number) => idsOf(await getLicenses(run, { expiringWithinDays }));
    expect(await within(1)).toEqual([]);
    expect(await within(2)).toEqual([held.web]);
    expect(await within(23)).toEqual([held.web, held.shop, held.v6]);
    today = "2027-01-05";
    expect(await within(0)).toEqual([held.web]);
  });

  it("reads what a list does not show, and no more", async () => {
    bench.simulator.knobs.set({ listColumns: ["pricelist_id"] });
    expect(idsOf(await getLicenses(run, { product: "cloudlinux" }))).toEqual([held.web, held.shop]);
    expect(bench.calls()).toEqual([LIST]);
    // Whether it never expires, or the list does not tell, its form says.
    expect(idsOf(await getLicenses(run, { product: "bitninja", expiringWithinDays: 2 }))).toEqual([]);
    expect(bench.calls()).toEqual([LIST, FORM]);
  });

  it("passes over nothing in silence that the panel does not show enough of", async () => {
    bench.simulator.knobs.set({ formPricelist: "name" });
    await expect(getLicenses(run, { product: "cloudlinux", ip: "192.0.2.10" })).rejects.toThrow(
      `the panel does not show the tariff number of license ${held.web}, so nobody can tell whether it is one of those asked for`,
    );
    const { licenses } = await getLicenses(run, { ip: "192.0.2.10" });
    expect(licenses).toMatchObject([{ id: held.web, tariff: "CloudLinux" }]);
    expect(licenses[0]).not.toHaveProperty("pricelist");
    expect(licenses[0]).not.toHaveProperty("product");
  });

  it("shares one list between calls made together, and asks anew after it", async () => {
    await Promise.all([
      ...Array.from({ length: 20 }, () => getLicenses(run, { product: "cloudlinux" })),
      getLicense(run, { id: held.web }),
    ]);
    expect(bench.calls().filter((call) => call === LIST)).toEqual([LIST]);
    const bought = bench.simulator.outside.order({ pricelist: 9203, licname: "new", ip: "192.0.2.99" });
    expect(idsOf(await getLicenses(run, { ip: "192.0.2.99" }))).toEqual([bought]);
    expect(bench.calls()).toEqual([LIST]);
  });

  it("lists through all pages", async () => {
    bench.simulator.knobs.pageSizeCap = 2;
    expect(idsOf(await getLicenses(run, {}))).toHaveLength(4);
    expect(bench.calls().filter((call) => call === LIST)).toHaveLength(3);
  });

  it("does not miss a license because another of its tariff has just gone", async () => {
    bench.simulator.knobs.set({ deletedRows: "hidden", deletedForm: "missed" });
    // The list still shows it, its form does not.
    bench.simulator.faults.arm({ func: "softexternal.edit", kind: "error", type: "missed" });
    expect(idsOf(await getLicenses(run, { product: "cloudlinux" }))).toEqual([held.web, held.shop]);
  });

  it("reads again what could not be read", async () => {
    bench.simulator.faults.arm({ func: "softexternal.edit", kind: "error", type: "access" });
    await expect(getLicenses(run, { ip: "192.0.2.10" })).rejects.toMatchObject({ name: "RefusedError" });
    expect((await getLicenses(run, { ip: "192.0.2.10" })).licenses).toMatchObject([{ pricelist: 9203 }]);
  });

  it("calls nothing where the arguments cannot be meant", async () => {
    await expect(getLicenses(run, { status: "gone" })).rejects.toMatchObject({ name: "ArgumentsError" });
    await expect(getLicense(run, { id: 7 })).rejects.toMatchObject({ name: "ArgumentsError" });
    await expect(getPrice(run, {})).rejects.toMatchObject({ name: "ArgumentsError" });
    await expect(getBalance(run, { of: "me" })).rejects.toMatchObject({ name: "ArgumentsError" });
    expect(bench.calls()).toEqual([]);
  });
});

describe("getLicense", () => {
  it("returns the license with that number", async () => {
    expect(await getLicense(run, { id: held.shop })).toMatchObject({
      licenseName: "Shop front",
      expiresOn: "2027-01-10",
    });
    expect(bench.calls()).toEqual([LIST, FORM]);
  });

  it("returns a deleted one where the panel still shows it", async () => {
    expect(await getLicense(run, { id: held.gone })).toMatchObject({ status: "deleted", licenseName: "old" });
    bench.simulator.knobs.set({ deletedForm: "missed" });
    expect(await getLicense(run, { id: held.gone })).toMatchObject({ status: "deleted", licenseName: "old" });
    bench.simulator.knobs.set({ deletedRows: "hidden", deletedForm: "status-4" });
    expect(await getLicense(run, { id: held.gone })).toMatchObject({ status: "deleted", pricelist: 9204 });
  });

  it("fails where the account does not show it, and says whose account that is", async () => {
    await expect(getLicense(run, { id: UNHEARD_OF })).rejects.toThrow(
      `the account ${run.account} shows no license ${UNHEARD_OF}; look for its number in the panel, or list all with getLicenses`,
    );
  });

  it("fails as the list fails, which proves nothing", async () => {
    bench.simulator.knobs.deniedFunctions = ["softexternal"];
    await expect(getLicense(run, { id: held.web })).rejects.toMatchObject({ name: "RefusedError", type: "access" });
  });
});

describe("getBalance", () => {
  it("returns what the account has, exactly", async () => {
    const spent = bench.simulator.balance();
    expect(await getBalance(run, {})).toEqual({ balances: [{ amount: spent, currency: "EUR" }] });
    expect(bench.calls()).toEqual(["subaccount → list"]);
  });

  it("fails where this user may not read it, and says what to do", async () => {
    bench.simulator.knobs.subaccount = "access";
    await expect(getBalance(run, {})).rejects.toThrow(
      /^the panel does not tell tester@\S+ its balance: BILLmanager refused subaccount \(type access.*\. Nothing was changed; have the panel's owner allow this user the function subaccount$/,
    );
  });
});

describe("getPrice", () => {
  it("quotes one period, and orders nothing", async () => {
    expect(await getPrice(run, { product: "cloudlinux" })).toEqual({ amount: "14.00", currency: "EUR", period: 1 });
    expect(await getPrice(run, { product: "bitninja", period: 3 })).toEqual({
      amount: "30.00",
      currency: "EUR",
      period: 3,
    });
    expect(await getPrice(run, { pricelist: 55369, period: -100 })).toMatchObject({ amount: "0.00", period: -100 });
    expect(bench.calls()).toEqual([QUOTE, QUOTE, QUOTE]);
    expect(bench.spending().filter((line) => line.startsWith("order"))).toHaveLength(5);
  });

  it("asks once for all who ask for the same at the same time", async () => {
    await Promise.all(Array.from({ length: 20 }, () => getPrice(run, { product: "kernelcare" })));
    expect(bench.calls()).toEqual([QUOTE]);
  });

  it("takes the public price list where the order form names no price", async () => {
    bench.simulator.knobs.quote = "absent";
    expect(await getPrice(run, { product: "softaculous" })).toEqual({
      amount: "2.5000",
      currency: "EUR",
      period: 1,
    });
  });

  it("fails where neither names one, rather than guess", async () => {
    bench.simulator.knobs.set({ quote: "absent", pricelistExport: "access" });
    await expect(getPrice(run, { product: "bitninja", period: 3 })).rejects.toThrow(
      `the panel names ${run.account} no clear price of bitninja (tariff 55369) for period 3. Nothing was ordered`,
    );
  });
});
