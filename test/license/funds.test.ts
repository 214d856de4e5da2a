import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import type { CalendarDate } from "../../provider/billmanager/types";
import { addMonths, utcDay } from "../../provider/license/calendar";
import { createLicense } from "../../provider/license/create";
import type { Wish } from "../../provider/license/inputs";
import type { Run } from "../../provider/license/run";
import type { ManagedLicense } from "../../provider/license/state";
import { updateLicense } from "../../provider/license/update";
import { startGate } from "../engine/helpers/gate";
import { type Bench, setUp, wishFor } from "./helpers";

const BALANCE = "subaccount → list";
const QUOTE = "softexternal.order.param → form";
const LIST = "softexternal → list";
const ORDER = "softexternal.order.param → ok";
const PROLONG = "service.prolong → ok";
const TWO_ORDERS = ["order CloudLinux", "order CloudLinux"];

let bench: Bench;
afterEach(() => bench.close());

const inMonths = (months: number): CalendarDate => addMonths(utcDay(new Date()), months);
/** Licenses of one product on different addresses. */
const wishAt = (index: number, changes: Partial<Wish> = {}) =>
  wishFor(`web${index}`, { ip: `192.0.2.${index + 1}`, ...changes });
const create = (run: Run, index = 0, changes: Partial<Wish> = {}) => createLicense(run, wishAt(index, changes));
const renew = ({ id, outputs }: ManagedLicense, changes: Partial<Wish> = {}, run = bench.run()) =>
  updateLicense(run, id, outputs, wishAt(0, { paidUntil: inMonths(2), ...changes }));
const messageOf = (failing: Promise<unknown>): Promise<string> =>
  failing.then(
    () => "it did not fail",
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
const warnings = () => bench.said.filter((line) => line.startsWith("warning: "));
const count = (calls: readonly string[], wanted: string) => calls.filter((call) => call === wanted).length;
const charges = () => bench.simulator.journal().filter(({ effect }) => effect === "charge");

describe("maxPrice, held against an order", () => {
  it.each(["14.00 EUR", "14 EUR", "14.0000 EUR", "999.99 EUR"])(
    "lets a price of 14.00 EUR pass: %s",
    async (maxPrice) => {
      bench = await setUp();
      await create(bench.run(), 0, { maxPrice });
      expect(bench.calls()).toEqual([BALANCE, QUOTE, LIST, ORDER, LIST]);
      expect(warnings()).toEqual([]);
    },
  );

  it("refuses a higher price before anything is sent", async () => {
    bench = await setUp();
    expect(await messageOf(create(bench.run(), 0, { maxPrice: "13.99 EUR" }))).toBe(
      "OrderStoppedError: one period costs 14.00 EUR, more than maxPrice (13.99 EUR). Nothing was ordered; " +
        "set a higher maxPrice if that price is right",
    );
    expect(charges()).toEqual([]);
  });

  it("refuses a price in another currency", async () => {
    bench = await setUp();
    expect(await messageOf(create(bench.run(), 0, { maxPrice: "20.00 USD" }))).toBe(
      "OrderStoppedError: one period costs 14.00 EUR, which is not the currency of maxPrice (20.00 USD). Nothing was ordered; " +
        "give maxPrice in EUR",
    );
    expect(charges()).toEqual([]);
  });

  it("is held against the price list where the order form names no price", async () => {
    bench = await setUp({ knobs: { quote: "absent" } });
    expect(await messageOf(create(bench.run(), 0, { maxPrice: "13.99 EUR" }))).toContain(
      "one period costs 14.0000 EUR, more than maxPrice (13.99 EUR)",
    );
    await create(bench.run(), 0, { maxPrice: "14.00 EUR" });
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("refuses where neither names a price", async () => {
    bench = await setUp({ knobs: { quote: "absent", pricelistExport: "access" } });
    expect(await messageOf(create(bench.run(), 0, { maxPrice: "20.00 EUR" }))).toBe(
      "OrderStoppedError: the vendor names no price, so there is nothing to hold against maxPrice (20.00 EUR). " +
        "Nothing was ordered; remove maxPrice to pay whatever the vendor asks",
    );
    expect(charges()).toEqual([]);
  });

  it("refuses where the price cannot be read, and asks again for the next license", async () => {
    bench = await setUp();
    bench.simulator.faults.arm({ func: "softexternal.order.param", effect: "read", kind: "http", status: 403 });
    const run = bench.run();
    expect(await messageOf(create(run, 0, { maxPrice: "20.00 EUR" }))).toMatch(
      /^OrderStoppedError: the price cannot be read \(softexternal\.order\.param has no readable answer: the server answered HTTP 403\), so it cannot be held against maxPrice \(20\.00 EUR\)\. Nothing was ordered; run the update again when the panel answers$/,
    );
    expect(charges()).toEqual([]);
    await create(run, 1, { maxPrice: "20.00 EUR" });
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("does not keep a license from being found that was bought already", async () => {
    bench = await setUp();
    await create(bench.run());
    bench.calls();
    const { id } = await create(bench.run(), 0, { maxPrice: "1.00 EUR" });
    expect(id).toBe(bench.simulator.licenses()[0]?.id);
    expect(charges()).toEqual([]);
  });
});

describe("maxPrice, held against a renewal", () => {
  it("refuses it before anything is sent, and keeps what the license is", async () => {
    bench = await setUp();
    const made = await create(bench.run());
    bench.calls();
    expect(await messageOf(renew(made, { maxPrice: "13.99 EUR" }))).toBe(
      `PartialFailure: license ${made.id}: one period costs 14.00 EUR, more than maxPrice (13.99 EUR). Nothing was renewed; ` +
        "set a higher maxPrice if that price is right",
    );
    expect(bench.calls()).toEqual([BALANCE, QUOTE, LIST]);
  });

  it("lets an equal price pass, each time", async () => {
    bench = await setUp();
    const made = await create(bench.run());
    bench.calls();
    await renew(made, { maxPrice: "14.00 EUR", paidUntil: inMonths(3) });
    expect(bench.calls()).toEqual([BALANCE, QUOTE, LIST, PROLONG, LIST, PROLONG, LIST]);
  });

  it("is no matter where nothing is to be renewed", async () => {
    bench = await setUp();
    const made = await create(bench.run());
    bench.calls();
    await updateLicense(bench.run(), made.id, made.outputs, wishAt(0, { maxPrice: "1.00 EUR", suspended: true }));
    expect(bench.calls()).toEqual([LIST, "softexternal.suspend → ok", LIST]);
  });

  it("reads the price before it looks at the date again, where the state did not tell that a renewal is due", async () => {
    bench = await setUp({ now: utcDay(new Date(Date.now() - 20 * 86_400_000)) });
    const made = await create(bench.run());
    bench.calls();
    const before = { ...made.outputs, expiresOn: inMonths(2), suspended: true, status: "suspended" as const };
    await updateLicense(bench.run(), made.id, before, wishAt(0, { paidUntil: inMonths(1) }));
    expect(bench.calls()).toEqual([LIST, BALANCE, QUOTE, LIST, PROLONG, LIST]);
  });

  it("leaves a license that is to be out of service where it is, without resuming it for what will not be paid", async () => {
    bench = await setUp();
    const made = await create(bench.run(), 0, { suspended: true });
    bench.calls();
    expect(await messageOf(renew(made, { suspended: true, maxPrice: "1.00 EUR" }))).toContain("Nothing was renewed");
    expect(bench.calls()).toEqual([BALANCE, QUOTE, LIST]);
  });

  it("keeps no change that costs nothing from being made", async () => {
    bench = await setUp();
    const made = await create(bench.run(), 0, { autoRenew: true });
    bench.calls();
    const message = await messageOf(renew(made, { suspended: true, autoRenew: false, maxPrice: "1.00 EUR" }));
    expect(message).toMatch(/^PartialFailure: license \d+: one period costs .* Nothing was renewed; /);
    expect(bench.calls().filter((call) => call.endsWith(" → ok"))).toEqual([
      "softexternal.suspend → ok",
      "softexternal.edit → ok",
    ]);
    expect(bench.simulator.licenses()).toMatchObject([{ status: "3", autoprolong: null }]);
    expect(charges()).toEqual([]);
  });

  it("is told as well where such a change fails, too", async () => {
    bench = await setUp();
    const made = await create(bench.run());
    bench.simulator.faults.arm({ func: "softexternal.suspend", kind: "error", type: "limit" });
    const message = await messageOf(renew(made, { suspended: true, maxPrice: "1.00 EUR" }));
    expect(message).toContain("BILLmanager refused softexternal.suspend");
    expect(warnings()).toEqual([expect.stringContaining("more than maxPrice (1.00 EUR). Nothing was renewed")]);
  });

  it("stops a license that is taken over before it pays for it", async () => {
    bench = await setUp();
    const id = bench.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.1" });
    const wish = { adoptId: id, paidUntil: inMonths(2), maxPrice: "1.00 EUR" };
    expect(await messageOf(create(bench.run(), 0, wish))).toContain("Nothing was renewed");
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });
});

describe("the balance", () => {
  it("that does not cover an order refuses it before it is sent", async () => {
    bench = await setUp({ balance: "13.99" });
    expect(await messageOf(create(bench.run()))).toBe(
      "OrderStoppedError: 14.00 EUR are needed, and 13.99 EUR are available (balance and credit, less what this run spends). " +
        "Nothing was ordered; top up the account",
    );
    expect(charges()).toEqual([]);
  });

  it.each([
    { balance: "14.00", credit: "0.00" },
    { balance: "4.00", credit: "10.00" },
    { balance: "-6.00", credit: "20.00" },
  ])("counts with its credit: %j", async (money) => {
    bench = await setUp(money);
    await create(bench.run());
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("that covers two of five orders, all at once, is spent on exactly two; the others are refused before they are sent", async () => {
    bench = await setUp({ balance: "28.00", knobs: { latencyMs: 5 } });
    const run = bench.run();
    const outcomes = await Promise.allSettled([0, 1, 2, 3, 4].map((index) => create(run, index)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject(
        outcome.status === "fulfilled"
          ? {}
          : { reason: { message: expect.stringContaining("0.00 EUR are available") } },
      );
    }
    expect(charges()).toHaveLength(2);
    expect(bench.spending()).toEqual(TWO_ORDERS);
  });

  it("pays again for others what the vendor has refused to take, and not what it may have taken", async () => {
    bench = await setUp({ balance: "28.00" });
    const run = bench.run({ searchTimeout: 0 });
    const order = { func: "softexternal.order.param", effect: "charge" } as const;
    bench.simulator.faults.arm({ ...order, kind: "error", type: "limit" });
    expect(await messageOf(create(run, 0))).toContain("BILLmanager refused");
    // Nobody knows whether this one was booked; it was not.
    bench.simulator.faults.arm({ ...order, kind: "reset" });
    expect(await messageOf(create(run, 1))).toContain("may or may not have been bought");
    await create(run, 2);
    expect(await messageOf(create(run, 3))).toContain("14.00 EUR are needed, and 0.00 EUR are available");
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("that covers an order but not the renewals that follow it refuses the order, too", async () => {
    bench = await setUp({ balance: "27.99" });
    const run = bench.run();
    const paidUntil = inMonths(2);
    expect(await messageOf(create(run, 0, { paidUntil }))).toContain(
      "28.00 EUR are needed for it and its renewals, and 27.99 EUR are available",
    );
    await create(run, 1);
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("that just covers an order and its renewals pays for all of them", async () => {
    bench = await setUp({ balance: "42.00" });
    await create(bench.run(), 0, { paidUntil: inMonths(3) });
    expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux", "prolong CloudLinux"]);
  });

  it("keeps what an order's renewals need from orders beside it, until the create is over", async () => {
    bench = await setUp({ balance: "42.00", knobs: { latencyMs: 5 } });
    const run = bench.run();
    const outcomes = await Promise.allSettled([
      create(run, 0, { paidUntil: inMonths(2) }),
      create(run, 1, { paidUntil: inMonths(2) }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux"]);
    await create(run, 2);
    expect(bench.spending()).toHaveLength(3);
  });

  it("frees what was kept for renewals that the license does not come to", async () => {
    bench = await setUp({ balance: "42.00", knobs: { processing: { open: "stuck" } } });
    const run = bench.run({ activationTimeout: 0 });
    await create(run, 0, { paidUntil: inMonths(3) });
    await Promise.all([create(run, 1), create(run, 2)]);
    expect(bench.spending()).toHaveLength(3);
  });

  it("counts an order that is lost as paid, and none of the renewals that were to follow it", async () => {
    bench = await setUp({ balance: "42.00" });
    const run = bench.run({ searchTimeout: 0 });
    bench.simulator.faults.arm({ func: "softexternal.order.param", effect: "charge", kind: "reset" });
    expect(await messageOf(create(run, 0, { paidUntil: inMonths(3) }))).toContain("may or may not have been bought");
    await Promise.all([create(run, 1), create(run, 2)]);
    expect(await messageOf(create(run, 3))).toContain("0.00 EUR are available");
    expect(bench.spending()).toEqual(TWO_ORDERS);
  });

  it("frees a renewal that the vendor refuses, for others", async () => {
    bench = await setUp({ balance: "28.00" });
    const made = await create(bench.run());
    const run = bench.run();
    bench.simulator.faults.arm({ func: "service.prolong", kind: "error", type: "limit" });
    expect(await messageOf(renew(made, {}, run))).toContain("BILLmanager refused service.prolong");
    await create(run, 1);
    expect(bench.spending()).toEqual(TWO_ORDERS);
  });

  it("that ends between two renewals leaves no license in service that is to be out of it", async () => {
    bench = await setUp({ balance: "28.00" });
    const made = await create(bench.run(), 0, { suspended: true });
    expect(await messageOf(renew(made, { suspended: true, paidUntil: inMonths(3) }))).toMatch(
      /^PartialFailure: license \d+: it was renewed until \S+, and no further: 14\.00 EUR are needed/,
    );
    expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux"]);
    expect(bench.simulator.licenses()).toMatchObject([{ status: "3" }]);
  });

  it("that the vendor says does not cover a renewal keeps nothing else from being done", async () => {
    bench = await setUp();
    const made = await create(bench.run(), 0, { suspended: true, autoRenew: true });
    bench.simulator.faults.arm({ func: "service.prolong", kind: "error", type: "not_enough_money" });
    const message = await messageOf(renew(made, { suspended: true, autoRenew: false }));
    expect(message).toContain("BILLmanager refused service.prolong (type not_enough_money");
    expect(bench.simulator.licenses()).toMatchObject([{ status: "3", autoprolong: null }]);
    expect(bench.spending()).toEqual(["order CloudLinux"]);
  });

  it("that does not cover a renewal refuses it before it is sent, after the ones that it covers", async () => {
    bench = await setUp({ balance: "28.00" });
    const made = await create(bench.run());
    bench.calls();
    expect(await messageOf(renew(made, { paidUntil: inMonths(3) }))).toMatch(
      /^PartialFailure: license \d+: it was renewed until \S+, and no further: 14\.00 EUR are needed, and 0\.00 EUR are available .*; top up the account$/,
    );
    expect(bench.calls()).toEqual([BALANCE, QUOTE, LIST, PROLONG, LIST]);
    expect(await messageOf(renew(made, { paidUntil: inMonths(3) }))).toContain(
      "Nothing was renewed; top up the account",
    );
    expect(charges()).toEqual([]);
  });
});

describe("where it cannot be known whether the account can pay", () => {
  const LEFT = ": whether the account can pay is left to the vendor";

  it.each([
    [
      "refused",
      { subaccount: "access" },
      /^warning: the account's balance cannot be read \(BILLmanager refused subaccount \(type access.*\)/,
    ],
    ["no price", { quote: "absent", pricelistExport: "access" }, /^warning: the vendor names no price/],
  ] as const)("the vendor decides, with one warning in a run: %s", async (_, knobs, warning) => {
    bench = await setUp({ balance: "28.00", knobs });
    const run = bench.run();
    await Promise.all([create(run, 0), create(run, 1)]);
    expect(await messageOf(create(run, 2))).toContain(
      "BILLmanager refused softexternal.order.param (type not_enough_money",
    );
    expect(bench.spending()).toEqual(TWO_ORDERS);
    expect(warnings()).toEqual([expect.stringMatching(warning)]);
    expect(warnings()[0]).toContain(LEFT);
  });

  it("the vendor decides where a credit cannot be read, which may cover it", async () => {
    bench = await setUp({ balance: "5.00", credit: "1000.00" });
    const gate = await startGate(bench.simulator);
    onTestFinished(() => gate.close());
    gate.rewrite((_, answer) => answer.replace(/<credit>[^<]*<\/credit>/, "<credit>1,000 EUR</credit>"));
    await create(bench.run({ endpoint: gate.endpoint }));
    expect(bench.spending()).toEqual(["order CloudLinux"]);
    expect(warnings()).toEqual([`warning: the account's credit cannot be read ("1,000 EUR")${LEFT}`]);
  });

  it("a balance that the panel refuses to show is asked for once", async () => {
    bench = await setUp({ knobs: { subaccount: "access" } });
    const run = bench.run();
    await create(run, 0);
    await create(run, 1);
    expect(count(bench.calls(), "subaccount → error:access")).toBe(1);
  });

  it("neither a balance nor a price that does not answer is asked for again by the next license", async () => {
    bench = await setUp({ balance: "28.00" });
    bench.simulator.faults.arm({ func: "subaccount", kind: "http", status: 403, times: "always" });
    bench.simulator.faults.arm({ func: "softexternal.order.param", effect: "read", kind: "http", status: 403 });
    const run = bench.run();
    await create(run, 0);
    await create(run, 1);
    expect(await messageOf(create(run, 2))).toContain("BILLmanager refused softexternal.order.param");
    const reads = bench.simulator.journal().filter(({ func, effect }) => func !== "softexternal" && effect === "read");
    expect(reads.map(({ func }) => func).toSorted()).toEqual(["softexternal.order.param", "subaccount"]);
    expect(warnings()).toHaveLength(1);
  });

  it("the vendor decides where the account has no balance in the currency of the price", async () => {
    bench = await setUp({
      balance: "0.00",
      credit: "1000.00",
      knobs: { quote: "absent" },
      tariffs: [{ pricelist: 9203, name: "CloudLinux", price: "14.00", currency: "USD" }],
    });
    expect(await messageOf(create(bench.run()))).toContain("BILLmanager refused softexternal.order.param");
    expect(charges()).toHaveLength(1);
    expect(warnings()).toEqual([`warning: the account shows no balance in USD${LEFT}`]);
  });

  it("a renewal is sent, too", async () => {
    bench = await setUp({ knobs: { subaccount: "access" } });
    await renew(await create(bench.run()));
    expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux"]);
    expect(warnings()).toHaveLength(2);
  });
});

describe("the cost in calls", () => {
  it("of limits on twenty licenses at once is one balance and one quote per tariff and period", async () => {
    bench = await setUp();
    const run = bench.run();
    const softaculous = { product: "softaculous", pricelist: 9204 };
    await Promise.all(Array.from({ length: 20 }, (_, index) => create(run, index, index < 10 ? {} : softaculous)));
    const calls = bench.calls();
    expect([BALANCE, QUOTE, ORDER].map((call) => count(calls, call))).toEqual([1, 2, 20]);
    expect(calls).toHaveLength(23 + count(calls, LIST));
  });

  it("of a refused login is one call, for all who ask for balance and prices at once", async () => {
    bench = await setUp();
    const run = bench.run({ password: "rotated" });
    const outcomes = await Promise.allSettled([0, 1, 2].map((index) => create(run, index)));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { name: "LoginRefusedError" } });
    }
    expect(bench.calls()).toEqual(["subaccount → error:auth"]);
    expect(warnings()).toEqual([]);
  });

  it("of an order is spent before its list, which nothing parts from the order", async () => {
    bench = await setUp({ knobs: { latencyMsFor: { subaccount: 200, "softexternal.order.param": 50 } } });
    await create(bench.run());
    expect(bench.calls().slice(-3)).toEqual([LIST, ORDER, LIST]);
  });
});
