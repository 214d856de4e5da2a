import { afterEach, describe, expect, it } from "vitest";
import { FleetStack, fleetOf, servers } from "./helpers";

let stack: FleetStack;
afterEach(() => stack.close());

const fleet = (licenses: Record<string, unknown>, others: Record<string, unknown> = {}) => ({
  product: "cloudlinux",
  licenses,
  ...others,
});

/** In the second period of a license that is ordered today. */
function daysAhead(days: number): string {
  return new Date(stack.simulator.clock.now().getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

describe("what an update of a fleet orders and gives up", () => {
  it("gives nothing up where not all is ordered, and goes on when it is", async () => {
    stack = await FleetStack.start({ balance: "30.00" });
    await stack.up(fleet({ old1: "192.0.2.1", old2: "192.0.2.2" }));
    const { old1, old2 } = stack.members;
    const news = fleet({ new1: "192.0.2.11", new2: "192.0.2.12" });
    const { reasons } = await stack.up(news);
    expect(reasons).toEqual([
      expect.stringMatching(
        /^new1, new2: 28\.00 EUR are needed in all, and 2\.00 EUR are available .*Nothing was ordered$/,
      ),
      "old1, old2: no member has it any more, and it is given up only when all orders of the program are carried out",
    ]);
    expect(stack.leaving).toEqual({ [String(old1?.id)]: old1, [String(old2?.id)]: old2 });
    expect([old1, old2].map((one) => stack.statusOf(one?.id))).toEqual(["2", "2"]);
    stack.simulator.outside.deposit("100.00");
    expect(await stack.up(news)).toEqual({});
    expect(stack.leaving).toEqual({});
    expect([old1, old2].map((one) => stack.statusOf(one?.id))).toEqual(["4", "4"]);
    expect(stack.charges).toBe(4);
  });

  it("counts the orders of members that were adopted once, whose adopt names what they had", async () => {
    stack = await FleetStack.start();
    const adopt = Object.fromEntries(
      Object.entries(servers(4)).map(([key, ip]) => [
        key,
        stack.simulator.outside.order({ pricelist: 9203, licname: key, ip }),
      ]),
    );
    await stack.up(fleet(servers(4), { adopt }));
    const { reasons } = await stack.up({ ...fleet(servers(4), { adopt }), product: "kernelcare" }, { maxOrders: "2" });
    expect(reasons).toEqual([
      expect.stringMatching(/^web001, web002, web003, web004: 4 are to be ordered, and a run may/),
    ]);
    expect(stack.charges).toBe(4);
    expect(Object.values(stack.members).map(({ id }) => stack.statusOf(id))).toEqual(["2", "2", "2", "2"]);
  });

  it("is judged for one fleet after the other, also where two are updated at once", async () => {
    stack = await FleetStack.start();
    const face = stack.process({ maxOrders: "4" });
    const made = await Promise.allSettled(
      ["one", "two"].map(async (name, index) => {
        const news = { fleet: fleetOf(name), __provider: "text", ...fleet(servers(3, 1 + 10 * index)) };
        const { inputs } = await face.check({}, news);
        return face.create(inputs);
      }),
    );
    expect(made.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(stack.charges).toBe(3);
  });

  it("does not stop for a renewal that is too dear, which is told of its own member", async () => {
    stack = await FleetStack.start();
    const old = { ip: "192.0.2.1", maxPrice: "13.00 EUR" };
    await stack.up(fleet({ old: "192.0.2.1" }));
    const { reasons } = await stack.up(fleet({ old: { ...old, paidUntil: daysAhead(45) }, fresh: "192.0.2.2" }));
    expect(reasons).toEqual([
      expect.stringMatching(/^old: .*one period costs 14\.00 EUR, more than maxPrice \(13\.00 EUR\)/),
    ]);
    expect(Object.keys(stack.members)).toEqual(["fresh", "old"]);
    expect(stack.charges).toBe(2);
  });

  it("renews no member by a date that was seen before it had to wait for the others", async () => {
    stack = await FleetStack.start({ config: { searchTimeout: "3" } });
    const { simulator } = stack;
    simulator.faults.arm({ func: "softexternal.order.param", effect: "charge", kind: "reset" });
    const named = (ip: string, licenseName: string) => ({ ip, licenseName, paidUntil: daysAhead(45) });
    const updating = stack.up(fleet({ a: named("192.0.2.1", "by name a"), b: named("192.0.2.2", "by name b") }));
    const placed = () => simulator.licenses().find(({ status }) => status === "2");
    await expect.poll(placed).toBeDefined();
    await new Promise((resolve) => setTimeout(resolve, 700));
    simulator.outside.prolong(String(placed()?.id));
    expect((await updating).reasons).toEqual([expect.stringMatching(/^[ab]: .*may or may not have been bought/)]);
    expect(simulator.ledger().filter(({ kind }) => kind === "prolong")).toHaveLength(1);
  });
});
