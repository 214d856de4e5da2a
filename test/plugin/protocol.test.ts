import { GetSchemaRequest } from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import packageJson from "../../package.json";
import { addMonths, utcDay } from "../../provider/license/calendar";
import { claimOf } from "../../provider/license/claim";
import { SETTING_NAMES } from "../../provider/license/settings";
import { type Simulator, startSimulator } from "../../simulator/index";
import { failureOf, type PluginProcess, type RunningPlugin, spawnPlugin, startPlugin, type Values } from "./helpers";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const PASSWORD = "canary-P4ss%wörd&<>";
const ORDER = "softexternal.order.param";
const DIFF = { none: 1, some: 2 };

/** A busy machine takes its time. */
const SOON = { timeout: 20_000 };

const urnOf = (name: string) => `urn:pulumi:dev::test::billmanager:index:License::${name}`;
const WEB = urnOf("web");
const web = { product: "cloudlinux", ip: "192.0.2.10" };

let panel: Simulator;
let plugin: RunningPlugin;

beforeEach(async () => {
  panel = await startSimulator({ accounts: [{ username: "tester", password: PASSWORD, balance: "1000.00" }] });
  plugin = await startPlugin();
});
afterEach(async () => {
  await plugin.stop();
  await panel.close();
});

const login = (more: Values = {}) =>
  plugin.configure({ endpoint: panel.endpoint, username: "tester", password: PASSWORD, ...more });

/** An ordered license, as the engine has it. */
async function ordered(inputs: Values = web, urn = WEB): Promise<{ id: string; inputs: Values; outputs: Values }> {
  const checked = await plugin.check(urn, {}, inputs);
  expect(checked.failures).toEqual({});
  return { ...(await plugin.create(urn, checked.inputs)), inputs: checked.inputs };
}

/** As the next run of the engine does. */
async function startAnew(config: Values = {}): Promise<void> {
  await plugin.stop();
  plugin = await startPlugin();
  await login(config);
}

const calls = () => panel.journal().map(({ func, effect }) => `${func} ${effect}`);
const orders = () => panel.journal().filter(({ effect }) => effect === "charge");
const said = () => plugin.lines.map(({ severity, message }) => `${severity} ${message}`);

describe("settings", () => {
  it("that are wrong are told all at once, each with its key, and nothing is called", async () => {
    const failures = await plugin.checkConfig({
      endpoint: "http://panel.example",
      timeout: "fast",
      auth: 7,
      pasword: "x",
    });
    expect(Object.keys(failures).sort()).toEqual(["auth", "password", "pasword", "timeout", "username"]);
    expect(failures.pasword).toMatch(/^billmanager:pasword is no setting of this provider; the settings are endpoint/);
    expect(failures.timeout).toBe('billmanager:timeout must be a whole number, from 1 to 86400, not "fast"');
  });

  it("that are missing are asked for where they have to stand: in the stack, or in the program", async () => {
    expect((await plugin.checkConfig({})).username).toBe(
      "billmanager:username is not set: set BILLMANAGER_USERNAME, or run: pulumi config set billmanager:username <username>",
    );
    const declared = "urn:pulumi:dev::test::pulumi:providers:billmanager::default-account";
    expect((await plugin.checkConfig({}, declared)).username).toBe(
      "billmanager:username is not set: set BILLMANAGER_USERNAME, or give the provider its username",
    );
  });

  it("that are not known yet are not wrong", async () => {
    const login = { username: "tester", password: PASSWORD };
    expect(await plugin.checkConfig({ username: UNKNOWN, password: UNKNOWN })).toEqual({});
    for (const name of SETTING_NAMES) {
      expect(await plugin.checkConfig({ ...login, [name]: UNKNOWN }), name).toEqual({});
    }
    expect(Object.keys(await plugin.checkConfig({ ...login, endpoint: UNKNOWN, timeout: "fast" }))).toEqual([
      "timeout",
    ]);
  });

  it("may be texts, as in a stack's config, or values of a program, and secrets", async () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: PASSWORD };
    await login({ password: secret, pricelists: { panel: 9203 }, maxOrders: 1, allowOrders: true, timeout: "30" });
    const { outputs } = await ordered({ product: "panel", ip: "192.0.2.10" });
    expect(outputs.pricelist).toBe(9203);
    expect(panel.ledger()).toHaveLength(1);
    expect(JSON.stringify([outputs, plugin.lines])).not.toContain(PASSWORD);
  });

  it("that change never replace the provider, which would replace every license", async () => {
    const old = { endpoint: "https://a.example", username: "one", password: "x" };
    const diff = await plugin.diffConfig(old, { endpoint: "https://b.example", username: "two", password: "y" });
    expect(diff).toEqual({ changes: DIFF.some, replaces: [] });
    expect(await plugin.diffConfig(old, old)).toEqual({ changes: DIFF.none, replaces: [] });
  });
});

describe("a check", () => {
  it("records the claim of the URN and the name that is made of it", async () => {
    await login();
    const { inputs, failures } = await plugin.check(WEB, {}, { ...web, ip: "2001:DB8:0::10" });
    const claim = claimOf(WEB);
    expect(failures).toEqual({});
    expect(inputs).toEqual({ product: "cloudlinux", ip: "2001:db8::10", claim, licenseName: `web-${claim}` });
  });

  it("makes the same claim of the same resource as the dynamic face, and another with another owner", async () => {
    await login({ owner: "blue" });
    const { inputs } = await plugin.check(WEB, {}, web);
    expect(inputs.claim).toBe(claimOf("urn:pulumi:dev::test::pulumi-nodejs:dynamic/billmanager:License::web", "blue"));
  });

  it("tells every problem with its property, and says of values that are not known yet nothing", async () => {
    await login();
    const { failures } = await plugin.check(WEB, {}, { product: "cloudlinx", ip: UNKNOWN, period: 2.5, perod: 1 });
    expect(Object.keys(failures).sort()).toEqual(["period", "perod", "product"]);
    expect(panel.journal()).toEqual([]);
  });

  it("does not take a renamed resource and a new one of its old name for one license", async () => {
    await login();
    const { inputs } = await ordered();
    expect((await plugin.check(urnOf("shop"), inputs, web)).failures).toEqual({
      claim: expect.stringContaining("is that of two resources of this program"),
    });
  });
});

describe("a comparison", () => {
  it("names what differs, how, and what replaces", async () => {
    await login();
    const { id, outputs } = await ordered({ ...web, renewBeforeDays: 3 });
    const changed = { ...web, ip: "192.0.2.11", maxPrice: "20.00 EUR", suspended: true };
    const { inputs } = await plugin.check(WEB, {}, changed);
    expect(await plugin.diff(WEB, id, outputs, inputs)).toEqual({
      changes: DIFF.some,
      replaces: [],
      diffs: expect.arrayContaining(["ip", "suspended", "maxPrice", "renewBeforeDays"]),
      details: { ip: "update", suspended: "update", maxPrice: "add", renewBeforeDays: "delete" },
    });
    const other = (await plugin.check(WEB, {}, { ...web, product: "kernelcare" })).inputs;
    expect(await plugin.diff(WEB, id, outputs, other)).toMatchObject({
      replaces: ["product"],
      details: { product: "update, replacing" },
    });
  });

  it("finds no difference in what was just ordered, and one in what is not known yet", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    expect(await plugin.diff(WEB, id, outputs, inputs)).toEqual({
      changes: DIFF.none,
      replaces: [],
      diffs: [],
      details: {},
    });
    expect(await plugin.diff(WEB, id, outputs, { ...inputs, ip: UNKNOWN })).toMatchObject({
      changes: DIFF.some,
      details: { ip: "update" },
    });
  });

  it("of a license that is due to be renewed is a change of nothing that replaces", async () => {
    await login();
    const { id, outputs } = await ordered();
    const { inputs } = await plugin.check(WEB, {}, { ...web, renewBeforeDays: 40 });
    expect(await plugin.diff(WEB, id, { ...outputs, renewBeforeDays: 40 }, inputs)).toEqual({
      changes: DIFF.some,
      replaces: [],
      diffs: [],
      details: {},
    });
    expect(said().at(-1)).toMatch(/an update renews until/);
  });

  it("says what an update would do in the words of the dynamic face, at the license that it is about", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    plugin.forgetLines();
    await plugin.diff(WEB, id, { ...outputs, status: "deleted" }, inputs);
    await plugin.diff(WEB, id, outputs, { ...inputs, ip: "192.0.2.11" });
    const { licenseName } = inputs;
    expect(plugin.lines).toEqual([
      {
        severity: "warning",
        urn: WEB,
        message: expect.stringContaining(`${licenseName}: the vendor no longer has this`),
      },
      { severity: "info", urn: WEB, message: `${licenseName}: an update moves it from 192.0.2.10 to 192.0.2.11` },
    ]);
  });
});

describe("a preview", () => {
  it("of an order knows what the program says, and calls nothing", async () => {
    await login({ maxOrders: 5 });
    const { inputs } = await plugin.check(WEB, {}, web);
    panel.clearJournal();
    const { id, outputs } = await plugin.create(WEB, { ...inputs, ip: UNKNOWN }, { preview: true });
    expect(id).toBe("");
    expect(outputs).toMatchObject({
      product: "cloudlinux",
      pricelist: 9203,
      ip: UNKNOWN,
      licenseName: inputs.licenseName,
      period: 1,
      suspended: false,
      status: UNKNOWN,
      expiresOn: UNKNOWN,
      account: `tester@${new URL(panel.endpoint).host}`,
    });
    expect(panel.journal()).toEqual([]);
  });

  it("of an update promises nothing that the panel does not let it change", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    const fixed = { ...outputs, autoRenew: false, autoRenewFixed: true };
    expect(await plugin.update(WEB, id, fixed, { ...inputs, autoRenew: true }, { preview: true })).toMatchObject({
      autoRenew: false,
    });
  });

  it("of an update knows what stays, and calls nothing", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    panel.clearJournal();
    const moved = await plugin.update(WEB, id, outputs, { ...inputs, ip: "192.0.2.11" }, { preview: true });
    expect(moved).toEqual({ ...outputs, ip: "192.0.2.11" });
    const renewed = await plugin.update(WEB, id, outputs, { ...inputs, paidUntil: "2027-06-01" }, { preview: true });
    expect(renewed).toMatchObject({ createdOn: outputs.createdOn, expiresOn: UNKNOWN, status: UNKNOWN });
    expect(panel.journal()).toEqual([]);
  });
});

describe("a failure after an id is known", () => {
  it("leaves the license with the engine, and the next update finishes it", async () => {
    await login({ activationTimeout: "1" });
    panel.knobs.set({ processing: { open: "stuck" } });
    const { inputs } = await plugin.check(WEB, {}, { ...web, licenseName: "Shop front" });
    const { left } = await failureOf(plugin.create(WEB, inputs));
    expect(left).toEqual({
      id: "1000001",
      outputs: expect.objectContaining({ status: "processing", ip: "192.0.2.10" }),
      reasons: [expect.stringContaining("is still being processed by the vendor after 1 seconds")],
    });
    panel.knobs.reset();
    panel.outside.finish("1000001");
    const outputs = await plugin.update(WEB, "1000001", left?.outputs ?? {}, inputs);
    expect(outputs).toMatchObject({ status: "active", licenseName: "Shop front" });
    expect(orders()).toHaveLength(1);
  });

  it("of an update leaves what the vendor showed last", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    panel.faults.arm({ func: "softexternal.suspend", kind: "error", type: "value" });
    const change = plugin.update(WEB, id, outputs, {
      ...inputs,
      ip: "192.0.2.11",
      paidUntil: "2027-01-20",
      suspended: true,
    });
    const { left } = await failureOf(change);
    expect(left?.id).toBe(id);
    expect(left?.outputs.ip).toBe("192.0.2.10");
    expect(left?.outputs.expiresOn).toBe(panel.licenses()[0]?.expiredate);
  });
});

describe("a license that exists", () => {
  it("is read with the inputs that keep it as it is", async () => {
    await login();
    const id = panel.outside.order({ pricelist: 9204, licname: "by hand", ip: "192.0.2.30" });
    const { inputs, outputs } = await plugin.read(WEB, id);
    expect(inputs).toEqual({ claim: claimOf(WEB), licenseName: "by hand", product: "softaculous", ip: "192.0.2.30" });
    const checked = await plugin.check(WEB, inputs, inputs);
    expect(checked).toEqual({ inputs, failures: {} });
    expect(await plugin.diff(WEB, id, outputs, checked.inputs)).toMatchObject({ changes: DIFF.none });
  });

  it("is not imported without being paid for, but can be looked up", async () => {
    await login();
    panel.knobs.set({ orderAnswer: "billorder" });
    const { inputs } = await plugin.check(WEB, {}, web);
    const { left } = await failureOf(plugin.create(WEB, inputs));
    await startAnew();
    const id = left?.id ?? "";
    const { message } = await failureOf(plugin.read(WEB, id));
    expect(message).toContain(`license ${id} is ordered but not paid`);
    expect((await plugin.read(WEB, id, {}, {})).outputs).toMatchObject({ status: "ordered", ip: "192.0.2.10" });
  });

  it("keeps its inputs when it is refreshed, and shows what was changed outside", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    await startAnew();
    panel.outside.edit(id, { ip: "192.0.2.77" });
    const read = await plugin.read(WEB, id, outputs, inputs);
    expect(read.inputs).toEqual(inputs);
    expect(read.outputs.ip).toBe("192.0.2.77");
    expect(await plugin.diff(WEB, id, read.outputs, inputs)).toMatchObject({ details: { ip: "update" } });
  });

  it("is given up by delete, once", async () => {
    await login();
    const { id, outputs } = await ordered();
    await startAnew();
    await plugin.delete(WEB, id, outputs);
    await plugin.delete(WEB, id, outputs);
    expect(calls().filter((call) => call.startsWith("softexternal.delete"))).toEqual(["softexternal.delete change"]);
  });
});

describe("a replacement that the program asks of the engine", () => {
  it("orders the new license although the old one carries the same claim, and gives the old one up", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    const moved = { ...web, ip: "192.0.2.11" };
    const { inputs: changed } = await plugin.check(WEB, inputs, moved);
    await plugin.diff(WEB, id, outputs, changed);
    // With replaceOnChanges the engine takes the change for a replacement, and checks the inputs as those of a new resource.
    const { inputs: anew, failures } = await plugin.check(WEB, {}, moved);
    expect(failures).toEqual({});
    const replacement = await plugin.create(WEB, anew);
    await plugin.delete(WEB, id, outputs);
    expect(panel.licenses().map(({ ip, status }) => `${ip} ${status}`)).toEqual(["192.0.2.10 4", "192.0.2.11 2"]);
    expect(replacement.id).not.toBe(id);
    expect(said()).toContain(
      `info ${inputs.licenseName}: an update then gives up the CloudLinux license, paid until ${outputs.expiresOn}: the program has it replaced, not changed`,
    );
  });

  it("keeps a license of which nothing differs, and says so", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    await startAnew();
    // As after a failure that left the license behind, or with a replacementTrigger.
    const { inputs: same } = await plugin.check(WEB, inputs, web);
    expect(await plugin.diff(WEB, id, outputs, same)).toMatchObject({ changes: DIFF.none });
    const { inputs: anew } = await plugin.check(WEB, {}, web);
    expect((await plugin.create(WEB, anew)).id).toBe(id);
    await plugin.delete(WEB, id, outputs);
    expect(panel.ledger()).toHaveLength(1);
    expect(panel.licenses().map(({ status }) => status)).toEqual(["2"]);
    expect(said().at(-1)).toMatch(/is not given up: the program still declares it/);
  });
});

describe("a replacement of a license that was renamed with an alias", () => {
  it.each([
    ["by another product", { ...web, product: "kernelcare" }],
    ["that the program asks of the engine", { ...web, ip: "192.0.2.11" }],
  ])("%s keeps its claim and its name, and gives the old one up", async (_, wanted) => {
    await login();
    const { id, inputs, outputs } = await ordered();
    await startAnew();
    const renamed = urnOf("shop");
    const { inputs: changed } = await plugin.check(renamed, inputs, wanted);
    await plugin.diff(renamed, id, outputs, changed);
    const { inputs: anew, failures } = await plugin.check(renamed, {}, wanted);
    expect(failures).toEqual({});
    expect(anew).toMatchObject({ claim: inputs.claim, licenseName: inputs.licenseName });
    const replacement = await plugin.create(renamed, anew);
    await plugin.delete(renamed, id, outputs);
    expect(panel.licenses().map(({ licname, status }) => `${licname} ${status}`)).toEqual([
      `${inputs.licenseName} 4`,
      `${inputs.licenseName} 2`,
    ]);
    expect(replacement.id).not.toBe(id);
  });
});

describe("the time that a program gives to an operation", () => {
  it("holds for updates and for deletions, too", async () => {
    await login({ activationTimeout: "600" });
    const { id, inputs, outputs } = await ordered();
    await startAnew({ activationTimeout: "600" });
    panel.knobs.set({ processing: { suspend: "stuck", close: "stuck" } });
    const updating = plugin.update(WEB, id, outputs, { ...inputs, suspended: true }, { timeout: 1 });
    expect((await failureOf(updating)).message).toContain("after 1 seconds");
    panel.knobs.reset();
    panel.outside.finish(id);
    await startAnew({ activationTimeout: "600" });
    panel.knobs.set({ processing: { close: "stuck" } });
    expect((await failureOf(plugin.delete(WEB, id, outputs, { timeout: 1 }))).message).toContain("1 seconds");
  });

  it("takes the place of activationTimeout", async () => {
    await login({ activationTimeout: "600" });
    panel.knobs.set({ processing: { open: "stuck" } });
    const { inputs } = await plugin.check(WEB, {}, web);
    const { message } = await failureOf(plugin.create(WEB, inputs, { timeout: 1 }));
    expect(message).toContain("is still being processed by the vendor after 1 seconds");
  });
});

describe("a run that is cancelled", () => {
  it("saves what it waits for, and starts no further call", async () => {
    await login();
    panel.knobs.set({ processing: { open: "stuck" } });
    const { inputs } = await plugin.check(WEB, {}, { ...web, licenseName: "Shop front" });
    const failing = failureOf(plugin.create(WEB, inputs));
    await expect.poll(() => panel.ledger(), SOON).toHaveLength(1);
    await plugin.cancel();
    expect(await failing).toMatchObject({
      message: expect.stringContaining("the run was cancelled"),
      left: { id: "1000001", outputs: { status: "processing" } },
    });
    panel.clearJournal();
    const other = await failureOf(
      plugin.create(urnOf("other"), {
        ...inputs,
        ...(await plugin.check(urnOf("other"), {}, { ...web, ip: "192.0.2.11" })).inputs,
      }),
    );
    expect(other.message).toContain("the run was cancelled");
    expect(calls()).toEqual([]);
  });

  it("waits a moment for the answer to an order that is under way", async () => {
    await login();
    panel.faults.arm({ func: ORDER, effect: "charge", kind: "late", seconds: 1 });
    const { inputs } = await plugin.check(WEB, {}, web);
    const failing = failureOf(plugin.create(WEB, inputs));
    await expect.poll(() => panel.ledger(), SOON).toHaveLength(1);
    await plugin.cancel();
    expect((await failing).left?.id).toBe("1000001");
  });

  it("says of an order that is not answered that money may have been spent", async () => {
    await login({ searchTimeout: "600" });
    panel.faults.arm({ func: ORDER, effect: "charge", kind: "silence" });
    const { inputs } = await plugin.check(WEB, {}, web);
    const failing = failureOf(plugin.create(WEB, inputs));
    await expect.poll(() => panel.ledger(), SOON).toHaveLength(1);
    await plugin.cancel();
    const { message, left } = await failing;
    expect(left).toBeUndefined();
    expect(message).toContain("when the run was cancelled");
    expect(message).toContain("was not looked for to the end (the run was cancelled");
    expect(message).toContain("so it may or may not have been bought and charged");
    expect(message).toContain(
      "run the next update only after 600 seconds: it orders where the panel shows none by then",
    );
  });

  it("has the next update look for a renewal that was not answered, before it pays for another", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    await startAnew();
    panel.faults.arm({ func: "service.prolong", effect: "charge", kind: "silence", hiddenFor: { seconds: 600 } });
    const inTwoMonths = addMonths(utcDay(new Date()), 2);
    const { inputs: news } = await plugin.check(WEB, inputs, { ...web, paidUntil: inTwoMonths });
    const failing = failureOf(plugin.update(WEB, id, outputs, news));
    await expect.poll(() => panel.ledger(), SOON).toHaveLength(2);
    await plugin.cancel();
    const { left } = await failing;
    await startAnew();
    expect(await plugin.diff(WEB, id, left?.outputs ?? {}, news)).toMatchObject({ changes: DIFF.some });
    panel.clearJournal();
    const updating = plugin.update(WEB, id, left?.outputs ?? {}, news);
    await expect.poll(() => calls().filter((call) => call === "softexternal read").length, SOON).toBeGreaterThan(1);
    panel.outside.reveal();
    expect(await updating).toMatchObject({ expiresOn: inTwoMonths });
    expect(panel.ledger().map(({ kind }) => kind)).toEqual(["order", "prolong"]);
  });

  it("does not wait for a panel that asked for a pause", async () => {
    await login();
    panel.faults.arm({ func: "softexternal", kind: "http", status: 429, retryAfter: 50, times: "always" });
    const { inputs } = await plugin.check(WEB, {}, web);
    const failing = failureOf(plugin.create(WEB, inputs));
    await expect.poll(calls, SOON).toContain("softexternal read");
    await plugin.cancel();
    expect((await failing).message).toContain("the run was cancelled");
    expect(orders()).toEqual([]);
  });
});

describe("the functions", () => {
  it("are called by their tokens, with the same results as in a program", async () => {
    await login();
    const { id, outputs } = await ordered();
    const { status, expiresOn, licenseName } = outputs;
    expect(await plugin.invoke("billmanager:index:getLicense", { id })).toMatchObject({
      id,
      status,
      expiresOn,
      licenseName,
    });
    const { licenses } = await plugin.invoke("billmanager:index:getLicenses", { product: "cloudlinux" });
    expect(licenses).toHaveLength(1);
    expect(await plugin.invoke("billmanager:index:getBalance", {})).toEqual({
      balances: [{ amount: "986.00", currency: "EUR" }],
    });
    expect(await plugin.invoke("billmanager:index:getPrice", { product: "kernelcare" })).toEqual({
      amount: "3.50",
      currency: "EUR",
      period: 1,
    });
  });

  it("refuse arguments that cannot be meant, and names that are none", async () => {
    await login();
    const wrong = await failureOf(plugin.invoke("billmanager:index:getLicense", { id: "x", name: "y" }));
    expect(wrong.message).toContain(
      'id must be a license\'s number as text, such as "1234567", not "x"; name is no argument',
    );
    const none = await failureOf(plugin.invoke("billmanager:index:getLicence", {}));
    expect(none.message).toContain("it has getLicense, getLicenses, getBalance, getPrice");
    expect(panel.journal()).toEqual([]);
  });
});

describe("a list of what could be imported", () => {
  it("names the account's licenses, those that are asked for", async () => {
    await login();
    const { id } = await ordered();
    const other = panel.outside.order({ pricelist: 9204, licname: "by hand", ip: "192.0.2.30" });
    const own = { id, name: `web-${claimOf(WEB)}` };
    const TOKEN = "billmanager:index:License";
    expect(await plugin.list(TOKEN)).toEqual([own, { id: other, name: "by hand" }]);
    expect(await plugin.list(TOKEN, { product: "softaculous" })).toEqual([{ id: other, name: "by hand" }]);
    expect(await plugin.list(TOKEN, {}, 1)).toEqual([own]);
    expect(await plugin.list(TOKEN, { ip: UNKNOWN })).toBeUndefined();
    expect((await failureOf(plugin.list("billmanager:index:Licence"))).message).toContain("cannot be listed");
  });
});

describe("the plugin", () => {
  it("says nothing of a license twice", async () => {
    await login();
    const { id, inputs, outputs } = await ordered();
    plugin.forgetLines();
    for (const _ of [1, 2]) {
      await plugin.diff(WEB, id, { ...outputs, status: "deleted" }, inputs);
    }
    expect(said()).toEqual([expect.stringContaining("warning")]);
  });
});

describe("a plugin that runs already when the engine comes", () => {
  it("speaks to it from then on, and orders nothing when it is gone", async () => {
    await plugin.stop();
    plugin = await startPlugin({ isAttached: true });
    await plugin.attach();
    await login();
    const { inputs } = await plugin.check(WEB, {}, web);
    expect(said()).toContain(`info ${inputs.licenseName}: an update orders CloudLinux for 192.0.2.10`);
    plugin.loseEngine();
    const { message } = await failureOf(plugin.create(WEB, inputs));
    expect(message).toContain("the Pulumi engine of this run is gone");
    expect(panel.ledger()).toEqual([]);
  });
});

describe("the plugin's process", () => {
  it("that was started by hand serves one engine after the other", async () => {
    const alone = await spawnPlugin({ isAttached: true });
    await alone.attach();
    alone.loseEngine();
    // Longer than a plugin looks whether its engine is there.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(alone.process.exitCode).toBeNull();
    await alone.stop();
  });

  let spawned: PluginProcess;
  beforeEach(async () => {
    spawned = await spawnPlugin();
    await plugin.stop();
    plugin = spawned;
  });

  it("tells its version and its schema", async () => {
    const { client } = plugin;
    const version = await new Promise((resolve) =>
      client.getPluginInfo(new Empty(), (_, info) => resolve(info.getVersion())),
    );
    expect(version).toBe(packageJson.version);
    const schema = await new Promise<string>((resolve) =>
      client.getSchema(new GetSchemaRequest(), (_, response) => resolve(response.getSchema())),
    );
    expect(JSON.parse(schema)).toMatchObject({
      name: "billmanager",
      version,
      resources: { "billmanager:index:License": {} },
    });
  });

  it("ends when it is asked to, after what is under way", async () => {
    await login();
    panel.faults.arm({ func: ORDER, effect: "charge", kind: "late", seconds: 1 });
    const { inputs } = await plugin.check(WEB, {}, web);
    const failing = failureOf(plugin.create(WEB, inputs));
    await expect.poll(() => panel.ledger(), SOON).toHaveLength(1);
    spawned.process.kill("SIGTERM");
    expect((await failing).left?.id).toBe("1000001");
    plugin.client.close();
    await expect.poll(() => spawned.process.exitCode, SOON).toBe(0);
  });

  it("sends, when its engine is gone, no order that still waits, and leaves", async () => {
    await login({ parallel: "1" });
    panel.faults.arm({ func: ORDER, effect: "charge", kind: "late", seconds: 2 });
    const wanted = ["one", "two"].map(async (name, place) => {
      const { inputs } = await plugin.check(urnOf(name), {}, { ...web, ip: `192.0.2.${20 + place}` });
      return plugin.create(urnOf(name), inputs);
    });
    const ended = Promise.allSettled(wanted);
    await expect.poll(() => panel.ledger(), SOON).toHaveLength(1);
    plugin.loseEngine();
    const refused = (await ended).filter(({ status }) => status === "rejected");
    expect(refused).toMatchObject([
      { reason: { details: expect.stringContaining("the Pulumi engine of this run is gone") } },
    ]);
    expect(panel.ledger()).toHaveLength(1);
    await expect.poll(() => spawned.process.exitCode, SOON).toBe(0);
  });
});
