import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimOf } from "../../provider/license/claim";
import type { SimulatedLicense } from "../../simulator/index";
import { type DeclaredLicense, type Stage, setStage, takeCalls } from "./helpers/harness";

const LIST = "softexternal → list";
const BALANCE = "subaccount → list";
const QUOTE = "softexternal.order.param → form";
const ORDER = "softexternal.order.param → ok";
const EDIT = "softexternal.edit → ok";
const FORM = "softexternal.edit → form";
const DELETE = "softexternal.delete → ok";
const PROLONG = "service.prolong → ok";
/** What each of the three costs when the engine takes one after the other, so that nothing depends on how fast it is. */
const three = (...calls: string[]) => [...calls, ...calls, ...calls];
const ONE_BY_ONE = ["--skip-preview", "--parallel", "1"];

const NAMES = ["cl", "sa", "kc"] as const;
type Name = (typeof NAMES)[number];
type Declared = Record<Name, DeclaredLicense>;

const PRICES: Record<string, string> = { CloudLinux: "14.00", Softaculous: "2.50", KernelCare: "3.50" };

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Each test goes on from where the one before it has left the stack, as the life of a license does. */
describe("the licenses of all three products live through the real engine", () => {
  let stage: Stage;
  let declared: Declared = {
    cl: { product: "cloudlinux", ip: "192.0.2.10" },
    sa: { product: "softaculous", ip: "192.0.2.10" },
    kc: { product: "kernelcare", ip: "2001:db8::10", component: "server" },
  };
  const ids = new Map<Name, string>();

  /** Changes what the program declares, for all three or for each by itself. */
  const change = (changes: DeclaredLicense | ((name: Name) => DeclaredLicense)) => {
    const changed = (name: Name) => ({
      ...declared[name],
      ...(typeof changes === "function" ? changes(name) : changes),
    });
    declared = { cl: changed("cl"), sa: changed("sa"), kc: changed("kc") };
    return stage.declare(declared);
  };
  const license = (name: Name): SimulatedLicense => {
    const found = stage.panel.licenses().find(({ id }) => id === ids.get(name));
    if (found === undefined) {
      throw new Error(`the simulator holds no license for ${name}`);
    }
    return found;
  };
  const all = <K extends keyof SimulatedLicense>(field: K) => NAMES.map((name) => license(name)[field]);
  const outputs = async (name: Name) =>
    (await stage.workspace.licenses()).find(({ urn }) => urn.endsWith(`::${name}`))?.outputs;
  const succeed = (result: { code: number | null; output: string }) => {
    expect(result.output).not.toContain("error");
    expect(result.code).toBe(0);
    return { output: result.output, calls: takeCalls(stage.panel) };
  };
  const up = async () => succeed(await stage.workspace.up(...ONE_BY_ONE));

  beforeAll(async () => {
    stage = await setStage();
    await stage.declare(declared);
  });
  afterAll(() => stage.close());

  it("a preview says what would be ordered, and reads the balance and the price of each product", async () => {
    const { output, calls } = succeed(await stage.workspace.preview());
    expect(output).toContain("an update orders CloudLinux for 192.0.2.10");
    expect(output).toContain("an update orders Softaculous for 192.0.2.10");
    expect(output).toContain("an update orders KernelCare for 2001:db8::10");
    expect(calls.toSorted()).toEqual([...three(QUOTE), BALANCE]);
    expect(output).not.toContain("warning");
  });

  it("each is ordered once, with a list before and a list after", async () => {
    const { calls } = await up();
    const reads = [BALANCE, QUOTE];
    expect(calls.filter((call) => reads.includes(call)).toSorted()).toEqual([...three(QUOTE), BALANCE]);
    expect(calls.filter((call) => call !== FORM && !reads.includes(call))).toEqual(three(LIST, ORDER, LIST));
    // Lists show a tariff by its name: whether the other license of 192.0.2.10 is of the same one takes a single read.
    expect(calls.filter((call) => call === FORM)).toHaveLength(1);
    for (const { urn, id, inputs } of await stage.workspace.licenses()) {
      expect(inputs?.claim).toBe(claimOf(urn));
      ids.set(urn.split("::").at(-1) as Name, id ?? "");
    }
    expect(stage.panel.ledger()).toHaveLength(3);
    expect(all("tariff")).toEqual(["CloudLinux", "Softaculous", "KernelCare"]);
  });

  it("the state holds what the vendor shows", async () => {
    const shown = license("cl");
    expect(await outputs("cl")).toMatchObject({
      product: "cloudlinux",
      pricelist: 9203,
      ip: "192.0.2.10",
      licenseName: shown.licname,
      period: 1,
      suspended: false,
      autoRenew: false,
      status: "active",
      createdOn: shown.createdate,
      expiresOn: shown.expiredate,
      tariff: "CloudLinux",
      cost: "14.00 EUR / Month",
      account: `tester@${new URL(stage.panel.endpoint).host}`,
    });
  });

  it("an update without a change calls nothing, another spelling of an address included", async () => {
    await change((name) => (name === "kc" ? { ip: "2001:0DB8:0::0010" } : {}));
    const { output, calls } = await up();
    expect(output).toContain("5 unchanged");
    expect(calls).toEqual([]);
  });

  it("each is moved to another address", async () => {
    await change((name) => ({ ip: name === "kc" ? "2001:db8::11" : "192.0.2.11" }));
    const { output, calls } = await up();
    expect(output).toContain("an update moves it from 192.0.2.10 to 192.0.2.11");
    expect(calls).toEqual(three(LIST, EDIT, LIST));
    expect(all("ip")).toEqual(["192.0.2.11", "192.0.2.11", "2001:db8::11"]);
  });

  it("each is renamed, and gets its automatic name back", async () => {
    const automatic = all("licname");
    await change((name) => ({ licenseName: `${name}-shöp <1>` }));
    const renamed = await up();
    expect(renamed.output).toContain(`an update renames it from "${automatic[0]}" to "cl-shöp <1>"`);
    expect(renamed.calls).toEqual(three(LIST, EDIT, LIST));
    expect(all("licname")).toEqual(["cl-shöp <1>", "sa-shöp <1>", "kc-shöp <1>"]);

    await change({ licenseName: undefined });
    expect((await up()).calls).toEqual(three(LIST, EDIT, LIST));
    expect(all("licname")).toEqual(automatic);
  });

  it("each is suspended and resumed", async () => {
    await change({ suspended: true });
    expect((await up()).calls).toEqual(three(LIST, "softexternal.suspend → ok", LIST));
    expect(all("status")).toEqual(["3", "3", "3"]);
    expect(await outputs("kc")).toMatchObject({ status: "suspended", suspended: true });

    await change({ suspended: false });
    expect((await up()).calls).toEqual(three(LIST, "softexternal.resume → ok", LIST));
    expect(all("status")).toEqual(["2", "2", "2"]);
  });

  it("each is renewed by paidUntil as many periods as it takes, each confirmed before the next", async () => {
    const paidUntil = inDays(70);
    await change({ paidUntil });
    const { output, calls } = await up();
    const [expires = ""] = all("expiredate");
    expect(output).toContain(`an update renews until ${expires}, 2 periods at 14.00 EUR / Month`);
    expect(expires >= paidUntil).toBe(true);
    expect(calls.filter((call) => call === BALANCE)).toHaveLength(1);
    expect(calls.filter((call) => call === QUOTE)).toHaveLength(3);
    expect(calls.filter((call) => call !== BALANCE && call !== QUOTE)).toEqual(
      three(LIST, PROLONG, LIST, PROLONG, LIST),
    );
  });

  it("each is renewed by renewBeforeDays one period when the day has come, and not before", async () => {
    const before = all("expiredate");
    await change((name) => ({ renewBeforeDays: name === "cl" ? 3 : 200 }));
    const { calls } = await up();
    expect(calls.filter((call) => call === BALANCE || call === QUOTE).toSorted()).toEqual([QUOTE, QUOTE, BALANCE]);
    expect(calls.filter((call) => call !== BALANCE && call !== QUOTE)).toEqual([
      LIST,
      PROLONG,
      LIST,
      LIST,
      PROLONG,
      LIST,
    ]);
    expect(license("cl").expiredate).toBe(before[0]);
    expect((license("kc").expiredate ?? "") > (before[2] ?? "")).toBe(true);
    await change({ renewBeforeDays: undefined });
    expect((await up()).calls).toEqual([]);
  });

  it("each is renewed by the vendor where autoRenew says so, and no longer", async () => {
    await change({ autoRenew: true });
    const { output, calls } = await up();
    expect(output).toContain("an update switches the vendor's own renewal on");
    expect(calls.filter((call) => call !== LIST).sort()).toEqual([...three(FORM), ...three(EDIT)]);
    expect(all("autoprolong")).toEqual([1, 1, 1]);
    await change({ autoRenew: false });
    await up();
    expect(all("autoprolong")).toEqual([null, null, null]);
  });

  it("a refresh sees in one list call what was changed outside, and the next update mends it", async () => {
    const { outside } = stage.panel;
    const [name] = all("licname");
    outside.edit(license("cl").id, { ip: "192.0.2.99", licname: "changed by hand" });
    outside.suspend(license("sa").id);
    outside.prolong(license("kc").id);
    expect(succeed(await stage.workspace.refresh("--skip-preview")).calls).toEqual([LIST]);
    expect(await outputs("cl")).toMatchObject({ ip: "192.0.2.99", licenseName: "changed by hand" });
    expect(await outputs("sa")).toMatchObject({ status: "suspended", suspended: true });
    expect(await outputs("kc")).toMatchObject({ expiresOn: license("kc").expiredate });

    const { output, calls } = await up();
    expect(output).toContain("an update moves it from 192.0.2.99 to 192.0.2.11");
    expect(output).toContain("an update resumes it");
    expect(calls.map((call) => call === LIST)).toEqual([true, false, true, true, false, true]);
    expect(calls.filter((call) => call !== LIST).sort()).toEqual([EDIT, "softexternal.resume → ok"]);
    expect(license("cl")).toMatchObject({ ip: "192.0.2.11", licname: name, status: "2" });
    expect(license("sa").status).toBe("2");
  });

  it("each is read without being managed", async () => {
    const looked = Object.fromEntries(NAMES.map((name) => [`${name}-seen`, license(name).id]));
    await stage.declare(declared, looked);
    const { calls } = await up();
    // The list shows tariffs by name: a single read for each tells the number.
    expect(calls).toEqual([LIST, ...three(FORM)]);
    const seen = await stage.workspace.outputs();
    for (const name of NAMES) {
      const { ip, licname, pricelist, expiredate, tariff } = license(name);
      const product = declared[name].product;
      expect(seen[`${name}-seen`]).toEqual({
        ip,
        licenseName: licname,
        product,
        pricelist,
        status: "active",
        expiresOn: expiredate,
        tariff,
      });
    }
  });

  it("a preview of every kind of change at once changes nothing, and reads the balance and the prices of what is due", async () => {
    const later = inDays(200);
    await stage.declare({
      cl: {
        ...declared.cl,
        ip: "192.0.2.12",
        licenseName: "other",
        suspended: true,
        autoRenew: true,
        paidUntil: later,
      },
      sa: { ...declared.sa, product: "kernelcare" },
      kc: declared.kc,
      new: { product: "cloudlinux", ip: "192.0.2.13" },
    });
    const { output, calls } = succeed(await stage.workspace.preview());
    expect(output).toContain("an update renews until");
    expect(output).toContain("an update suspends it");
    expect(output).toContain("an update orders KernelCare for 192.0.2.11");
    expect(output).toContain("an update then gives up the Softaculous license, paid until");
    expect(output).toContain("an update orders CloudLinux for 192.0.2.13");
    expect(calls.toSorted()).toEqual([QUOTE, QUOTE, BALANCE]);
  });

  it("another product is ordered before the old one is given up, and what is no longer declared as read stays", async () => {
    await change((name) => (name === "sa" ? { product: "kernelcare" } : {}));
    const { calls } = await up();
    expect(calls.filter((call) => call !== LIST && call !== FORM)).toEqual([
      BALANCE,
      QUOTE,
      ORDER,
      PROLONG,
      PROLONG,
      DELETE,
    ]);
    const kept = stage.panel.licenses().filter(({ status }) => status !== "4");
    expect(kept.map(({ tariff }) => tariff).sort()).toEqual(["CloudLinux", "KernelCare", "KernelCare"]);
  });

  it("all are given up", async () => {
    const { calls } = succeed(await stage.workspace.destroy(...ONE_BY_ONE));
    expect(calls).toEqual([LIST, ...three(DELETE, LIST)]);
    expect(stage.panel.licenses().every(({ status }) => status === "4")).toBe(true);
    expect(await stage.workspace.licenses()).toEqual([]);
  });

  it("the ledger holds one order per declared license, the renewals asked for, and nothing else", () => {
    const entries: Record<string, number> = {};
    for (const { kind, tariff, amount } of stage.panel.ledger()) {
      expect(amount).toBe(PRICES[String(tariff)]);
      entries[`${kind} ${tariff}`] = (entries[`${kind} ${tariff}`] ?? 0) + 1;
    }
    expect(entries).toEqual({
      "order CloudLinux": 1,
      "order Softaculous": 1,
      // The second one took the place of Softaculous.
      "order KernelCare": 2,
      // By paidUntil.
      "prolong CloudLinux": 2,
      // By paidUntil and by renewBeforeDays.
      "prolong Softaculous": 3,
      // The same, one by hand, and by paidUntil the one that took the place of Softaculous.
      "prolong KernelCare": 6,
    });
  });
});
