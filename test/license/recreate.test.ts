import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CalendarDate, licenseId } from "../../provider/billmanager/types";
import { utcDay } from "../../provider/license/calendar";
import { createLicense } from "../../provider/license/create";
import { giveUpLicense } from "../../provider/license/delete";
import type { Wish } from "../../provider/license/inputs";
import { readLicenseOutputs } from "../../provider/license/read";
import type { LicenseOutputs, ManagedLicense } from "../../provider/license/state";
import { diffLicense, updateLicense } from "../../provider/license/update";
import { type Bench, setUp, wishFor } from "./helpers";

const LIST = "softexternal → list";
const MISSED = "softexternal.edit → error:missed";
const AGAIN = { recreateWhenDeleted: true } as const;

let bench: Bench;
beforeEach(async () => {
  bench = await setUp();
});
afterEach(() => bench.close());

const wish = (changes: Partial<Wish> = {}) => wishFor("web01", { ...AGAIN, ...changes });
const today = utcDay(new Date());
const live = () => bench.simulator.licenses().filter(({ status }) => status !== "4");

/** A license that a refresh has found gone. */
async function deleted(changes: Partial<Wish> = {}): Promise<ManagedLicense> {
  const { id, outputs } = await createLicense(bench.run(), wish(changes));
  bench.simulator.outside.delete(id);
  const after = await readLicenseOutputs(bench.run(), id, outputs);
  bench.calls();
  return { id, outputs: after };
}

/** What the engine does about a replacement: the new license is ordered, then the old one is given up. */
async function replace({ id, outputs }: ManagedLicense, wanted: Wish): Promise<ManagedLicense> {
  const run = bench.run();
  run.gone.add(id);
  const made = await createLicense(run, wanted);
  await giveUpLicense(run, id, outputs);
  return made;
}

/** What comes before an order: the balance and the price. */
const PRICED = ["subaccount → list", "softexternal.order.param → form"];

describe("a license that the vendor has deleted, with recreateWhenDeleted", () => {
  it("is ordered again, once, and giving up what is gone changes nothing", async () => {
    const old = await deleted();
    const made = await replace(old, wish());
    expect(made.id).not.toBe(old.id);
    expect(bench.calls()).toEqual([...PRICED, LIST, "softexternal.order.param → ok", LIST, MISSED]);
    expect(bench.spending()).toEqual(["order CloudLinux", "order CloudLinux"]);
    expect(diffLicense(made.outputs, wish(), today)).toMatchObject({ changes: false, replaces: [] });
  });

  it("is ordered again where the panel goes on listing it as deleted", async () => {
    bench.simulator.knobs.set({ deletedRows: "listed", deletedForm: "status-4" });
    const old = await deleted();
    await replace(old, wish());
    expect(bench.calls()).toEqual([...PRICED, LIST, "softexternal.order.param → ok", LIST]);
    expect(live()).toHaveLength(1);
  });

  it("is found and not ordered where a run that was cut off has ordered it already", async () => {
    const old = await deleted();
    const run = bench.run();
    run.gone.add(old.id);
    const cutOff = await createLicense(run, wish());
    // Neither of the two that follow knows anything of it.
    const found = await replace(old, wish());
    expect(found.id).toBe(cutOff.id);
    expect(bench.said).toContainEqual(
      expect.stringContaining("which an earlier run has bought for it; nothing is ordered"),
    );
    expect(bench.spending()).toHaveLength(2);
  });

  it.each(["missed", "status-4"] as const)(
    "is ordered again although adoptId still names the deleted one, whose form answers %s",
    async (deletedForm) => {
      bench.simulator.knobs.deletedForm = deletedForm;
      const old = await deleted();
      const made = await replace(old, wish({ adoptId: old.id }));
      expect(made.id).not.toBe(old.id);
      expect(live()).toHaveLength(1);
    },
  );

  it("is neither ordered again nor given up where the vendor has it back", async () => {
    const { id, outputs } = await createLicense(bench.run(), wish());
    const old = { id, outputs: { ...outputs, status: "deleted" as const } };
    const made = await replace(old, wish());
    expect(made.id).toBe(id);
    expect(live()).toMatchObject([{ id, status: "2" }]);
    expect((await replace(old, wish({ adoptId: id }))).id).toBe(id);
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("of another account is not held against the new one", async () => {
    const { id, outputs } = await deleted();
    await replace({ id, outputs: { ...outputs, account: "old@panel.example" } }, wish());
    expect(live()).toHaveLength(1);
  });

  it("is not ordered by the update that finds it gone, which says that the next one does", async () => {
    const { id, outputs } = await createLicense(bench.run(), wish());
    bench.simulator.outside.delete(id);
    const after = await updateLicense(bench.run(), id, outputs, wish({ ip: "192.0.2.11" }));
    expect(after.status).toBe("deleted");
    expect(bench.said.at(-1)).toBe(
      `warning: ${wish().licenseName}: the vendor no longer has this license; the next update orders it again, since recreateWhenDeleted is set`,
    );
    expect(bench.spending()).toEqual(["order CloudLinux"]);
    expect(diffLicense(after, wish({ ip: "192.0.2.11" }), today).replaces).toEqual(["recreateWhenDeleted"]);
  });
});

describe("the diff of a license that the state knows as deleted", () => {
  const state: LicenseOutputs = {
    claim: wish().claim,
    licenseName: wish().licenseName,
    product: "cloudlinux",
    pricelist: 9203,
    ip: "192.0.2.10",
    period: 1,
    suspended: false,
    autoRenew: false,
    status: "deleted",
    expiresOn: "2026-02-15" as CalendarDate,
    account: "demo@panel.example",
    deletionPolicy: "delete",
    recreateWhenDeleted: false,
  };
  const on = "2026-01-31" as CalendarDate;
  const kernelcare = { product: "kernelcare", pricelist: 11738 };

  it("says what is ordered, and of nothing that it is given up", () => {
    expect(diffLicense(state, wish({ paidUntil: "2026-03-01" as CalendarDate }), on)).toEqual({
      changes: true,
      changed: ["recreateWhenDeleted"],
      replaces: ["recreateWhenDeleted"],
      payments: { orders: 1, renewals: 1 },
      steps: ["orders CloudLinux for 192.0.2.10", "renews until 2026-03-28"],
      warnings: [],
      notices: [],
    });
    expect(diffLicense(state, wish(kernelcare), on)).toMatchObject({
      replaces: ["recreateWhenDeleted"],
      steps: ["orders KernelCare for 192.0.2.10"],
      notices: ["nothing renews this license: it lapses on 2026-02-28"],
    });
  });

  it("stores everything else without a call where nobody asks to order it again, another product included", async () => {
    for (const changes of [kernelcare, { ip: "192.0.2.11" }, { suspended: true, autoRenew: true }]) {
      const wanted = wishFor("web01", changes);
      expect(diffLicense(state, wanted, on)).toMatchObject({
        replaces: [],
        steps: [],
        warnings: [
          expect.stringContaining("nothing is bought for it (to order it again, set recreateWhenDeleted: true"),
        ],
        notices: [],
      });
      const after = await updateLicense(bench.run(), licenseId("1000001"), state, wanted);
      expect(after).toMatchObject({ status: "deleted", pricelist: wanted.pricelist });
    }
    expect(bench.calls()).toEqual([]);
  });

  it("replaces nothing that the vendor still has", () => {
    for (const status of ["active", "suspended", "processing", "ordered"] as const) {
      expect(diffLicense({ ...state, status }, wish(), on).replaces).toEqual([]);
    }
  });
});

describe("the diff of a changed product", () => {
  it("says what becomes of the old license by the policy that the state has", async () => {
    const { outputs } = await createLicense(bench.run(), wishFor("web01"));
    const paid = `, paid until ${outputs.expiresOn}`;
    const wanted = wishFor("web01", { product: "kernelcare", pricelist: 11738, deletionPolicy: "suspend" });
    expect(diffLicense(outputs, wanted, today)).toMatchObject({
      replaces: ["product"],
      steps: ["orders KernelCare for 192.0.2.10", `then gives up the CloudLinux license${paid}`],
    });
    expect(diffLicense({ ...outputs, deletionPolicy: "suspend" }, wanted, today).steps).toEqual([
      "orders KernelCare for 192.0.2.10",
      `then suspends the CloudLinux license and leaves it in the account${paid}`,
    ]);
  });
});
