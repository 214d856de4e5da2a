import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLicense } from "../../provider/license/create";
import { giveUpLicense } from "../../provider/license/delete";
import type { Wish } from "../../provider/license/inputs";
import type { ManagedLicense } from "../../provider/license/state";
import { updateLicense } from "../../provider/license/update";
import type { Fault } from "../../simulator/index";
import { type Bench, setUp, wishFor } from "./helpers";

const LIST = "softexternal → list";
const EDIT = "softexternal.edit → ok";
const FORM = "softexternal.edit → form";
const SUSPEND = "softexternal.suspend → ok";

let bench: Bench;
beforeEach(async () => {
  bench = await setUp();
});
afterEach(() => bench.close());

/** A license whose resource is to be destroyed with the policy "suspend". */
async function declared(changes: Partial<Wish> = {}): Promise<ManagedLicense> {
  const made = await createLicense(bench.run(), wishFor("web01", { deletionPolicy: "suspend", ...changes }));
  bench.calls();
  return made;
}

const destroy = ({ id, outputs }: ManagedLicense, settings = {}) => giveUpLicense(bench.run(settings), id, outputs);
const license = () => bench.simulator.licenses()[0];
const changes = () => bench.calls().filter((call) => call !== LIST && call !== FORM);
const name = wishFor("web01").licenseName;
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => "it did not fail",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe("destroying with the policy suspend", () => {
  it("suspends the license, leaves it in the account, and says until when it is paid", async () => {
    const made = await declared();
    await destroy(made);
    expect(bench.calls()).toEqual([LIST, SUSPEND, LIST]);
    expect(license()).toMatchObject({ status: "3", ip: "192.0.2.10", licname: name });
    expect(bench.said.at(-1)).toBe(
      `${name}: license ${made.id} was suspended and is left in the account, paid until ${license()?.expiredate}; nothing renews it`,
    );
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("switches the vendor's own renewal off before it suspends, and sends name and address with it", async () => {
    const made = await declared({ autoRenew: true, licenseName: "Shop front" });
    const run = bench.run();
    await giveUpLicense(run, made.id, made.outputs);
    const edit = bench.simulator
      .journal()
      .find(({ func, effect }) => func === "softexternal.edit" && effect === "change");
    expect(edit?.params).toMatchObject({ licname: "Shop front", ip: "192.0.2.10", autoprolong: "null" });
    expect(bench.calls()).toEqual([LIST, FORM, EDIT, LIST, SUSPEND, LIST]);
    expect(license()).toMatchObject({ status: "3", autoprolong: null, licname: "Shop front", ip: "192.0.2.10" });
    expect(bench.said.at(-1)).toContain("; the vendor's own renewal was switched off");
  });

  it("leaves a license the name that somebody has given it since", async () => {
    const made = await declared({ autoRenew: true });
    bench.simulator.outside.edit(made.id, { licname: "Renamed by hand" });
    await destroy(made);
    expect(license()).toMatchObject({ status: "3", autoprolong: null, licname: "Renamed by hand" });
  });

  it("is over without another suspension where somebody has suspended it, and a second time changes nothing", async () => {
    const made = await declared();
    bench.simulator.outside.suspend(made.id);
    await destroy(made);
    await destroy(made);
    expect(bench.calls()).toEqual([LIST, LIST]);
    expect(bench.said.at(-1)).toContain("was suspended already and is left in the account");
  });

  it.each(["3_abusesuspend", "3_employeesuspend", "3_autosuspend"] as const)(
    "only switches the renewal off where the vendor has suspended it (%s)",
    async (code) => {
      const made = await declared({ autoRenew: true });
      bench.simulator.outside.suspend(made.id, code);
      await destroy(made);
      expect(changes()).toEqual([EDIT]);
      expect(license()).toMatchObject({ status: code, autoprolong: null });
    },
  );

  it("warns of the next charge where the panel's form does not offer to switch the renewal off", async () => {
    const made = await declared({ autoRenew: true });
    bench.simulator.knobs.formAutoprolong = "absent";
    await destroy(made);
    expect(changes()).toEqual([SUSPEND]);
    expect(bench.said.at(-1)).toBe(
      `warning: ${name}: license ${made.id} was suspended and is left in the account, but the vendor goes on renewing it, ` +
        `and charges for it next on ${license()?.expiredate}: the panel's form does not let that be changed; ` +
        "have it switched off, or delete the license in the panel",
    );
  });

  it("leaves an order alone that nobody has paid for, and says so", async () => {
    await bench.close();
    bench = await setUp({ balance: "5.00", knobs: { insufficientFunds: "unpaid", subaccount: "access" } });
    const wish = wishFor("web01", { deletionPolicy: "suspend" });
    const failure = await createLicense(bench.run(), wish).catch((error: unknown) => error);
    const { id, outputs } = failure as ManagedLicense;
    bench.calls();
    await destroy({ id, outputs });
    expect(bench.calls()).toEqual([LIST]);
    expect(bench.said.at(-1)).toMatch(/^warning: .* is left in the account, ordered but not paid/);
  });

  it.each(["is gone", "is closing", "will be closed at the end of its term"])(
    "does nothing where it %s",
    async (what) => {
      const made = await declared();
      const { knobs, outside } = bench.simulator;
      if (what === "is gone") {
        outside.delete(made.id);
      } else {
        knobs.set({ deletion: "scheduled", listColumns: ["scheduledclose"] });
        knobs.processing = { ...knobs.processing, close: { polls: 3 } };
        knobs.deletion = what === "is closing" ? "at-once" : "scheduled";
        await destroy({ ...made, outputs: { ...made.outputs, deletionPolicy: "delete" } });
        bench.calls();
      }
      await destroy(made);
      expect(changes().filter((call) => !call.endsWith("error:missed"))).toEqual([]);
    },
  );

  it("is for the policy in the state, which an update changes without a call", async () => {
    const { id, outputs } = await declared({ deletionPolicy: "delete" });
    const after = await updateLicense(bench.run(), id, outputs, wishFor("web01", { deletionPolicy: "suspend" }));
    expect(bench.calls()).toEqual([]);
    await destroy({ id, outputs: after });
    expect(license()?.status).toBe("3");
    await destroy({ id, outputs });
    expect(license()?.status).toBe("4");
  });

  it("takes nothing from anybody: what this run has brought about, another resource has, or another account shows", async () => {
    const run = bench.run();
    const wish = wishFor("web01", { deletionPolicy: "suspend", autoRenew: true });
    const { id, outputs } = await createLicense(run, wish);
    await giveUpLicense(run, id, outputs);
    bench.simulator.outside.edit(id, { licname: wishFor("web02").licenseName });
    await giveUpLicense(bench.run(), id, outputs);
    expect(license()).toMatchObject({ status: "2", autoprolong: 1 });
    bench.simulator.outside.delete(id);
    await expect(destroy({ id, outputs: { ...outputs, account: "old@panel.example" } })).rejects.toThrow(
      /nothing was changed/,
    );
  });

  it("waits until the vendor has done each of the two, and what it was busy with before", async () => {
    const made = await declared({ autoRenew: true });
    const { knobs, outside } = bench.simulator;
    knobs.processing = { ...knobs.processing, edit: { polls: 1 }, suspend: { polls: 1 } };
    await updateLicense(
      bench.run({ activationTimeout: 0 }),
      made.id,
      made.outputs,
      wishFor("web01", { ip: "192.0.2.11", autoRenew: true }),
    );
    outside.edit(made.id, { ip: "192.0.2.12" });
    bench.calls();
    await destroy(made);
    expect(changes()).toEqual([EDIT, SUSPEND]);
    expect(license()).toMatchObject({ status: "3", autoprolong: null, ip: "192.0.2.12" });
  });
});

describe("a fault while it is destroyed with the policy suspend", () => {
  const lost = (func: string): Fault => ({ func, effect: "change", kind: "closed" });

  it.each(["softexternal.edit", "softexternal.suspend"])("of a lost answer sends %s once", async (func) => {
    const made = await declared({ autoRenew: true });
    bench.simulator.faults.arm(lost(func));
    await destroy(made);
    expect(changes()).toEqual([EDIT, SUSPEND]);
    expect(license()).toMatchObject({ status: "3", autoprolong: null });
  });

  it("that hides what became of the edit stops before the suspension, and the next destroy goes on", async () => {
    const made = await declared({ autoRenew: true });
    bench.simulator.faults.arm({ ...lost("softexternal.edit"), hiddenFor: { seconds: 600 } } as Fault);
    expect(await failureOf(destroy(made))).toMatch(
      /^license \d+: softexternal\.edit .* The license does not show after 1 seconds that the vendor's own renewal was switched off; the next destroy goes on$/,
    );
    expect(changes()).toEqual([EDIT]);
    bench.simulator.outside.reveal();
    await destroy(made);
    expect(changes()).toEqual([SUSPEND]);
  });

  it("that hides what became of the suspension says that the renewal was switched off, and the next destroy finds it done", async () => {
    const made = await declared({ autoRenew: true });
    bench.simulator.faults.arm({ ...lost("softexternal.suspend"), hiddenFor: { seconds: 600 } } as Fault);
    expect(await failureOf(destroy(made))).toMatch(
      /^license \d+: the vendor's own renewal was switched off, but then softexternal\.suspend .* The license does not show after 1 seconds that it was suspended; the next destroy goes on$/,
    );
    bench.simulator.outside.reveal();
    bench.calls();
    await destroy(made);
    expect(changes()).toEqual([]);
  });

  it("that refuses the edit changes nothing", async () => {
    const made = await declared({ autoRenew: true });
    bench.simulator.faults.arm({ func: "softexternal.edit", effect: "change", kind: "error", type: "value" });
    expect(await failureOf(destroy(made))).toMatch(/type value.*Nothing was changed or charged by this call\.$/);
    expect(license()).toMatchObject({ status: "2", autoprolong: 1 });
    await destroy(made);
    expect(license()).toMatchObject({ status: "3", autoprolong: null });
  });

  it("that refuses the suspension says what was done, and what was not", async () => {
    const made = await declared({ autoRenew: true });
    const plain = await createLicense(bench.run(), wishFor("web02", { ip: "192.0.2.11", deletionPolicy: "suspend" }));
    bench.simulator.knobs.suspendResume = "access";
    expect(await failureOf(destroy(made))).toMatch(
      /^license \d+: the vendor's own renewal was switched off, but then BILLmanager refused softexternal\.suspend \(type access.*\).*; the next destroy goes on$/,
    );
    expect(await failureOf(destroy(plain))).toMatch(/^BILLmanager refused softexternal\.suspend .*by this call\.$/);
    bench.simulator.knobs.suspendResume = "allowed";
    bench.calls();
    await destroy(made);
    expect(changes()).toEqual([SUSPEND]);
  });

  it("that keeps the list from being read does not hide what was accepted", async () => {
    const made = await declared();
    bench.simulator.faults.arm({ func: "softexternal", kind: "error", type: "access", skip: 1 });
    expect(await failureOf(destroy(made))).toMatch(
      /^license \d+: the vendor accepted the call, but the license could not be looked at since \(BILLmanager refused softexternal .*\); the next destroy goes on$/,
    );
    expect(changes()).toContain(SUSPEND);
    await destroy(made);
    expect(changes()).toEqual([]);
  });

  it("that takes the vendor too long says so, unless config says not to wait", async () => {
    const made = await declared();
    const { knobs } = bench.simulator;
    knobs.processing = { ...knobs.processing, suspend: "stuck" };
    expect(await failureOf(destroy(made, { activationTimeout: 1 }))).toBe(
      `license ${made.id}: the vendor accepted the call, but the license does not show after 1 seconds that it was suspended; the next destroy goes on`,
    );
    bench.simulator.outside.finish(made.id);
    bench.simulator.outside.resume(made.id);
    await destroy(made, { activationTimeout: 0 });
    bench.simulator.outside.finish(made.id);
    expect(license()?.status).toBe("3");
  });
});

describe("a license that was replaced with the policy suspend", () => {
  const policy = { deletionPolicy: "suspend" } as const;
  const kernelcare = { product: "kernelcare", pricelist: 11738, ...policy };
  const softaculous = { product: "softaculous", pricelist: 9204, ...policy };

  /** As the engine does: the new one is ordered, then the old one is given up. */
  async function replace(old: ManagedLicense, wish: Wish): Promise<ManagedLicense> {
    const run = bench.run();
    run.handled.replaced.add(old.id);
    const made = await createLicense(run, wish);
    await giveUpLicense(run, old.id, old.outputs);
    return made;
  }

  it("stays suspended, stands in the way of no further product, and is named once by each order after it", async () => {
    const first = await declared();
    const second = await replace(first, wishFor("web01", kernelcare));
    const third = await replace(second, wishFor("web01", softaculous));
    expect(bench.simulator.licenses().map(({ tariff, status }) => `${tariff} ${status}`)).toEqual([
      "CloudLinux 3",
      "KernelCare 3",
      "Softaculous 2",
    ]);
    await updateLicense(bench.run(), third.id, third.outputs, wishFor("web01", { ...softaculous, suspended: true }));
    // The second order came when the first license was still to be replaced.
    expect(bench.said.filter((line) => line.startsWith("warning:"))).toEqual([
      `warning: ${name}: license ${first.id} of tariff 9203 carries this resource's claim, too, and stays suspended in the account; ` +
        "delete it in the panel where nobody needs it",
    ]);
  });

  it("is taken into service again, and not bought again, when its product comes back", async () => {
    const first = await declared();
    const second = await replace(first, wishFor("web01", kernelcare));
    const third = await replace(second, wishFor("web01", policy));
    expect(third).toMatchObject({ id: first.id, outputs: { status: "active" } });
    expect(bench.spending()).toEqual(["order CloudLinux", "order KernelCare"]);
  });
});
