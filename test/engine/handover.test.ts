import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changing, type DeclaredLicense, type Stage, setStage } from "./helpers/harness";

const DYNAMIC = "pulumi-nodejs:dynamic/billmanager:License";

interface Move {
  readonly before: DeclaredLicense;
  readonly after: DeclaredLicense;
  readonly isAdopted?: true;
  readonly isReplaced?: true;
}

/** What each license has in the first run and in the second: the default provider of programs in TypeScript, or one that is named. */
const MOVES: Readonly<Record<string, Move>> = {
  "to the plugin, without the alias": { before: {}, after: { account: "two" } },
  "to the plugin, by adoptId": { before: {}, after: { account: "two" }, isAdopted: true },
  "to the plugin, by --replace": {
    before: {},
    after: { account: "two", aliases: [{ type: DYNAMIC }] },
    isReplaced: true,
  },
  "back, without the alias": { before: { account: "two" }, after: {} },
  "to another Provider, by --replace": { before: { account: "one" }, after: { account: "two" }, isReplaced: true },
};
const NAMES = Object.keys(MOVES);
const nameOf = (title: string) => `web${NAMES.indexOf(title) + 1}`;

/** Each provider is a process of its own, and the one that had a license does not see that another has taken it over. */
describe("a license that goes from one provider to another in one run", () => {
  let stage: Stage;
  let temporary: string;
  let output: string;

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), "pulumi-billmanager-"));
    stage = await setStage();
    await declare("before");
    await up();
    stage.panel.clearJournal();
    await declare("after");
    const replaced = NAMES.filter((title) => MOVES[title]?.isReplaced);
    output = await up(...replaced.flatMap((title) => ["--replace", `**::${nameOf(title)}`]));
  });
  afterAll(async () => {
    await stage.close();
    await rm(temporary, { recursive: true, force: true });
  });

  function declare(when: "before" | "after", others: Record<string, DeclaredLicense> = {}): Promise<void> {
    const licenses = NAMES.map((title, number): [string, DeclaredLicense] => {
      const web = { product: "cloudlinux", ip: `192.0.2.${10 + number}` };
      const adoptId = when === "after" && MOVES[title]?.isAdopted && { adoptId: bought(title)?.id };
      return [nameOf(title), { ...web, ...MOVES[title]?.[when], ...adoptId }];
    });
    return stage.declare({ ...Object.fromEntries(licenses), ...others }, {}, { one: {}, two: {} });
  }

  const bought = (title: string) =>
    stage.panel.licenses().find(({ licname }) => licname.startsWith(`${nameOf(title)}-`));

  async function up(...flags: string[]): Promise<string> {
    const args = ["up", "--yes", "--skip-preview", ...flags];
    const run = await stage.workspace.run(args, { TMPDIR: temporary });
    expect(run.code, run.output).toBe(0);
    return run.output;
  }

  it.each(NAMES)("is kept: %s", async (title) => {
    const license = bought(title);
    const resources = (await stage.workspace.licenses()).filter(({ urn }) => urn.endsWith(`::${nameOf(title)}`));
    expect(license?.status).toBe("2");
    expect(resources.map(({ id }) => id)).toEqual([license?.id]);
    expect(output).toContain(`license ${license?.id} is not given up: the program still declares it`);
  });

  it("costs nothing and is not changed", () => {
    expect(changing(stage.panel.journal())).toEqual([]);
    expect(stage.panel.ledger()).toHaveLength(NAMES.length);
  });

  it("leaves no file of the provider behind", () => {
    expect(readdirSync(temporary).filter((name) => !name.startsWith("ts-node"))).toEqual([]);
  });

  it("is given up where it is replaced there", async () => {
    const web = { product: "cloudlinux", ip: "192.0.2.99", account: "one", options: { replaceOnChanges: ["ip"] } };
    const [replaced] = stage.panel.licenses().filter(({ licname }) => licname.startsWith("web5-"));
    await declare("after", { web5: web });
    await up();
    expect(changing(stage.panel.journal()).map(({ func, params }) => [func, params.elid])).toEqual([
      ["softexternal.order.param", undefined],
      ["softexternal.delete", replaced?.id],
    ]);
    stage.panel.clearJournal();
  });

  it("is given up once the program no longer has it", async () => {
    await stage.declare({}, {}, { one: {}, two: {} });
    await up();
    expect(changing(stage.panel.journal()).map(({ func }) => func)).toEqual(NAMES.map(() => "softexternal.delete"));
  });
});
