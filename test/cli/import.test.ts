import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { claimOf, nameWithClaim } from "../../provider/license/claim";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/index";

const COMMAND = join(__dirname, "../../dist/cli/main.js");
const ACCOUNT = { username: "tester", password: "canary-P4ss%wörd&<>" };
const OTHER = claimOf("urn:pulumi:dev::other::billmanager:index:License::web01");

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

async function account(options: SimulatorOptions = {}): Promise<Simulator> {
  const panel = await startSimulator({ accounts: [ACCOUNT], now: "2026-01-15", ...options });
  onTestFinished(() => panel.close());
  return panel;
}

/** Runs `pulumi-billmanager import` to its end, with the credentials in the environment. */
async function run(panel: Simulator, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const credentials = {
    BILLMANAGER_ENDPOINT: panel.endpoint,
    BILLMANAGER_USERNAME: ACCOUNT.username,
    BILLMANAGER_PASSWORD: ACCOUNT.password,
  };
  const child = spawn(process.execPath, [COMMAND, "import", ...args], { env: { ...credentials, ...env } });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((done) => child.on("close", done));
  expect(`${output}${errors}`).not.toContain(ACCOUNT.password);
  return { code, output, errors };
}

/** The licenses of an import file, as `name id`. */
function resourcesIn(text: string): string[] {
  const { resources } = JSON.parse(text) as { resources: { type: string; name: string; id: string }[] };
  expect(resources.every(({ type }) => type === "billmanager:index:License")).toBe(true);
  return resources.map(({ name, id }) => `${name} ${id}`);
}

/** One license of each kind that matters here. */
function fill({ outside, knobs }: Simulator): void {
  outside.order({ pricelist: 9203, licname: "Shop front", ip: "192.0.2.10" });
  outside.order({ pricelist: 11738, licname: `web01-${OTHER}`, ip: "192.0.2.10", autoprolong: 1 });
  outside.suspend(outside.order({ pricelist: 9204, licname: "Shop front", ip: "192.0.2.11" }));
  outside.delete(outside.order({ pricelist: 9203, licname: "go\u2028ne", ip: "192.0.2.12" }));
  outside.order({ pricelist: 55369, licname: "shield", autoprolong: 3, period: 3 });
  knobs.set({ deletedRows: "listed", listColumns: ["scheduledclose"] });
}

const BITNINJA = { pricelist: 55369, name: "BitNinja", price: "7.00", ipRequired: false, periods: [1, 3] };

/** One call as the account's owner makes it. */
async function call(panel: Simulator, func: string, parameters: Readonly<Record<string, string>>): Promise<void> {
  const authinfo = `${ACCOUNT.username}:${ACCOUNT.password}`;
  const body = new URLSearchParams({ func, authinfo, out: "xml", sok: "ok", ...parameters });
  await fetch(panel.endpoint, { method: "POST", body });
  panel.clearJournal();
}

describe("pulumi-billmanager import", () => {
  it("prints every license that can be imported, says why others cannot, and changes nothing", async () => {
    const panel = await account({ tariffs: [BITNINJA] });
    fill(panel);
    panel.knobs.set({ orderAnswer: "billorder" });
    await call(panel, "softexternal.order.param", {
      ...{ pricelist: "9203", licname: "unpaid", ip: "192.0.2.13", period: "1" },
      ...{ clicked_button: "finish", skipbasket: "on" },
    });
    panel.knobs.set({ deletion: "scheduled" });
    const closing = panel.outside.order({ pricelist: 9203, licname: "closing", ip: "192.0.2.14" });
    await call(panel, "softexternal.delete", { elid: closing });
    const { code, output, errors } = await run(panel);
    expect(code).toBe(0);
    expect(resourcesIn(output)).toEqual([
      "Shop-front 1000001",
      "web01 1000002",
      "Shop-front-1000003 1000003",
      "shield 1000005",
    ]);
    expect(errors.trim().split("\n")).toEqual([
      'license 1000004 ("go\\u{2028}ne") is left out: the vendor has deleted it',
      'license 1000006 ("unpaid") is left out: it is ordered but not paid; pay for it in the panel, or delete it there',
      'license 1000007 ("closing") is left out: the vendor will close it on 2026-02-15; cancel that in the panel first',
    ]);
    expect(new Set(panel.journal().map(({ effect }) => effect))).toEqual(new Set(["read"]));
  });

  it.each([
    [["--product", "cloudlinux"], ["Shop-front 1000001"]],
    [["--pricelist", "11738"], ["web01 1000002"]],
    [
      ["--ip", "192.0.2.10"],
      ["Shop-front 1000001", "web01 1000002"],
    ],
    [
      ["--name", "Shop front"],
      ["Shop-front 1000001", "Shop-front-1000003 1000003"],
    ],
    [["--status", "suspended"], ["Shop-front-1000003 1000003"]],
    [["--expiring-within-days", "0"], []],
    [["--ip", "192.0.2.10", "--product", "kernelcare"], ["web01 1000002"]],
  ])("with %j prints those alone, under the names that they have among all", async (args, wanted) => {
    const panel = await account({ tariffs: [BITNINJA], now: new Date().toISOString().slice(0, 10) });
    fill(panel);
    expect(resourcesIn((await run(panel, args)).output)).toEqual(wanted);
  });

  it("chooses by what is left of the term", async () => {
    const panel = await account({ now: new Date().toISOString().slice(0, 10) });
    panel.outside.order({ pricelist: 9203, licname: "web01", ip: "192.0.2.10" });
    expect(resourcesIn((await run(panel, ["--expiring-within-days", "31"])).output)).toEqual(["web01 1000001"]);
    expect(resourcesIn((await run(panel, ["--expiring-within-days", "27"])).output)).toEqual([]);
  });

  it("leaves out what the panel does not show enough of", async () => {
    const panel = await account({ knobs: { formPricelist: "name" } });
    panel.outside.order({ pricelist: 9203, licname: "web01", ip: "192.0.2.10" });
    const { output, errors } = await run(panel);
    expect(resourcesIn(output)).toEqual([]);
    expect(errors).toBe('license 1000001 ("web01") is left out: the panel does not show its tariff number\n');
  });

  it("writes a file and says what comes next", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pulumi-billmanager-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const panel = await account();
    panel.outside.order({ pricelist: 9203, licname: "web01", ip: "192.0.2.10" });
    const file = join(folder, "licenses.json");
    const { output, errors } = await run(panel, ["--output", file]);
    expect(output).toBe("");
    expect(errors).toBe(`1 license is in ${file}. Next: pulumi import --file ${file}\n`);
    expect(resourcesIn(await readFile(file, "utf8"))).toEqual(["web01 1000001"]);
    expect((await run(panel, ["--output", join(folder, "none/licenses.json")])).code).toBe(1);
  });

  it("takes endpoint, user name and the way to log in from options, before the environment", async () => {
    const panel = await account({ knobs: { authinfo: "forbidden_auth" } });
    panel.outside.order({ pricelist: 9203, licname: "web01", ip: "192.0.2.10" });
    const args = ["--endpoint", panel.endpoint, "--username", ACCOUNT.username, "--auth", "session"];
    const elsewhere = { BILLMANAGER_ENDPOINT: "http://127.0.0.1:1/billmgr", BILLMANAGER_USERNAME: "nobody" };
    expect(resourcesIn((await run(panel, args, elsewhere)).output)).toEqual(["web01 1000001"]);
  });

  it("says that the password is wrong after one call", async () => {
    const panel = await account();
    panel.outside.setPassword(ACCOUNT.username, "another");
    for (const args of [[], ["--typescript"]]) {
      panel.clearJournal();
      const { code, output, errors } = await run(panel, args);
      expect([code, output]).toEqual([1, ""]);
      expect(errors).toMatch(/^pulumi-billmanager: .*The user name or the password is wrong: check both\..*\n$/);
      expect(panel.journal()).toHaveLength(1);
    }
  });

  it.each([
    [["--password", ACCOUNT.password], "there is no option --password"],
    [[`--password=${ACCOUNT.password}`], "there is no option --password"],
    [["--prodcut", "cloudlinux"], "Unknown option '--prodcut'"],
    [["licenses.json"], "Unexpected argument 'licenses.json'"],
    [
      ["--product", "cpanel"],
      '--product "cpanel" is not known; known are cloudlinux, kernelcare, softaculous; for another, give --pricelist\n',
    ],
    [["--pricelist", "many"], '--pricelist must be a tariff\'s number such as 9203, not "many"'],
    [["--ip", "web01"], "--ip must be one IPv4 or IPv6 address"],
    [["--name", ""], '--name must be the whole name of a license, not ""'],
    [
      ["--status", "expired", "--expiring-within-days", "soon"],
      /--expiring-within-days must be .*; --status must be one of/,
    ],
    [["--auth", "token"], 'auth must be authinfo or session, not "token"'],
    [["--endpoint", "http://panel.example"], "endpoint must begin with https"],
  ])("refuses %j before any call, with exit code 2", async (args, message) => {
    const panel = await account();
    const { code, output, errors } = await run(panel, args);
    expect([code, output]).toEqual([2, ""]);
    expect(errors).toMatch(message);
    expect(errors).toContain('Run "pulumi-billmanager import --help" for help.');
    expect(panel.journal()).toEqual([]);
  });

  it.each([
    ["BILLMANAGER_USERNAME", "no user name: set BILLMANAGER_USERNAME, or give --username"],
    ["BILLMANAGER_PASSWORD", "no password: set BILLMANAGER_PASSWORD"],
  ])("asks for %s before any call", async (variable, message) => {
    const panel = await account();
    const { code, errors } = await run(panel, [], { [variable]: "" });
    expect([code, errors]).toEqual([2, expect.stringContaining(message)]);
    expect(panel.journal()).toEqual([]);
  });

  it("explains itself", async () => {
    const { code, output } = await run(await account(), ["--help"]);
    expect([code, output]).toEqual([0, expect.stringContaining("--expiring-within-days N")]);
  });
});

describe("pulumi-billmanager import --typescript", () => {
  it("declares each license as it is, with what differs from the defaults alone", async () => {
    const panel = await account({ tariffs: [BITNINJA] });
    fill(panel);
    const { code, output, errors } = await run(panel, ["--typescript"]);
    expect(code).toBe(0);
    expect(output).toBe(`import { License } from "pulumi-billmanager";

new License("Shop-front", {
  product: "cloudlinux",
  ip: "192.0.2.10",
  licenseName: "Shop front",
  adoptId: "1000001",
});

// An update renames it from "web01-${OTHER}" to "web01-<claim>".
new License("web01", {
  product: "kernelcare",
  ip: "192.0.2.10",
  autoRenew: true,
  adoptId: "1000002@${OTHER}",
});

new License("Shop-front-1000003", {
  product: "softaculous",
  ip: "192.0.2.11",
  suspended: true,
  licenseName: "Shop front",
  adoptId: "1000003",
});

new License("shield", {
  pricelist: 55369,
  period: 3,
  autoRenew: true,
  licenseName: "shield",
  adoptId: "1000005",
});
`);
    expect(errors).toContain("license 1000004");
    expect(new Set(panel.journal().map(({ effect }) => effect))).toEqual(new Set(["read"]));
  });

  it("says to what an update renames a license whose name no program may declare", async () => {
    const panel = await account();
    const evil = nameWithClaim('";\n\u2028process.exit() //', OTHER);
    for (const [at, licname] of ["", "x".repeat(245), evil].entries()) {
      panel.outside.order({ pricelist: 9203, licname, ip: `192.0.2.${10 + at}` });
    }
    const { output } = await run(panel, ["--typescript"]);
    expect(output.split("\n").filter((line) => line.startsWith("//"))).toEqual([
      '// An update renames it from "" to "license-1000001-<claim>".',
      `// An update renames it from "${"x".repeat(245)}" to "${"x".repeat(245)}-<claim>".`,
      `// An update renames it from "\\";\\n\\u{2028}process.exit() // [${OTHER}]" to "process.exit-<claim>".`,
    ]);
    expect(output).not.toMatch(/^(?!import|new|\}|\/\/| {2}\w+: .*,$|$)/m);
  });

  it("leaves out what no program may ask for, and what the vendor is still at work on", async () => {
    const panel = await account({ knobs: { badIp: "accepted" } });
    panel.outside.order({ pricelist: 9203, licname: "nowhere" });
    panel.outside.order({ pricelist: 9203, licname: "pool", ip: "0.0.0.0" });
    const [edited, suspended] = ["edited", "suspended"].map((licname) =>
      panel.outside.order({ pricelist: 9203, licname, ip: "192.0.2.10" }),
    );
    panel.knobs.set({ processing: { edit: "stuck", suspend: "stuck" } });
    await call(panel, "softexternal.edit", { elid: edited ?? "", licname: "edited" });
    await call(panel, "softexternal.suspend", { elid: suspended ?? "" });
    const { output, errors } = await run(panel, ["--typescript"]);
    expect(errors.trim().split("\n")).toEqual([
      'license 1000001 ("nowhere") is left out: no program may ask for it: ip is missing: this license is bound to one address, such as 192.0.2.10',
      'license 1000002 ("pool") is left out: no program may ask for it: ip must be the address of one server, not 0.0.0.0',
      'license 1000003 ("edited") is left out: the vendor is still at work on it; run this command again when it is done',
    ]);
    expect(output.match(/new License\("(.*)"/g)).toEqual(['new License("suspended"']);
    expect(output).toContain("suspended: true");
  });
});
