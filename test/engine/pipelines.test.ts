import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changing, type Stage, setStage, spending, takeCalls } from "./helpers/harness";

/** What `docs/pipelines.md` has a pipeline run, one step after the other. */
describe("a pipeline", () => {
  let stage: Stage;
  const file = (name: string) => readFile(join(stage.workspace.folder, name), "utf8");
  const up = (refresh: boolean) => stage.workspace.up("--stack", "dev", `--refresh=${refresh}`);

  beforeAll(async () => {
    stage = await setStage({ face: "plugin", workspace: { config: { "billmanager:parallel": "4" } } });
    await stage.declare({ web01: { product: "cloudlinux", ip: "192.0.2.10", renewBeforeDays: 40 } });
  });
  afterAll(() => stage.close());

  it("previews a pull request with orders switched off: it says so, calls nothing where no renewal is due, and exits with 0", async () => {
    const before = await file("Pulumi.dev.yaml");
    await stage.workspace.write("preview.yaml", before);
    const { code, output } = await stage.workspace.run([
      "preview",
      "--stack",
      "dev",
      "--config-file",
      "preview.yaml",
      "--config",
      "billmanager:allowOrders=false",
    ]);
    expect(code, output).toBe(0);
    expect(output).toMatch(/^ *web01-\w{8}: an update orders CloudLinux for 192\.0\.2\.10$/m);
    expect(output).toMatch(
      /^ *warning: web01-\w{8}: an update would refuse to order: orders are switched off \(billmanager:allowOrders is false\)$/m,
    );
    expect(takeCalls(stage.panel)).toEqual([]);
    expect(await file("Pulumi.dev.yaml")).toBe(before);
    expect(await file("preview.yaml")).toContain("allowOrders");
  });

  it("is refused each order where an update runs with what the preview runs with", async () => {
    const { code, output } = await stage.workspace.up(
      "--skip-preview",
      "--stack",
      "dev",
      "--config-file",
      "preview.yaml",
    );
    expect(code).not.toBe(0);
    expect(output).toContain("orders are switched off (billmanager:allowOrders is false). Nothing was ordered");
    expect(spending(stage.panel)).toEqual([]);
  });

  it("orders on the main branch, by the stack's own file", async () => {
    const { code, output } = await up(false);
    expect(code, output).toBe(0);
    expect(spending(stage.panel)).toEqual(["order CloudLinux 192.0.2.10 14.00"]);
  });

  it("does not pay twice for what somebody has renewed in the panel, although it reads nothing before", async () => {
    const [license] = await stage.workspace.licenses();
    stage.panel.outside.prolong(license?.id ?? "");
    stage.panel.clearJournal();
    const { code, output } = await up(false);
    expect(code, output).toBe(0);
    expect(output).toContain("an update renews until");
    expect(changing(stage.panel.journal())).toEqual([]);
    expect(spending(stage.panel)).toEqual(["order CloudLinux 192.0.2.10 14.00", "prolong CloudLinux 192.0.2.10 14.00"]);
  });

  it("puts right at night, with a refresh, what was changed in the panel, and not without one", async () => {
    const [license] = await stage.workspace.licenses();
    stage.panel.outside.suspend(license?.id ?? "");
    takeCalls(stage.panel);
    expect((await up(false)).code).toBe(0);
    expect(takeCalls(stage.panel)).toEqual([]);
    const { code, output } = await up(true);
    expect(code, output).toBe(0);
    expect(output).toContain("an update resumes it");
    expect(takeCalls(stage.panel)).toContain("softexternal.resume → ok");
  });
});
