import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changing, type DeclaredLicense, type Stage, setStage, spending, takeCalls } from "./helpers/harness";

const LIST = "softexternal → list";
const ORDER = "softexternal.order.param → ok";
const EDIT = "softexternal.edit → ok";

const initial: Record<string, DeclaredLicense> = {
  cl: { product: "cloudlinux", ip: "192.0.2.10" },
  sa: { product: "softaculous", ip: "192.0.2.10" },
  kc: { product: "kernelcare", ip: "2001:db8::10" },
};

/** Each test goes on from where the one before it has left the stack, as the life of a license does. */
describe("three licenses live through the real engine", () => {
  let stage: Stage;
  let declared = initial;

  const declareChanged = async (changes: Record<string, DeclaredLicense>) => {
    declared = { ...declared };
    for (const [name, change] of Object.entries(changes)) {
      declared[name] = { ...declared[name], ...change };
    }
    await stage.declare(declared);
  };
  const license = (name: string) => {
    const found = stage.panel.licenses().find((candidate) => candidate.licname.startsWith(`${name}-`));
    if (found === undefined) {
      throw new Error(`the simulator holds no license whose name begins with ${name}-`);
    }
    return found;
  };
  const outputs = async (name: string) =>
    (await stage.workspace.licenses()).find(({ urn }) => urn.endsWith(`::${name}`))?.outputs;
  /** Runs `up` with a preview first, and returns what it said and which calls it made. */
  const up = async () => {
    takeCalls(stage.panel);
    const preview = await stage.workspace.preview();
    expect(changing(stage.panel.journal())).toEqual([]);
    const previewCalls = takeCalls(stage.panel);
    const result = await stage.workspace.up("--skip-preview");
    expect(result.output).not.toContain("error");
    expect(result.code).toBe(0);
    return { preview: preview.output, previewCalls, calls: takeCalls(stage.panel) };
  };

  beforeAll(async () => {
    stage = await setStage();
    await stage.declare(declared);
  });
  afterAll(() => stage.close());

  it("orders each once, and the preview says so and spends nothing", async () => {
    const { preview, previewCalls, calls } = await up();
    expect(preview).toContain("an update orders CloudLinux for 192.0.2.10");
    expect(preview).toContain("an update orders Softaculous for 192.0.2.10");
    expect(preview).toContain("an update orders KernelCare for 2001:db8::10");
    expect(previewCalls).toEqual([]);
    expect(calls).toEqual([LIST, ORDER, ORDER, ORDER, LIST]);
    expect(spending(stage.panel).sort()).toEqual([
      "order CloudLinux 192.0.2.10 14.00",
      "order KernelCare 2001:db8::10 3.50",
      "order Softaculous 192.0.2.10 2.50",
    ]);
  });

  it("saves what the vendor shows", async () => {
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
    const [cl] = (await stage.workspace.licenses()).filter(({ urn }) => urn.endsWith("::cl"));
    expect(cl?.id).toBe(shown.id);
    expect(String(cl?.inputs?.__provider).length).toBeLessThan(300);
  });

  it("calls nothing where nothing has changed", async () => {
    const { preview, previewCalls, calls } = await up();
    expect(preview).toContain("4 unchanged");
    expect([...previewCalls, ...calls]).toEqual([]);
  });

  it("moves one to another address", async () => {
    await declareChanged({ cl: { ip: "192.0.2.11" } });
    const { preview, calls } = await up();
    expect(preview).toContain("an update moves it from 192.0.2.10 to 192.0.2.11");
    expect(calls).toEqual([LIST, EDIT, LIST]);
    expect(license("cl").ip).toBe("192.0.2.11");
  });

  it("takes another spelling of an address for the same", async () => {
    await declareChanged({ kc: { ip: "2001:0DB8:0::0010" } });
    const { calls } = await up();
    expect(calls).toEqual([]);
  });

  it("renames one and gives it its automatic name back", async () => {
    const automatic = license("sa").licname;
    await declareChanged({ sa: { licenseName: "sa-shöp <1>" } });
    const { preview, calls } = await up();
    expect(preview).toContain(`an update renames it from "${automatic}" to "sa-shöp <1>"`);
    expect(calls).toEqual([LIST, EDIT, LIST]);
    expect(license("sa").licname).toBe("sa-shöp <1>");

    await declareChanged({ sa: { licenseName: undefined } });
    expect((await up()).calls).toEqual([LIST, EDIT, LIST]);
    expect(license("sa").licname).toBe(automatic);
  });

  it("suspends one and resumes it", async () => {
    await declareChanged({ kc: { suspended: true } });
    expect((await up()).calls).toEqual([LIST, "softexternal.suspend → ok", LIST]);
    expect(license("kc").status).toBe("3");
    expect(await outputs("kc")).toMatchObject({ status: "suspended", suspended: true });

    await declareChanged({ kc: { suspended: false } });
    expect((await up()).calls).toEqual([LIST, "softexternal.resume → ok", LIST]);
    expect(license("kc").status).toBe("2");
  });

  it("renews by paidUntil as many periods as it takes, each confirmed before the next, and not again", async () => {
    const [year = 0, month = 0] = (license("cl").expiredate ?? "").split("-").map(Number);
    const paidUntil = new Date(Date.UTC(year, month, 2)).toISOString().slice(0, 10);
    await declareChanged({ cl: { paidUntil } });
    const { preview, calls } = await up();
    const renewed = license("cl").expiredate ?? "";
    expect(preview).toContain(`an update renews until ${renewed}`);
    const renewals = calls.filter((call) => call === "service.prolong → ok").length;
    expect(renewals).toBeGreaterThanOrEqual(1);
    expect(calls).toEqual([LIST, ...Array(renewals).fill(["service.prolong → ok", LIST]).flat()]);
    expect(renewed >= paidUntil).toBe(true);
    expect((await up()).calls).toEqual([]);
  });

  it("renews by renewBeforeDays one period when the day has come, and not before", async () => {
    await declareChanged({ sa: { renewBeforeDays: 3 } });
    expect((await up()).calls).toEqual([]);
    await declareChanged({ sa: { renewBeforeDays: 40 } });
    const before = license("sa").expiredate ?? "";
    expect((await up()).calls).toEqual([LIST, "service.prolong → ok", LIST]);
    expect((license("sa").expiredate ?? "") > before).toBe(true);
    await declareChanged({ sa: { renewBeforeDays: undefined } });
    expect((await up()).calls).toEqual([]);
  });

  it("lets the vendor renew by autoRenew, and no longer", async () => {
    await declareChanged({ kc: { autoRenew: true } });
    const { preview, calls } = await up();
    expect(preview).toContain("an update switches the vendor's own renewal on");
    expect(calls).toEqual([LIST, "softexternal.edit → form", EDIT, LIST]);
    expect(license("kc").autoprolong).toBe(1);
    await declareChanged({ kc: { autoRenew: false } });
    await up();
    expect(license("kc").autoprolong).toBeNull();
  });

  it("sees by a refresh what was changed outside, in one list call, and the next update mends it", async () => {
    const { outside } = stage.panel;
    outside.edit(license("cl").id, { ip: "192.0.2.99" });
    outside.suspend(license("kc").id);
    outside.edit(license("sa").id, { licname: "sa-changed by hand" });
    takeCalls(stage.panel);
    expect((await stage.workspace.refresh("--skip-preview")).code).toBe(0);
    expect(takeCalls(stage.panel)).toEqual([LIST]);
    expect(await outputs("cl")).toMatchObject({ ip: "192.0.2.99" });
    expect(await outputs("kc")).toMatchObject({ status: "suspended", suspended: true });
    expect(await outputs("sa")).toMatchObject({ licenseName: "sa-changed by hand" });

    const { preview, calls } = await up();
    expect(preview).toContain("an update moves it from 192.0.2.99 to 192.0.2.11");
    expect(preview).toContain("an update resumes it");
    expect(calls.filter((call) => call !== LIST).sort()).toEqual([EDIT, EDIT, "softexternal.resume → ok"]);
    expect((await up()).calls).toEqual([]);
  });

  it("reads a license that it does not manage", async () => {
    const { id, expiredate } = license("cl");
    await stage.declare(declared, { seen: id });
    const { calls } = await up();
    expect(calls).toEqual([LIST, "softexternal.edit → form"]);
    expect((await stage.workspace.outputs()).seen).toEqual({
      ip: "192.0.2.11",
      licenseName: license("cl").licname,
      product: "cloudlinux",
      pricelist: 9203,
      status: "active",
      expiresOn: expiredate,
      tariff: "CloudLinux",
    });
    await stage.declare(declared);
    await up();
    expect(license("cl").status).toBe("2");
  });

  it("orders another product before it gives the old one up", async () => {
    await declareChanged({ sa: { product: "kernelcare" } });
    const { preview, calls } = await up();
    expect(preview).toContain("an update orders KernelCare for 192.0.2.10");
    expect(preview).toContain("an update then gives up the Softaculous license");
    expect(calls.filter((call) => call !== LIST && !call.endsWith("form"))).toEqual([
      ORDER,
      "softexternal.delete → ok",
    ]);
    const kept = stage.panel.licenses().filter((candidate) => candidate.status !== "4");
    expect(kept.map(({ tariff }) => tariff).sort()).toEqual(["CloudLinux", "KernelCare", "KernelCare"]);
  });

  it("gives all of them up", async () => {
    takeCalls(stage.panel);
    expect((await stage.workspace.destroy("--skip-preview")).code).toBe(0);
    const calls = takeCalls(stage.panel);
    expect(calls).toEqual([LIST, ...Array(3).fill("softexternal.delete → ok"), LIST]);
    expect(stage.panel.licenses().every(({ status }) => status === "4")).toBe(true);
    expect(await stage.workspace.licenses()).toEqual([]);
  });

  it("has spent exactly what the previews said", () => {
    const counts: Record<string, number> = {};
    for (const line of spending(stage.panel)) {
      counts[line] = (counts[line] ?? 0) + 1;
    }
    const renewals = spending(stage.panel).filter((line) => line.startsWith("prolong CloudLinux")).length;
    expect(counts).toEqual({
      "order CloudLinux 192.0.2.10 14.00": 1,
      "order Softaculous 192.0.2.10 2.50": 1,
      "order KernelCare 2001:db8::10 3.50": 1,
      "prolong CloudLinux 192.0.2.11 14.00": renewals,
      "prolong Softaculous 192.0.2.10 2.50": 1,
      "order KernelCare 192.0.2.10 3.50": 1,
    });
  });
});
