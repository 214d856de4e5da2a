import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensurePulumi } from "../../tools/pulumi/ensure.mts";
import { type PulumiResult, PulumiWorkspace } from "../../tools/pulumi/workspace.mts";
import { startGate } from "./helpers/gate";
import { ACCOUNT, changing, credentials, type Stage, setStage, spending, takeCalls } from "./helpers/harness";

const cloudlinux = { product: "cloudlinux", ip: "192.0.2.10" };
const isList = (call: URLSearchParams) => call.get("func") === "softexternal";

let stage: Stage;

function live(): string[] {
  return stage.panel.licenses().flatMap(({ id, tariff, status }) => (status === "2" ? [`${id} ${tariff}`] : []));
}

function claimAt(index: number): string {
  return stage.panel.licenses()[index]?.licname.slice(-8) ?? "";
}

describe("in one run", () => {
  afterEach(() => stage?.close());

  it("twenty licenses at once are twenty orders, however slow the panel is", async () => {
    stage = await setStage({ simulator: { knobs: { latencyMs: 150, processing: { open: { polls: 3 } } } } });
    const { panel, workspace } = stage;
    const addresses = Array.from({ length: 20 }, (_, index) => `192.0.2.${index + 1}`);
    const named = (index: number) => (index % 2 === 0 ? { licenseName: `server ${index}` } : {});
    await stage.declare(
      Object.fromEntries(addresses.map((ip, index) => [`web${index}`, { ...cloudlinux, ip, ...named(index) }])),
    );
    const { code } = await workspace.up("--skip-preview", "--parallel", "20");
    expect(code).toBe(0);
    expect(spending(panel).toSorted()).toEqual(addresses.map((ip) => `order CloudLinux ${ip} 14.00`).toSorted());
    expect(changing(panel.journal())).toHaveLength(20 + 10);
    expect(Math.max(...panel.journal().map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(8);
    const booked = panel.licenses().map(({ id, ip, licname }) => ({ id, ip, licenseName: licname, status: "active" }));
    const saved = (await workspace.licenses()).map(({ id, outputs }) => ({
      id,
      ip: outputs?.ip,
      licenseName: outputs?.licenseName,
      status: outputs?.status,
    }));
    expect(saved).toHaveLength(20);
    expect(saved).toEqual(expect.arrayContaining(booked));
  });

  it("of two resources that declare the same license one is bought, and the other is told which", async () => {
    stage = await setStage({ face: "plugin" });
    const { panel, workspace } = stage;
    await stage.declare({ web01: cloudlinux, web02: cloudlinux });
    expect((await workspace.preview()).output).toMatch(
      /^ *warning: (web0[12])-\w+: (?!\1)web0[12]-\w+, another resource of this program, is for the same tariff and address/m,
    );
    const { code, output } = await workspace.up("--skip-preview");
    expect(code).not.toBe(0);
    expect(spending(panel)).toEqual(["order CloudLinux 192.0.2.10 14.00"]);
    const [license] = panel.licenses();
    expect(output).toContain(
      `license ${license?.id} (192.0.2.10) is a CloudLinux license on this address already, bought for another resource ` +
        `(claim ${claimAt(0)}). Nothing was ordered; another resource of this program has it: remove one of the two`,
    );
    expect(await workspace.licenses()).toMatchObject([{ id: license?.id }]);
  });

  it("of two resources that declare the same license none is ordered while the other's order may have been booked", async () => {
    stage = await setStage({ face: "plugin", workspace: { config: { "billmanager:searchTimeout": "1" } } });
    const { panel, workspace } = stage;
    panel.faults.arm({
      kind: "closed",
      func: "softexternal.order.param",
      effect: "charge",
      hiddenFor: { seconds: 600 },
    });
    await stage.declare({ web01: cloudlinux, web02: cloudlinux });
    const { code, output } = await workspace.up("--skip-preview", "--continue-on-error");
    expect(code).not.toBe(0);
    expect(output).toContain("so it may or may not have been bought and charged");
    expect(output).toContain(
      `an order of this run for the same address (claim ${claimAt(0)}) may or may not have been carried out. Nothing was ordered`,
    );
    expect(spending(panel)).toEqual(["order CloudLinux 192.0.2.10 14.00"]);
  });
});

describe("two stacks on one account", () => {
  let other: PulumiWorkspace;
  beforeAll(async () => {
    stage = await setStage({ face: "plugin" });
    other = await PulumiWorkspace.create({
      cli: await ensurePulumi({ report: () => undefined }),
      project: join(__dirname, "programs/licenses"),
      stack: "other",
      env: credentials(stage.panel),
    });
  });
  afterAll(async () => {
    await other?.remove();
    await stage?.close();
  });

  const otherDeclares = (declared: object) => other.write("licenses.json", JSON.stringify({ declared }));

  it("do not buy one license twice: the second is told which one the first has", async () => {
    const { panel, workspace } = stage;
    await stage.declare({ web01: cloudlinux });
    await otherDeclares({ web01: cloudlinux });
    expect((await workspace.up("--skip-preview")).code).toBe(0);
    const { code, output } = await other.up("--skip-preview");
    expect(code).not.toBe(0);
    expect(output).toContain(`to take it over, set adoptId: "${panel.licenses()[0]?.id}@${claimAt(0)}"`);
    expect(spending(panel)).toEqual(["order CloudLinux 192.0.2.10 14.00"]);
  });

  it("do not give up each other's licenses", async () => {
    const { panel, workspace } = stage;
    const [license] = panel.licenses();
    panel.clearJournal();
    expect((await other.destroy("--skip-preview")).code).toBe(0);
    await otherDeclares({ web01: { ...cloudlinux, adoptId: license?.id } });
    expect((await other.up("--skip-preview")).output).toContain("it was bought for another resource");
    expect(changing(panel.journal())).toEqual([]);

    await otherDeclares({ web01: { ...cloudlinux, adoptId: `${license?.id}@${claimAt(0)}` } });
    expect((await other.up("--skip-preview")).code).toBe(0);
    const { code, output } = await workspace.destroy("--skip-preview");
    expect(code).toBe(0);
    expect(output).toContain(
      `license ${license?.id} is not given up: it carries the claim ${claimAt(0)} of another resource`,
    );
    expect(live()).toEqual([`${license?.id} CloudLinux`]);
    expect(spending(panel)).toHaveLength(1);
  });

  /** Both look at the account before either of them orders. */
  async function orderTogether(ip: string): Promise<PulumiResult[]> {
    await stage.declare({ web01: { ...cloudlinux, ip } });
    await otherDeclares({ web01: { ...cloudlinux, ip } });
    const gate = await startGate(stage.panel);
    try {
      const env = { ...credentials(stage.panel), BILLMANAGER_ENDPOINT: gate.endpoint };
      const looks = [gate.hold("answer", isList), gate.hold("answer", isList)];
      const runs = [stage.workspace, other].map((each) => each.run(["up", "--yes", "--skip-preview"], env));
      await Promise.all(looks.map(({ reached }) => reached));
      for (const { release } of looks) {
        release();
      }
      return await Promise.all(runs);
    } finally {
      await gate.close();
    }
  }

  const giveUp = async () => {
    await Promise.all([stage.workspace, other].map((each) => each.destroy("--skip-preview")));
    expect(live()).toEqual([]);
  };

  it("that order one license in the same moment buy it once where the panel takes it only once", async () => {
    const { panel } = stage;
    await giveUp();
    panel.knobs.set({ duplicate: "exists" });
    const told = (await orderTogether("192.0.2.11")).filter(({ code }) => code !== 0);
    expect(told).toHaveLength(1);
    expect(told[0]?.output).toContain("BILLmanager refused softexternal.order.param (type exists");
    expect(spending(panel).filter((entry) => entry.includes("192.0.2.11"))).toHaveLength(1);
  });

  it("that order one license in the same moment say so where the panel takes it twice", async () => {
    const { panel } = stage;
    await giveUp();
    panel.knobs.set({ duplicate: "allowed" });
    const outputs = (await orderTogether("192.0.2.12")).map(({ output }) => output);
    expect(spending(panel).filter((entry) => entry.includes("192.0.2.12"))).toHaveLength(2);
    expect(outputs.join("\n")).toMatch(
      /warning: web01-\w{8}: license \d+ \(192\.0\.2\.12\) is a license of the same tariff on this address, too, bought for another resource \(claim \w{8}\)/,
    );
  });
});

describe("a license that is there", () => {
  const inputs = { product: "cloudlinux" };
  const kept = { ...inputs, ip: "192.0.2.1" };
  const moved = { ...inputs, ip: "192.0.2.2" };
  const replaced = { ...inputs, ip: "192.0.2.3" };
  let urns: string[];

  /** Enough for three orders, and no more. */
  const accounts = [{ ...ACCOUNT, balance: "42.00" }];
  beforeAll(async () => {
    stage = await setStage({ face: "plugin", simulator: { accounts } });
    await stage.declare({ kept, moved, replaced });
    expect((await up()).code).toBe(0);
    urns = (await stage.workspace.licenses()).map(({ urn }) => urn);
    stage.panel.clearJournal();
  });
  afterAll(() => stage?.close());

  const up = (...flags: string[]): Promise<PulumiResult> => stage.workspace.up("--skip-preview", ...flags);
  const urnOf = (name: string) => urns.find((urn) => urn.endsWith(`::${name}`)) ?? "";
  const idOf = (ip: string) => stage.panel.licenses().find((license) => license.ip === ip)?.id;
  const savedIds = async () =>
    Object.fromEntries((await stage.workspace.licenses()).map(({ urn, id }) => [urn.split("::").at(-1), id]));

  it("is kept by a forced replacement, which buys nothing and says so", async () => {
    const { code, output } = await up("--replace", urnOf("kept"));
    expect(code).toBe(0);
    expect(output).toContain(
      `found license ${idOf(kept.ip)}, which an earlier run has bought for it; nothing is ordered`,
    );
    expect(output).toContain(`license ${idOf(kept.ip)} is not given up: the program still declares it`);
    expect(changing(stage.panel.journal())).toEqual([]);
    expect(await savedIds()).toMatchObject({ kept: idOf(kept.ip) });
  });

  it("keeps its claim when its resource is renamed with an alias, and nothing is called", async () => {
    takeCalls(stage.panel);
    await stage.declare({ kept, "moved-here": { ...moved, aliases: [{ name: "moved" }] }, replaced });
    const { code, output } = await up();
    expect(code).toBe(0);
    expect(output).toContain("4 unchanged");
    expect(takeCalls(stage.panel)).toEqual([]);
    expect(await savedIds()).toEqual({
      kept: idOf(kept.ip),
      "moved-here": idOf(moved.ip),
      replaced: idOf(replaced.ip),
    });
  });

  it("is neither bought again nor lost when its resource is renamed without an alias, and can be taken over", async () => {
    const { panel } = stage;
    const license = panel.licenses().find(({ ip }) => ip === kept.ip);
    const adoptId = `${license?.id}@${license?.licname.slice(-8)}`;
    await stage.declare({ "kept-here": kept, "moved-here": { ...moved, aliases: [{ name: "moved" }] }, replaced });
    const stopped = await up();
    expect(stopped.code).not.toBe(0);
    expect(stopped.output).toContain(`Nothing was ordered; to take it over, set adoptId: "${adoptId}"`);
    expect(changing(panel.journal())).toEqual([]);
    expect(await savedIds()).toMatchObject({ kept: license?.id });

    await stage.declare({ "kept-here": { ...kept, adoptId }, "moved-here": moved, replaced });
    const { code, output } = await up();
    expect(code).toBe(0);
    expect(output).toContain(`license ${license?.id} is not given up: the program still declares it`);
    expect(live()).toHaveLength(3);
    expect(await savedIds()).toEqual({
      "kept-here": license?.id,
      "moved-here": idOf(moved.ip),
      replaced: idOf(replaced.ip),
    });
  });

  it("stays when another product is to take its place and cannot be paid for", async () => {
    const { panel } = stage;
    const id = idOf(replaced.ip);
    await stage.declare({
      "kept-here": kept,
      "moved-here": moved,
      replaced: { ...replaced, product: "kernelcare" },
    });
    panel.clearJournal();
    const seen = await up();
    expect(seen.code).not.toBe(0);
    expect(seen.output).toContain("3.50 EUR are needed, and 0.00 EUR are available");
    expect(changing(panel.journal())).toEqual([]);

    panel.knobs.subaccount = "access";
    const { code, output } = await up();
    panel.knobs.subaccount = "readable";
    expect(code).not.toBe(0);
    expect(output).toContain("not_enough_money");
    expect(changing(panel.journal()).map(({ func }) => func)).toEqual(["softexternal.order.param"]);
    expect(live()).toContain(`${id} CloudLinux`);
    expect(await savedIds()).toMatchObject({ replaced: id });
  });

  it("is given up when another product has taken its place", async () => {
    const { panel } = stage;
    const id = idOf(replaced.ip);
    panel.outside.deposit("100.00");
    panel.clearJournal();
    expect((await up()).code).toBe(0);
    expect(changing(panel.journal()).map(({ func }) => func)).toEqual([
      "softexternal.order.param",
      "softexternal.delete",
    ]);
    expect(live()).not.toContain(`${id} CloudLinux`);
    expect(live()).toContain(`${(await savedIds()).replaced} KernelCare`);
  });

  it("keeps its claim when the stack is renamed, and nothing is called", async () => {
    const before = await savedIds();
    takeCalls(stage.panel);
    expect((await stage.workspace.run(["stack", "rename", "production"])).code).toBe(0);
    const { code, output } = await stage.workspace.run(["up", "--yes", "--skip-preview"], {
      PULUMI_STACK: "production",
    });
    expect(code).toBe(0);
    expect(output).toContain("4 unchanged");
    expect(takeCalls(stage.panel)).toEqual([]);
    expect(await savedIds()).toEqual(before);
  });
});
