import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { licenseId } from "../../provider/billmanager/types";
import { reserve } from "../../provider/license/adopt";
import { addMonths, utcDay } from "../../provider/license/calendar";
import { createLicense } from "../../provider/license/create";
import { giveUpLicense } from "../../provider/license/delete";
import type { Wish } from "../../provider/license/inputs";
import { readLicenseOutputs } from "../../provider/license/read";
import { diffLicense, updateLicense } from "../../provider/license/update";
import { type Bench, setUp, wishFor } from "./helpers";

const LIST = "softexternal → list";
const EDIT = "softexternal.edit → ok";
const FORM = "softexternal.edit → form";

let bench: Bench;
beforeEach(async () => {
  bench = await setUp();
});
afterEach(() => bench.close());

const byHand = (changes: { pricelist?: number; licname?: string; ip?: string; autoprolong?: number } = {}) =>
  bench.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.10", ...changes });
const adopt = (adoptId: string, changes: Partial<Wish> = {}, run = bench.run()) =>
  createLicense(run, wishFor("web01", { adoptId, ...changes }));
const today = utcDay(new Date());

describe("taking over a license", () => {
  it("costs one list, one read for the tariff's number, and what the program wants otherwise in one call", async () => {
    const id = byHand({ autoprolong: 1 });
    const { outputs } = await adopt(id, { ip: "192.0.2.10" });
    expect(bench.calls()).toEqual([LIST, FORM, FORM, EDIT]);
    expect(outputs).toMatchObject({ licenseName: wishFor("web01").licenseName, autoRenew: false, status: "active" });
    expect(bench.simulator.licenses()[0]).toMatchObject({ licname: outputs.licenseName, autoprolong: null });
    expect(diffLicense(outputs, wishFor("web01", { adoptId: id }), today).changes).toBe(false);
  });

  it("changes nothing where the license is as the program says, its name included", async () => {
    await adopt(byHand(), { licenseName: "by hand" });
    expect(bench.calls()).toEqual([LIST, FORM]);
  });

  it("of many costs one list for all of them, and one read for each tariff, whatever their number", async () => {
    bench.simulator.knobs.pageSizeCap = 20;
    const ids = Array.from({ length: 50 }, (_, index) =>
      byHand({ ip: `192.0.2.${index}`, pricelist: index % 2 === 0 ? 9203 : 9204 }),
    );
    const run = bench.run();
    for (let first = 0; first < 50; first += 10) {
      // As the engine starts them, some at a time.
      await Promise.all(
        ids.slice(first, first + 10).map((adoptId, offset) => {
          const index = first + offset;
          const tariff = index % 2 === 0 ? {} : { product: "softaculous", pricelist: 9204 };
          return createLicense(run, wishFor(`web${index}`, { adoptId, ip: `192.0.2.${index}`, ...tariff }));
        }),
      );
    }
    const calls = bench.calls();
    expect(calls.filter((call) => call === LIST)).toHaveLength(3);
    expect(calls.filter((call) => call === FORM)).toHaveLength(2);
    expect(calls.filter((call) => call === EDIT)).toHaveLength(50);
    expect(calls).toHaveLength(55);
  });

  it("resumes, suspends and renews it as the program says, and decides on a renewal by what is seen immediately before", async () => {
    const id = byHand();
    bench.simulator.outside.suspend(id);
    const paidUntil = addMonths(today, 2);
    const { outputs } = await adopt(id, { paidUntil });
    expect(bench.calls()).toEqual([
      LIST,
      FORM,
      LIST,
      "subaccount → list",
      "softexternal.order.param → form",
      LIST,
      "softexternal.resume → ok",
      LIST,
      "service.prolong → ok",
      LIST,
      EDIT,
    ]);
    expect(outputs).toMatchObject({ status: "active", expiresOn: paidUntil });
  });

  it("refuses more renewals than one update pays for before it takes over anything", async () => {
    const id = byHand();
    await expect(adopt(id, { paidUntil: addMonths(today, 30) })).rejects.toMatchObject({ name: "TooManyPeriodsError" });
    expect(bench.calls().filter((call) => call !== LIST && call !== FORM)).toEqual([]);
  });

  it("reads a license alone whose address the list does not show", async () => {
    const id = byHand({ ip: "" });
    expect((await adopt(id)).outputs.ip).toBe("192.0.2.10");
    expect(bench.calls()).toEqual([LIST, FORM, EDIT]);
  });

  it("is refused while the vendor closes the license, or is about to", async () => {
    const { knobs } = bench.simulator;
    const id = byHand();
    knobs.set({ deletion: "scheduled", listColumns: ["scheduledclose"] });
    const old = await readLicenseOutputs(bench.run(), licenseId(id), undefined);
    await giveUpLicense(bench.run(), licenseId(id), old);
    await expect(adopt(id)).rejects.toThrow(
      `license ${id} cannot be taken over: the vendor will close it on ${old.expiresOn}; cancel that in the panel first. Nothing was ordered or changed`,
    );
    const other = byHand({ ip: "192.0.2.11" });
    knobs.set({ deletion: "at-once" });
    knobs.processing = { ...knobs.processing, close: "stuck" };
    await giveUpLicense(bench.run({ activationTimeout: 0 }), licenseId(other), old);
    await expect(adopt(other, { ip: "192.0.2.11" })).rejects.toThrow(
      "the vendor is closing it; cancel that in the panel first",
    );
  });

  it("of one that is not paid for ends as a partial failure that names it, and orders nothing", async () => {
    await bench.close();
    bench = await setUp({ balance: "5.00", knobs: { insufficientFunds: "unpaid", subaccount: "access" } });
    await createLicense(bench.run(), wishFor("web02")).catch(() => undefined);
    const [unpaid] = bench.simulator.licenses();
    const adoptId = `${unpaid?.id}@${wishFor("web02").claim}`;
    await expect(adopt(adoptId)).rejects.toMatchObject({
      name: "PartialFailure",
      id: unpaid?.id,
      message: expect.stringMatching(/is ordered but not paid/),
    });
    expect(bench.simulator.licenses()).toHaveLength(1);
  });

  it("says that it was taken over, not that it was bought, where it cannot be brought to what the program says", async () => {
    const id = byHand();
    bench.simulator.faults.arm({ func: "softexternal.edit", effect: "change", kind: "error", type: "value" });
    const failure = await adopt(id).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "PartialFailure", id, outputs: { licenseName: "by hand" } });
    expect(String(failure)).toMatch(
      /it is taken over and saved, but not yet as the program says: .*\. The next update goes on, and orders nothing$/,
    );
    const { outputs } = failure as Awaited<ReturnType<typeof adopt>>;
    const after = await updateLicense(bench.run(), licenseId(id), outputs, wishFor("web01", { adoptId: id }));
    expect(after.licenseName).toBe(wishFor("web01").licenseName);
  });

  it("is judged by what the vendor shows after a lost answer, and by a fresh list where it is repeated", async () => {
    const id = byHand();
    bench.simulator.faults.arm({ func: "softexternal.edit", effect: "change", kind: "closed" });
    const run = bench.run();
    expect((await adopt(id, {}, run)).outputs.licenseName).toBe(wishFor("web01").licenseName);
    bench.calls();
    expect((await adopt(id, {}, run)).id).toBe(id);
    expect(bench.calls()).toEqual([LIST]);
  });

  it("matters no longer once the resource is there: another adoptId, or none, is no difference", async () => {
    const id = byHand();
    const { outputs } = await adopt(id);
    for (const adoptId of ["7654321", `${id}@3aywehbv`]) {
      expect(diffLicense(outputs, wishFor("web01", { adoptId }), today)).toMatchObject({
        changes: false,
        replaces: [],
      });
    }
    expect(diffLicense(outputs, wishFor("web01"), today).changes).toBe(false);
  });

  it("is refused where another resource comes forward while the account is read", async () => {
    const id = licenseId(byHand());
    const run = bench.run();
    const adopting = adopt(id, {}, run);
    run.declare(id);
    await expect(adopting).rejects.toThrow("another resource of this run has it");
    expect(bench.simulator.licenses()[0]?.licname).toBe("by hand");
  });

  it("of a license that was only refreshed takes it over: its resource may be gone from the program", async () => {
    const other = wishFor("web02");
    const id = licenseId(byHand({ licname: other.licenseName }));
    const run = bench.run();
    const old = await readLicenseOutputs(run, id, undefined);
    expect((await adopt(`${id}@${other.claim}`, {}, run)).outputs.licenseName).toBe(wishFor("web01").licenseName);
    await giveUpLicense(run, id, old);
    expect(bench.simulator.licenses()[0]?.status).toBe("2");
  });

  it("is waited for by whoever has the license, also where it is refused: nobody gives it up meanwhile", async () => {
    const other = wishFor("web02", { ip: "192.0.2.10" });
    const id = licenseId(byHand({ licname: other.licenseName }));
    const old = (await adopt(id, other)).outputs;
    const run = bench.run();
    expect(reserve(run, wishFor("web01"), `${id}@${other.claim}`)).toBeUndefined();
    await giveUpLicense(run, id, old);
    expect(bench.simulator.licenses()[0]?.status).toBe("2");
    // Its own resource may name it still.
    const later = bench.run();
    reserve(later, other, id);
    await giveUpLicense(later, id, old);
    expect(bench.simulator.licenses()[0]?.status).toBe("4");
  });

  it("comes too late for a license that a fleet is giving up in the same update", () => {
    const run = bench.run();
    const id = licenseId(byHand());
    run.leave(id);
    expect(reserve(run, wishFor("web01"), id)).toMatch(/cannot be taken over: a fleet of this program gives it up/);
  });

  it("takes over what another resource gives up for another product", async () => {
    const other = wishFor("web02");
    const id = licenseId(byHand({ licname: other.licenseName }));
    const run = bench.run();
    run.replace(id, other.claim);
    expect((await adopt(`${id}@${other.claim}`, {}, run)).id).toBe(id);
    expect(bench.simulator.ledger()).toHaveLength(1);
  });

  it("leaves nothing to a resource of the same program that has the license as well", async () => {
    const id = licenseId(byHand());
    const run = bench.run();
    const old = await readLicenseOutputs(run, id, undefined);
    await adopt(id, {}, run);
    bench.calls();
    const other = wishFor("web02", { renewBeforeDays: 40 });
    await expect(updateLicense(run, id, old, other)).rejects.toThrow(
      `license ${id} is taken over by another resource of this program (claim ${wishFor("web01").claim}), which would share it: ` +
        "remove one of the two. Nothing was changed",
    );
    expect(bench.calls()).toEqual([]);
  });

  it("warns where an explicit name takes the sign of whose it is off the license, and not where it gets one", async () => {
    const other = wishFor("web02");
    const id = byHand({ licname: other.licenseName });
    await adopt(`${id}@${other.claim}`);
    expect(bench.said).toEqual([]);
    bench.simulator.outside.edit(id, { licname: other.licenseName });
    await adopt(`${id}@${other.claim}`, { licenseName: "Shop front" });
    expect(bench.said).toEqual([
      `warning: Shop front: license ${id} was bought for another resource (claim ${other.claim}), and under an explicit licenseName ` +
        "nothing tells whose it is now: if another stack still has it, make that one forget it first (pulumi state delete <urn>), or it " +
        "takes the license back with its next update and deletes it with its destroy; without licenseName it would leave it alone",
    ]);
  });

  it("takes two tariffs of one name for what they are where their prices tell them apart", async () => {
    await bench.close();
    bench = await setUp({ tariffs: [{ pricelist: 4711, name: "CloudLinux", price: "99.00" }] });
    const [one, two] = [byHand(), byHand({ pricelist: 4711, ip: "192.0.2.11" })];
    const run = bench.run();
    await adopt(one, {}, run);
    await expect(createLicense(run, wishFor("web02", { adoptId: two, ip: "192.0.2.11" }))).rejects.toThrow(
      "it is of tariff 4711, and the program says 9203",
    );
  });

  it("is refused by a claim that is not the license's, and takes a claim that nobody has for none", async () => {
    const other = wishFor("web02");
    const id = byHand({ licname: other.licenseName });
    for (const named of [wishFor("web03").claim, "00000000"]) {
      await expect(adopt(`${id}@${named}`)).rejects.toThrow(`set adoptId: "${id}@${other.claim}"`);
    }
    expect((await adopt(`${id}@${other.claim}`)).id).toBe(id);
  });
});
