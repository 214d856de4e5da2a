import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { ACCOUNT, changing, credentials, PASSWORD, type Stage, setStage, takeCalls } from "./helpers/harness";
import { descendantsOf, killAll } from "./helpers/processes";

const web01 = { product: "cloudlinux", ip: "192.0.2.10" };

describe("a run", () => {
  let stage: Stage;
  afterEach(() => stage.close());

  it("with bad inputs says every problem with its property, and calls nothing", async () => {
    stage = await setStage({ face: "plugin" });
    await stage.declare({ web01: { product: "cloudlinx", ip: "web01.example", period: 2, paidUntil: "soon" } });
    const { code, output } = await stage.workspace.up();
    expect(code).not.toBe(0);
    expect(output).toContain('product "cloudlinx" is not known; known are cloudlinux, kernelcare, softaculous');
    expect(output).toContain("ip must be one IPv4 or IPv6 address such as 192.0.2.10");
    expect(output).toContain('paidUntil must be a calendar day such as "2027-01-31", not "soon"');
    expect(takeCalls(stage.panel)).toEqual([]);
  });

  it("with bad config says every problem with its key, and calls nothing", async () => {
    stage = await setStage({
      workspace: {
        env: {},
        config: {
          "billmanager:endpoint": "http://panel.example/billmgr",
          "billmanager:timeout": "fast",
          "billmanager:auth": "token",
        },
      },
    });
    await stage.declare({ web01 });
    const { code, output } = await stage.workspace.up();
    expect(code).not.toBe(0);
    expect(output).toContain("billmanager:username is not set: set BILLMANAGER_USERNAME, or run: pulumi config set");
    expect(output).toContain(
      "billmanager:password is not set: set BILLMANAGER_PASSWORD, or run: pulumi config set --secret",
    );
    expect(output).toContain('billmanager:timeout must be a whole number, from 1 to 86400, not "fast"');
    expect(output).toContain('billmanager:auth must be authinfo or session, not "token"');
    expect(takeCalls(stage.panel)).toEqual([]);
  });

  it("with a wrong password is one call and one explanation, however many licenses there are, in a preview, too", async () => {
    stage = await setStage();
    stage.panel.outside.setPassword(ACCOUNT.username, "rotated");
    await stage.declare({ web01, web02: { ...web01, ip: "192.0.2.11" }, web03: { ...web01, ip: "192.0.2.12" } });
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code).not.toBe(0);
    expect(takeCalls(stage.panel)).toEqual(["subaccount → error:auth"]);
    expect(output).toMatch(/password/i);
    expect(output).not.toContain(PASSWORD);

    const preview = await stage.workspace.preview();
    expect(preview.code).toBe(0);
    expect(takeCalls(stage.panel)).toEqual(["subaccount → error:auth"]);
    // The engine shows each line while it runs, and once more at the end.
    expect(preview.output.split("Diagnostics:")[1]?.match(/warning:/g)).toHaveLength(1);
    expect(preview.output).toContain(
      "warning: neither the account's balance nor prices can be read: BILLmanager refused",
    );
    expect(preview.output).not.toContain(PASSWORD);
  });

  it("after a new password, another endpoint or a new version of the package shows no difference", async () => {
    stage = await setStage();
    const { workspace, panel } = stage;
    await stage.declare({ web01 });
    expect((await workspace.up("--skip-preview")).code).toBe(0);
    panel.outside.setPassword(ACCOUNT.username, "rotated");
    const installed = join(workspace.folder, "node_modules/pulumi-billmanager");
    const text = await readFile(join(installed, "dist/provider/dynamic.js"), "utf8");
    await workspace.write(
      "node_modules/pulumi-billmanager/dist/provider/dynamic.js",
      text.replace("exports.handler=(", "exports.handler = ("),
    );
    const manifest = await readFile(join(installed, "package.json"), "utf8");
    await workspace.write(
      "node_modules/pulumi-billmanager/package.json",
      manifest.replace('"version": "0.', '"version": "7.'),
    );
    takeCalls(panel);
    const env = {
      ...credentials(panel),
      BILLMANAGER_PASSWORD: "rotated",
      BILLMANAGER_ENDPOINT: panel.endpoint.replace("/billmgr", "/manager/billmgr"),
    };
    const { output } = await workspace.run(["up", "--yes", "--skip-preview"], env);
    expect(output).toContain("2 unchanged");
    expect(takeCalls(panel)).toEqual([]);
    const refreshed = await workspace.run(["refresh", "--yes", "--skip-preview"], env);
    expect(refreshed.code).toBe(0);
  });

  it("works with config instead of the environment, by session, and with the password as a secret", async () => {
    stage = await setStage({
      workspace: { env: {}, config: { "billmanager:auth": "session", "billmanager:parallel": "2" } },
    });
    const { workspace, panel } = stage;
    await workspace.configure({ "billmanager:endpoint": panel.endpoint, "billmanager:username": ACCOUNT.username });
    await workspace.setSecret("billmanager:password", PASSWORD);
    await stage.declare({ web01 });
    const { code, output } = await workspace.up();
    expect(code).toBe(0);
    expect(output).not.toContain(PASSWORD);
    const calls = takeCalls(panel);
    // The preview is a process of its own, and balance and price are read at the same time.
    const funds = ["auth → session", "softexternal.order.param → form", "subaccount → list"];
    expect([calls.slice(0, 3).toSorted(), calls.slice(3, 6).toSorted()]).toEqual([funds, funds]);
    expect(calls.slice(6)).toEqual(["softexternal → list", "softexternal.order.param → ok", "softexternal → list"]);
    expect(await workspace.stackExport()).not.toContain(PASSWORD);
  });

  it("with --refresh gives up what the program no longer declares, and at the end everything", async () => {
    stage = await setStage({ face: "plugin" });
    const { workspace, panel } = stage;
    await stage.declare({ web01, web02: { ...web01, ip: "192.0.2.11" } });
    expect((await workspace.up("--skip-preview")).code).toBe(0);
    await stage.declare({ web01 });
    expect((await workspace.up("--skip-preview", "--refresh")).code).toBe(0);
    expect(
      panel
        .licenses()
        .map(({ ip, status }) => `${ip} ${status}`)
        .sort(),
    ).toEqual(["192.0.2.10 2", "192.0.2.11 4"]);
    expect((await workspace.destroy("--skip-preview", "--refresh")).code).toBe(0);
    expect(panel.licenses().map(({ status }) => status)).toEqual(["4", "4"]);
  });

  it("whose engine is killed during the order leaves one order, which the next run finds", async () => {
    stage = await setStage({ simulator: { knobs: { latencyMsFor: { "softexternal.order.param": 1_500 } } } });
    const { workspace, panel } = stage;
    await stage.declare({ web01: { ...web01, licenseName: "Shop front" } });
    const killed = workspace.start(["up", "--yes", "--skip-preview"]);
    await expect.poll(() => changing(panel.journal()), { timeout: 60_000 }).toHaveLength(1);
    const provider = await descendantsOf(killed.process.pid ?? 0);
    onTestFinished(() => killAll(provider.map(({ pid }) => pid)));
    killed.process.kill("SIGKILL");
    await killed.result;

    await workspace.run(["cancel", "--yes"]);
    const { code, output } = await workspace.up("--skip-preview");
    expect(code).toBe(0);
    expect(output).toContain("which an earlier run has bought for it; nothing is ordered");
    expect(panel.ledger()).toHaveLength(1);
    const [license] = await workspace.licenses();
    expect(license?.id).toBe(panel.licenses()[0]?.id);
    expect(panel.licenses()[0]?.licname).toBe("Shop front");
    expect((await workspace.up("--skip-preview")).output).toContain("2 unchanged");
  });
});
