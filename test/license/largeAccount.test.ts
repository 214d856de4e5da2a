/*
 * An account with 10,000 licenses. What an operation costs there is counted, in calls and in looks at rows, never timed: whoever looks at
 * all rows for each of them looks a hundred million times.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LicenseRow, licenseId } from "../../provider/billmanager/types";
import { createLicense } from "../../provider/license/create";
import { giveUpLicense } from "../../provider/license/delete";
import { getLicenses } from "../../provider/license/functions";
import type { Wish } from "../../provider/license/inputs";
import { Listing } from "../../provider/license/listing";
import { readLicenseOutputs } from "../../provider/license/read";
import { updateLicense } from "../../provider/license/update";
import { type Bench, setUp, wishFor } from "./helpers";

const MANY = 10_000;
const PAGES = 10;
/** With a hundred licenses more. */
const LARGER = 11;
const addressOf = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
const wishes = (count: number) =>
  Array.from({ length: count }, (_, index) => wishFor(`web${index}`, { ip: addressOf(index) }));

describe("an account with 10,000 licenses", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await setUp({ balance: "1000000.00", knobs: { listColumns: ["pricelist_id"] } });
    for (const { licenseName, ip = "" } of wishes(MANY)) {
      bench.simulator.outside.order({ pricelist: 9203, licname: licenseName, ip });
    }
  });
  afterEach(() => bench.close());

  const pages = (count: number) => Array.from({ length: count * PAGES }, () => "softexternal → list");
  const counted = () => {
    const counts: Record<string, number> = {};
    for (const call of bench.calls()) {
      counts[call] = (counts[call] ?? 0) + 1;
    }
    return counts;
  };

  it("is read in ten calls, however many ask", async () => {
    const run = bench.run();
    const ids = bench.simulator.licenses().map(({ id }) => licenseId(id));
    const read = await Promise.all(ids.map((id) => readLicenseOutputs(run, id, undefined)));
    expect(read).toHaveLength(MANY);
    expect(bench.calls()).toEqual(pages(1));
    expect(await getLicenses(run, { ip: addressOf(7) })).toMatchObject({ licenses: [{ ip: addressOf(7) }] });
    expect(bench.calls()).toEqual(pages(1));
  });

  it("takes 100 new ones, which are changed and given up, in one call each and a few lists", async () => {
    const run = bench.run();
    const named = Array.from({ length: 100 }, (_, index) => wishFor(`new${index}`, { ip: `10.200.0.${index + 1}` }));
    const created = await Promise.all(named.map((wish) => createLicense(run, wish)));
    expect(counted()).toEqual({
      "softexternal → list": PAGES + LARGER,
      "softexternal.order.param → ok": 100,
      "softexternal.order.param → form": 1,
      "subaccount → list": 1,
    });

    const moved = (wish: Wish, index: number): Wish => ({ ...wish, ip: `10.201.0.${index + 1}` });
    const updated = await Promise.all(
      created.map(({ id, outputs }, index) => updateLicense(run, id, outputs, moved(named[index] as Wish, index))),
    );
    expect(counted()).toEqual({ "softexternal → list": 2 * LARGER, "softexternal.edit → ok": 100 });
    expect(updated.map(({ ip }) => ip)).toEqual(named.map((wish, index) => moved(wish, index).ip));

    const later = bench.run();
    await Promise.all(created.map(({ id }, index) => giveUpLicense(later, id, updated[index] as (typeof updated)[0])));
    expect(counted()).toEqual({ "softexternal → list": LARGER + PAGES, "softexternal.delete → ok": 100 });
    expect(bench.simulator.ledger().filter(({ kind }) => kind === "order")).toHaveLength(MANY + 100);
  });

  it("fits into little memory: what a list leaves behind is its rows, and calls leave nothing", async () => {
    const child = fork(join(__dirname, "largeAccount.child.cjs"), [bench.simulator.endpoint, "tester", "canary-P4ss"], {
      execArgv: ["--expose-gc"],
    });
    const [grown] = (await once(child, "message")) as [{ rows: number; byLists: number; byCalls: number }];
    expect(grown.rows).toBe(MANY);
    expect(grown.byLists).toBeLessThan(30e6);
    expect(grown.byCalls).toBeLessThan(3e6);
  });
});

describe("what is looked at of a listing", () => {
  /** Rows that count how often somebody looks into one of them. */
  function countingRows(count: number) {
    let looks = 0;
    const looked = <T>(value: T) => {
      looks += 1;
      return value;
    };
    const rows = wishes(count).map(({ licenseName, ip }, index): LicenseRow => {
      const row = { id: licenseId(String(index + 1)), pricelist: 9203, status: "active", createdOn: undefined };
      return Object.defineProperties(row, {
        licenseName: { get: () => looked(licenseName), enumerable: true },
        ip: { get: () => looked(ip), enumerable: true },
      }) as unknown as LicenseRow;
    });
    return { rows, looks: () => looks };
  }

  /** Looks for what bears on an order for each of the wishes. */
  function lookForAll(count: number, change: (wish: Wish) => Wish) {
    const { rows, looks } = countingRows(count);
    const listing = new Listing(rows);
    const found = wishes(count).flatMap((wish) => listing.bearingOn(change(wish)));
    return { found: found.length, looks: looks() };
  }

  it.each<[string, (wish: Wish) => Wish]>([
    ["of its claim and on its address", (wish) => wish],
    ["of its claim alone", (wish) => ({ ...wish, ip: "192.0.2.1" })],
    ["on its address alone", (wish) => ({ ...wish, claim: wishFor("nobody").claim })],
    ["of its name, where it has no address", ({ ip: _, ...wish }) => wish],
  ])("before an order is what bears on it: %s", (_what, change) => {
    const [few, many] = [lookForAll(MANY / 10, change), lookForAll(MANY, change)];
    expect([few.found, many.found]).toEqual([MANY / 10, MANY]);
    expect(many.looks).toBeLessThanOrEqual(10 * MANY);
    expect(many.looks).toBeLessThanOrEqual(11 * few.looks);
  });

  it("is told in the panel's order, each row once", () => {
    const wish = wishFor("web");
    const row = (id: string, more: Partial<LicenseRow>): LicenseRow => ({
      id: licenseId(id),
      licenseName: "",
      ...more,
    });
    const listing = new Listing([
      row("4", { ip: "192.0.2.10" }),
      row("2", { licenseName: wish.licenseName, ip: "192.0.2.11" }),
      row("3", { licenseName: wish.licenseName, ip: "192.0.2.10" }),
      row("1", { ip: "192.0.2.10" }),
      row("5", { ip: "192.0.2.10", status: "deleted" }),
    ]);
    expect(listing.bearingOn(wish).map(({ id }) => id)).toEqual(["4", "2", "3", "1"]);
  });
});
