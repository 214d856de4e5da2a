import { afterEach, describe, expect, it } from "vitest";
import { FleetStack, servers } from "./helpers";

const ORDER = "softexternal.order.param → ok";

let stack: FleetStack;
afterEach(() => stack.close());

const fleet = (licenses: Record<string, unknown>, others: Record<string, unknown> = {}) => ({
  product: "cloudlinux",
  licenses,
  ...others,
});

describe("a fleet of which something cannot be done", () => {
  it("is saved with all that is done, names what is not and why, and is finished by the next update", async () => {
    stack = await FleetStack.start();
    const id = stack.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "198.51.100.2" });
    const { reasons } = await stack.up(fleet(servers(4)));
    expect(reasons).toEqual([
      expect.stringMatching(
        new RegExp(
          `^web002: license ${id} \\(198\\.51\\.100\\.2\\) is a CloudLinux license on this address already\\. Nothing was ordered`,
        ),
      ),
    ]);
    expect(Object.keys(stack.members)).toEqual(["web001", "web003", "web004"]);
    stack.simulator.outside.delete(id);
    stack.calls();
    expect(await stack.up(fleet(servers(4)))).toEqual({});
    expect(stack.calls()).toMatchObject({ [ORDER]: 1 });
    expect(Object.keys(stack.members)).toEqual(["web001", "web002", "web003", "web004"]);
    expect(stack.charges).toBe(5);
  });

  it("is not saved where nothing was done, and says once what holds for all members", async () => {
    stack = await FleetStack.start();
    stack.simulator.faults.arm({ func: "softexternal", kind: "error", type: "access", times: "always" });
    const { reasons } = await stack.up(fleet(servers(3)));
    expect(stack.state).toBeUndefined();
    expect(reasons).toHaveLength(1);
    expect(reasons?.[0]).toMatch(/^web001, web002, web003: .*access/);
    expect(stack.charges).toBe(0);
  });

  it("says once what is wrong with many licenses that are bought, and names them all", async () => {
    stack = await FleetStack.start();
    stack.simulator.faults.arm({ func: "softexternal.suspend", kind: "error", type: "access", times: "always" });
    const { reasons } = await stack.up(fleet({ ...servers(3), other: "192.0.2.1" }, { suspended: true }));
    const { other, ...members } = stack.members;
    const ids = [other, ...Object.values(members)].map((member) => member?.id).join(", ");
    expect(reasons).toEqual([expect.stringContaining(`other, web001, web002, web003: licenses ${ids}: it is bought`)]);
  });

  it("stops at a refused login with one call", async () => {
    stack = await FleetStack.start();
    const wrong = await stack.up(fleet(servers(20)), { password: "mistyped" });
    expect(wrong.reasons).toHaveLength(1);
    expect(stack.calls()).toEqual({ "subaccount → error:auth": 1 });
  });

  it("finds what a lost answer has bought, and buys nothing twice", async () => {
    stack = await FleetStack.start();
    stack.simulator.faults.arm({ func: "softexternal.order.param", effect: "charge", kind: "closed", times: 3 });
    expect(await stack.up(fleet(servers(10)))).toEqual({});
    expect(stack.charges).toBe(10);
    expect(Object.keys(stack.members)).toHaveLength(10);
  });

  it("finds by the claims what a run that could not save it has bought", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(6)));
    stack.state = undefined;
    stack.calls();
    expect(await stack.up(fleet(servers(8)))).toEqual({});
    expect(stack.calls()).toMatchObject({ [ORDER]: 2 });
    expect(stack.charges).toBe(8);
  });

  it("keeps what it could not give up, and goes on with it in the next update", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(3)));
    const { web003 } = stack.members;
    stack.simulator.faults.arm({ func: "softexternal.delete", kind: "error", type: "access" });
    const { reasons } = await stack.up(fleet(servers(2)));
    expect(reasons).toEqual([expect.stringMatching(/^web003: .*access/)]);
    expect(stack.leaving).toEqual({ [String(web003?.id)]: web003 });
    await stack.refresh();
    expect(stack.leaving).toEqual({ [String(web003?.id)]: web003 });
    expect(await stack.up(fleet(servers(2)))).toEqual({});
    expect(stack.leaving).toEqual({});
    expect(stack.statusOf(web003?.id)).toBe("4");
  });

  it("takes back a member that it could not give up, when the program has it again", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(2)));
    const before = stack.members;
    stack.simulator.faults.arm({ func: "softexternal.delete", kind: "error", type: "access" });
    await stack.up(fleet(servers(1)));
    expect(await stack.up(fleet(servers(2)))).toEqual({});
    expect(stack.members).toEqual(before);
    expect(stack.charges).toBe(2);
  });

  it("gives the old license up only when the one in its place is finished", async () => {
    stack = await FleetStack.start({ config: { activationTimeout: "1" } });
    await stack.up(fleet(servers(1)));
    const old = stack.members.web001;
    stack.simulator.knobs.set({ processing: { open: { seconds: 600 } } });
    const changed = fleet({ web001: { ip: "198.51.100.1", product: "kernelcare" } });
    expect((await stack.up(changed)).reasons).toHaveLength(1);
    expect(stack.leaving).toEqual({ [String(old?.id)]: old });
    expect(stack.statusOf(old?.id)).toBe("2");
    stack.simulator.knobs.set({ processing: { open: "none" } });
    stack.simulator.clock.advance({ seconds: 700 });
    expect(await stack.up(changed)).toEqual({});
    expect(stack.leaving).toEqual({});
    expect(stack.statusOf(old?.id)).toBe("4");
    expect(stack.charges).toBe(2);
  });
});

describe("limits", () => {
  it.each([
    [
      "orders",
      { maxOrders: "3" },
      /^web001, web002, web003, web004: 4 are to be ordered, and a run may send no more orders/,
    ],
    ["no orders", { allowOrders: "false" }, /^web001, .* orders are switched off/],
  ])("on %s hold for the whole: nothing is ordered of what is too much", async (_, config, reason) => {
    stack = await FleetStack.start();
    const { reasons } = await stack.up(fleet(servers(4)), config);
    expect(reasons).toEqual([expect.stringMatching(reason)]);
    expect(reasons?.[0]).toMatch(/Nothing was ordered$/);
    expect(stack.charges).toBe(0);
  });

  it("on orders count those alone that have to be sent", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(3)));
    stack.state = undefined;
    expect(await stack.up(fleet(servers(4)), { maxOrders: "1" })).toEqual({});
    expect(stack.charges).toBe(4);
  });

  it("on prices hold for the whole, too", async () => {
    stack = await FleetStack.start();
    const licenses = { ...servers(3), dear: { ip: "192.0.2.1", maxPrice: "13.99 EUR" } };
    const { reasons } = await stack.up(fleet(licenses));
    expect(reasons).toEqual([
      expect.stringMatching(
        /^dear, web001, web002, web003: dear: one period costs 14\.00 EUR, more than maxPrice \(13\.99 EUR\)/,
      ),
    ]);
    expect(stack.charges).toBe(0);
  });

  it("of the balance hold for the whole: it begins with none where the last could not be paid, and does what costs nothing", async () => {
    stack = await FleetStack.start({ balance: "55.99" });
    await stack.up(fleet(servers(1)));
    const { reasons } = await stack.up(fleet({ ...servers(4), web001: "203.0.113.1" }));
    expect(reasons).toEqual([
      "web002, web003, web004: 42.00 EUR are needed in all, and 41.99 EUR are available (balance and credit, less what this run spends); " +
        "top up the account. Nothing was ordered",
    ]);
    expect(stack.members).toMatchObject({ web001: { ip: "203.0.113.1" } });
    expect(stack.charges).toBe(1);
  });
});

describe("the preview of a fleet", () => {
  it("shows twenty lines of a kind and counts the rest, names the sum, and calls nothing that changes anything", async () => {
    stack = await FleetStack.start({ balance: "1000.00" });
    await stack.preview(fleet(servers(100)));
    const lines = stack.lines();
    expect(lines).toHaveLength(24);
    expect(lines[0]).toMatch(
      /^warning: web: with it an update would spend 1400\.00 EUR, and 1000\.00 EUR are available/,
    );
    expect(lines.slice(1, 3)).toEqual([
      "web: web001: an update orders CloudLinux for 198.51.100.1",
      "web: web002: an update orders CloudLinux for 198.51.100.2",
    ]);
    expect(lines.slice(21)).toEqual([
      "web: and 80 more",
      "web: in all, an update orders 100 licenses, and spends 1400.00 EUR",
      expect.stringMatching(/^web: web001, .*, web020 and 80 more: nothing renews this license: it lapses on /),
    ]);
    expect(stack.calls()).toEqual({ "subaccount → list": 1, "softexternal.order.param → form": 1 });
  });

  it("warns of all that an update would refuse", async () => {
    stack = await FleetStack.start({ config: { maxOrders: "10" } });
    await stack.preview(fleet(servers(30)));
    expect(stack.lines()).toContainEqual(
      expect.stringMatching(
        /^warning: web: an update would refuse to order 30 licenses: a run may send no more orders .* \(10\)$/,
      ),
    );
    expect(stack.calls()).toEqual({});
  });

  it("names what is given up", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(3)));
    stack.lines();
    await stack.preview(fleet(servers(1)));
    expect(stack.lines().slice(0, 2)).toEqual([
      expect.stringMatching(/^web: web002, web003: an update gives up the CloudLinux license, paid until /),
      "web: in all, an update gives up 2 licenses",
    ]);
  });
});
