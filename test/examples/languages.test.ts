import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Simulator } from "../../simulator/index";
import { changing, spending, takeCalls } from "../engine/helpers/harness";
import { FIRST, type Language, type LanguageStage, SECOND, setLanguageStage } from "../engine/helpers/languages";

const ORDER = "softexternal.order.param → ok";
const DELETE = "softexternal.delete → ok";

/** Each buys with two accounts: the stack, two providers and three licenses. */
describe.each<Language>(["yaml", "python", "go"])("the example %s", (language) => {
  let stage: LanguageStage;
  beforeAll(async () => {
    stage = await setLanguageStage(language, join(__dirname, "../../examples", language));
    const { workspace } = stage;
    await workspace.configure({
      "licenses:firstUsername": FIRST.username,
      "licenses:secondUsername": SECOND.username,
    });
    await workspace.setSecret("licenses:firstPassword", FIRST.password);
    await workspace.setSecret("licenses:secondPassword", SECOND.password);
  });
  afterAll(() => stage.close());

  it("buys nothing in a preview", async () => {
    const { code, output } = await stage.workspace.preview();
    expect(code, output).toBe(0);
    expect(output).toContain("6 to create");
    expect(output.toLowerCase()).not.toContain("warning");
    expect(takeActs(stage.panel)).toEqual([]);
    expect(spending(stage.panel)).toEqual([]);
  });

  it("buys each license once, on the account of its provider", async () => {
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    expect(takeActs(stage.panel)).toEqual([
      `first ${ORDER}`,
      `first ${ORDER}`,
      "second softexternal.edit → ok",
      `second ${ORDER}`,
    ]);
    expect(
      stage.panel
        .ledger()
        .map(({ account, tariff, ip, amount }) => `${account} ${tariff} ${ip} ${amount}`)
        .sort(),
    ).toEqual([
      "first CloudLinux 192.0.2.10 14.00",
      "first KernelCare 192.0.2.30 3.50",
      "second Softaculous 192.0.2.20 2.50",
    ]);
  });

  it("tells what it has bought, and no password", async () => {
    const host = new URL(stage.panel.endpoint).host;
    const { licenses } = (await stage.workspace.outputs()) as { licenses: Record<string, string>[] };
    const names = licenses.map(
      ({ name, account, status }) => `${name?.replace(/-\w{8}$/, "-<claim>")} ${account} ${status}`,
    );
    expect(names).toEqual([
      `cloudlinux-<claim> first@${host} active`,
      `control panel second@${host} active`,
      `kernelcare-<claim> first@${host} active`,
    ]);
    const state = await stage.workspace.stackExport();
    expect(state).not.toContain(FIRST.password);
    expect(state).not.toContain(SECOND.password);
  });

  it("finds nothing to do the second time, and calls nothing", async () => {
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    expect(output).toContain("6 unchanged");
    expect(takeCalls(stage.panel)).toEqual([]);
  });

  it("gives all of them up, each on its account", async () => {
    const { code, output } = await stage.workspace.destroy("--skip-preview");
    expect(code, output).toBe(0);
    expect(takeActs(stage.panel)).toEqual([`first ${DELETE}`, `first ${DELETE}`, `second ${DELETE}`]);
    expect(stage.panel.ledger()).toHaveLength(3);
  });
});

/** The calls that change something since the journal was cleared, each with its account, in no order, and the journal cleared again. */
function takeActs(panel: Simulator): string[] {
  const acts = changing(panel.journal()).map(({ account, func, result }) => `${account} ${func} → ${result}`);
  panel.clearJournal();
  return acts.sort();
}
