import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LicenseId } from "../../provider/billmanager/types";
import { addMonths, utcDay } from "../../provider/license/calendar";
import { createLicense } from "../../provider/license/create";
import { giveUpLicense } from "../../provider/license/delete";
import type { Wish } from "../../provider/license/inputs";
import { readLicenseOutputs } from "../../provider/license/read";
import type { ManagedLicense } from "../../provider/license/state";
import { diffLicense, updateLicense } from "../../provider/license/update";
import { type Bench, setUp, wishFor } from "./helpers";

const LIST = "softexternal → list";
const ORDER = "softexternal.order.param → ok";
const EDIT = "softexternal.edit → ok";
const PROLONG = "service.prolong → ok";
const DELETE = "softexternal.delete → ok";

const BITNINJA = {
  pricelist: 55369,
  name: "BitNinja",
  price: "10.00",
  ipRequired: false,
  periods: [1, 3, 0, -100],
  prices: { 3: "27.00", 0: "300.00" },
};
/** What comes before an order or a renewal: the balance and the price. */
const PRICED = ["subaccount → list", "softexternal.order.param → form"];
const TODAY = utcDay(new Date());

let bench: Bench;
beforeEach(async () => {
  bench = await setUp({ tariffs: [BITNINJA] });
});
afterEach(() => bench.close());

/** A license of a tariff that needs no address, by its number alone. */
function anywhere(name: string, changes: Partial<Wish> = {}): Wish {
  const { ip: _, product: __, ...rest } = wishFor(name);
  return { ...rest, pricelist: 55369, ...changes };
}

const update = async ({ id, outputs }: ManagedLicense, wish: Wish): Promise<ManagedLicense> => ({
  id,
  outputs: await updateLicense(bench.run(), id, outputs, wish),
});
const licnames = () => bench.simulator.licenses().map(({ licname }) => licname);

describe("a tariff by its number, without an address and for three months", () => {
  it("is ordered, read, renamed, renewed and given up", async () => {
    const first = anywhere("scan", { period: 3 });
    let license = await createLicense(bench.run(), first);
    expect(bench.calls()).toEqual([...PRICED, LIST, ORDER, LIST]);
    expect(license.outputs).toMatchObject({ pricelist: 55369, tariff: "BitNinja", period: 3, status: "active" });
    expect(license.outputs).not.toHaveProperty("ip");
    expect(license.outputs).not.toHaveProperty("product");
    expect(license.outputs.expiresOn).toBe(addMonths(TODAY, 3));
    expect(diffLicense(license.outputs, first, TODAY)).toMatchObject({ changes: false });

    const read = await readLicenseOutputs(bench.run(), license.id, license.outputs);
    expect(read).toEqual(license.outputs);
    expect(bench.calls()).toEqual([LIST]);

    license = await update(license, { ...first, licenseName: "Scanner" });
    expect(bench.calls()).toEqual([LIST, EDIT, LIST]);
    expect(bench.simulator.licenses()).toMatchObject([{ licname: "Scanner", ip: "" }]);

    const paidUntil = addMonths(TODAY, 4);
    license = await update(license, { ...first, licenseName: "Scanner", paidUntil });
    expect(bench.calls()).toEqual([...PRICED, LIST, PROLONG, LIST]);
    expect(license.outputs.expiresOn).toBe(addMonths(TODAY, 6));
    expect(bench.simulator.ledger().map(({ kind, amount, period }) => `${kind} ${amount} ${period}`)).toEqual([
      "order 27.00 3",
      "prolong 27.00 3",
    ]);

    await giveUpLicense(bench.run(), license.id, license.outputs);
    expect(bench.calls()).toEqual([LIST, DELETE, LIST]);
  });

  it("is renewed for three months by the vendor, too", async () => {
    const license = await createLicense(bench.run(), anywhere("scan", { period: 3, autoRenew: true }));
    bench.simulator.clock.advance({ days: 100 });
    expect(bench.simulator.ledger()).toMatchObject([
      { kind: "order" },
      { kind: "autoprolong", amount: "27.00", period: 3 },
    ]);
    const read = await readLicenseOutputs(bench.run(), license.id, license.outputs);
    expect(read.expiresOn).toBe(addMonths(TODAY, 6));
  });

  it("is renewed for the months that it was ordered with where the panel does not let them be changed, with a warning", async () => {
    const license = await createLicense(bench.run(), anywhere("scan", { autoRenew: true }));
    bench.simulator.knobs.formAutoprolong = "absent";
    const quarterly = anywhere("scan", { autoRenew: true, period: 3 });
    const after = await update(license, quarterly);
    const fixed =
      "the vendor renews this license for 1 month at a time, and its panel does not let that be changed after the order; " +
      "change it in the panel, or set period to 1";
    expect(bench.said.at(-1)).toBe(`warning: ${quarterly.licenseName}: ${fixed}`);
    expect(diffLicense(after.outputs, quarterly, TODAY)).toMatchObject({ changes: false, warnings: [fixed] });
    // It is known by now, and written down without a call.
    const yearly = anywhere("scan", { autoRenew: true, period: 12 });
    const last = await update(after, yearly);
    expect(diffLicense(last.outputs, yearly, TODAY).warnings).toEqual([
      expect.stringMatching(/^the vendor renews this license for 1 month/),
    ]);
    const back = await update(last, anywhere("scan", { autoRenew: true }));
    expect(diffLicense(back.outputs, anywhere("scan", { autoRenew: true }), TODAY)).toMatchObject({
      changes: false,
      warnings: [],
    });
  });

  it("is shown as of another tariff than the state says only with a warning: nothing is ordered in its place", async () => {
    bench.simulator.knobs.listColumns = ["pricelist_id"];
    const { id, outputs } = await createLicense(bench.run(), anywhere("scan"));
    const wrong = { ...outputs, pricelist: 4711 };
    const wish = anywhere("scan", { pricelist: 4711 });
    const warning =
      `warning: ${wish.licenseName}: the panel shows license ${id} as one of tariff 55369, and the state as one of 4711: it serves and ` +
      "costs what the panel says. To set the state right, remove it there (pulumi state delete <urn>), write that tariff into the program, " +
      "and take it over by adoptId";
    const read = await readLicenseOutputs(bench.run(), id, wrong);
    expect(bench.said).toEqual([warning]);
    expect(diffLicense(read, wish, TODAY)).toMatchObject({ changes: false, replaces: [] });
    await update({ id, outputs: wrong }, { ...wish, suspended: true });
    expect(bench.said).toEqual([warning, warning]);
    expect(bench.simulator.licenses()).toHaveLength(1);
  });

  it("is announced to be renewed at the price that is known for its period, or at none", async () => {
    const { outputs } = await createLicense(bench.run(), anywhere("scan"));
    const due = { renewBeforeDays: 40 };
    expect(diffLicense(outputs, anywhere("scan", due), TODAY).steps[0]).toMatch(/ at 10\.00 EUR \/ Month$/);
    expect(diffLicense(outputs, anywhere("scan", { ...due, period: 3 }), TODAY).steps[0]).toBe(
      `renews until ${addMonths(TODAY, 4)}`,
    );
  });

  it("is the same license under a name from config, which is written down without a call", async () => {
    const license = await createLicense(bench.run(), anywhere("scan"));
    bench.calls();
    const named = { ...anywhere("scan"), product: "bitninja" };
    expect(diffLicense(license.outputs, named, TODAY)).toMatchObject({ changes: true, replaces: [], steps: [] });
    expect((await update(license, named)).outputs.product).toBe("bitninja");
    expect(bench.calls()).toEqual([]);
  });
});

describe("periods that are no months", () => {
  it("a trial is ordered, has its end, and is never renewed", async () => {
    const trial = anywhere("trial", { period: -100 });
    const license = await createLicense(bench.run(), trial);
    expect(bench.simulator.ledger()).toMatchObject([{ kind: "order", amount: "0.00", period: -100 }]);
    expect(diffLicense(license.outputs, trial, "2036-01-01" as typeof TODAY)).toMatchObject({ changes: false });
  });

  it("one for ever has no end, in the state and out of it", async () => {
    const license = await createLicense(bench.run(), anywhere("ever", { period: 0 }));
    expect(license.outputs).not.toHaveProperty("expiresOn");
    const read = await readLicenseOutputs(bench.run(), license.id, license.outputs);
    expect(read).toEqual(license.outputs);
  });

  it("one that the panel does not sell is refused by the panel, and nothing is bought", async () => {
    await expect(createLicense(bench.run(), anywhere("scan", { period: 6 }))).rejects.toMatchObject({
      name: "RefusedError",
      object: "period",
    });
    expect(bench.spending()).toEqual([]);
  });
});

describe("the place of a license without an address is its name", () => {
  it("two resources of one name buy one license, whether they come together or one after the other", async () => {
    const run = bench.run();
    const wishes = ["a", "b"].map((name) => anywhere(name, { licenseName: "Scanner" }));
    const outcomes = await Promise.allSettled(wishes.map((wish) => createLicense(run, wish)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { name: "OrderStoppedError", message: expect.stringContaining("license of this name already") },
    });
    await expect(createLicense(bench.run(), anywhere("c", { licenseName: "Scanner" }))).rejects.toMatchObject({
      name: "OrderStoppedError",
    });
    expect(bench.spending()).toEqual(["order BitNinja"]);
  });

  it("an order whose answer was lost is found again, and not repeated", async () => {
    bench.simulator.faults.arm({ func: "softexternal.order.param", effect: "charge", kind: "closed" });
    const { id } = await createLicense(bench.run(), anywhere("scan", { licenseName: "Scanner" }));
    expect(bench.simulator.licenses()).toMatchObject([{ id, licname: "Scanner" }]);
    expect(bench.spending()).toEqual(["order BitNinja"]);
  });

  it("an order that a killed run has sent is found by the next one", async () => {
    const wish = anywhere("scan", { licenseName: "Scanner" });
    const id = bench.simulator.outside.order({ pricelist: 55369, licname: `Scanner [${wish.claim}]` }) as LicenseId;
    expect(await createLicense(bench.run(), wish)).toMatchObject({ id });
    expect(licnames()).toEqual(["Scanner"]);
    expect(bench.spending()).toEqual(["order BitNinja"]);
  });

  it("automatic names are never the same, so as many are bought as are declared", async () => {
    const run = bench.run();
    await Promise.all(["a", "b", "c"].map((name) => createLicense(run, anywhere(name))));
    expect(bench.spending()).toEqual(["order BitNinja", "order BitNinja", "order BitNinja"]);
  });

  it("one with an address beside it keeps out of the way", async () => {
    bench.simulator.outside.order({ pricelist: 55369, licname: "on a server", ip: "192.0.2.10" });
    await createLicense(bench.run(), anywhere("scan"));
    await expect(createLicense(bench.run(), anywhere("web", { ip: "192.0.2.10" }))).rejects.toThrow("on this address");
    expect(bench.spending()).toHaveLength(2);
  });
});
