import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DeclaredLicense, type Stage, setStage, spending, takeCalls } from "./helpers/harness";

const LIST = "softexternal → list";
const FORM = "softexternal.edit → form";
const MISSED = "softexternal.edit → error:missed";
const EDIT = "softexternal.edit → ok";
const ORDER = "softexternal.order.param → ok";
const SUSPEND = "softexternal.suspend → ok";
/** What comes before an order: the balance and the price. */
const PRICED = ["subaccount → list", "softexternal.order.param → form"];
const ONE_BY_ONE = ["--skip-preview", "--parallel", "1"];

const web01 = { product: "cloudlinux", ip: "192.0.2.10" };

/** Each test goes on from where the one before it has left the stack. */
describe("a license that somebody deletes at the vendor", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ face: "plugin" });
    await stage.declare({ web01 });
    expect((await stage.workspace.up("--skip-preview")).code).toBe(0);
    stage.panel.outside.delete(stage.panel.licenses()[0]?.id ?? "");
  });
  afterAll(() => stage.close());

  const statuses = async () => (await stage.workspace.licenses()).map(({ outputs }) => outputs?.status);

  it("is shown as deleted by a refresh, with a warning that names what would order it again", async () => {
    const { code, output } = await stage.workspace.refresh("--skip-preview");
    expect(code).toBe(0);
    expect(output).toContain(
      "the vendor no longer has this license; nothing is bought for it (to order it again, set recreateWhenDeleted: true",
    );
    expect(await statuses()).toEqual(["deleted"]);
    expect((await stage.workspace.up("--skip-preview")).output).toContain("2 unchanged");
    expect(spending(stage.panel)).toHaveLength(1);
  });

  it("is ordered once where the program says recreateWhenDeleted: the preview says so, an update does it, a second has nothing to do", async () => {
    const { panel, workspace } = stage;
    await stage.declare({ web01: { ...web01, recreateWhenDeleted: true } });
    takeCalls(panel);
    const preview = await workspace.preview();
    expect(preview.output).toContain("an update orders CloudLinux for 192.0.2.10");
    expect(preview.output).not.toContain("gives up");
    expect(preview.output).toContain("1 to replace");
    expect(takeCalls(panel)).toEqual(PRICED);

    expect((await workspace.up(...ONE_BY_ONE)).code).toBe(0);
    expect(takeCalls(panel)).toEqual([...PRICED, LIST, ORDER, LIST, MISSED]);
    expect(await statuses()).toEqual(["active"]);
    expect((await workspace.licenses())[0]?.id).toBe(panel.licenses()[1]?.id);

    expect((await workspace.up(...ONE_BY_ONE)).output).toContain("2 unchanged");
    expect(takeCalls(panel)).toEqual([]);
    expect(spending(panel)).toHaveLength(2);
  });

  it("is found by the same run that refreshes, and ordered again by it", async () => {
    const { panel, workspace } = stage;
    panel.outside.delete(panel.licenses()[1]?.id ?? "");
    const { code, output } = await workspace.up(...ONE_BY_ONE, "--refresh");
    expect(code).toBe(0);
    expect(output).toContain("the next update orders it again, since recreateWhenDeleted is set");
    expect(takeCalls(panel).filter((call) => call === ORDER)).toHaveLength(1);
    expect(panel.licenses().map(({ status }) => status)).toEqual(["4", "4", "2"]);
  });
});

describe("the policy suspend", () => {
  let stage: Stage;
  afterEach(() => stage.close());

  it("suspends at a destroy, and by name each license that nothing renews is left in the account", async () => {
    stage = await setStage({ face: "plugin" });
    const { panel, workspace } = stage;
    const policy = { deletionPolicy: "suspend" };
    await stage.declare({
      web01: { ...web01, ...policy },
      web02: { ...web01, ...policy, ip: "192.0.2.11", autoRenew: true, licenseName: "Shop front" },
      web03: { ...web01, ip: "192.0.2.12" },
    });
    expect((await workspace.up("--skip-preview")).code).toBe(0);
    await stage.declare({
      web01: { ...web01, ...policy },
      web02: { ...web01, ...policy, ip: "192.0.2.11", autoRenew: true, licenseName: "Shop front" },
      web03: { ...web01, ip: "192.0.2.12", ...policy },
    });
    takeCalls(panel);
    // A policy that was added is written down, and nothing else.
    expect((await workspace.up("--skip-preview")).code).toBe(0);
    expect(takeCalls(panel)).toEqual([]);

    const { code, output } = await workspace.destroy(...ONE_BY_ONE);
    expect(code).toBe(0);
    const calls = takeCalls(panel);
    expect(calls.filter((call) => call !== LIST).sort()).toEqual([FORM, EDIT, SUSPEND, SUSPEND, SUSPEND].sort());
    expect(calls.filter((call) => call === LIST)).toHaveLength(1 + 1 + 3);
    expect(output).toMatch(/license \d+ was suspended and is left in the account, paid until \S+; nothing renews it/);
    expect(output).toContain("; the vendor's own renewal was switched off");
    expect(
      panel
        .licenses()
        .map(({ ip, status, autoprolong }) => `${ip} ${status} ${autoprolong}`)
        .sort(),
    ).toEqual(["192.0.2.10 3 null", "192.0.2.11 3 null", "192.0.2.12 3 null"]);
    expect(spending(panel)).toHaveLength(3);
    expect(await workspace.licenses()).toEqual([]);
  });

  it("is followed by a replacement for the old license, as the preview says", async () => {
    stage = await setStage({ face: "plugin" });
    const { panel, workspace } = stage;
    await stage.declare({ web01: { ...web01, deletionPolicy: "suspend" } });
    expect((await workspace.up("--skip-preview")).code).toBe(0);
    await stage.declare({ web01: { ...web01, product: "kernelcare", deletionPolicy: "suspend" } });
    const { output } = await workspace.preview();
    expect(output).toContain("an update orders KernelCare for 192.0.2.10");
    expect(output).toContain("an update then suspends the CloudLinux license and leaves it in the account, paid until");
    expect((await workspace.up("--skip-preview")).code).toBe(0);
    expect((await workspace.refresh("--skip-preview")).output).not.toContain("warning");
    expect((await workspace.destroy("--skip-preview")).code).toBe(0);
    expect(panel.licenses().map(({ tariff, status }) => `${tariff} ${status}`)).toEqual([
      "CloudLinux 3",
      "KernelCare 3",
    ]);
  });
});

describe("licenses that were bought by hand", () => {
  let stage: Stage;
  afterEach(() => stage.close());

  const FIFTY = Array.from({ length: 50 }, (_, index) => `192.0.2.${index}`);

  it("are taken over in one run by one list call per page, one read for each tariff, and one edit for each new name", async () => {
    stage = await setStage({ face: "plugin", simulator: { knobs: { pageSizeCap: 20 } } });
    const { panel, workspace } = stage;
    const declared: Record<string, DeclaredLicense> = {};
    for (const [index, ip] of FIFTY.entries()) {
      const [product, pricelist] = index < 25 ? ["cloudlinux", 9203] : ["softaculous", 9204];
      const licname = `by hand ${index}`;
      const adoptId = panel.outside.order({ pricelist: Number(pricelist), licname, ip });
      // Every fifth keeps the name that it has.
      declared[`web${index}`] = { product, ip, adoptId, ...(index % 5 === 0 ? { licenseName: licname } : {}) };
    }
    await stage.declare(declared);
    const before = spending(panel);
    const preview = await workspace.preview();
    const announced = preview.output.match(/an update takes over license \d+ under this name/g);
    expect(new Set(announced).size).toBe(50);
    expect(takeCalls(panel).sort()).toEqual([FORM, FORM, LIST, LIST, LIST].sort());

    const { code } = await workspace.up("--skip-preview");
    expect(code).toBe(0);
    const calls = takeCalls(panel);
    const count = (wanted: string) => calls.filter((call) => call === wanted).length;
    expect([count(LIST), count(FORM), count(EDIT), calls.length]).toEqual([3, 2, 40, 45]);
    expect(spending(panel)).toEqual(before);
    const saved = await workspace.licenses();
    expect(saved.map(({ id }) => id).sort()).toEqual(
      Object.values(declared)
        .map(({ adoptId }) => adoptId)
        .sort(),
    );

    expect((await workspace.up("--skip-preview")).output).toContain("51 unchanged");
    expect((await workspace.refresh("--skip-preview")).code).toBe(0);
    expect(takeCalls(panel)).toEqual([LIST, LIST, LIST]);
  });
});
