import { describe, expect, it } from "vitest";
import { type Doc, panel } from "./panel";

const names = (list: Doc) => (list.elem ?? []).map((row: Doc) => row.licname);

async function withLicenses(count: number, options = {}) {
  const it = await panel(options);
  for (let i = 1; i <= count; i += 1) {
    it.simulator.outside.order({ pricelist: i % 2 ? 9203 : 9204, licname: `web${i}`, ip: `10.0.0.${i}` });
  }
  return it;
}

describe("a list", () => {
  it("has the documented columns and no others", async () => {
    const { ask } = await withLicenses(1);
    const { elem } = await ask("softexternal");
    expect(Object.keys(elem?.[0] ?? {}).sort()).toEqual(
      [
        ...["licname", "ip", "id", "pricelist", "project", "datacentername", "createdate", "expiredate"],
        ...["autoprolong", "status_msg", "item_status", "cost"],
      ].sort(),
    );
  });

  it("names the tariff, words the status and shows the price of a period", async () => {
    const { ask } = await withLicenses(1);
    expect((await ask("softexternal")).elem?.[0]).toMatchObject({
      pricelist: "CloudLinux",
      item_status: { $: "Active", $orig: "2" },
      cost: "14.00 EUR / Month",
      autoprolong: "off",
    });
  });

  it("without rows has no elem", async () => {
    const { ask } = await panel();
    expect(await ask("softexternal")).not.toHaveProperty("elem");
  });

  it("comes in pages of ten, with the total", async () => {
    const { ask } = await withLicenses(12);
    const list = await ask("softexternal");
    expect([list.elem?.length, list.p_elems, list.p_cnt, list.p_num]).toEqual([10, "12", "10", "1"]);
  });

  it("goes on with the next page", async () => {
    const { ask } = await withLicenses(12);
    expect(names(await ask("softexternal", { p_num: "2" }))).toEqual(["web11", "web12"]);
  });

  it("can cap the size that a caller asks for", async () => {
    const { ask } = await withLicenses(4, { knobs: { pageSizeCap: 3 } });
    const list = await ask("softexternal", { p_cnt: "1000" });
    expect([list.elem?.length, list.p_cnt]).toEqual([3, "3"]);
  });

  it("sorts by a column", async () => {
    const { ask } = await withLicenses(3);
    expect(names(await ask("softexternal", { p_col: "-id" }))).toEqual(["web3", "web2", "web1"]);
  });

  it("sorts by p_sort and p_order", async () => {
    const { ask } = await withLicenses(3);
    expect(names(await ask("softexternal", { p_sort: "cost", p_order: "asc" }))).toEqual(["web2", "web1", "web3"]);
  });

  it("filters by fields named in the call", async () => {
    const { ask } = await withLicenses(4);
    expect(names(await ask("softexternal", { filter: "on", pricelist: "9204" }))).toEqual(["web2", "web4"]);
  });

  it("hides what a saved filter hides, and says that there is one", async () => {
    const { ask } = await withLicenses(3);
    await ask("softexternal.setfilter", { licname: "web2", sok: "ok" });
    const list = await ask("softexternal");
    expect([names(list), list.saved_filters]).toEqual([["web2"], { licname: "web2" }]);
  });

  it("looks past a saved filter with filter=off", async () => {
    const { ask } = await withLicenses(3, { knobs: { savedFilter: { licname: "web2" } } });
    expect(names(await ask("softexternal", { filter: "off" }))).toHaveLength(3);
  });

  it("shows nobody else's licenses", async () => {
    const accounts = ["demo", "other"].map((name) => ({ username: name, password: name }));
    const { ask, simulator } = await withLicenses(1, { accounts });
    simulator.outside.order({ pricelist: 9203, licname: "theirs", ip: "10.1.1.1", account: "other" });
    expect(names(await ask("softexternal"))).toEqual(["web1"]);
  });

  it("shows more columns where the knob says so", async () => {
    const { ask, order } = await panel({
      knobs: { listColumns: ["status", "pricelist_id", "remoteid", "scheduledclose"] },
    });
    await order({ remoteid: "k7" });
    expect((await ask("softexternal")).elem?.[0]).toMatchObject({
      status: "2",
      pricelist_id: "9203",
      remoteid: "k7",
      scheduledclose: "off",
    });
  });

  it("can word its dates and hold the true one elsewhere", async () => {
    const { ask } = await withLicenses(1, { knobs: { listExpiredate: "phrase" } });
    expect((await ask("softexternal")).elem?.[0]).toMatchObject({
      expiredate: "Daily charges",
      real_expiredate: "2026-02-15",
    });
  });

  it("can hold the code in item_real_status alone", async () => {
    const { ask } = await withLicenses(1, { knobs: { itemStatus: "real-status-only" } });
    const row = (await ask("softexternal")).elem?.[0];
    expect([row?.item_status, row?.item_real_status]).toEqual([undefined, "2"]);
  });

  it.each([
    ["off", "off"],
    ["null", "null"],
    ["empty", ""],
  ] as const)("can show a renewal that is off as %s", async (listAutoprolongOff, shown) => {
    const { ask } = await withLicenses(1, { knobs: { listAutoprolongOff } });
    expect((await ask("softexternal")).elem?.[0]?.autoprolong).toBe(shown);
  });

  it("shows a thousand rows out of ten thousand", async () => {
    const { ask, simulator } = await panel({
      accounts: [{ username: "demo", password: "demo", balance: "1000000.00" }],
    });
    for (let i = 0; i < 10_000; i += 1) {
      simulator.outside.order({ pricelist: 9203, licname: `web${i}`, ip: `10.0.${i >> 8}.${i & 255}` });
    }
    const list = await ask("softexternal", { p_cnt: "1000", p_num: "10" });
    expect(list.elem).toHaveLength(1000);
  });
});
