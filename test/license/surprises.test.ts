/*
 * What no document of the vendor rules out: a license that is not shown for a while after it was charged, a number that is somebody
 * else's, two tariffs of one name. Each of them once led to a license that was lost, bought twice, or taken from others.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteLicense } from "../../provider/billmanager/changeLicense";
import type { CalendarDate, LicenseId } from "../../provider/billmanager/types";
import { addDays, addMonths, utcDay } from "../../provider/license/calendar";
import { createLicense } from "../../provider/license/create";
import { giveUpLicense } from "../../provider/license/delete";
import { PartialFailure } from "../../provider/license/errors";
import { readLicenseOutputs } from "../../provider/license/read";
import { type LicenseOutputs, outputsFromState } from "../../provider/license/state";
import { diffLicense, updateLicense } from "../../provider/license/update";
import { type Gate, startGate } from "../engine/helpers/gate";
import { type Bench, setUp, wishFor } from "./helpers";

let bench: Bench;
beforeEach(async () => {
  bench = await setUp();
});
afterEach(() => bench.close());

const create = (changes = {}, settings = {}) => createLicense(bench.run(settings), wishFor("web01", changes));
const failureOf = async (failing: Promise<unknown>): Promise<Error> => {
  const outcome = await failing.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Error);
  return outcome as Error;
};
const live = () =>
  bench.simulator.licenses().flatMap(({ id, licname, ip, status }) => (status === "4" ? [] : [{ id, licname, ip }]));

describe("a license that was ordered and is not shown yet", () => {
  let id: LicenseId;
  let outputs: LicenseOutputs;
  const QUICK = { activationTimeout: 1 };
  beforeEach(async () => {
    bench.simulator.faults.arm({
      kind: "answered",
      func: "softexternal.order.param",
      effect: "charge",
      hiddenFor: { seconds: 600 },
    });
    const failure = await failureOf(create({}, QUICK));
    expect(failure).toBeInstanceOf(PartialFailure);
    ({ id, outputs } = failure as PartialFailure);
    expect(outputs).toMatchObject({ status: "processing", account: "" });
  });

  it("is kept by a refresh, and found by a later one", async () => {
    expect(await readLicenseOutputs(bench.run(), id, outputs)).toEqual(outputs);
    expect(bench.said.at(-1)).toContain(`accepted the order of license ${id} and does not show it yet`);
    bench.simulator.outside.reveal();
    expect(await readLicenseOutputs(bench.run(), id, outputs)).toMatchObject({
      status: "active",
      account: bench.run().account,
    });
  });

  it("is gone only by the vendor's word on it", async () => {
    bench.simulator.outside.reveal();
    bench.simulator.knobs.set({ deletedRows: "listed" });
    bench.simulator.outside.delete(id);
    expect(await readLicenseOutputs(bench.run(), id, outputs)).toMatchObject({ status: "deleted" });
  });

  it("is waited for by an update, which orders nothing", async () => {
    const failure = await failureOf(updateLicense(bench.run(QUICK), id, outputs, wishFor("web01")));
    expect(failure).toMatchObject({ id, outputs: { status: "processing", account: "" } });
    expect(failure.message).toContain("does not show the license after 1 seconds; the next update looks again");
    bench.simulator.outside.reveal();
    expect(await updateLicense(bench.run(QUICK), id, outputs, wishFor("web01"))).toMatchObject({ status: "active" });
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("is left to the next update where nobody wants to wait", async () => {
    const wish = wishFor("web01", { licenseName: "Shop front" });
    const left = await updateLicense(bench.run({ activationTimeout: 0 }), id, outputs, wish);
    expect(left).toMatchObject({ status: "processing", account: "" });
    expect(bench.said.at(-1)).toContain("does not show the license after 0 seconds");
    expect(diffLicense(left, wish, utcDay(new Date())).changes).toBe(true);
    bench.simulator.outside.reveal();
    expect(await updateLicense(bench.run(), id, left, wish)).toMatchObject({ licenseName: "Shop front" });
  });

  it("is looked for by each update until it is seen, although no input has changed", async () => {
    const left = await updateLicense(bench.run({ activationTimeout: 0 }), id, outputs, wishFor("web01"));
    const diff = diffLicense(left, wishFor("web01"), utcDay(new Date()));
    expect(diff).toMatchObject({ changes: true, changed: ["status"] });
    expect(diff.steps).toEqual(["looks whether the vendor has finished it"]);
    bench.simulator.outside.reveal();
    const found = await updateLicense(bench.run({ activationTimeout: 0 }), id, left, wishFor("web01"));
    expect(found).toMatchObject({ status: "active" });
    expect(diffLicense(found, wishFor("web01"), utcDay(new Date())).changes).toBe(false);
  });

  it("is given up by its number", async () => {
    await giveUpLicense(bench.run(), id, outputs);
    bench.simulator.outside.reveal();
    expect(live()).toEqual([]);
  });

  it("is not forgotten by a destroy that cannot give it up", async () => {
    bench.simulator.faults.arm({ kind: "error", type: "missed", func: "softexternal.delete" });
    const failure = await failureOf(giveUpLicense(bench.run(), id, outputs));
    expect(failure.message).toContain(`license ${id} is ordered, and the vendor does not show it yet, nor delete it`);
    bench.simulator.outside.reveal();
    await giveUpLicense(bench.run(), id, outputs);
    expect(live()).toEqual([]);
  });
});

describe("a license that the vendor will close", () => {
  it("is not renewed, and said to be closed, from the look on that finds it so until that is cancelled", async () => {
    bench.simulator.knobs.set({ listColumns: ["scheduledclose"], deletion: "scheduled" });
    const { id, outputs } = await create();
    await deleteLicense(bench.run().panel, id);
    const wish = wishFor("web01", { renewBeforeDays: 365 });
    const told = `the vendor will close this license on ${outputs.expiresOn}, and no update renews it: cancel that in the panel if it shall stay`;

    const updated = await updateLicense(bench.run(), id, outputs, wish);
    expect(bench.said.at(-1)).toBe(`warning: ${updated.licenseName}: ${told}`);
    const seen = await readLicenseOutputs(bench.run(), id, outputs);
    for (const known of [updated, seen]) {
      const inState = outputsFromState(JSON.parse(JSON.stringify(known))) as LicenseOutputs;
      const { steps, warnings } = diffLicense(inState, wish, utcDay(new Date()));
      expect([steps, warnings]).toEqual([[], [told]]);
    }
    expect(bench.spending()).toEqual(["order CloudLinux"]);

    bench.simulator.knobs.set({ listColumns: [] });
    expect(await readLicenseOutputs(bench.run(), id, seen)).not.toHaveProperty("closesOn");
  });
});

describe("an address that the panel does not show", () => {
  const ANY = { pricelist: 55369, product: "bitninja" };
  let gate: Gate;
  beforeEach(async () => {
    await bench.close();
    bench = await setUp({ tariffs: [{ pricelist: 55369, name: "BitNinja", price: "10.00", ipRequired: false }] });
    gate = await startGate(bench.simulator);
    gate.rewrite((_, answer) => answer.replaceAll(/<ip>[^<]*<\/ip>/g, ""));
  });
  afterEach(() => gate.close());
  const atGate = () => ({ endpoint: gate.endpoint, activationTimeout: 1 });
  const edits = () => bench.calls().filter((call) => call === "softexternal.edit → ok").length;

  it("is the one that the order carried", async () => {
    const { id, outputs } = await create(ANY, atGate());
    expect(edits()).toBe(0);
    const seen = await readLicenseOutputs(bench.run(atGate()), id, outputs);
    expect(seen.ip).toBe("192.0.2.10");
    expect(diffLicense(seen, wishFor("web01", ANY), utcDay(new Date())).changes).toBe(false);
  });

  it("is told once where it changes", async () => {
    const { id, outputs } = await create(ANY, atGate());
    const wish = wishFor("web01", { ...ANY, ip: "192.0.2.11" });
    const moved = await updateLicense(bench.run(atGate()), id, outputs, wish);
    expect(edits()).toBe(1);
    expect(bench.simulator.licenses()).toMatchObject([{ ip: "192.0.2.11" }]);
    const seen = await readLicenseOutputs(bench.run(atGate()), id, moved);
    expect(diffLicense(seen, wish, utcDay(new Date())).changes).toBe(false);
    await updateLicense(bench.run(atGate()), id, seen, { ...wish, suspended: true });
    expect(edits()).toBe(0);
  });
});

describe("a renewal that was accepted and is not shown yet", () => {
  const inMonths = (months: number) => addMonths(utcDay(new Date()), months);

  it.each([0, 1])("is not paid for again by later updates (activationTimeout %i)", async (activationTimeout) => {
    const { id, outputs } = await create();
    const wish = wishFor("web01", { paidUntil: addMonths(utcDay(new Date()), 2) });
    bench.simulator.faults.arm({
      kind: "answered",
      func: "service.prolong",
      effect: "charge",
      hiddenFor: { seconds: 600 },
    });
    let saved = outputs;
    for (let update = 1; update <= 3; update += 1) {
      saved = await updateLicense(bench.run({ activationTimeout }), id, saved, wish).catch((error: unknown) => {
        expect(error).toBeInstanceOf(PartialFailure);
        return (error as PartialFailure).outputs;
      });
      expect(diffLicense(saved, wish, utcDay(new Date())).changes).toBe(true);
    }
    expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux"]);
    expect(bench.said.at(-1)).toContain("accepted to renew this license");

    const seen = await readLicenseOutputs(bench.run(), id, saved);
    expect(seen.renewedFrom).toBe(outputs.expiresOn);
    bench.simulator.outside.reveal();
    const done = await updateLicense(bench.run(), id, seen, wish);
    expect(done).toMatchObject({ expiresOn: inMonths(2) });
    expect(done).not.toHaveProperty("renewedFrom");
    expect(bench.spending()).toHaveLength(2);
  });

  it("is told by one and the same advice, and by nothing that contradicts it", async () => {
    const { id, outputs } = await create();
    bench.simulator.faults.arm({ kind: "answered", func: "service.prolong", hiddenFor: { seconds: 600 } });
    const wish = wishFor("web01", { paidUntil: inMonths(2) });
    const failure = await failureOf(updateLicense(bench.run({ activationTimeout: 1 }), id, outputs, wish));
    expect(failure.message).toBe(
      `license ${id}: The vendor accepted the renewal, and may still be at work on it, or wait for a payment. The license is still ` +
        `shown as paid until ${outputs.expiresOn} after 1 seconds, and the renewal may have been charged. ` +
        "Look at the expenses and bills in the panel; nothing more is paid until the date moves, or until that day is over",
    );
  });

  it("is waited for as long as the term lasts that it was to prolong, and no longer", async () => {
    const { outputs } = await create();
    const until = outputs.expiresOn as CalendarDate;
    const pending = { ...outputs, renewedFrom: until };
    expect(diffLicense(pending, wishFor("web01"), until)).toMatchObject({ changes: true, changed: ["expiresOn"] });
    expect(diffLicense(pending, wishFor("web01"), addDays(until, 1))).toMatchObject({ changes: false, steps: [] });
    const due = wishFor("web01", { renewBeforeDays: 7 });
    expect(diffLicense(pending, due, until).payments.renewals).toBe(0);
    expect(diffLicense(pending, due, addDays(until, 1)).payments.renewals).toBe(1);
  });

  it("is paid once by renewBeforeDays, however often the engine repeats the update", async () => {
    const { id, outputs } = await create();
    bench.simulator.faults.arm({ kind: "error", type: "limit", func: "softexternal.edit", effect: "change", times: 3 });
    const run = bench.run();
    const wish = wishFor("web01", { licenseName: "Shop front", renewBeforeDays: 365 });
    for (let again = 0; again < 3; again += 1) {
      await failureOf(updateLicense(run, id, outputs, wish));
    }
    expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux"]);
  });
});

describe("a renewal without an answer, the search for which was cut short", () => {
  const wish = wishFor("web01", { paidUntil: addMonths(utcDay(new Date()), 2) });
  const today = utcDay(new Date());
  let id: LicenseId;
  let outputs: LicenseOutputs;
  let left: LicenseOutputs;

  /** Ends an update as Ctrl-C does while it waits for what has become of the renewal. */
  async function cutShort(old: LicenseOutputs): Promise<PartialFailure> {
    const run = bench.run({ timeout: 1, searchTimeout: 600 });
    bench.calls();
    const failing = failureOf(updateLicense(run, id, old, wish));
    await expect.poll(() => bench.simulator.journal().filter(isList).length, { timeout: 10_000 }).toBeGreaterThan(1);
    run.cancel();
    const failure = await failing;
    expect(failure).toBeInstanceOf(PartialFailure);
    return failure as PartialFailure;
  }
  const isList = ({ func }: { func: string }) => func === "softexternal";
  const arm = () =>
    bench.simulator.faults.arm({
      kind: "silence",
      func: "service.prolong",
      effect: "charge",
      hiddenFor: { seconds: 600 },
    });

  beforeEach(async () => {
    ({ id, outputs } = await create());
  });

  describe("by Ctrl-C", () => {
    beforeEach(async () => {
      arm();
      const failure = await cutShort(outputs);
      left = outputsFromState(JSON.parse(JSON.stringify(failure.outputs))) as LicenseOutputs;
      expect(left.renewalSought).toBe(outputs.expiresOn);
      expect(failure.message).toContain(
        "the next update looks for a later date for 600 seconds before it renews anything",
      );
    });

    it("goes on in the next update, and what it finds is not paid for again", async () => {
      const updating = updateLicense(bench.run({ searchTimeout: 20 }), id, left, wish);
      bench.calls();
      await expect.poll(() => bench.simulator.journal().filter(isList).length, { timeout: 10_000 }).toBeGreaterThan(2);
      bench.simulator.outside.reveal();
      const done = await updating;
      expect(done).not.toHaveProperty("renewalSought");
      expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux"]);
      expect(diffLicense(done, wish, today).changes).toBe(false);
    });

    it("is an update of its own, also after a refresh, and where nothing is to be renewed any more", async () => {
      const seen = await readLicenseOutputs(bench.run(), id, left);
      for (const wanted of [wish, wishFor("web01")]) {
        const { changes, changed, steps } = diffLicense(seen, wanted, today);
        expect([changes, changed.includes("expiresOn")]).toEqual([true, true]);
        expect(steps[0]).toBe("looks for the renewal that an interrupted run has sent, before it pays for another");
      }
      const updated = await updateLicense(bench.run(), id, seen, wishFor("web01"));
      expect(diffLicense(updated, wishFor("web01"), today).changes).toBe(false);
      expect(bench.spending()).toHaveLength(2);
    });

    it("is cut short once more without being forgotten", async () => {
      const failure = await cutShort(left);
      expect(failure.outputs.renewalSought).toBe(outputs.expiresOn);
      expect(bench.spending()).toHaveLength(2);
    });

    it("is not needed where the date has moved meanwhile", async () => {
      bench.simulator.outside.reveal();
      expect(await readLicenseOutputs(bench.run(), id, left)).not.toHaveProperty("renewalSought");
      await updateLicense(bench.run({ searchTimeout: 600 }), id, left, wish);
      expect(bench.spending()).toHaveLength(2);
    });

    it("is over with its time, and the renewal is sent again", async () => {
      const failure = await failureOf(updateLicense(bench.run({ activationTimeout: 1 }), id, left, wish));
      expect(bench.spending()).toHaveLength(3);
      expect((failure as PartialFailure).outputs).not.toHaveProperty("renewalSought");
    });

    it("counts as the renewal of renewBeforeDays in the update that finds it", async () => {
      const due = wishFor("web01", { renewBeforeDays: 365 });
      const updating = updateLicense(bench.run({ searchTimeout: 20 }), id, left, due);
      bench.calls();
      await expect.poll(() => bench.simulator.journal().filter(isList).length, { timeout: 10_000 }).toBeGreaterThan(1);
      bench.simulator.outside.reveal();
      await updating;
      expect(bench.spending()).toHaveLength(2);
    });
  });

  it("is nothing to go on with where it was looked for to its end", async () => {
    arm();
    const failure = await failureOf(updateLicense(bench.run({ timeout: 1 }), id, outputs, wish));
    expect((failure as PartialFailure).outputs).not.toHaveProperty("renewalSought");
  });
});

describe("a number that is another license's", () => {
  const OTHERS = { pricelist: 9204, licname: "somebody's Softaculous", ip: "198.51.100.7" };
  let gate: Gate;
  beforeEach(async () => {
    gate = await startGate(bench.simulator);
  });
  afterEach(() => gate.close());

  /** The answer to the order names this number. */
  const answerOrdersWith = (id: string) =>
    gate.rewrite((call, answer) =>
      call.get("func") === "softexternal.order.param" && call.get("sok") === "ok"
        ? answer.replace(/<id>\d+<\/id>/, `<id>${id}</id>`)
        : answer,
    );
  const atGate = () => ({ endpoint: gate.endpoint, activationTimeout: 1 });

  it("is not taken for the ordered license's where that one was there before", async () => {
    const other = bench.simulator.outside.order(OTHERS);
    answerOrdersWith(other);
    const { id } = await create({}, atGate());
    expect(id).not.toBe(other);
    expect(live()).toEqual([
      { id: other, licname: OTHERS.licname, ip: OTHERS.ip },
      { id, licname: wishFor("web01").licenseName, ip: "192.0.2.10" },
    ]);
  });

  it("gives way to the claim where it is nobody's of this account", async () => {
    answerOrdersWith("5001");
    const { id, outputs } = await create({}, atGate());
    expect(live()).toMatchObject([{ id }]);
    expect(outputs.status).toBe("active");
  });

  it("gives way to the claim where that license came meanwhile", async () => {
    let other = "";
    gate.rewrite((call, answer) => {
      if (call.get("func") !== "softexternal.order.param" || call.get("sok") !== "ok") {
        return answer;
      }
      other = bench.simulator.outside.order(OTHERS);
      return answer.replace(/<id>\d+<\/id>/, `<id>${other}</id>`);
    });
    const { id } = await create({}, atGate());
    expect(id).not.toBe(other);
    expect(bench.simulator.licenses().find((license) => license.id === other)).toMatchObject(OTHERS);
  });

  it("is saved for nothing where nothing carries the claim, and the next run orders nothing twice", async () => {
    bench.simulator.faults.arm({
      kind: "answered",
      func: "softexternal.order.param",
      effect: "charge",
      hiddenFor: { seconds: 600 },
    });
    let other = "";
    gate.rewrite((call, answer) => {
      if (call.get("func") !== "softexternal.order.param" || call.get("sok") !== "ok") {
        return answer;
      }
      other = bench.simulator.outside.order(OTHERS);
      return answer.replace(/<id>\d+<\/id>/, `<id>${other}</id>`);
    });
    const run = bench.run(atGate());
    for (let again = 0; again < 2; again += 1) {
      const failure = await failureOf(createLicense(run, wishFor("web01")));
      expect(failure.name).toBe("OrderOutcomeUnknownError");
      expect(failure.message).toContain(`named license ${other} for the order, which is another one`);
    }
    bench.simulator.outside.reveal();
    const { id } = await create();
    expect(id).not.toBe(other);
    expect(bench.spending().filter((entry) => entry.startsWith("order"))).toHaveLength(2);
  });

  describe.each(["read", "update", "delete"] as const)(
    "in the state of a license that no list has shown: %s",
    (operation) => {
      const number = "1000003";
      const byHand = (ip: string) => bench.simulator.outside.order({ pricelist: 9204, licname: "by hand", ip });
      let id: LicenseId;
      let outputs: LicenseOutputs;
      /** The order is answered with a number that is not the license's, which is not shown in time. */
      beforeEach(async () => {
        answerOrdersWith(number);
        bench.simulator.faults.arm({
          kind: "answered",
          func: "softexternal.order.param",
          effect: "charge",
          hiddenFor: { seconds: 600 },
        });
        const failure = await failureOf(create({}, atGate()));
        expect(failure).toMatchObject({ id: number, outputs: { account: "" } });
        ({ id, outputs } = failure as PartialFailure);
        bench.calls();
      });
      const operate = () => {
        const run = bench.run(atGate());
        const doing = {
          read: () => readLicenseOutputs(run, id, outputs),
          update: () => updateLicense(run, id, outputs, wishFor("web01", { suspended: true })),
          delete: () => giveUpLicense(run, id, outputs),
        } as const;
        return doing[operation]();
      };
      const changes = () => bench.calls().filter((call) => /(suspend|delete|prolong|param) → ok/.test(call));

      it("gives way to the claim, and says how to take that license over", async () => {
        bench.simulator.outside.reveal();
        const [ordered] = live();
        const failure = await failureOf(operate());
        expect(failure.name).toBe("LicenseNotShownError");
        expect(failure.message).toContain(
          `the order's answer named license ${number}, and it is license ${ordered?.id}`,
        );
        expect(failure.message).toContain(`set adoptId: "${ordered?.id}"`);
        expect(changes()).toEqual([]);
        expect(live()).toHaveLength(1);
      });

      it.each([
        ["on another address", "198.51.100.7"],
        ["of another tariff on the same address", "192.0.2.10"],
      ])("is not taken for the license's own where it is one %s", async (_, ip) => {
        byHand("198.51.100.6");
        expect(byHand(ip)).toBe(number);
        const failure = await failureOf(operate());
        expect(failure.message).toContain(
          `license ${number}, which the order's answer named, is another one (by hand)`,
        );
        expect(changes()).toEqual([]);
      });

      it("does not give way to what the resource had of another tariff before", async () => {
        // The list is late for the new one alone.
        const { licenseName: licname } = wishFor("web01");
        bench.simulator.outside.order({ pricelist: 9204, licname, ip: "192.0.2.10" });
        await operate().catch((failure: Error) =>
          expect(failure.message).toMatch(/does not show (?:it yet|the license after)/),
        );
        expect(live()).toHaveLength(2);
      });
    },
  );

  it.each(["read", "update", "delete"] as const)("is left alone on another account by %s", async (operation) => {
    const { id, outputs } = await create();
    const elsewhere = await setUp();
    try {
      expect(elsewhere.simulator.outside.order(OTHERS)).toBe(id);
      const wish = wishFor("web01", { ip: "192.0.2.77" });
      const failure = await failureOf(
        {
          read: () => readLicenseOutputs(elsewhere.run(), id, outputs),
          update: () => updateLicense(elsewhere.run(), id, outputs, wish),
          delete: () => giveUpLicense(elsewhere.run(), id, outputs),
        }[operation](),
      );
      expect(failure.message).toContain("shows another license under this number: nothing was changed");
      expect(elsewhere.simulator.licenses()).toMatchObject([{ ...OTHERS, status: "2" }]);
    } finally {
      await elsewhere.close();
    }
  });

  it.each([
    ["whose name carries the claim", {}, "by hand"],
    [
      "whose name carries none, by that of another resource",
      { licenseName: "Shop front" },
      wishFor("web02").licenseName,
    ],
  ])("of the same tariff and day is left alone on another account for a license %s", async (_, changes, licname) => {
    const { id, outputs } = await create(changes);
    const elsewhere = await setUp();
    try {
      expect(elsewhere.simulator.outside.order({ pricelist: 9203, licname, ip: "198.51.100.7" })).toBe(id);
      const [before] = elsewhere.simulator.licenses();
      const wish = wishFor("web01", { ...changes, ip: "192.0.2.77" });
      for (const operate of [
        () => readLicenseOutputs(elsewhere.run(), id, outputs),
        () => updateLicense(elsewhere.run(), id, outputs, wish),
        () => giveUpLicense(elsewhere.run(), id, outputs),
      ]) {
        expect((await failureOf(operate())).message).toContain("shows another license under this number");
      }
      expect(elsewhere.simulator.licenses()).toEqual([before]);
    } finally {
      await elsewhere.close();
    }
  });

  it.each([
    ["its claim", {}],
    ["its tariff and day", { licenseName: "Shop front" }],
  ])("is the same license on another host by %s", async (_, changes) => {
    const { id, outputs } = await create(changes);
    const before = { ...outputs, account: "tester@panel.example" };
    expect(await readLicenseOutputs(bench.run(), id, before)).toEqual(outputs);
  });
});

describe("a license that another resource has taken over", () => {
  it("is neither changed nor paid for, and the user is told how to settle it", async () => {
    const { id, outputs } = await create();
    const theirs = wishFor("web02");
    bench.simulator.outside.edit(id, { licname: theirs.licenseName });
    const seen = await readLicenseOutputs(bench.run(), id, outputs);
    bench.simulator.clearJournal();
    const wish = wishFor("web01", { ip: "192.0.2.99", renewBeforeDays: 365 });
    const failure = await failureOf(updateLicense(bench.run(), id, seen, wish));
    expect(failure.message).toContain(
      `license ${id} carries the claim ${theirs.claim} of another resource in its name: nothing was changed.`,
    );
    expect(failure.message).toContain(`set adoptId: "${id}@${theirs.claim}"`);
    // The preview promises nothing else.
    const today = utcDay(new Date());
    expect(diffLicense(seen, wish, today)).toMatchObject({
      changes: true,
      steps: [],
      payments: { orders: 0, renewals: 0 },
      warnings: [expect.stringContaining(`it carries the claim ${theirs.claim} of another resource in its name`)],
    });
    const { steps } = diffLicense(seen, { ...wish, product: "kernelcare", pricelist: 11738 }, today);
    expect(steps).toEqual(["orders KernelCare for 192.0.2.99"]);
    expect(bench.simulator.journal().filter(({ effect }) => effect !== "read")).toEqual([]);

    await updateLicense(bench.run(), id, seen, { ...wish, adoptId: `${id}@${theirs.claim}` });
    expect(live()).toMatchObject([{ licname: wish.licenseName, ip: "192.0.2.99" }]);
  });
});

describe("a license that is to be moved where an order that was cut off has bought another", () => {
  it("stays where it is, and the user is told of both", async () => {
    const { id, outputs } = await create();
    bench.simulator.outside.edit(id, { ip: "198.51.100.9" });
    const other = bench.simulator.outside.order({
      pricelist: 9203,
      licname: wishFor("web01").licenseName,
      ip: "192.0.2.10",
    });
    const seen = await readLicenseOutputs(bench.run(), id, outputs);
    const failure = await failureOf(updateLicense(bench.run(), id, seen, wishFor("web01")));
    expect(failure.message).toContain(
      `it is not moved to 192.0.2.10: license ${other} on that address was bought for this resource, too`,
    );
    expect(live().map(({ ip }) => ip)).toEqual(["198.51.100.9", "192.0.2.10"]);
    bench.simulator.outside.delete(other);
    expect(await updateLicense(bench.run(), id, seen, wishFor("web01"))).toMatchObject({ ip: "192.0.2.10" });
  });
});

describe("two tariffs of one name", () => {
  it("are told apart by a read of each license that stands in the way", async () => {
    await bench.close();
    bench = await setUp({ tariffs: [{ pricelist: 9999, name: "CloudLinux", price: "10.00" }] });
    bench.simulator.outside.order({ pricelist: 9999, licname: "another", ip: "192.0.2.10" });
    const taken = bench.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.10" });
    expect((await failureOf(create())).message).toContain(`license ${taken} (192.0.2.10) is a CloudLinux license`);
    expect(bench.spending()).toHaveLength(2);
  });

  it("are read again after a read that failed", async () => {
    bench.simulator.outside.order({ pricelist: 9204, licname: "by hand", ip: "192.0.2.10" });
    bench.simulator.faults.arm({ kind: "error", type: "access", func: "softexternal.edit", effect: "read" });
    const run = bench.run();
    await failureOf(createLicense(run, wishFor("web01")));
    expect((await createLicense(run, wishFor("web01"))).outputs.status).toBe("active");
  });
});

describe("a bill for an order whose license is not there before it is paid", () => {
  it("is named, with what to do before the next update", async () => {
    bench.simulator.knobs.set({ orderAnswer: "billorder" });
    bench.simulator.faults.arm({
      kind: "answered",
      func: "softexternal.order.param",
      effect: "charge",
      hiddenFor: { seconds: 600 },
    });
    const failure = await failureOf(create());
    expect(failure.message).toMatch(/Pay bill \d+.* in the panel, or delete it there, before the next update/);
  });
});

describe("credentials that a panel echoes into what it shows", () => {
  it("reach neither the state nor a line", async () => {
    const gate = await startGate(bench.simulator);
    gate.rewrite((call, answer) =>
      answer.replace(/<(cost|pricelist)>[^<]*<\/\1>/g, (_, name) => `<${name}>${call.get("authinfo")}</${name}>`),
    );
    const wish = wishFor("web01", { paidUntil: addMonths(utcDay(new Date()), 2) });
    const { outputs } = await createLicense(bench.run({ endpoint: gate.endpoint }), wish);
    expect(outputs.cost).toBe("[hidden]");
    expect(outputs.tariff).toBe("[hidden]");
    expect([JSON.stringify(outputs), ...bench.said].filter((text) => text.includes("canary-P4ss"))).toEqual([]);
    await gate.close();
  });
});
