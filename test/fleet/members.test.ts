import { afterEach, describe, expect, it } from "vitest";
import { FLEET, FleetStack, servers } from "./helpers";

const LIST = "softexternal → list";
const ORDER = "softexternal.order.param → ok";
const EDIT = "softexternal.edit → ok";
const DELETE = "softexternal.delete → ok";

let stack: FleetStack;
afterEach(() => stack.close());

const cloudlinux = (licenses: Record<string, unknown>, others: Record<string, unknown> = {}) => ({
  product: "cloudlinux",
  licenses,
  ...others,
});

const idsOf = (of: FleetStack) => Object.fromEntries(Object.entries(of.members).map(([key, { id }]) => [key, id]));

describe("a fleet", () => {
  it("is ordered by as many orders as it has members, and by lists that they share", async () => {
    stack = await FleetStack.start();
    expect(await stack.up(cloudlinux(servers(40)))).toEqual({});
    expect(stack.calls()).toEqual({
      "subaccount → list": 1,
      "softexternal.order.param → form": 1,
      [ORDER]: 40,
      [LIST]: expect.toSatisfy((lists: number) => lists <= 4),
    });
    expect(stack.state?.outputs).toMatchObject({
      expiresSoonest: stack.members.web001?.expiresOn,
      counts: { ordered: 0, processing: 0, active: 40, suspended: 0, deleted: 0 },
    });
    expect(stack.members.web007).toMatchObject({
      licenseName: expect.stringMatching(/^web007-\w{8}$/),
      ip: "198.51.100.7",
    });
  });

  it("calls nothing where nothing changes, and lists only for a refresh", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux(servers(30)));
    stack.calls();
    const { state } = stack;
    expect(await stack.up(cloudlinux(servers(30)))).toEqual({});
    expect(stack.calls()).toEqual({});
    await stack.refresh();
    expect(stack.calls()).toEqual({ [LIST]: 1 });
    expect(stack.state).toEqual(state);
  });

  it("changes its members, orders new ones and gives old ones up in one update", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux(servers(4)));
    const before = idsOf(stack);
    stack.calls();
    const { web001: _, ...others } = servers(5);
    expect(
      await stack.up(cloudlinux({ ...others, web002: "203.0.113.2", web003: { ip: "198.51.100.3", suspended: true } })),
    ).toEqual({});
    expect(stack.calls()).toMatchObject({ [ORDER]: 1, [EDIT]: 1, "softexternal.suspend → ok": 1, [DELETE]: 1 });
    const { web001, ...kept } = before;
    expect(idsOf(stack)).toEqual({ ...kept, web005: expect.any(String) });
    expect(stack.members).toMatchObject({ web002: { ip: "203.0.113.2" }, web003: { status: "suspended" } });
    expect(stack.statusOf(web001)).toBe("4");
    expect(stack.charges).toBe(5);
  });

  it("renames a key without a call, and a license ordered under the old key afterwards is another one", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux({ web01: "192.0.2.1", web02: "192.0.2.2" }));
    const { web01, web02 } = stack.members;
    stack.calls();
    stack.lines();
    expect(await stack.up(cloudlinux({ www: "192.0.2.1", web02: "192.0.2.2" }))).toEqual({});
    expect(stack.calls()).toEqual({});
    expect(stack.members).toEqual({ www: web01, web02 });
    expect(stack.lines()).toContain("web: www: this is web01 under another key: nothing is ordered for it");
    expect(await stack.up(cloudlinux({ www: "192.0.2.1", web02: "192.0.2.2", web01: "192.0.2.3" }))).toEqual({});
    expect(stack.calls()).toMatchObject({ [ORDER]: 1 });
    expect(stack.members.www).toEqual(web01);
    expect(stack.members.web01?.claim).not.toBe(web01?.claim);
  });

  it("has each license follow its address to another key, without a call", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux({ a: "192.0.2.1", b: "192.0.2.2" }));
    const { a, b } = stack.members;
    stack.calls();
    stack.lines();
    expect(await stack.up(cloudlinux({ a: "192.0.2.2", b: "192.0.2.1" }))).toEqual({});
    expect(stack.calls()).toEqual({});
    expect(stack.members).toEqual({ a: b, b: a });
    expect(stack.lines()).toEqual([
      "web: a: this is b under another key: nothing is ordered for it",
      "web: b: this is a under another key: nothing is ordered for it",
      expect.stringMatching(/^web: a, b: nothing renews this license/),
    ]);
  });

  it("orders what a key gets for a new address when its old address goes to a new key", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux({ a: "192.0.2.1", c: "192.0.2.9" }));
    const { a, c } = stack.members;
    stack.calls();
    expect(await stack.up(cloudlinux({ b: "192.0.2.1", a: "192.0.2.2", c: "192.0.2.9" }))).toEqual({});
    expect(stack.calls()).toMatchObject({ [ORDER]: 1 });
    expect(stack.members).toMatchObject({ b: a, c, a: { ip: "192.0.2.2", status: "active" } });
    expect(stack.members.a?.claim).not.toBe(a?.claim);
    expect(stack.charges).toBe(3);
  });

  it("gives up one license only where keys are counted and the first server goes", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux({ 0: "192.0.2.1", 1: "192.0.2.2", 2: "192.0.2.3" }));
    const old = stack.members;
    stack.calls();
    expect(await stack.up(cloudlinux({ 0: "192.0.2.2", 1: "192.0.2.3" }))).toEqual({});
    expect(stack.calls()).toEqual({ [LIST]: 2, [DELETE]: 1 });
    expect(stack.members).toEqual({ 0: old[1], 1: old[2] });
    expect(stack.statusOf(old[0]?.id)).toBe("4");
  });

  it("orders nothing where addresses are passed on among keys that stay", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux({ 0: "192.0.2.1", 1: "192.0.2.2", 2: "192.0.2.3" }));
    const { 0: first, 1: second, 2: third } = idsOf(stack);
    stack.calls();
    expect(await stack.up(cloudlinux({ 0: "192.0.2.2", 1: "192.0.2.3", 2: "192.0.2.4" }))).toEqual({});
    expect(stack.calls()).toMatchObject({ [EDIT]: 1 });
    expect(idsOf(stack)).toEqual({ 0: second, 1: third, 2: first });
    expect(stack.members[2]).toMatchObject({ ip: "192.0.2.4" });
    expect(stack.charges).toBe(3);
  });

  it("orders a member's new product before it gives the old one up", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux(servers(2)));
    const old = idsOf(stack);
    stack.calls();
    stack.lines();
    expect(
      await stack.up(cloudlinux({ ...servers(1), web002: { ip: "198.51.100.2", product: "kernelcare" } })),
    ).toEqual({});
    expect(stack.lines()).toEqual([
      "web: web002: an update orders KernelCare for 198.51.100.2",
      expect.stringMatching(/^web: web002: an update then gives up the CloudLinux license, paid until /),
      "web: in all, an update orders 1 license, gives up 1, and spends 3.50 EUR",
      expect.stringMatching(/^web: web001, web002: nothing renews this license/),
    ]);
    expect(stack.members).toMatchObject({ web001: { id: old.web001 }, web002: { pricelist: 11738, status: "active" } });
    expect(stack.statusOf(old.web002)).toBe("4");
    const funcs = Object.keys(stack.calls());
    expect(funcs.indexOf(ORDER)).toBeLessThan(funcs.indexOf(DELETE));
  });

  it("sets explicit names after all orders, and not before one that takes longer", async () => {
    stack = await FleetStack.start();
    stack.simulator.faults.arm({ func: "softexternal.order.param", effect: "charge", kind: "late", seconds: 1 });
    const named = Object.entries(servers(6)).map(([key, ip]) => [key, { ip, licenseName: `server ${key}` }]);
    expect(await stack.up(cloudlinux(Object.fromEntries(named)))).toEqual({});
    const changes = stack.simulator
      .journal()
      .filter(({ result }) => result === "ok")
      .map(({ func }) => func);
    expect(changes).toEqual([...Array(6).fill("softexternal.order.param"), ...Array(6).fill("softexternal.edit")]);
    expect(Object.values(stack.members).map(({ licenseName }) => licenseName)).toEqual(
      Object.keys(servers(6)).map((key) => `server ${key}`),
    );
  });

  it("takes licenses over by their numbers, and orders the rest", async () => {
    stack = await FleetStack.start();
    const id = stack.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "198.51.100.2" });
    stack.simulator.clearJournal();
    expect(await stack.up(cloudlinux(servers(3), { adopt: { web002: id } }))).toEqual({});
    expect(stack.calls()).toMatchObject({ [ORDER]: 2, [EDIT]: 1 });
    expect(stack.members.web002).toMatchObject({ id, licenseName: expect.stringMatching(/^web002-/) });
    expect(await stack.up(cloudlinux(servers(3)))).toEqual({});
    expect(stack.calls()).toEqual({});
  });

  it("renews each member by what it says, and pays for no other", async () => {
    stack = await FleetStack.start();
    const licenses = { ...servers(2), web003: { ip: "198.51.100.3", renewBeforeDays: 7 } };
    await stack.up(cloudlinux(licenses));
    stack.simulator.clock.advance({ days: 25 });
    stack.lines();
    expect(await stack.up(cloudlinux(licenses))).toEqual({});
    expect(stack.lines()).toContainEqual(
      expect.stringMatching(/^web: web003: an update renews until .* at 14\.00 EUR \/ Month$/),
    );
    expect(stack.charges).toBe(4);
    expect(await stack.up(cloudlinux(licenses))).toEqual({});
    expect(stack.charges).toBe(4);
  });

  it("keeps a member that is gone in the state, and orders it again only where it says so", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux({ ...servers(1), web002: { ip: "198.51.100.2", recreateWhenDeleted: true } }));
    for (const { id } of Object.values(stack.members)) {
      stack.simulator.outside.delete(id);
    }
    await stack.refresh();
    expect(stack.state?.outputs.counts).toMatchObject({ active: 0, deleted: 2 });
    expect(
      await stack.up(cloudlinux({ ...servers(1), web002: { ip: "198.51.100.2", recreateWhenDeleted: true } })),
    ).toEqual({});
    expect(stack.members).toMatchObject({ web001: { status: "deleted" }, web002: { status: "active" } });
    expect(stack.charges).toBe(3);
  });

  it("is given up as a whole, each member by its own policy", async () => {
    stack = await FleetStack.start();
    await stack.up(cloudlinux({ ...servers(2), web003: { ip: "198.51.100.3", deletionPolicy: "suspend" } }));
    const { web003 } = idsOf(stack);
    stack.calls();
    await stack.destroy();
    expect(stack.calls()).toMatchObject({ [DELETE]: 2, "softexternal.suspend → ok": 1 });
    expect(stack.statusOf(web003)).toBe("3");
  });

  it.each([
    ["imported", {}],
    ["looked up", { fleet: FLEET, ...cloudlinux(servers(1)) }],
  ])("cannot be %s, and says what to do instead", async (_, properties) => {
    stack = await FleetStack.start();
    await expect(stack.process().read("1000001", properties)).rejects.toThrow(
      'a LicenseFleet cannot be imported or looked up: declare it with the numbers of its licenses, adopt: { web01: "1234567" }',
    );
  });
});
