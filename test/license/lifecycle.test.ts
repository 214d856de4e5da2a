import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CalendarDate, type LicenseId, licenseId } from "../../provider/billmanager/types";
import { DeclarationFiles } from "../../provider/declarations";
import { addMonths, utcDay } from "../../provider/license/calendar";
import { createLicense } from "../../provider/license/create";
import { giveUpLicense } from "../../provider/license/delete";
import { PartialFailure } from "../../provider/license/errors";
import { readLicenseOutputs } from "../../provider/license/read";
import {
  type LicenseOutputs,
  type ManagedLicense,
  outputsFromState,
  refreshedOutputs,
} from "../../provider/license/state";
import { diffLicense, updateLicense } from "../../provider/license/update";
import { type Bench, setUp, UNHEARD_OF, wishFor } from "./helpers";

const LIST = "softexternal → list";
/** What is read before anything is paid for. */
const FUNDS = ["subaccount → list", "softexternal.order.param → form"];
const ORDER = "softexternal.order.param → ok";
const EDIT = "softexternal.edit → ok";
const FORM = "softexternal.edit → form";
const PROLONG = "service.prolong → ok";

let bench: Bench;
beforeEach(async () => {
  bench = await setUp();
});
afterEach(() => bench.close());

const inMonths = (months: number) => addMonths(utcDay(new Date()), months);
/** The license that a create has left behind although it failed. */
const partOf = async (creating: Promise<unknown>): Promise<PartialFailure> => {
  const outcome = await creating.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );
  if (!(outcome instanceof PartialFailure)) {
    throw outcome;
  }
  return outcome;
};
const create = (name = "web01", changes = {}): Promise<ManagedLicense> =>
  createLicense(bench.run(), wishFor(name, changes));

describe("create", () => {
  it("sends the explicit name last, after the license is seen under a name that carries the claim", async () => {
    const wish = wishFor("web01", { licenseName: "Shop front" });
    const { outputs } = await createLicense(bench.run(), wish);
    const [order, edit] = bench.simulator.journal().filter(({ effect }) => effect !== "read");
    expect(order?.params).toMatchObject({
      licname: `Shop front [${wish.claim}]`,
      remoteid: wish.claim,
      autoprolong: "null",
    });
    expect(edit?.params).toMatchObject({ licname: "Shop front", ip: "192.0.2.10" });
    expect(bench.calls()).toEqual([...FUNDS, LIST, ORDER, LIST, EDIT]);
    expect(outputs).toMatchObject({ licenseName: "Shop front", status: "active" });
  });

  it("sends no remote id where config says so", async () => {
    await createLicense(bench.run({ sendRemoteId: false }), wishFor("web01"));
    const order = bench.simulator.journal().find(({ effect }) => effect === "charge");
    expect(order?.params).not.toHaveProperty("remoteid");
    expect(order?.params).toHaveProperty("licname");
  });

  it("leaves a license suspended and paid for as long as wished", async () => {
    const paidUntil = addMonths(inMonths(1), 1) as CalendarDate;
    const { outputs } = await create("web01", { suspended: true, paidUntil, renewBeforeDays: 400 });
    expect(bench.calls()).toEqual([...FUNDS, LIST, ORDER, LIST, PROLONG, LIST, "softexternal.suspend → ok", LIST]);
    expect(outputs).toMatchObject({ status: "suspended", suspended: true });
    expect((outputs.expiresOn ?? "") >= paidUntil).toBe(true);
  });

  it.each(["none", "item.id"] as const)("finds the license where the answer names it by %s", async (orderAnswer) => {
    bench.simulator.knobs.orderAnswer = orderAnswer;
    const { id } = await create();
    expect(id).toBe(bench.simulator.licenses()[0]?.id);
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it.each(["silence", "closed", "empty"] as const)(
    "finds the license whose order was answered by %s, and does not order again",
    async (kind) => {
      bench.simulator.faults.arm({ func: "softexternal.order.param", effect: "charge", kind });
      const { id, outputs } = await createLicense(bench.run({ timeout: 1 }), wishFor("web01"));
      expect(id).toBe(bench.simulator.licenses()[0]?.id);
      expect(outputs.status).toBe("active");
      expect(bench.spending()).toEqual(["order CloudLinux"]);
    },
  );

  it("says that money may have been spent where the order cannot be found, and the next run finds it", async () => {
    bench.simulator.knobs.remoteid = "dropped";
    bench.simulator.faults.arm({ func: "softexternal.order.param", effect: "charge", kind: "closed", hiddenFor: 1 });
    await expect(create()).rejects.toThrow(
      /may or may not have been bought and charged\. Look for it in the panel; the next update looks again/,
    );
    const { id } = await create();
    expect(id).toBe(bench.simulator.licenses()[0]?.id);
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("says that money may have been spent, though the list that would tell is refused", async () => {
    bench.simulator.faults.arm({ func: "softexternal.order.param", effect: "charge", kind: "closed" });
    const failing = create().catch((error: unknown) => error);
    await expect.poll(() => bench.spending(), { interval: 1 }).toHaveLength(1);
    bench.simulator.knobs.deniedFunctions = ["softexternal"];
    expect(await failing).toMatchObject({
      name: "OrderOutcomeUnknownError",
      message: expect.stringMatching(/softexternal.*may or may not have been bought and charged/),
    });
  });

  it("names the bill of an order that waits for its payment", async () => {
    bench.simulator.knobs.orderAnswer = "billorder";
    expect((await partOf(create())).message).toMatch(/is ordered but not paid.*\(bill \d+/);
  });

  it("keeps an unpaid order as a partial failure, and the next update finishes it once it is paid", async () => {
    await bench.close();
    bench = await setUp({ balance: "5.00", knobs: { insufficientFunds: "unpaid", subaccount: "access" } });
    const wish = wishFor("web01", { licenseName: "Shop front" });
    const { id, outputs, message } = await partOf(createLicense(bench.run(), wish));
    expect(message).toMatch(/^license \d+: CloudLinux is ordered but not paid; pay for it in the panel/);
    expect(outputs).toMatchObject({ status: "ordered", claim: wish.claim });
    bench.simulator.outside.deposit("100.00");
    bench.simulator.outside.pay(id);
    const finished = await updateLicense(bench.run(), id, outputs, wish);
    expect(finished).toMatchObject({ status: "active", licenseName: "Shop front" });
    expect(bench.spending().filter((line) => line.startsWith("order"))).toEqual(["order CloudLinux"]);
  });

  it("keeps a license that the vendor does not finish in time as a partial failure", async () => {
    bench.simulator.knobs.processing = { ...bench.simulator.knobs.processing, open: "stuck" };
    const { id, outputs, message } = await partOf(createLicense(bench.run({ activationTimeout: 1 }), wishFor("web01")));
    expect(message).toBe(
      `license ${id}: it is still being processed by the vendor after 1 seconds (status processing, open); nothing is lost, and the next update goes on`,
    );
    expect(outputs).toMatchObject({ status: "processing", statusReason: "open" });
    bench.simulator.outside.finish(id);
    bench.calls();
    expect(await updateLicense(bench.run(), id, outputs, wishFor("web01"))).toMatchObject({ status: "active" });
    expect(bench.calls()).toEqual([LIST]);
  });

  it("does not wait where config says so, and the next update sets the explicit name", async () => {
    bench.simulator.knobs.processing = { ...bench.simulator.knobs.processing, open: "stuck" };
    const wish = wishFor("web01", { licenseName: "Shop front" });
    const { id, outputs } = await createLicense(bench.run({ activationTimeout: 0 }), wish);
    expect(bench.calls()).toEqual([...FUNDS, LIST, ORDER, LIST]);
    expect(outputs).toMatchObject({ status: "processing", licenseName: `Shop front [${wish.claim}]` });
    bench.simulator.outside.finish(id);
    expect(await updateLicense(bench.run({ activationTimeout: 0 }), id, outputs, wish)).toMatchObject({
      status: "active",
      licenseName: "Shop front",
    });
  });

  it("keeps a license whose last step is refused, and names the refusal", async () => {
    bench.simulator.knobs.suspendResume = "access";
    const { outputs, message } = await partOf(create("web01", { suspended: true }));
    expect(message).toMatch(/softexternal\.suspend/);
    expect(outputs).toMatchObject({ status: "active", suspended: false });
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("buys nothing where the account turns out unable to pay, and leaves nothing behind", async () => {
    await bench.close();
    bench = await setUp({ balance: "5.00", knobs: { subaccount: "access" } });
    await expect(create()).rejects.toMatchObject({ name: "RefusedError" });
    expect(bench.simulator.licenses()).toEqual([]);
  });

  it("buys nothing where the list cannot be read", async () => {
    bench.simulator.knobs.deniedFunctions = ["softexternal"];
    await expect(create()).rejects.toMatchObject({ name: "RefusedError", type: "access" });
    expect(bench.spending()).toEqual([]);
  });

  it("buys nothing where somebody else has this license on this address, though the list shows the tariff by name only", async () => {
    const id = bench.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.10" });
    bench.simulator.outside.order({ pricelist: 9204, licname: "other product", ip: "192.0.2.10" });
    await expect(create()).rejects.toThrow(
      `license ${id} (192.0.2.10) is a CloudLinux license on this address already. Nothing was ordered; to take it over, set adoptId: "${id}"`,
    );
    expect(bench.calls()).toEqual([...FUNDS, LIST, FORM, FORM]);
  });

  it("buys one of two that are declared for the same product and address", async () => {
    const run = bench.run();
    const outcomes = await Promise.allSettled([
      createLicense(run, wishFor("web01")),
      createLicense(run, wishFor("web02")),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("orders no more than config allows", async () => {
    const run = bench.run({ maxOrders: 1 });
    await createLicense(run, wishFor("web01"));
    await expect(createLicense(run, wishFor("web02", { ip: "192.0.2.11" }))).rejects.toThrow(
      /no more orders than billmanager:maxOrders allows \(1\)\. Nothing was ordered/,
    );
    await expect(
      createLicense(bench.run({ allowOrders: false }), wishFor("web02", { ip: "192.0.2.11" })),
    ).rejects.toThrow(/orders are switched off/);
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("reads a list of several pages while it orders many, and gives all of them up again", async () => {
    bench.simulator.knobs.pageSizeCap = 4;
    bench.simulator.knobs.latencyMs = 3;
    const run = bench.run();
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        createLicense(run, wishFor(`web${index}`, { ip: `192.0.2.${index + 1}`, licenseName: `server ${index}` })),
      ),
    );
    expect(bench.spending()).toHaveLength(20);
    const destroying = bench.run();
    await Promise.all(made.map(({ id, outputs }) => giveUpLicense(destroying, id, outputs)));
    expect(bench.simulator.licenses().every(({ status }) => status === "4")).toBe(true);
  });

  it("buys nothing where more periods are asked for than one update pays", async () => {
    await expect(create("web01", { paidUntil: inMonths(30) })).rejects.toThrow(
      /more than 24 periods after .*: nothing was paid/,
    );
    expect(bench.calls()).toEqual([]);
  });

  it("orders nothing once the engine is gone", async () => {
    const orphan = bench.run({}, () => Promise.resolve(true));
    await expect(createLicense(orphan, wishFor("web01"))).rejects.toMatchObject({ name: "EngineGoneError" });
    expect(bench.calls()).toEqual([...FUNDS, LIST]);
  });
});

describe("taking over a license", () => {
  it("orders nothing and brings it to what the program says", async () => {
    const id = bench.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.10" });
    const taken = await create("web01", { adoptId: id });
    expect(taken.id).toBe(id);
    expect(taken.outputs.licenseName).toBe(wishFor("web01").licenseName);
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("is refused where product, address or owner contradict", async () => {
    const { outside } = bench.simulator;
    const other = wishFor("web02");
    const wrongTariff = outside.order({ pricelist: 9204, licname: "a", ip: "192.0.2.10" });
    const wrongAddress = outside.order({ pricelist: 9203, licname: "b", ip: "192.0.2.11" });
    const owned = outside.order({ pricelist: 9203, licname: other.licenseName, ip: "192.0.2.10" });
    await expect(create("web01", { adoptId: wrongTariff })).rejects.toThrow(
      /it is of tariff 9204, and the program says 9203/,
    );
    await expect(create("web01", { adoptId: wrongAddress })).rejects.toThrow(
      /it is for 192\.0\.2\.11, and the program says 192\.0\.2\.10/,
    );
    await expect(create("web01", { adoptId: owned })).rejects.toThrow(`set adoptId: "${owned}@${other.claim}"`);
    await expect(create("web01", { adoptId: UNHEARD_OF })).rejects.toThrow(/does not show it; correct adoptId/);
    expect((await create("web01", { adoptId: `${owned}@${other.claim}` })).id).toBe(owned);
  });

  it("is granted to one of two that name the same, and done once", async () => {
    const id = bench.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.10" });
    const run = bench.run();
    const outcomes = await Promise.allSettled([
      createLicense(run, wishFor("web01", { adoptId: id, autoRenew: true })),
      createLicense(run, wishFor("web02", { adoptId: id })),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(bench.calls().filter((call) => call === EDIT)).toHaveLength(1);
    expect(bench.simulator.licenses()[0]).toMatchObject({ licname: wishFor("web01").licenseName, autoprolong: 1 });
  });

  it("ends with the resource that took it over, whatever remote id its order had", async () => {
    bench.simulator.knobs.listColumns = ["remoteid"];
    const first = await create("web01");
    const second = await create("web02", { adoptId: `${first.id}@${wishFor("web01").claim}` });
    await giveUpLicense(bench.run(), first.id, first.outputs);
    expect(bench.simulator.licenses()[0]?.status).toBe("2");
    await giveUpLicense(bench.run(), second.id, second.outputs);
    expect(bench.simulator.licenses()[0]?.status).toBe("4");
  });

  it("orders instead where the license that is named is being replaced, or is shown as deleted", async () => {
    const { outside, knobs } = bench.simulator;
    const replaced = outside.order({ pricelist: 9203, licname: "a", ip: "192.0.2.10" });
    const run = bench.run();
    run.replace(replaced as ManagedLicense["id"], wishFor("web01").claim);
    const softaculous = { product: "softaculous", pricelist: 9204 };
    expect((await createLicense(run, wishFor("web01", { ...softaculous, adoptId: replaced }))).id).not.toBe(replaced);

    outside.delete(replaced);
    knobs.deletedForm = "status-4";
    expect((await create("web02", { adoptId: replaced })).id).not.toBe(replaced);
  });
});

describe("update", () => {
  it("finds a license gone, buys nothing, and says so", async () => {
    const { id, outputs } = await create();
    bench.simulator.outside.delete(id);
    const after = await updateLicense(bench.run(), id, outputs, wishFor("web01", { ip: "192.0.2.11" }));
    expect(after.status).toBe("deleted");
    expect(bench.said.at(-1)).toMatch(/^warning: .*the vendor no longer has this license; nothing is bought for it/);
    expect(bench.spending()).toEqual(["order CloudLinux"]);
    bench.calls();
    await updateLicense(bench.run(), id, after, wishFor("web01", { ip: "192.0.2.12" }));
    expect(bench.calls()).toEqual([]);
  });

  it("keeps of one that is gone no reason for a status that it no longer has", async () => {
    const { id, outputs } = await create();
    bench.simulator.outside.suspend(id, "3_abusesuspend");
    const seen = await readLicenseOutputs(bench.run(), id, outputs);
    expect(seen.statusReason).toBe("abusesuspend");
    bench.simulator.outside.delete(id);
    const after = await updateLicense(bench.run(), id, seen, wishFor("web01", { ip: "192.0.2.11" }));
    expect(after).toMatchObject({ status: "deleted" });
    expect(after).not.toHaveProperty("statusReason");
  });

  it("takes a license that another account does not show for doubt", async () => {
    const { id, outputs } = await create();
    bench.simulator.outside.delete(id);
    const before = { ...outputs, account: "somebody@panel.example" };
    await expect(updateLicense(bench.run(), id, before, wishFor("web01", { ip: "192.0.2.11" }))).rejects.toThrow(
      /was last shown by somebody@panel\.example, and tester@.* does not show it: nothing was changed/,
    );
  });

  it("only writes down what the vendor need not be told, and is content then", async () => {
    const { id, outputs } = await create();
    bench.calls();
    let state = outputs;
    const { product: _, ...byNumber } = wishFor("web01", {
      renewBeforeDays: 4,
      paidUntil: outputs.createdOn as CalendarDate,
    });
    for (const wish of [wishFor("web01", { renewBeforeDays: 3 }), byNumber, wishFor("web01")]) {
      expect(diffLicense(state, wish, utcDay(new Date()))).toMatchObject({ changes: true, replaces: [], steps: [] });
      state = await updateLicense(bench.run(), id, state, wish);
      expect(diffLicense(state, wish, utcDay(new Date())).changes).toBe(false);
    }
    expect(state).toEqual(outputs);
    expect(bench.calls()).toEqual([]);
  });

  it("does not renew again what was renewed outside", async () => {
    const { id, outputs } = await create();
    bench.simulator.outside.prolong(id);
    bench.calls();
    const after = await updateLicense(bench.run(), id, outputs, wishFor("web01", { paidUntil: inMonths(2) }));
    expect(bench.calls()).toEqual([...FUNDS, LIST]);
    expect(after.expiresOn).toBe(bench.simulator.licenses()[0]?.expiredate);
  });

  it.each(["silence", "closed", "empty"] as const)(
    "confirms by the date a renewal that was answered by %s, and does not repeat it",
    async (kind) => {
      const { id, outputs } = await create();
      bench.simulator.faults.arm({ func: "service.prolong", kind });
      const after = await updateLicense(
        bench.run({ timeout: 1 }),
        id,
        outputs,
        wishFor("web01", { paidUntil: inMonths(2) }),
      );
      expect((after.expiresOn ?? "") >= inMonths(2)).toBe(true);
      expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux"]);
    },
  );

  it("renews under the name that the panel knows", async () => {
    const { id, outputs } = await create();
    bench.simulator.knobs.renewalFunctions = "softexternal.prolong";
    bench.calls();
    await updateLicense(bench.run(), id, outputs, wishFor("web01", { paidUntil: inMonths(2) }));
    expect(bench.calls()).toEqual([
      ...FUNDS,
      LIST,
      "service.prolong → error:missed",
      "softexternal.prolong → ok",
      LIST,
    ]);
  });

  it("waits for each step that the vendor takes time for, before the next", async () => {
    const { id, outputs } = await create();
    const polls = { polls: 1 } as const;
    bench.simulator.knobs.processing = {
      ...bench.simulator.knobs.processing,
      prolong: polls,
      suspend: polls,
      edit: polls,
    };
    bench.calls();
    const wish = wishFor("web01", { paidUntil: inMonths(2), suspended: true, ip: "192.0.2.11" });
    expect(await updateLicense(bench.run(), id, outputs, wish)).toMatchObject({
      status: "suspended",
      ip: "192.0.2.11",
    });
    expect(bench.calls()).toEqual([
      ...FUNDS,
      LIST,
      PROLONG,
      LIST,
      LIST,
      "softexternal.suspend → ok",
      LIST,
      LIST,
      EDIT,
      LIST,
      LIST,
    ]);
  });

  it("lets a lapsed license come back by being paid for", async () => {
    await bench.close();
    bench = await setUp({ now: utcDay(new Date(Date.now() - 45 * 86_400_000)) });
    const { id, outputs } = await create();
    bench.simulator.clock.set(utcDay(new Date()));
    const lapsed = await readLicenseOutputs(bench.run(), id, outputs);
    expect(lapsed).toMatchObject({ status: "suspended", statusReason: "autosuspend", suspended: false });
    const paid = await updateLicense(bench.run(), id, lapsed, wishFor("web01", { paidUntil: inMonths(1) }));
    expect(paid).toMatchObject({ status: "active", expiresOn: inMonths(1) });
    expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux"]);
  });

  it.each(["number", "word"] as const)(
    "tells the vendor once of a new period where it renews by itself, shown as a %s",
    async (shown) => {
      await bench.close();
      bench = await setUp({ knobs: { otherPeriods: "accepted", listAutoprolongOn: shown } });
      const { id, outputs } = await create("web01", { autoRenew: true });
      bench.calls();
      const wish = wishFor("web01", { autoRenew: true, period: 3 });
      await Promise.allSettled([updateLicense(bench.run({ activationTimeout: 1 }), id, outputs, wish)]);
      const edit = bench.simulator.journal().find(({ effect }) => effect === "change");
      expect(edit?.params).toMatchObject({ autoprolong: "3" });
      expect(bench.calls().filter((call) => call === EDIT)).toHaveLength(1);
    },
  );

  it("does not forget to tell the vendor of a new period because another step comes before it", async () => {
    await bench.close();
    bench = await setUp({ knobs: { otherPeriods: "accepted", listAutoprolongOn: "word" } });
    const { id, outputs } = await create("web01", { autoRenew: true });
    const wish = wishFor("web01", { autoRenew: true, period: 3, suspended: true });
    await Promise.allSettled([updateLicense(bench.run({ activationTimeout: 1 }), id, outputs, wish)]);
    const changes = bench.simulator.journal().filter(({ effect }) => effect === "change");
    expect(changes.map(({ func, params }) => [func, params.autoprolong])).toEqual([
      ["softexternal.suspend", undefined],
      ["softexternal.edit", "3"],
    ]);
  });

  it("says beforehand that it tells the vendor of a new period, and sees where the vendor renews for another", async () => {
    const { outputs } = await create("web01", { autoRenew: true });
    expect(outputs).not.toHaveProperty("autoRenewPeriod");
    const wish = wishFor("web01", { autoRenew: true });
    const steps = (now: typeof outputs, wanted = wish) => diffLicense(now, wanted, utcDay(new Date())).steps;
    expect(steps(outputs, { ...wish, period: 3 })).toEqual(["has the vendor renew 3 months at a time"]);

    const shown = { ...outputs, autoRenewPeriod: 3 };
    const refreshed = outputsFromState({ ...refreshedOutputs(shown, outputs, outputs.account) }) ?? outputs;
    expect(steps(refreshed)).toEqual(["has the vendor renew 1 month at a time"]);
    expect(steps(refreshed, { ...wish, period: 3 })).toEqual([]);
    expect(refreshedOutputs({ ...shown, autoRenewPeriod: 1 }, refreshed, outputs.account)).toEqual(outputs);
  });

  it("finishes an order that was paid, though a refresh has come between", async () => {
    await bench.close();
    bench = await setUp({ balance: "5.00", knobs: { insufficientFunds: "unpaid", subaccount: "access" } });
    const wish = wishFor("web01", { licenseName: "Shop front" });
    const { id, outputs } = await partOf(createLicense(bench.run(), wish));
    const refreshed = await readLicenseOutputs(bench.run(), id, outputs);
    expect(diffLicense(refreshed, wish, utcDay(new Date())).changes).toBe(true);
    bench.simulator.outside.deposit("100.00");
    bench.simulator.outside.pay(id);
    const finished = await updateLicense(bench.run(), id, refreshed, wish);
    expect(finished).toMatchObject({ status: "active", licenseName: "Shop front" });
  });

  it("pays no oftener than announced, whatever the renewals bring", async () => {
    await bench.close();
    bench = await setUp({
      now: utcDay(new Date(Date.now() - 50 * 86_400_000)),
      knobs: { renewalFrom: "end" },
    });
    const { id, outputs } = await create();
    bench.simulator.clock.set(utcDay(new Date()));
    const wish = wishFor("web01", { paidUntil: inMonths(1) });
    expect(diffLicense(outputs, wish, utcDay(new Date())).steps).toEqual([
      `renews until ${inMonths(1)} at 14.00 EUR / Month`,
    ]);
    const failure = await partOf(updateLicense(bench.run(), id, outputs, wish));
    expect(failure.message).toMatch(/it was renewed as often as announced and is paid until .* only/);
    expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux"]);
  });

  it("says that a renewal may have been charged, though the list that would tell is refused", async () => {
    const { id, outputs } = await create();
    bench.simulator.faults.arm({ func: "service.prolong", kind: "closed" });
    const updating = partOf(updateLicense(bench.run(), id, outputs, wishFor("web01", { paidUntil: inMonths(2) })));
    await expect.poll(() => bench.spending(), { interval: 1 }).toContain("prolong CloudLinux");
    bench.simulator.knobs.deniedFunctions = ["softexternal"];
    expect((await updating).message).toMatch(/may or may not have been charged/);
  });

  it("does not ask twice for what the panel's form does not offer", async () => {
    const { id, outputs } = await create();
    bench.simulator.knobs.formAutoprolong = "absent";
    bench.calls();
    const wish = wishFor("web01", { autoRenew: true });
    const after = await updateLicense(bench.run(), id, outputs, wish);
    expect(bench.calls()).toEqual([LIST, FORM]);
    expect(after).toMatchObject({ autoRenew: false, autoRenewFixed: true });
    expect(bench.said.at(-1)).toMatch(
      /^warning: .*autoRenew is false at the vendor, whose panel does not let it be changed/,
    );
  });

  it("saves what is true where a later step is refused", async () => {
    const { id, outputs } = await create();
    bench.simulator.knobs.suspendResume = "access";
    const wish = wishFor("web01", { paidUntil: inMonths(2), suspended: true });
    const failure = await partOf(updateLicense(bench.run(), id, outputs, wish));
    expect((failure.outputs.expiresOn ?? "") >= inMonths(2)).toBe(true);
    expect(failure.outputs.status).toBe("active");
  });
});

describe("a license that a replacement which was cut off has bought", () => {
  const bought = (id: string) =>
    `warning: web01-${wishFor("web01").claim}: license ${id} (192.0.2.11) was bought for this resource, too: `;
  const ADVICE = {
    "is there": "delete one of the two in the panel",
    "is gone":
      "put it in the place of license 1000001, which is gone (pulumi up --replace <urn>), or delete it in the panel",
  };
  const orderAgain = () =>
    bench.simulator.outside.order({ pricelist: 9203, licname: wishFor("web01").licenseName, ip: "192.0.2.11" });

  it.each(["is there", "is gone"] as const)("is named by an update and a refresh while the old one %s", async (old) => {
    const { id, outputs } = await create();
    const other = orderAgain();
    if (old === "is gone") {
      bench.simulator.outside.delete(id);
    }
    await updateLicense(bench.run(), id, outputs, wishFor("web01", { suspended: true }));
    await readLicenseOutputs(bench.run(), id, outputs);
    expect(bench.said.filter((line) => line === bought(other) + ADVICE[old])).toHaveLength(2);
  });

  it("is not named where the run knows it, or where it is on its way out", async () => {
    const { id, outputs } = await create();
    bench.simulator.knobs.set({ deletion: "scheduled", listColumns: ["scheduledclose"] });
    const other = licenseId(orderAgain());
    const run = bench.run();
    await readLicenseOutputs(run, other, outputs);
    await updateLicense(run, id, outputs, wishFor("web01", { suspended: true }));
    await giveUpLicense(bench.run(), other, outputs);
    await readLicenseOutputs(bench.run(), id, outputs);
    expect(bench.said.filter((line) => line.startsWith(bought(other)))).toEqual([]);
  });
});

describe("a second license of the same tariff on the same address", () => {
  const place = { pricelist: 9203, ip: "192.0.2.10" };
  const tooMany = () => bench.said.filter((line) => line.includes("one of the two is one too many"));
  const bothLook = async (id: LicenseId, outputs: LicenseOutputs, run = bench.run()) => {
    await updateLicense(run, id, outputs, wishFor("web01", { suspended: true }));
    await readLicenseOutputs(bench.run(), id, outputs);
  };

  it.each([
    ["names the panel shows", []],
    ["numbers the panel shows", ["pricelist_id"]],
  ] as const)("is named by an update and a refresh, by tariffs whose %s", async (_, listColumns) => {
    bench.simulator.knobs.set({ listColumns: [...listColumns] });
    const { id, outputs } = await create();
    const other = bench.simulator.outside.order({ ...place, licname: wishFor("web02").licenseName });
    await bothLook(id, outputs);
    const { licenseName } = wishFor("web01");
    const warning =
      `warning: ${licenseName}: license ${other} (192.0.2.10) is a license of the same tariff on this address, too, ` +
      `bought for another resource (claim ${wishFor("web02").claim}): one of the two is one too many`;
    expect(tooMany()).toEqual([warning, warning]);
  });

  it("is named without a claim where it was bought by hand", async () => {
    const { id, outputs } = await create();
    bench.simulator.outside.order({ ...place, licname: "by hand" });
    await bothLook(id, outputs);
    expect(tooMany()).toHaveLength(2);
    expect(tooMany()[0]).toContain("on this address, too: one of the two is one too many");
  });

  it("is not named where it is of another tariff, on another address, or known to the run", async () => {
    const { id, outputs } = await create();
    bench.simulator.outside.order({ ...place, pricelist: 11738, licname: "another tariff" });
    bench.simulator.outside.order({ ...place, ip: "192.0.2.11", licname: "another address" });
    await bothLook(id, outputs);
    const known = licenseId(bench.simulator.outside.order({ ...place, licname: "by hand" }));
    const run = bench.run();
    await readLicenseOutputs(run, known, outputs);
    await updateLicense(run, id, outputs, wishFor("web01", { suspended: true }));
    expect(tooMany()).toEqual([]);
  });
});

describe("read", () => {
  it("keeps a license that is gone as deleted, with a warning, confirmed by a single read", async () => {
    const { id, outputs } = await create();
    bench.simulator.outside.delete(id);
    bench.calls();
    expect(await readLicenseOutputs(bench.run(), id, outputs)).toEqual({ ...outputs, status: "deleted" });
    expect(bench.calls()).toEqual([LIST, "softexternal.edit → error:missed"]);
    expect(bench.said.at(-1)).toMatch(/^warning: /);
  });

  it("keeps a license that a filter hides", async () => {
    const { id, outputs } = await create();
    bench.simulator.knobs.savedFilter = { pricelist: "9204" };
    expect(await readLicenseOutputs(bench.run(), id, outputs)).toEqual(outputs);
  });

  it.each(["access", "missed"] as const)(
    "drops nothing where the panel answers %s for another account's sake",
    async (wrongElid) => {
      bench.simulator.knobs.wrongElid = wrongElid;
      const { outputs } = await create();
      await expect(
        readLicenseOutputs(bench.run(), UNHEARD_OF, { ...outputs, account: "somebody@panel.example" }),
      ).rejects.toThrow();
    },
  );

  it("remembers the account that shows the license now", async () => {
    const { id, outputs } = await create();
    const moved = await readLicenseOutputs(bench.run(), id, { ...outputs, account: "old@panel.example" });
    expect(moved.account).toBe(outputs.account);
  });

  it("shows one that nobody manages, with its product", async () => {
    const id = bench.simulator.outside.order({ pricelist: 11738, licname: "by hand", ip: "192.0.2.10" });
    const { id: _, ...found } = {
      id,
      ...(await readLicenseOutputs(bench.run(), id as ManagedLicense["id"], undefined)),
    };
    expect(found).toMatchObject({ product: "kernelcare", pricelist: 11738, licenseName: "by hand", status: "active" });
    await expect(readLicenseOutputs(bench.run(), UNHEARD_OF, undefined)).rejects.toThrow(
      `shows no license ${UNHEARD_OF}`,
    );
  });
});

describe("give up", () => {
  it("deletes, and takes gone for done", async () => {
    const { id, outputs } = await create();
    bench.calls();
    await giveUpLicense(bench.run(), id, outputs);
    expect(bench.calls()).toEqual([LIST, "softexternal.delete → ok", LIST]);
    await giveUpLicense(bench.run(), id, outputs);
    expect(bench.calls()).toEqual([LIST, "softexternal.edit → error:missed"]);
  });

  it("waits until the vendor has closed it", async () => {
    const { id, outputs } = await create();
    bench.simulator.knobs.processing = { ...bench.simulator.knobs.processing, close: { polls: 1 } };
    bench.calls();
    await giveUpLicense(bench.run(), id, outputs);
    expect(bench.calls()).toEqual([LIST, "softexternal.delete → ok", LIST, LIST]);
  });

  it.each(["list", "form"] as const)(
    "takes a close at the end of the term for done, shown by the %s",
    async (place) => {
      const { id, outputs } = await create();
      bench.simulator.knobs.set({
        deletion: "scheduled",
        ...(place === "list" ? { listColumns: ["scheduledclose"] } : { formFields: ["scheduledclose"] }),
      });
      await giveUpLicense(bench.run(), id, outputs);
      expect(bench.simulator.licenses()[0]?.scheduledclose).toBeDefined();
    },
  );

  it("sends no second deletion while the first is under way", async () => {
    const { id, outputs } = await create();
    bench.simulator.knobs.processing = { ...bench.simulator.knobs.processing, close: "stuck" };
    const impatient = giveUpLicense(bench.run({ activationTimeout: 1 }), id, outputs);
    await expect(impatient).rejects.toThrow(/the next destroy goes on/);
    bench.calls();
    const next = giveUpLicense(bench.run(), id, outputs);
    await expect.poll(() => bench.simulator.journal().length).toBeGreaterThan(1);
    bench.simulator.outside.finish(id);
    await next;
    expect(bench.calls().filter((call) => call.startsWith("softexternal.delete"))).toEqual([]);
  });

  it("deletes once, though the answer is lost", async () => {
    const { id, outputs } = await create();
    bench.simulator.faults.arm({ func: "softexternal.delete", effect: "change", kind: "closed" });
    bench.calls();
    await giveUpLicense(bench.run(), id, outputs);
    expect(bench.calls().filter((call) => call.startsWith("softexternal.delete"))).toHaveLength(1);
  });

  it("passes a refusal on", async () => {
    const { id, outputs } = await create();
    bench.simulator.knobs.deletion = "minimum-term";
    await expect(giveUpLicense(bench.run(), id, outputs)).rejects.toMatchObject({ type: "pricelist_min_order" });
  });

  it("leaves alone what this run has brought about, and what another resource has taken over", async () => {
    const run = bench.run();
    const { id, outputs } = await createLicense(run, wishFor("web01"));
    await giveUpLicense(run, id, outputs);
    bench.simulator.outside.edit(id, { licname: wishFor("web02").licenseName });
    await giveUpLicense(bench.run(), id, outputs);
    expect(bench.simulator.licenses()[0]?.status).toBe("2");
    expect(bench.said.filter((line) => line.startsWith("warning: "))).toEqual([
      `warning: ${outputs.licenseName}: license ${id} is not given up: the program still declares it`,
      `warning: ${outputs.licenseName}: license ${id} is not given up: it carries the claim ${wishFor("web02").claim} of another resource`,
    ]);
  });

  it("takes a license that another account does not show for doubt", async () => {
    const { id, outputs } = await create();
    bench.simulator.outside.delete(id);
    await expect(giveUpLicense(bench.run(), id, { ...outputs, account: "old@panel.example" })).rejects.toThrow(
      /nothing was changed/,
    );
  });
});

describe("beside another process of the same run, delete", () => {
  const declarations = [1, 2].map(() => new DeclarationFiles("0", (line) => bench.said.push(line)));
  const run = (number: 0 | 1) => bench.run({}, undefined, undefined, declarations[number]);
  afterEach(() => {
    for (const own of declarations) {
      own.remove();
    }
  });

  it("leaves alone what that one has brought about, without a call", async () => {
    const { id, outputs } = await createLicense(run(0), wishFor("web01"));
    bench.calls();
    await giveUpLicense(run(1), id, outputs);
    expect(bench.calls()).toEqual([]);
    expect(bench.said.at(-1)).toContain(`license ${id} is not given up: the program still declares it`);
  });

  it("leaves alone what that one takes over while the account is read", async () => {
    const { id, outputs } = await create();
    bench.calls();
    const end = giveUpLicense(run(1), id, outputs);
    run(0).declare(id);
    await end;
    expect(bench.calls()).toEqual([LIST]);
  });

  it("gives up what that one replaces", async () => {
    const { id, outputs } = await create();
    const replacing = run(0);
    replacing.declare(id);
    replacing.replace(id, wishFor("web01").claim);
    await giveUpLicense(run(1), id, outputs);
    expect(bench.simulator.licenses()[0]?.status).toBe("4");
  });
});
