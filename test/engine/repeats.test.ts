import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Stage, setStage } from "./helpers/harness";

describe("a program that has failed operations repeated", () => {
  const web01 = { product: "cloudlinux", ip: "192.0.2.10" };
  let stage: Stage;
  afterEach(() => stage?.close());

  async function setUpRepeating(config: Readonly<Record<string, string>>): Promise<void> {
    stage = await setStage({ workspace: { project: join(__dirname, "programs/repeating"), config } });
    await declare({ web01 });
  }

  const declare = (declared: object) => stage.workspace.write("licenses.json", JSON.stringify(declared));
  const up = () => stage.workspace.runScript("index.js");

  it("does not order again while it is unknown what became of the order", async () => {
    await setUpRepeating({ "billmanager:searchTimeout": "1" });
    const { panel } = stage;
    panel.faults.arm({
      kind: "closed",
      func: "softexternal.order.param",
      effect: "charge",
      hiddenFor: { seconds: 600 },
    });
    const { code, output } = await up();
    expect(code).not.toBe(0);
    expect(output).toContain("retrying create due to on-error hook request (2/100)");
    expect(output).toContain("it may or may not have been bought and charged");
    expect(panel.ledger()).toHaveLength(1);
    expect(await stage.workspace.licenses()).toEqual([]);

    panel.outside.reveal();
    expect((await up()).code).toBe(0);
    expect(panel.ledger()).toHaveLength(1);
  });

  it("keeps a license that the vendor has not finished, and goes on with it", async () => {
    await setUpRepeating({ "billmanager:activationTimeout": "1" });
    const { panel } = stage;
    panel.knobs.set({ processing: { open: "stuck" } });
    const { code, output } = await up();
    expect(code).not.toBe(0);
    expect(output).toContain("retrying create due to on-error hook request (2/100)");
    expect(output).not.toContain("another resource");
    const [license] = panel.licenses();
    expect(await stage.workspace.licenses()).toMatchObject([{ id: license?.id, outputs: { status: "processing" } }]);

    panel.outside.finish(license?.id ?? "");
    expect((await up()).code).toBe(0);
    expect(await stage.workspace.licenses()).toMatchObject([{ id: license?.id, outputs: { status: "active" } }]);
    expect(panel.ledger()).toHaveLength(1);
  });

  it("does not renew again while it is unknown what became of the renewal", async () => {
    await setUpRepeating({ "billmanager:searchTimeout": "1" });
    const { panel } = stage;
    expect((await up()).code).toBe(0);
    const [license] = panel.licenses();
    const paidUntil = new Date(Date.parse(license?.expiredate ?? "") + 86_400_000).toISOString().slice(0, 10);
    await declare({ web01: { ...web01, paidUntil } });
    panel.faults.arm({ kind: "closed", effect: "charge", hiddenFor: { seconds: 600 } });
    const { code, output } = await up();
    expect(code).not.toBe(0);
    expect(output).toContain("retrying update due to on-error hook request (2/100)");
    expect(output).toContain("the renewal may or may not have been charged");
    expect(panel.ledger().map(({ kind }) => kind)).toEqual(["order", "prolong"]);

    panel.outside.reveal();
    expect((await up()).code).toBe(0);
    expect(panel.ledger().map(({ kind }) => kind)).toEqual(["order", "prolong"]);
  });
});
