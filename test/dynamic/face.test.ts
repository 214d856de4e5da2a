import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { PROVIDER_TEXT } from "../../provider/dynamic";
import { createFaces, type DynamicFace, faces } from "../../provider/dynamicProvider";
import { type Simulator, startSimulator } from "../../simulator/index";
import { wishFor } from "../license/helpers";

/** How the engine writes a value that it does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const { claim, licenseName } = wishFor("web01");
const inputs = { __provider: PROVIDER_TEXT, claim, licenseName, product: "cloudlinux", ip: "192.0.2.10" };

const { license: face } = faces;

describe("the dynamic face", () => {
  let panel: Simulator;
  const printed = vi.spyOn(console, "log").mockReturnValue(undefined);
  const said = () => printed.mock.calls.map(([line]) => line);

  beforeAll(async () => {
    panel = await startSimulator();
    const config: Record<string, string> = {
      "billmanager:endpoint": panel.endpoint,
      "billmanager:username": "demo",
      "billmanager:password": "demo",
      "billmanager:activationTimeout": "1",
    };
    await face.configure({ config: { get: (key) => config[key] } });
  });
  afterAll(() => panel.close());
  beforeEach(() => {
    printed.mockClear();
  });

  it("hands back what a preview does not know yet, and says what it does know", async () => {
    const { inputs: checked, failures } = await face.check({}, { ...inputs, ip: UNKNOWN });
    expect(failures).toEqual([]);
    expect(checked.ip).toBe(UNKNOWN);
    expect(said()).toEqual([`${licenseName}: an update orders CloudLinux`]);
  });

  it("takes a change to a value not known yet for a change, of which nothing can be said", async () => {
    const { id, outs } = await face.create(inputs);
    printed.mockClear();
    const { inputs: checked } = await face.check(inputs, { ...inputs, ip: UNKNOWN });
    expect(await face.diff(id, outs, checked)).toEqual({ changes: true, replaces: [] });
    expect(said()).toEqual([]);
  });

  it("begins a warning with the word, since the host shows no severity", async () => {
    const { id, outs } = await face.create({
      ...inputs,
      ...wishFor("web03", { ip: "192.0.2.13" }),
      pricelist: undefined,
    });
    await face.diff(id, { ...outs, status: "deleted" }, inputs);
    expect(said().at(-1)).toMatch(/^warning: .*the vendor no longer has this license/);
  });

  it("passes a partial failure on with what the engine needs to save it and to find the provider again", async () => {
    panel.knobs.processing = { ...panel.knobs.processing, open: "stuck" };
    const failing = face.create({ ...inputs, ...wishFor("web02", { ip: "192.0.2.12" }), pricelist: undefined });
    await expect(failing).rejects.toMatchObject({
      id: expect.stringMatching(/^\d+$/),
      properties: { __provider: PROVIDER_TEXT, status: "processing", ip: "192.0.2.12" },
      reasons: [expect.stringContaining("is still being processed by the vendor after 1 seconds")],
    });
    panel.knobs.reset();
  });

  it("takes a license over from the plugin without a call, unless the vendor was still at work on it", async () => {
    const moved = { ...inputs, ...wishFor("web05", { ip: "192.0.2.15" }), pricelist: undefined };
    const { id, outs } = await face.create(moved);
    const { __provider: _, ...onPlugin } = outs;
    panel.clearJournal();
    expect(await face.diff(id, onPlugin, moved)).toEqual({ changes: true, replaces: [] });
    expect((await face.update(id, onPlugin, moved)).outs).toEqual(onPlugin);
    expect(panel.journal()).toEqual([]);
    expect((await face.update(id, { ...onPlugin, status: "processing" }, moved)).outs.status).toBe("active");
  });

  it("does not take a refresh, which compares, too, for a program that declares the license", async () => {
    const gone = { ...inputs, ...wishFor("web04", { ip: "192.0.2.14" }), pricelist: undefined };
    const id = panel.outside.order({ pricelist: 9203, licname: gone.licenseName, ip: gone.ip ?? "" });
    const { props } = await face.read(id, { ...gone, pricelist: 9203, status: "active", period: 1, account: "" });
    await face.diff(id, props, gone);
    await face.delete(id, props);
    expect(panel.licenses().find((license) => license.id === id)?.status).toBe("4");
  });

  it("names more renewals than one update pays for as the input's failure", async () => {
    const { failures } = await face.check(
      {},
      {
        ...inputs,
        claim: wishFor("web02").claim,
        licenseName: wishFor("web02").licenseName,
        paidUntil: "2099-01-01",
      },
    );
    expect(failures).toEqual([
      { property: "paidUntil", reason: expect.stringMatching(/^paidUntil 2099-01-01 lies more than 24 periods after/) },
    ]);
  });

  it("lets no stack trace out where the host would print it", async () => {
    const failing = face.read("9999999", { __provider: PROVIDER_TEXT });
    await expect(failing).rejects.toMatchObject({
      stack: "",
      message: expect.stringContaining("shows no license 9999999"),
    });
  });
});

describe("a face of its own", () => {
  const lines: string[] = [];
  let panel: Simulator;
  beforeAll(async () => {
    panel = await startSimulator();
  });
  afterAll(() => panel.close());
  beforeEach(() => {
    lines.length = 0;
  });

  function started(config: Readonly<Record<string, string>> = {}): DynamicFace {
    const started = unconfigured();
    void started.configure({ config: { get: (key) => config[key.replace("billmanager:", "")] } });
    return started;
  }
  const unconfigured = () =>
    createFaces({
      print: (line) => lines.push(line),
      env: { BILLMANAGER_ENDPOINT: panel.endpoint, BILLMANAGER_USERNAME: "demo", BILLMANAGER_PASSWORD: "demo" },
      engineIsGone: async () => false,
      now: () => new Date("2026-01-15T12:00:00Z"),
    }).license;
  const state = {
    ...inputs,
    pricelist: 9203,
    status: "active",
    period: 1,
    account: "demo@panel.example",
    ip: "192.0.2.10",
  };

  it("answers a check with every problem of the config, and every other call with an error that names them", async () => {
    const broken = started({ timeout: "fast", parallel: "0" });
    const { failures } = await broken.check({}, inputs);
    expect(failures.map(({ property }) => property)).toEqual(["billmanager:timeout", "billmanager:parallel"]);
    await expect(broken.create(inputs)).rejects.toThrow(/billmanager:timeout must be .*; billmanager:parallel must be/);
  });

  it("keeps the config of its first configuration, as the host configures once for each resource", async () => {
    const twice = started({ timeout: "fast" });
    await twice.configure({ config: { get: () => undefined } });
    expect((await twice.check({}, inputs)).failures).toHaveLength(1);
  });

  it("says so when it is called before it was configured", async () => {
    await expect(unconfigured().diff("1000001", state, inputs)).rejects.toThrow("before it was configured");
  });

  it("says nothing of a license that is not known yet", async () => {
    const { check } = started();
    await check({}, { ...inputs, claim: UNKNOWN });
    await check({}, { ...inputs, product: UNKNOWN });
    await check({}, { ...inputs, product: undefined, pricelist: UNKNOWN });
    expect(lines).toEqual([]);
  });

  it.each(["first", "last"])(
    "refuses to let a new resource take the license of one that was renamed with an alias, when the new one comes %s",
    async (when) => {
      const { check } = started();
      const fresh = () => check({}, inputs);
      const renamed = () =>
        check(inputs, { ...inputs, ...wishFor("web02", { ip: "192.0.2.12" }), pricelist: undefined });
      const [first, second] = when === "first" ? [fresh, renamed] : [renamed, fresh];
      expect((await first()).failures).toEqual([]);
      expect((await second()).failures).toEqual([
        {
          property: "claim",
          reason: expect.stringContaining(`claim ${claim} is that of two resources of this program`),
        },
      ]);
    },
  );

  it("lets a resource be replaced by another product, for which the engine checks it twice", async () => {
    const { check, diff } = started();
    const wanted = { ...inputs, product: "kernelcare" };
    expect((await check(inputs, wanted)).failures).toEqual([]);
    expect((await diff("1000001", state, wanted)).replaces).toEqual(["product"]);
    expect((await check({}, wanted)).failures).toEqual([]);
  });

  it("keeps the claim and the name of a renamed license that gets another product, and announces one order", async () => {
    const { check, diff } = started({ maxOrders: "1" });
    const renamed = { ...inputs, ...wishFor("shop"), pricelist: undefined, product: "kernelcare" };
    const { inputs: kept } = await check(inputs, renamed);
    expect((await diff("1000001", state, kept)).replaces).toEqual(["product"]);
    const { inputs: anew, failures } = await check({}, renamed);
    expect(failures).toEqual([]);
    expect(anew).toMatchObject({ claim, licenseName, product: "kernelcare" });
    expect(lines.filter((line) => line.includes("an update orders"))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith("warning:"))).toEqual([]);
    const explicit = await check({}, { ...renamed, licenseName: "Shop front" });
    expect(explicit.inputs).toMatchObject({ claim, licenseName: "Shop front" });
  });

  it.each(["delete", "suspend"])(
    "goes on with a replacement that was cut off after the old license was given up (policy %s)",
    async (deletionPolicy) => {
      const own = await startSimulator({ now: "2026-01-15" });
      const working = () => started({ activationTimeout: "1", endpoint: own.endpoint });
      const program = { ...inputs, deletionPolicy };
      const first = working();
      await first.check({}, program);
      const { id, outs } = await first.create(program);
      await working().delete(id, outs);

      // The engine compares with what it has deleted, and asks for the inputs anew although nothing differs.
      const { check, diff, create } = working();
      expect((await check(program, program)).failures).toEqual([]);
      expect((await diff(id, outs, program)).replaces).toEqual([]);
      expect((await check({}, program)).failures).toEqual([]);
      const { id: created } = await create(program);
      expect(own.licenses().filter(({ status }) => status !== "4")).toMatchObject([{ id: created, status: "2" }]);
      expect(own.ledger()).toHaveLength(deletionPolicy === "suspend" ? 1 : 2);
      await own.close();
    },
  );

  it("warns of orders that an update would refuse, those of replacements included, and counts each license once", async () => {
    const { check, diff } = started({ maxOrders: "1" });
    const other = { ...inputs, ...wishFor("web02", { ip: "192.0.2.12" }), pricelist: undefined };
    await check({}, inputs);
    await check({}, inputs);
    expect(lines.filter((line) => line.startsWith("warning:"))).toEqual([]);
    await check(other, { ...other, product: "kernelcare" });
    const { replaces } = await diff("1000002", { ...state, claim: other.claim }, { ...other, product: "kernelcare" });
    // The engine checks once more before it replaces, and this adds nothing.
    await check({}, { ...other, product: "kernelcare" });
    expect(replaces).toEqual(["product"]);
    expect(lines.filter((line) => line.startsWith("warning:"))).toEqual([
      `warning: ${other.licenseName}: an update would refuse to order: a run may send no more orders than billmanager:maxOrders allows (1)`,
    ]);
  });

  it("says in a preview and an update, and not in a refresh, when a license lapses that nothing renews, and it is no change", async () => {
    const { check, diff } = started();
    const lapses = `${licenseName}: nothing renews this license: it lapses on 2026-02-15`;
    await check({}, inputs);
    expect(lines).toEqual([`${licenseName}: an update orders CloudLinux for 192.0.2.10`, lapses]);
    lines.length = 0;
    await check({}, { ...inputs, renewBeforeDays: 3 });
    await check({}, { ...inputs, adoptId: "1000001" });
    await check({}, { ...inputs, paidUntil: UNKNOWN });
    expect(lines.filter((line) => line.includes("lapses"))).toEqual([]);
    lines.length = 0;
    const old = { ...state, licenseName, expiresOn: "2026-02-15", autoRenew: false };
    await diff("1000001", old, inputs);
    expect(lines).toEqual([]);
    await check(inputs, inputs);
    expect(await diff("1000001", old, inputs)).toEqual({ changes: false, replaces: [] });
    expect(lines).toEqual([lapses]);
    lines.length = 0;
    await diff("1000001", old, { ...inputs, autoRenew: UNKNOWN });
    expect(lines).toEqual([]);
  });

  it("replaces what is gone where the program asks for it, and only there", async () => {
    const { check, diff } = started({ maxOrders: "0" });
    const gone = { ...state, licenseName, status: "deleted", expiresOn: "2026-02-15" };
    expect(await diff("1000001", gone, inputs)).toEqual({ changes: false, replaces: [] });
    lines.length = 0;
    const again = { ...inputs, recreateWhenDeleted: true };
    await check(inputs, again);
    expect(await diff("1000001", gone, again)).toEqual({ changes: true, replaces: ["recreateWhenDeleted"] });
    await check({}, again);
    expect(lines).toEqual([
      `${licenseName}: an update orders CloudLinux for 192.0.2.10`,
      `${licenseName}: nothing renews this license: it lapses on 2026-02-15`,
      `warning: ${licenseName}: an update would refuse to order: a run may send no more orders than billmanager:maxOrders allows (0)`,
    ]);
  });

  it("names the input that replaces a license: its tariff's number where no product is named", async () => {
    const { diff } = started();
    const wanted = { ...inputs, product: undefined, pricelist: 11738 };
    expect(await diff("1000001", state, wanted)).toEqual({ changes: true, replaces: ["pricelist"] });
  });

  it("asks for a refresh where the state holds too little to go on", async () => {
    const { __provider } = inputs;
    await expect(started().diff("1000001", { __provider }, inputs)).rejects.toThrow(
      "run pulumi refresh. Nothing was changed",
    );
  });

  it("reads of a state what is of the right kind, and takes the rest for absent", async () => {
    const odd = {
      ...state,
      ip: 7,
      period: "1",
      suspended: "no",
      createdOn: "yesterday",
      autoRenew: 1,
      expiresOn: "2026-02-30",
    };
    const { changes } = await started().diff("1000001", odd, inputs);
    expect(changes).toBe(true);
    expect(lines).toEqual([`${licenseName}: an update moves it to 192.0.2.10`]);
  });
});
