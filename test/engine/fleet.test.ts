import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { changing, type DeclaredLicense, type Stage, setStage, spending, takeCalls } from "./helpers/harness";

const LIST = "softexternal → list";
const ORDER = "softexternal.order.param → ok";
const FLEET = "**::fleet";

interface Member {
  readonly id: string;
  readonly licenseName: string;
  readonly ip: string;
  readonly status: string;
  readonly product: string;
}

const keyOf = (number: number) => `web${String(number).padStart(3, "0")}`;
const addressOf = (number: number) => `192.0.2.${number}`;

/** `{ web001: "192.0.2.1", … }` */
const servers = (count: number): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [keyOf(index + 1), addressOf(index + 1)]));

const fleetOf = (licenses: object, others: DeclaredLicense = {}) => ({
  fleet: { product: "cloudlinux", licenses, ...others },
});

const count = (calls: readonly string[], wanted: string) => calls.filter((call) => call === wanted).length;

async function membersOf({ workspace }: Stage): Promise<Readonly<Record<string, Member>>> {
  const [fleet] = await workspace.licenses();
  return (fleet?.outputs?.licenses ?? {}) as Record<string, Member>;
}

async function idsOf(stage: Stage): Promise<Record<string, string>> {
  return Object.fromEntries(Object.entries(await membersOf(stage)).map(([key, { id }]) => [key, id]));
}

/** The calls that change or charge, each with the license or the address that it is about, in the order of these. */
function sent({ panel }: Stage): string[] {
  const calls = changing(panel.journal()).map(({ func, params }) =>
    [func, ...(["elid", "pricelist", "ip", "licname"] as const).flatMap((name) => params[name] ?? [])].join(" "),
  );
  panel.clearJournal();
  return calls.sort();
}

describe("a fleet of 20", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ face: "plugin" });
    await stage.declare(fleetOf(servers(20)));
  });
  afterAll(() => stage.close());

  const up = async (...flags: string[]) => {
    const run = await stage.workspace.up(...flags);
    expect(run.code, run.output).toBe(0);
    return run.output;
  };

  it("is previewed by reading alone, with the sum that it costs", async () => {
    const { code, output } = await stage.workspace.preview();
    expect(code, output).toBe(0);
    expect(output).toContain("fleet: web001: an update orders CloudLinux for 192.0.2.1\n");
    expect(output).toContain("fleet: in all, an update orders 20 licenses, and spends 280.00 EUR\n");
    expect(changing(stage.panel.journal())).toEqual([]);
    stage.panel.clearJournal();
  });

  it("is bought by 20 orders under names of its keys, and by no more than four lists", async () => {
    await up("--skip-preview");
    const calls = takeCalls(stage.panel);
    expect(count(calls, ORDER)).toBe(20);
    expect(count(calls, "subaccount → list")).toBe(1);
    expect(count(calls, "softexternal.order.param → form")).toBe(1);
    // One to judge all orders together; the others are those of licenses of their own.
    expect(count(calls, LIST)).toBeLessThanOrEqual(4);
    expect(calls.length - count(calls, LIST)).toBe(22);
    expect(spending(stage.panel).sort()).toEqual(
      Object.values(servers(20))
        .map((ip) => `order CloudLinux ${ip} 14.00`)
        .sort(),
    );
    const names = stage.panel
      .licenses()
      .map(({ licname }) => licname.replace(/-[0-9a-z]{8}$/, ""))
      .sort();
    expect(names).toEqual(Object.keys(servers(20)));
    const { counts, expiresSoonest } = (await stage.workspace.licenses())[0]?.outputs ?? {};
    expect(counts).toEqual({ ordered: 0, processing: 0, active: 20, suspended: 0, deleted: 0 });
    expect(expiresSoonest).toBe(stage.panel.licenses()[0]?.expiredate);
  });

  it("costs no call where nothing has changed", async () => {
    expect(await up("--skip-preview")).toContain("2 unchanged");
    expect(takeCalls(stage.panel)).toEqual([]);
  });

  it("keeps all licenses and buys nothing where it is replaced as it is", async () => {
    const before = await idsOf(stage);
    await up("--skip-preview", "--replace", FLEET);
    expect(await idsOf(stage)).toEqual(before);
    expect(sent(stage)).toEqual([]);
    expect(await stage.workspace.licenses()).toHaveLength(1);
  });

  it("is changed in every way by one update, each license by its own calls alone", async () => {
    const before = await idsOf(stage);
    const { web002: _, web004: __, ...kept } = servers(21);
    await stage.declare(
      fleetOf({
        ...kept,
        web001: "192.0.2.101",
        shop: addressOf(2),
        web003: { ip: addressOf(3), suspended: true },
        web005: { ip: addressOf(5), product: "kernelcare" },
      }),
    );
    const output = await up();
    for (const line of [
      "web001: an update moves it from 192.0.2.1 to 192.0.2.101",
      "shop: this is web002 under another key: nothing is ordered for it",
      "web003: an update suspends it",
      "web005: an update orders KernelCare for 192.0.2.5",
      `web005: an update then gives up the CloudLinux license, paid until ${stage.panel.licenses()[0]?.expiredate}`,
      "web021: an update orders CloudLinux for 192.0.2.21",
      `web004: an update gives up the CloudLinux license, paid until ${stage.panel.licenses()[0]?.expiredate}`,
      "in all, an update orders 2 licenses, moves 1, gives up 2, and spends 17.50 EUR",
    ]) {
      expect(output).toContain(`fleet: ${line}\n`);
    }
    const after = await membersOf(stage);
    expect(sent(stage)).toEqual(
      [
        `softexternal.edit ${before.web001} 192.0.2.101 ${after.web001?.licenseName}`,
        `softexternal.suspend ${before.web003}`,
        `softexternal.delete ${before.web004}`,
        `softexternal.delete ${before.web005}`,
        `softexternal.order.param 11738 192.0.2.5 ${after.web005?.licenseName}`,
        `softexternal.order.param 9203 192.0.2.21 ${after.web021?.licenseName}`,
      ].sort(),
    );
    expect(spending(stage.panel).slice(20).sort()).toEqual([
      "order CloudLinux 192.0.2.21 14.00",
      "order KernelCare 192.0.2.5 3.50",
    ]);
    expect(after).toMatchObject({
      shop: { id: before.web002, status: "active" },
      web003: { id: before.web003, status: "suspended" },
      web005: { product: "kernelcare", status: "active" },
    });
    expect(Object.keys(after)).toEqual(["shop", ...Object.keys(servers(21))].filter((key) => !/00[24]/.test(key)));
  });

  it("has nothing left to do after it", async () => {
    expect(await up("--skip-preview")).toContain("2 unchanged");
    expect(takeCalls(stage.panel)).toEqual([]);
  });

  it("stays as it is where it is replaced, and not every license can be found by its key", async () => {
    const before = await membersOf(stage);
    const { code, output } = await stage.workspace.up("--skip-preview", "--replace", FLEET);
    expect(code).not.toBe(0);
    expect(output).toContain(
      `shop: license ${before.shop?.id} (192.0.2.2) is a CloudLinux license on this address already, bought for another resource`,
    );
    expect(sent(stage)).toEqual([]);
    expect(await membersOf(stage)).toEqual(before);
    expect(await stage.workspace.licenses()).toHaveLength(1);
  });

  it("keeps all licenses when it is renamed with an alias", async () => {
    const [fleet] = await stage.workspace.licenses();
    const before = await membersOf(stage);
    const licenses = Object.entries(before).map(([key, { ip, product, status }]) => [
      key,
      { ip, product, suspended: status === "suspended" },
    ]);
    await stage.declare({ servers: { licenses: Object.fromEntries(licenses), aliases: [{ name: "fleet" }] } });
    await up("--skip-preview");
    expect(takeCalls(stage.panel)).toEqual([]);
    expect(await membersOf(stage)).toEqual(before);
    expect((await stage.workspace.licenses()).map(({ id }) => id)).toEqual([fleet?.id]);
  });

  it("is left suspended in the account by a destroy, where its policy says so", async () => {
    const licenses = Object.values(await membersOf(stage)).map(({ ip, product }) => ({ ip, product }));
    const members = Object.fromEntries(licenses.map((license, index) => [`server${index}`, license]));
    await stage.declare({ servers: { licenses: members, deletionPolicy: "suspend", aliases: [{ name: "fleet" }] } });
    await up("--skip-preview");
    // Another key alone is no reason to call anybody.
    expect(sent(stage)).toEqual([expect.stringMatching(/^softexternal\.resume /)]);
    const destroyed = await stage.workspace.destroy("--skip-preview");
    expect(destroyed.code, destroyed.output).toBe(0);
    expect(new Set(sent(stage).map((call) => call.split(" ")[0]))).toEqual(new Set(["softexternal.suspend"]));
    const left = stage.panel.licenses().filter(({ status }) => status !== "4");
    expect(left.map(({ status }) => status)).toEqual(Array(20).fill("3"));
    expect(stage.panel.ledger()).toHaveLength(22);
  });
});

describe("a fleet of 200", () => {
  it("is refreshed by one list call for each page and nothing else", async () => {
    const stage = await setStage({ face: "plugin", simulator: { knobs: { pageSizeCap: 50 } } });
    onTestFinished(() => stage.close());
    await stage.declare(fleetOf(servers(200)));
    expect((await stage.workspace.up("--skip-preview")).code).toBe(0);
    stage.panel.clearJournal();
    const { code, output } = await stage.workspace.refresh("--skip-preview");
    expect(code, output).toBe(0);
    expect(takeCalls(stage.panel)).toEqual([LIST, LIST, LIST, LIST]);
  });
});

describe("a fleet in which one license cannot be had", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ face: "plugin" });
    await stage.declare(fleetOf(servers(8)));
  });
  afterAll(() => stage.close());

  it("is saved with all others while it says how far it is, and names the one and why", async () => {
    const { panel, workspace } = stage;
    panel.knobs.latencyMsFor = { "softexternal.order.param": 3_000 };
    panel.faults.arm({ kind: "error", type: "exists", func: "softexternal.order.param", effect: "charge", skip: 2 });
    await workspace.configure({ "billmanager:parallel": "4" });
    const { code, output } = await workspace.up("--skip-preview");
    panel.knobs.latencyMsFor = {};
    expect(code).not.toBe(0);
    expect(output).toMatch(/web00\d: BILLmanager refused softexternal\.order\.param \(type exists/);
    expect(output).toMatch(/fleet: \d of 8 licenses done/);
    expect(Object.keys(await membersOf(stage))).toHaveLength(7);
    expect((await workspace.licenses())[0]?.initErrors).toHaveLength(1);
    expect(panel.ledger()).toHaveLength(7);
  });

  it("is finished by the next update, which orders nothing but that one", async () => {
    stage.panel.clearJournal();
    const ids = await idsOf(stage);
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    expect(count(takeCalls(stage.panel), ORDER)).toBe(1);
    expect(await idsOf(stage)).toMatchObject(ids);
    expect(spending(stage.panel).sort()).toEqual(Object.values(servers(8)).map((ip) => `order CloudLinux ${ip} 14.00`));
    expect((await stage.workspace.licenses())[0]?.initErrors).toBeUndefined();
  });
});

describe("the limits on what is spent", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({
      face: "plugin",
      simulator: { accounts: [{ username: "tester", password: "canary-P4ss%wörd&<>", balance: "30.00" }] },
    });
  });
  afterAll(() => stage.close());

  it.each([
    [
      { maxOrders: "2" },
      "3 are to be ordered, and a run may send no more orders than billmanager:maxOrders allows (2)",
    ],
    [{ maxOrders: "100", allowOrders: "false" }, "orders are switched off (billmanager:allowOrders is false)"],
    [{ maxOrders: "100", allowOrders: "true" }, "42.00 EUR are needed in all, and 30.00 EUR are available"],
  ])("with %o refuse a fleet of three before the first order, and say why once", async (config, why) => {
    await stage.declare(fleetOf(servers(3)));
    await stage.workspace.configure(
      Object.fromEntries(Object.entries(config).map(([key, value]) => [`billmanager:${key}`, value])),
    );
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code).not.toBe(0);
    expect(output).toContain("web001, web002, web003: ");
    expect(output).toContain(why);
    expect(output).toContain("Nothing was ordered");
    expect(changing(stage.panel.journal())).toEqual([]);
    expect(await stage.workspace.licenses()).toEqual([]);
  });

  it("let a fleet of two pass", async () => {
    await stage.declare(fleetOf(servers(2)));
    expect((await stage.workspace.up("--skip-preview")).code).toBe(0);
    expect(stage.panel.ledger()).toHaveLength(2);
  });
});

describe("Pulumi's own options", () => {
  let stage: Stage;
  const kept = { product: "cloudlinux", licenses: { web001: "192.0.2.1" }, options: { retainOnDelete: true } };
  const guarded = {
    product: "cloudlinux",
    licenses: { web002: "192.0.2.2" },
    component: "rack",
    options: { protect: true },
  };
  beforeAll(async () => {
    stage = await setStage();
    await stage.declare({ kept, guarded });
    expect((await stage.workspace.up("--skip-preview")).code).toBe(0);
    stage.panel.clearJournal();
  });
  afterAll(() => stage.close());

  it("parent, protect and retainOnDelete hold for a fleet", async () => {
    const urns = (await stage.workspace.licenses()).map(({ urn }) => urn);
    expect(urns.join(" ")).toContain("test:index:Server$pulumi-nodejs:dynamic/billmanager:LicenseFleet::guarded");
    await stage.declare({});
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code).not.toBe(0);
    expect(output).toContain("protect");
    const destroyed = await stage.workspace.destroy("--skip-preview", "--exclude-protected");
    expect(destroyed.code, destroyed.output).toBe(0);
    expect((await stage.workspace.licenses()).map(({ urn }) => urn.split("::").at(-1))).toEqual(["guarded"]);
    expect(takeCalls(stage.panel)).toEqual([]);
    expect(stage.panel.licenses().map(({ status }) => status)).toEqual(["2", "2"]);
  });
});

/** A program in which servers are made first, and fleets of their addresses afterwards. */
describe("a fleet of servers that the same update makes", () => {
  it.each(["member", "members"])(
    "is previewed and bought where the address of each is known late: %s",
    async (late) => {
      const stage = await setStage({ workspace: { project: join(__dirname, "programs/servers") } });
      onTestFinished(() => stage.close());
      const { panel, workspace } = stage;
      const declare = (addresses: object) => workspace.write("servers.json", JSON.stringify({ late, addresses }));
      await declare({ web001: "192.0.2.1", web002: "192.0.2.2" });
      const preview = await workspace.preview();
      expect(preview.code, preview.output).toBe(0);
      expect(changing(panel.journal())).toEqual([]);
      const first = await workspace.up("--skip-preview");
      expect(first.code, first.output).toBe(0);
      expect(spending(panel).sort()).toEqual(["order CloudLinux 192.0.2.1 14.00", "order CloudLinux 192.0.2.2 14.00"]);

      await declare({ web001: "192.0.2.1", web002: "192.0.2.22", web003: "192.0.2.3" });
      const second = await workspace.up();
      expect(second.code, second.output).toBe(0);
      expect(spending(panel).slice(2)).toEqual(["order CloudLinux 192.0.2.3 14.00"]);
      expect(panel.licenses().map(({ ip, status }) => `${ip} ${status}`)).toEqual([
        "192.0.2.1 2",
        "192.0.2.22 2",
        "192.0.2.3 2",
      ]);
    },
  );
});
