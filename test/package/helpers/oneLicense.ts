import { afterAll, beforeAll, expect, it } from "vitest";
import { PROVIDER_TEXT } from "../../../provider/dynamic";
import type { WorkspaceOptions } from "../../../tools/pulumi/workspace.mts";
import { type Stage, setStage, spending, takeCalls } from "../../engine/helpers/harness";

/**
 * What has to hold wherever the package was put: the real engine buys, refreshes and gives up the one license that the project declares.
 *
 * @param arrange finishes the project, given its folder
 */
export function itServesOneLicense(
  project: Pick<WorkspaceOptions, "project" | "install">,
  arrange: (folder: string) => Promise<void> = async () => undefined,
): void {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ workspace: project });
    await arrange(stage.workspace.folder);
  });
  afterAll(() => stage.close());

  it("orders it", async () => {
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    expect(spending(stage.panel)).toEqual(["order CloudLinux 192.0.2.10 14.00"]);
  });

  it("stores the same short text with it", async () => {
    const [license] = await stage.workspace.licenses();
    expect([license?.inputs?.__provider, license?.outputs?.__provider]).toEqual([PROVIDER_TEXT, PROVIDER_TEXT]);
  });

  it("refreshes it", async () => {
    takeCalls(stage.panel);
    const { code, output } = await stage.workspace.refresh("--skip-preview");
    expect(code, output).toBe(0);
    expect(takeCalls(stage.panel)).toEqual(["softexternal → list"]);
  });

  it("gives it up", async () => {
    const { code, output } = await stage.workspace.destroy("--skip-preview");
    expect(code, output).toBe(0);
    expect(stage.panel.licenses().map(({ status }) => status)).toEqual(["4"]);
  });
}
