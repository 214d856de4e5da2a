import { describe, expect, it } from "vitest";
import { panel, refusal } from "./panel";

describe("an order", () => {
  it("answers with the new license's id beside ok", async () => {
    const { order, simulator } = await panel();
    const answer = await order();
    expect(answer).toMatchObject({ id: simulator.licenses()[0]?.id, ok: {} });
  });

  it("is charged once, for one period from today", async () => {
    const { order, simulator } = await panel();
    await order();
    expect(simulator.ledger()).toMatchObject([
      { kind: "order", amount: "14.00", currency: "EUR", ip: "10.10.10.10", licname: "web01", paidUntil: "2026-02-15" },
    ]);
  });

  it("lowers the balance to the cent", async () => {
    const { order, simulator } = await panel();
    await order({ pricelist: "9204" });
    expect(simulator.balance()).toBe("997.50");
  });

  it("sent twice is charged twice, as nothing in the API tells a repetition from a wish", async () => {
    const { order, simulator } = await panel();
    await order();
    await order();
    expect(simulator.ledger()).toHaveLength(2);
  });

  it.each(["exists", "value"] as const)(
    "for the same address and tariff is refused as %s by the knob",
    async (kind) => {
      const { order, simulator } = await panel({ knobs: { duplicate: kind } });
      await order();
      const second = await order({ licname: "other" });
      expect([refusal(second), simulator.ledger().length]).toEqual([`${kind} ip`, 1]);
    },
  );

  it("sees through another spelling of an IPv6 address when duplicates are refused", async () => {
    const { order } = await panel({ knobs: { duplicate: "exists" } });
    await order({ ip: "2001:db8::1" });
    expect(refusal(await order({ ip: "2001:0db8:0::0001" }))).toBe("exists ip");
  });

  it("without sok only quotes the price", async () => {
    const { order, simulator } = await panel();
    const form = await order({ sok: "" });
    expect([form.orderinfo, simulator.licenses()]).toEqual(["Total amount: 14.00 EUR", []]);
  });

  it("without skipbasket waits unpaid in the basket", async () => {
    const { order, ask, simulator } = await panel();
    await order({ skipbasket: "" });
    const basket = await ask("basket");
    expect([basket.total_sum, simulator.licenses()[0]?.status, simulator.ledger()]).toEqual(["14.00 EUR", "1", []]);
  });

  it("in the basket becomes active when somebody pays it", async () => {
    const { ordered, simulator, status } = await panel();
    const id = await ordered({ skipbasket: "" });
    simulator.outside.pay(id);
    expect(status(id)).toBe("2");
  });

  it("leaves the basket without a charge", async () => {
    const { ordered, ask, simulator, status } = await panel();
    const id = await ordered({ skipbasket: "" });
    await ask("basket", { clicked_button: "delete", id, sok: "ok" });
    expect([status(id), simulator.balance()]).toEqual(["4", "1000.00"]);
  });

  it.each([
    [{ ip: "" }, "value ip"],
    [{ ip: "10.10.10" }, "value ip"],
    [{ ip: "example.org" }, "value ip"],
    [{ licname: "" }, "value licname"],
    [{ licname: "x".repeat(256) }, "value licname"],
    [{ period: "" }, "value period"],
    [{ period: "12" }, "value period"],
    [{ pricelist: "" }, "wizard_unavailable pricelist"],
    [{ pricelist: "1" }, "wizard_unavailable pricelist"],
  ])("with %j is refused and costs nothing", async (params: Record<string, string>, expected) => {
    const { order, simulator } = await panel();
    const answer = await order(params);
    expect([refusal(answer), simulator.balance()]).toEqual([expected, "1000.00"]);
  });

  it("keeps a name of any alphabet as it was sent", async () => {
    const { order, simulator } = await panel();
    await order({ licname: 'Größe <&"> 服务器 ☃ 🂡' });
    expect(simulator.licenses()[0]?.licname).toBe('Größe <&"> 服务器 ☃ 🂡');
  });

  it("needs no address where the tariff needs none", async () => {
    const tariffs = [{ pricelist: 55369, name: "BitNinja", price: "10.00", ipRequired: false, periods: [1, 12] }];
    const { order, expires } = await panel({ tariffs });
    const { id } = await order({ pricelist: "55369", ip: "", period: "12" });
    expect(expires(String(id))).toBe("2027-01-15");
  });

  it("of several months costs as many prices", async () => {
    const { order, simulator } = await panel({ knobs: { otherPeriods: "accepted" } });
    await order({ period: "6" });
    expect(simulator.ledger()[0]).toMatchObject({ amount: "84.00", paidUntil: "2026-07-15" });
  });

  it.each([
    ["item.id", { "item.id": "1000001", ok: {} }],
    ["none", { ok: {} }],
  ] as const)("can be answered with %s", async (orderAnswer, expected) => {
    const { order } = await panel({ knobs: { orderAnswer } });
    const { $lang: _, tparams, saved_filters, ...answer } = await order();
    expect(Object.fromEntries(Object.entries(answer).filter(([name]) => !name.startsWith("$")))).toEqual(expected);
  });

  it.each(["billorder", "payment_id"] as const)("answered by a %s stays unpaid", async (orderAnswer) => {
    const { order, simulator } = await panel({ knobs: { orderAnswer } });
    const answer = await order();
    expect([answer[orderAnswer], simulator.licenses()[0]?.status, simulator.balance()]).toEqual([
      "5001",
      "1",
      "1000.00",
    ]);
  });
});

describe("an order beyond the balance", () => {
  const poor = [{ username: "demo", password: "demo", balance: "13.99" }];

  it("is refused and books nothing", async () => {
    const { order, simulator } = await panel({ accounts: poor });
    const answer = await order();
    expect([refusal(answer), simulator.licenses()]).toEqual(["not_enough_money balance", []]);
  });

  it("says what is needed and what there is", async () => {
    const { order } = await panel({ accounts: poor });
    const { error } = await order();
    expect(error?.msg).toContain("Required amount 14.00 EUR. Your current balance: 13.99 EUR");
  });

  it("goes through when the credit covers the rest", async () => {
    const { order, simulator } = await panel({
      accounts: [{ username: "demo", password: "demo", balance: "13.99", credit: "0.01" }],
    });
    await order();
    expect(simulator.balance()).toBe("-0.01");
  });

  it.each([
    ["unpaid", "id"],
    ["billorder", "billorder"],
  ] as const)("is left unpaid by the knob's %s", async (insufficientFunds, field) => {
    const { order, simulator } = await panel({ accounts: poor, knobs: { insufficientFunds } });
    const answer = await order();
    expect([answer[field] !== undefined, simulator.licenses()[0]?.status, simulator.balance()]).toEqual([
      true,
      "1",
      "13.99",
    ]);
  });
});

describe("prices", () => {
  it("are exported with four decimals, as documented", async () => {
    const { ask } = await panel();
    const { pricelist } = await ask("pricelist.export", { itemtype: "softexternal" });
    expect(pricelist?.[0]?.price?.period?.[0]).toMatchObject({ $cost: "14.0000", $type: "month", $length: "1" });
  });

  it("are open to everyone", async () => {
    const { simulator } = await panel();
    const answer = await fetch(`${simulator.endpoint}?func=pricelist.export&itemtype=softexternal&out=xml`);
    expect(await answer.text()).toContain("<id>11738</id>");
  });

  it("show in the order wizard's list of tariffs", async () => {
    const { ask } = await panel();
    const { list } = await ask("softexternal.order.pricelist");
    expect(list?.[0]?.elem?.[0]).toMatchObject({ pricelist: "9203", desc: "CloudLinux", order_available: "on" });
  });
});
