import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFaces, type DynamicFace } from "../../provider/dynamicProvider";
import { type Simulator, startSimulator } from "../../simulator/index";
import { wishFor } from "../license/helpers";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const LIST = "softexternal → list";
const FORM = "softexternal.edit → form";

type Inputs = Readonly<Record<string, unknown>>;

const { licenseName } = wishFor("web01");
const inputsOf = (name: string, adoptId: string, changes: Inputs = {}): Inputs => {
  const { claim, licenseName } = wishFor(name);
  return { claim, licenseName, product: "cloudlinux", ip: "192.0.2.10", adoptId, ...changes };
};

describe("a preview of a license to be taken over", () => {
  let panel: Simulator;
  let face: DynamicFace;
  let id: string;
  const lines: string[] = [];
  const take = () => lines.splice(0);
  const byHand = (changes: { pricelist?: number; licname?: string; ip?: string } = {}) =>
    panel.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.10", ...changes });
  const calls = () => panel.journal().map(({ func, result }) => `${func} → ${result}`);

  async function begin(config: Readonly<Record<string, string>> = {}): Promise<void> {
    face = createFaces({
      print: (line) => lines.push(line),
      env: { BILLMANAGER_ENDPOINT: panel.endpoint, BILLMANAGER_USERNAME: "tester", BILLMANAGER_PASSWORD: "canary" },
      engineIsGone: async () => false,
      now: () => new Date("2026-01-15T12:00:00Z"),
    }).license;
    await face.configure({ config: { get: (key) => config[key.replace("billmanager:", "")] } });
  }
  const declare = async (inputs: Inputs) => (await face.check({}, { ...inputs })).failures;

  beforeEach(async () => {
    panel = await startSimulator({
      now: "2026-01-15",
      accounts: [{ username: "tester", password: "canary", balance: "100.00" }],
    });
    id = byHand();
    panel.clearJournal();
    lines.length = 0;
    await begin();
  });
  afterEach(() => panel.close());

  it("says what will be done with it and paid for it, and changes nothing", async () => {
    await declare(inputsOf("web01", id, { paidUntil: "2026-04-15", maxPrice: "20.00 EUR" }));
    expect(lines).toEqual([
      `${licenseName}: an update takes over license ${id} under this name`,
      `${licenseName}: an update renews until 2026-04-15, 2 periods at 14.00 EUR / Month`,
      `${licenseName}: an update renames it from "by hand" to "${licenseName}"`,
    ]);
    expect(calls()).toEqual([LIST, FORM, "subaccount → list", "softexternal.order.param → form"]);
  });

  it("holds its renewals against maxPrice and the balance, as an update does", async () => {
    await declare(inputsOf("web01", id, { paidUntil: "2026-03-15", maxPrice: "1.00 EUR" }));
    expect(take()).toContain(
      `warning: ${licenseName}: an update would refuse to renew: one period costs 14.00 EUR, more than maxPrice (1.00 EUR); ` +
        "set a higher maxPrice if that price is right",
    );
    await begin();
    await declare(inputsOf("web01", id, { paidUntil: "2026-12-15" }));
    expect(take().at(-1)).toMatch(/with it an update would spend 140\.00 EUR, and 86\.00 EUR are available/);
    expect(await declare(inputsOf("web01", id, { paidUntil: "2030-01-01" }))).toEqual([
      { property: "paidUntil", reason: expect.stringContaining("which would cost more than 336.00 EUR") },
    ]);
  });

  it("pays nothing for its window, says when nothing renews it, and calls only what shows it", async () => {
    await declare(inputsOf("web01", id, { licenseName: "by hand" }));
    expect(take()).toEqual([
      `by hand: an update takes over license ${id} under this name`,
      "by hand: nothing renews this license: it lapses on 2026-02-15",
    ]);
    await begin();
    await declare(inputsOf("web01", id, { licenseName: UNKNOWN, renewBeforeDays: 40, suspended: UNKNOWN }));
    expect(take()).toEqual([
      `a license whose name is not known yet: an update takes over license ${id} under this name`,
    ]);
    expect(calls()).toEqual([LIST, FORM, LIST, FORM]);
  });

  it("shares one list among all of them, and one read among those of a tariff and price", async () => {
    const ids = Array.from({ length: 6 }, (_, index) => byHand({ ip: `192.0.2.${index}` }));
    await Promise.all(ids.map((one, index) => declare(inputsOf(`web${index}`, one, { ip: `192.0.2.${index}` }))));
    expect(calls()).toEqual([LIST, FORM]);
  });

  it.each([
    ["of another product", { product: "kernelcare" }, "it is of tariff 9203, and the program says 11738"],
    ["on another address", { ip: "192.0.2.11" }, "it is for 192.0.2.10, and the program says 192.0.2.11"],
    ["that is not there", { adoptId: "77" }, "the account tester@"],
  ])("warns of one %s, which an update would refuse", async (_, changes, why) => {
    await declare(inputsOf("web01", id, changes));
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(`^warning: ${licenseName}: an update would refuse it: license \\d+ cannot be taken over: `),
      ),
    ]);
    expect(lines[0]).toContain(why);
  });

  it("warns where two resources shall have one license", async () => {
    await declare(inputsOf("web01", id));
    take();
    await declare(inputsOf("web02", id));
    expect(take()).toEqual([expect.stringContaining("cannot be taken over: another resource of this run has it")]);
    const managed = { ...inputsOf("web03", id), adoptId: undefined };
    const state = { ...managed, pricelist: 9203, period: 1, status: "active", account: "tester@panel.example" };
    await face.check(managed, managed);
    await face.diff(id, state, managed);
    expect(take()).toContainEqual(
      expect.stringMatching(/^warning: web03-.*is taken over by another resource of this program \(claim \w{8}\)/),
    );
  });

  it("announces the order of a new one where the panel shows it as deleted", async () => {
    panel.knobs.set({ deletedRows: "listed" });
    panel.outside.delete(id);
    await declare(inputsOf("web01", id));
    expect(lines).toEqual([
      `${licenseName}: an update orders CloudLinux for 192.0.2.10`,
      `warning: ${licenseName}: license ${id}, which adoptId names, is deleted: a new one is ordered in its place`,
      `${licenseName}: nothing renews this license: it lapses on 2026-02-15`,
    ]);
  });

  it("says that it takes the place of the license that gets another product", async () => {
    const kernel = byHand({ pricelist: 11738 });
    const old = { ...inputsOf("web01", ""), adoptId: undefined };
    const state = { ...old, pricelist: 9203, period: 1, status: "active", account: "tester@panel.example" };
    const news = inputsOf("web01", kernel, { product: "kernelcare" });
    await face.check(old, news);
    expect((await face.diff(id, state, news)).replaces).toEqual(["product"]);
    await face.check({}, news);
    expect(lines).toEqual([
      `${licenseName}: an update takes over license ${kernel} under this name`,
      `${licenseName}: an update renames it from "by hand" to "${licenseName}"`,
      `${licenseName}: an update then gives up the CloudLinux license`,
      `${licenseName}: nothing renews this license: it lapses on 2026-02-15`,
    ]);
    lines.length = 0;
    await begin();
    await face.check(old, { ...news, adoptId: id });
    await face.diff(id, state, { ...news, adoptId: id });
    expect(lines).toContain(`${licenseName}: an update orders KernelCare for 192.0.2.10`);
  });

  it("warns by one line where the account cannot be read, and does not fail", async () => {
    panel.faults.arm({ func: "softexternal", kind: "http", status: 403, times: "always" });
    await declare(inputsOf("web01", id));
    await declare(inputsOf("web02", id, { ip: "192.0.2.11" }));
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: the account's licenses cannot be read \(softexternal .*\): what an update pays for those that adoptId names is not told$/,
      ),
      `${licenseName}: an update takes over license ${id} under this name`,
      `${wishFor("web02").licenseName}: an update takes over license ${id} under this name`,
    ]);
  });

  it("waits for a panel that does not answer no longer than for one call, whatever is to be taken over", async () => {
    await begin({ timeout: "1" });
    panel.faults.arm({ func: "softexternal", kind: "silence", times: "always" });
    const began = Date.now();
    await declare(inputsOf("web01", id));
    await declare(inputsOf("web02", id, { ip: "192.0.2.11" }));
    expect(Date.now() - began).toBeLessThan(2_000);
    expect(lines.filter((line) => line.startsWith("warning: "))).toEqual([
      "warning: the account's licenses cannot be read (no answer within 1 seconds): what an update pays for those that adoptId names " +
        "is not told",
    ]);
  });

  it("warns that a license loses the sign of whose it is under an explicit name", async () => {
    const other = wishFor("web02");
    const theirs = byHand({ licname: other.licenseName });
    await declare(inputsOf("web01", `${theirs}@${other.claim}`));
    expect(take().filter((line) => line.startsWith("warning"))).toEqual([]);
    await begin();
    await declare(inputsOf("web01", `${theirs}@${other.claim}`, { licenseName: "Shop front" }));
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^warning: Shop front: license \d+ was bought for another resource \(claim \w{8}\), and under an explicit licenseName nothing tells/,
      ),
    );
  });
});
