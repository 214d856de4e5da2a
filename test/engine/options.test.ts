import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changing, type DeclaredLicense, type Stage, setStage, takeCalls } from "./helpers/harness";

const ONE_BY_ONE = ["--skip-preview", "--parallel", "1"];
const cloudlinux = (ip: string, options?: DeclaredLicense["options"]): DeclaredLicense => ({
  product: "cloudlinux",
  ip,
  ...(options && { options }),
});

/** Each test goes on from where the one before it has left the stack. */
describe("an option of Pulumi", () => {
  let stage: Stage;
  let declared: Record<string, DeclaredLicense> = {
    guarded: cloudlinux("192.0.2.1", { protect: true }),
    kept: cloudlinux("192.0.2.2", { retainOnDelete: true }),
    ignoring: cloudlinux("192.0.2.3", { ignoreChanges: ["ip", "licenseName"] }),
    swapped: { ...cloudlinux("192.0.2.4"), deleteBeforeReplace: true },
    first: { ...cloudlinux("192.0.2.5"), component: "server" },
    second: { ...cloudlinux("192.0.2.6"), options: { dependsOn: ["first"] } },
  };

  const declare = (changes: Record<string, DeclaredLicense | undefined> = {}) => {
    declared = Object.fromEntries(
      Object.entries({ ...declared, ...changes }).flatMap(([name, as]) => (as === undefined ? [] : [[name, as]])),
    );
    return stage.declare(declared);
  };
  const up = () => stage.workspace.up(...ONE_BY_ONE);
  const sent = () => {
    const calls = changing(stage.panel.journal()).map(({ func }) => func);
    stage.panel.clearJournal();
    return calls;
  };
  const statusOf = (ip: string) =>
    stage.panel
      .licenses()
      .filter((license) => license.ip === ip)
      .map(({ tariff, status }) => `${tariff} ${status}`);
  const names = async () => (await stage.workspace.licenses()).map(({ urn }) => urn.split("::").at(-1));

  beforeAll(async () => {
    stage = await setStage();
    await declare();
    // As many at once as there are, so that order is a matter of options alone.
    expect((await stage.workspace.up("--skip-preview", "--parallel", "16")).code).toBe(0);
  });
  afterAll(() => stage.close());

  it("dependsOn has a license ordered after the one that it depends on, and parent puts it under a component", async () => {
    const addresses = stage.panel
      .journal()
      .filter(({ func, effect }) => func === "softexternal.order.param" && effect === "charge")
      .map(({ params }) => params.ip ?? "");
    expect(addresses).toHaveLength(6);
    expect(addresses.indexOf("192.0.2.5")).toBeLessThan(addresses.indexOf("192.0.2.6"));
    const first = (await stage.workspace.licenses()).find(({ urn }) => urn.endsWith("::first"));
    expect(first?.urn).toContain("test:index:Server$pulumi-nodejs:dynamic/billmanager:License::first");
  });

  it("ignoreChanges makes a changed address and name no difference and no call", async () => {
    const license = stage.panel.licenses().find(({ ip }) => ip === "192.0.2.3");
    await declare({
      ignoring: { ...declared.ignoring, ip: "192.0.2.33", licenseName: "another name" },
    });
    takeCalls(stage.panel);
    const { code, output } = await up();
    expect(code).toBe(0);
    expect(output).toContain("8 unchanged");
    expect(takeCalls(stage.panel)).toEqual([]);
    expect(stage.panel.licenses()).toContainEqual(license);
  });

  it("protect keeps a license that is removed from the program from being given up", async () => {
    const { guarded } = declared;
    await declare({ guarded: undefined });
    const { code, output } = await up();
    expect(code).not.toBe(0);
    expect(output).toContain("protect");
    expect(sent()).toEqual([]);
    await declare({ guarded });
  });

  it("retainOnDelete has the stack forget a license, which stays as it is", async () => {
    await declare({ kept: undefined });
    takeCalls(stage.panel);
    expect((await up()).code).toBe(0);
    expect(takeCalls(stage.panel)).toEqual([]);
    expect(await names()).not.toContain("kept");
    expect(statusOf("192.0.2.2")).toEqual(["CloudLinux 2"]);
  });

  it("deleteBeforeReplace gives the old license up before the new one is ordered", async () => {
    await declare({ swapped: { ...declared.swapped, product: "kernelcare" } });
    expect((await up()).code).toBe(0);
    expect(sent()).toEqual(["softexternal.delete", "softexternal.order.param"]);
    expect(statusOf("192.0.2.4")).toEqual(["CloudLinux 4", "KernelCare 2"]);
  });

  it.each([
    ["replaceOnChanges", ["ip"], "it has no effect here; a changed product or pricelist replaces the license"],
    ["replacementTrigger", "2", "the old license would be taken for the new one"],
    ["import", "1000001", 'set the input adoptId: "<the license\'s number>" instead'],
    ["customTimeouts", { create: "5m" }, "set config billmanager:activationTimeout (seconds) instead"],
  ])(
    "%s, which cannot work, is an error that says what to do instead, and nothing is called",
    async (option, value, advice) => {
      await stage.declare({ ...declared, second: { ...declared.second, options: { [option]: value } } });
      takeCalls(stage.panel);
      const { code, output } = await up();
      expect(code).not.toBe(0);
      expect(output).toContain(`License "second": the option ${option} cannot be used; ${advice}`);
      expect(takeCalls(stage.panel)).toEqual([]);
    },
  );

  it("protect keeps a license while the stack is destroyed around it, until the option is taken away", async () => {
    const { guarded } = declared;
    await stage.declare(declared);
    const { code, output } = await stage.workspace.destroy(...ONE_BY_ONE);
    expect(code).not.toBe(0);
    expect(output).toContain("protect");
    expect(statusOf("192.0.2.1")).toEqual(["CloudLinux 2"]);
    expect(await names()).toEqual(["guarded"]);

    await stage.declare({ guarded: { ...guarded, options: {} } });
    expect((await up()).code).toBe(0);
    stage.panel.clearJournal();
    expect((await stage.workspace.destroy(...ONE_BY_ONE)).code).toBe(0);
    expect(sent()).toEqual(["softexternal.delete"]);
    expect(statusOf("192.0.2.1")).toEqual(["CloudLinux 4"]);
    // What the stack has forgotten is still there.
    expect(statusOf("192.0.2.2")).toEqual(["CloudLinux 2"]);
  });
});
