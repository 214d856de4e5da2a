import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { automaticName, claimOf, nameWithClaim } from "../../provider/license/claim";
import type { Simulator, SimulatorOptions } from "../../simulator/index";
import { ACCOUNT, changing, credentials, PASSWORD, type Stage, setStage, spending } from "./helpers/harness";

const PROJECT = join(__dirname, "programs/importing");
const TYPE = "billmanager:index:License";
const OWN = claimOf(`urn:pulumi:dev::importing::${TYPE}::web01`);
const OTHER = claimOf(`urn:pulumi:dev::other::${TYPE}::web02`);

/** An account, and an empty YAML project with the plugin. */
async function stage(simulator: SimulatorOptions = {}): Promise<Stage> {
  const set = await setStage({ simulator, workspace: { project: PROJECT } });
  onTestFinished(set.close);
  return set;
}

/** One call as the account's owner makes it. */
async function call(panel: Simulator, func: string, parameters: Readonly<Record<string, string>>): Promise<void> {
  const authinfo = `${ACCOUNT.username}:${PASSWORD}`;
  const body = new URLSearchParams({ func, authinfo, out: "xml", sok: "ok", ...parameters });
  await fetch(panel.endpoint, { method: "POST", body });
}

function order(panel: Simulator, licname: string, ip: string): Promise<void> {
  return call(panel, "softexternal.order.param", {
    ...{ pricelist: "9203", licname, ip, period: "1", clicked_button: "finish", skipbasket: "on" },
  });
}

const BITNINJA = { pricelist: 55369, name: "BitNinja", price: "7.00", ipRequired: false, periods: [1, 3] };

/** An account as they are after some years: of everything something. */
async function fill(panel: Simulator): Promise<void> {
  const { outside } = panel;
  const cloudlinux = (licname: string, host: number, more = {}) =>
    outside.order({ pricelist: 9203, licname, ip: `192.0.2.${host}`, ...more });
  cloudlinux("Shop front", 1);
  outside.order({ pricelist: 9204, licname: "Shop front", ip: "192.0.2.1" });
  outside.order({ pricelist: 11738, licname: "kernel", ip: "2001:DB8:0::1", autoprolong: 1 });
  cloudlinux(automaticName("web01", OWN), 2, { remoteid: OWN });
  cloudlinux(automaticName("web02", OTHER), 3);
  cloudlinux(nameWithClaim("Back office", OTHER), 4);
  // Signs that mean something in YAML, in Pulumi, or to a terminal.
  cloudlinux(["$", '{web.id} "№ 1" \\ # [x]: - {y}\''].join(""), 5);
  cloudlinux("true", 6);
  cloudlinux("", 7);
  outside.suspend(cloudlinux("resting", 8));
  outside.suspend(cloudlinux("lapsed", 9), "3_autosuspend");
  outside.suspend(cloudlinux("abused", 10), "3_abusesuspend");
  outside.order({ pricelist: 55369, licname: "shield", period: 3, autoprolong: 3 });
  panel.knobs.set({ processing: { open: "stuck" } });
  await order(panel, "being opened", "192.0.2.11");
  panel.knobs.set({ orderAnswer: "billorder" });
  await order(panel, "unpaid", "192.0.2.12");
  outside.delete(cloudlinux("deleted", 13));
  panel.knobs.set({ deletedRows: "listed" });
  panel.clearJournal();
}

/** What `pulumi-billmanager import` prints. */
async function command({ panel, workspace }: Stage, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const main = join(workspace.folder, "node_modules/pulumi-billmanager/dist/cli/main.js");
  return promisify(execFile)(process.execPath, [main, "import", ...args], {
    cwd: workspace.folder,
    env: credentials(panel),
  });
}

/** Adds what an import has printed to the program, without a change to it. */
async function declare({ workspace }: Stage, generated: string): Promise<void> {
  await workspace.write("Pulumi.yaml", `${await readFile(join(PROJECT, "Pulumi.yaml"), "utf8")}${generated}`);
}

async function expectNoChange({ panel, workspace }: Stage, ...flags: string[]): Promise<void> {
  const { code, output } = await workspace.up("--skip-preview", "--expect-no-changes", ...flags);
  expect(code, output).toBe(0);
  expect(changing(panel.journal())).toEqual([]);
}

describe("pulumi import", () => {
  it("of one license prints a program that runs as it is, and changes nothing", async () => {
    const set = await stage();
    set.panel.outside.order({ pricelist: 9203, licname: "Shop front", ip: "192.0.2.10" });
    const { code, output } = await set.workspace.run(["import", TYPE, "web", "1000001", "--yes"]);
    expect(code, output).toBe(0);
    const program = /^resources:\n.*/ms.exec(output)?.[0] ?? "";
    expect(program).toContain("licenseName: Shop front");
    await declare(set, program);
    await expectNoChange(set);
    expect(spending(set.panel)).toHaveLength(1);
  });

  it("of a whole account, by the file that the command writes, is followed by an update without a change", async () => {
    const set = await stage({ tariffs: [BITNINJA] });
    await fill(set.panel);
    const paid = spending(set.panel);
    const { stderr } = await command(set, "--output", "licenses.json");
    expect(stderr.match(/^license \d+ \("\w+"\)/gm)).toEqual([
      'license 1000015 ("unpaid")',
      'license 1000016 ("deleted")',
    ]);
    const imported = await set.workspace.run(["import", "--file", "licenses.json", "--out", "program.yaml", "--yes"]);
    expect(imported.code, imported.output).toBe(0);
    expect(imported.output).toContain(`license 1000005 carries the claim ${OTHER} of another resource, and keeps it`);
    expect(imported.output).toContain("license 1000014 is still being processed by the vendor (open)");
    await declare(set, await readFile(join(set.workspace.folder, "program.yaml"), "utf8"));
    await expectNoChange(set);
    await expectNoChange(set, "--refresh");
    const states = await set.workspace.licenses();
    expect(states.map(({ id }) => id).toSorted()).toEqual(
      set.panel
        .licenses()
        .map(({ id }) => id)
        .slice(0, 14),
    );
    expect(states.find(({ id }) => id === "1000004")?.urn).toMatch(/::web01$/);
    expect(spending(set.panel)).toEqual(paid);
    expect(imported.output + (await set.workspace.stackExport())).not.toContain(PASSWORD);
  });

  it("of what the account does not have, of what is deleted and of what is not paid is an error that changes nothing", async () => {
    const { panel, workspace } = await stage();
    await order(panel, "deleted", "192.0.2.10");
    panel.outside.delete("1000001");
    panel.knobs.set({ orderAnswer: "billorder", deletedRows: "listed" });
    await order(panel, "unpaid", "192.0.2.10");
    panel.clearJournal();
    const reasons = {
      "9999999": "shows no license 9999999. Nothing was changed",
      "1000001": "shows license 1000001 as deleted. Nothing was changed",
      "1000002": "license 1000002 is ordered but not paid: pay for it in the panel",
    };
    for (const [id, reason] of Object.entries(reasons)) {
      const { code, output } = await workspace.run(["import", TYPE, "web", id, "--yes"]);
      expect(code).not.toBe(0);
      expect(output).toContain(reason);
    }
    expect(await workspace.licenses()).toEqual([]);
    expect(changing(panel.journal())).toEqual([]);
  });

  it("is told from a look-up by the number, which shows what is not paid as well", async () => {
    const set = await stage({ knobs: { orderAnswer: "billorder" } });
    await order(set.panel, nameWithClaim("unpaid", OTHER), "192.0.2.10");
    await declare(
      set,
      `resources:\n  seen:\n    type: ${TYPE}\n    get: { id: "1000001" }\noutputs: { status: "\${seen.status}" }\n`,
    );
    const { code, output } = await set.workspace.up();
    expect(code, output).toBe(0);
    expect(output).not.toContain("carries the claim");
    expect(await set.workspace.outputs()).toEqual({ status: "ordered" });
  });
});

describe("the program of pulumi-billmanager import --typescript", () => {
  it("takes a whole account over: an update orders nothing and renames what it says, and the next changes nothing", async () => {
    const set = await stage({ tariffs: [BITNINJA] });
    const { panel, workspace } = set;
    await fill(panel);
    panel.outside.finish("1000014");
    const [paid, before] = [spending(panel), panel.licenses()];
    const { stdout } = await command(set, "--typescript");
    expect(stdout).toContain(`adoptId: "1000005@${OTHER}"`);
    await workspace.write("Pulumi.yaml", "name: importing\nruntime: nodejs\n");
    await workspace.write("package.json", JSON.stringify({ name: "importing", private: true, main: "index.ts" }));
    await workspace.write("index.ts", stdout);
    const first = await workspace.up("--skip-preview");
    expect(first.code, first.output).toBe(0);
    expect(spending(panel)).toEqual(paid);
    const renamed = [
      `// An update renames it from "${automaticName("web01", OWN)}" to "web01-<claim>".`,
      `// An update renames it from "${automaticName("web02", OTHER)}" to "web02-<claim>".`,
      `// An update renames it from "${nameWithClaim("Back office", OTHER)}" to "Back-office-<claim>".`,
      '// An update renames it from "" to "license-1000009-<claim>".',
    ];
    expect(stdout.split("\n").filter((line) => line.startsWith("//"))).toEqual(renamed);
    const claimed = (id: string, name: string) => ({
      id,
      licname: automaticName(name, claimOf(`urn:pulumi:dev::importing::${TYPE}::${name}`)),
    });
    expect(panel.licenses()).toMatchObject(
      before.map(({ lickey: _, licname, ...license }) => ({
        ...license,
        licname,
        ...[claimed("1000005", "web02"), claimed("1000006", "Back-office"), claimed("1000009", "license-1000009")].find(
          ({ id }) => id === license.id,
        ),
      })),
    );
    panel.clearJournal();
    await expectNoChange(set);
    await expectNoChange(set, "--refresh");
  });
});
