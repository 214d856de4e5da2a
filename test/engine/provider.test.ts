import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../simulator/index";
import { changing, type DeclaredLicense, PASSWORD, type Stage, setStage, spending } from "./helpers/harness";

const web = { product: "cloudlinux", ip: "192.0.2.10" };
const OTHER_FACE = {
  plugin: [{ type: "pulumi-nodejs:dynamic/billmanager:License" }],
  dynamic: [{ type: "billmanager:index:License" }],
};

let stage: Stage;
const sent = () => {
  const calls = changing(stage.panel.journal()).map(({ func }) => func);
  stage.panel.clearJournal();
  return calls;
};
const up = async () => {
  const result = await stage.workspace.up("--skip-preview", "--parallel", "1");
  expect(result.output).not.toContain("error:");
  expect(result.code).toBe(0);
  return result;
};

describe("a License that is given a Provider", () => {
  let second: Simulator;
  beforeAll(async () => {
    stage = await setStage();
    second = await startSimulator({ accounts: [{ username: "second", password: PASSWORD, balance: "1000.00" }] });
  });
  afterAll(async () => {
    await stage.close();
    await second.close();
  });

  const providers = () => ({
    two: {
      endpoint: second.endpoint,
      username: "second",
      password: PASSWORD,
      timeout: 30,
      pricelists: { panel: 9204 },
    },
  });

  it("is bought on that provider's account, beside others on the stack's own", async () => {
    await stage.declare({ web, there: { product: "panel", ip: web.ip, account: "two" } }, {}, providers());
    await up();
    expect(spending(stage.panel)).toEqual(["order CloudLinux 192.0.2.10 14.00"]);
    expect(spending(second)).toEqual(["order Softaculous 192.0.2.10 2.50"]);
    expect((await stage.workspace.licenses()).map(({ type }) => type).sort()).toEqual([
      "billmanager:index:License",
      "pulumi-nodejs:dynamic/billmanager:License",
    ]);
  });

  it("keeps the password of the provider out of the state", async () => {
    const state = await stage.workspace.stackExport();
    expect(state).toContain("pulumi:providers:billmanager");
    expect(state).not.toContain(PASSWORD);
  });

  it("can be imported by the option, replaced by the option, and given time", async () => {
    const id = second.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.20" });
    const there = { product: "panel", ip: web.ip, account: "two" };
    const hand = { product: "cloudlinux", ip: "192.0.2.20", licenseName: "by hand", account: "two" };
    await stage.declare({ web, there, hand: { ...hand, options: { import: id } } }, {}, providers());
    const { output } = await up();
    expect(output).toContain("imported");
    expect(second.ledger()).toHaveLength(2);

    const moved = {
      ...hand,
      ip: "192.0.2.21",
      options: { replaceOnChanges: ["ip"], customTimeouts: { create: "1s" } },
    };
    second.knobs.set({ processing: { open: "stuck" } });
    await stage.declare({ web, there, hand: moved }, {}, providers());
    const failing = await stage.workspace.up("--skip-preview", "--parallel", "1");
    expect(failing.output).toContain("is still being processed by the vendor after 1 seconds");
    second.knobs.reset();
    for (const { id: stuck } of second.licenses().filter(({ status }) => status === "5_open")) {
      second.outside.finish(stuck);
    }
    await up();
    expect(second.licenses().map(({ ip, status }) => `${ip} ${status}`)).toEqual([
      "192.0.2.10 2",
      "192.0.2.20 4",
      "192.0.2.21 2",
    ]);
    expect(second.ledger()).toHaveLength(3);
  });
});

describe("a license that moves between the faces", () => {
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const named: DeclaredLicense = { product: "softaculous", ip: "192.0.2.10", licenseName: "Shop front" };
  const declareOn = (face: "plugin" | "dynamic", more: object = {}, aliases: object[] = OTHER_FACE[face]) => {
    const account = face === "plugin" ? { account: "own" } : {};
    const licenses = { web: { ...web, ...more, ...account, aliases }, named: { ...named, ...account, aliases } };
    return stage.declare(licenses, {}, face === "plugin" ? { own: {} } : {});
  };
  const journalOf = async (run: () => Promise<unknown>) => {
    stage.panel.clearJournal();
    await run();
    return stage.panel.journal().map(({ func }) => func);
  };

  it("to the plugin makes no call, and none when it has moved", async () => {
    await declareOn("dynamic");
    await up();
    sent();
    await declareOn("plugin");
    expect(await journalOf(up)).toEqual([]);
    expect((await stage.workspace.licenses()).map(({ type }) => type)).toEqual(
      Array(2).fill("billmanager:index:License"),
    );
    expect(await journalOf(up)).toEqual([]);
  });

  it("is edited and refreshed there as before", async () => {
    await declareOn("plugin", { ip: "192.0.2.11" });
    await up();
    expect(sent()).toEqual(["softexternal.edit"]);
    expect((await stage.workspace.refresh("--skip-preview")).code).toBe(0);
    expect(await journalOf(up)).toEqual([]);
  });

  it("and back to the dynamic face makes no call, and can be read and given up there", async () => {
    await declareOn("dynamic", { ip: "192.0.2.11" });
    expect(await journalOf(up)).toEqual([]);
    expect(await journalOf(up)).toEqual([]);
    expect((await stage.workspace.licenses()).map(({ outputs }) => typeof outputs?.__provider)).toEqual([
      "string",
      "string",
    ]);
    expect((await stage.workspace.refresh("--skip-preview")).code).toBe(0);
    stage.panel.clearJournal();
    expect((await stage.workspace.destroy("--skip-preview")).code).toBe(0);
    expect(sent()).toEqual(["softexternal.delete", "softexternal.delete"]);
    expect(stage.panel.ledger()).toHaveLength(2);
  });

  it("from the plugin, where it was ordered, makes no call either", async () => {
    await declareOn("plugin", { ip: "192.0.2.12" }, []);
    await up();
    expect(sent()).toHaveLength(3);
    await declareOn("dynamic", { ip: "192.0.2.12" });
    expect(await journalOf(up)).toEqual([]);
    expect((await stage.workspace.destroy("--skip-preview")).code).toBe(0);
    expect(sent()).toEqual(["softexternal.delete", "softexternal.delete"]);
  });
});
