import { afterEach, describe, expect, it } from "vitest";
import { UNKNOWN } from "../../provider/license/inputs";
import { FleetStack, fleetOf, servers } from "./helpers";

let stack: FleetStack;
afterEach(() => stack.close());

const fleet = (licenses: Record<string, unknown>, others: Record<string, unknown> = {}) => ({
  product: "cloudlinux",
  licenses,
  ...others,
});

/** What a preview prints. */
async function previewed(inputs: Record<string, unknown>, config: Record<string, string> = {}): Promise<string[]> {
  stack.lines();
  expect(await stack.preview(inputs, config)).toEqual([]);
  return stack.lines();
}

describe("the preview after an update that failed in part", () => {
  const orders = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => {
      return `web: web00${from + index}: an update orders CloudLinux for 198.51.100.${from + index}`;
    });

  it("names the orders that were refused, and what they cost", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(1)));
    expect((await stack.up(fleet(servers(4)), { maxOrders: "2" })).reasons).toHaveLength(1);
    expect(await previewed(fleet(servers(4)))).toEqual([
      ...orders(2, 4),
      "web: in all, an update orders 3 licenses, and spends 42.00 EUR",
      expect.stringMatching(/^web: web002, web003, web004, web001: nothing renews this license/),
    ]);
    expect(await previewed(fleet(servers(4)), { maxOrders: "2" })).toContainEqual(
      expect.stringMatching(/^warning: web: an update would refuse to order 3 licenses: a run may send no more orders/),
    );
  });

  it("names the orders that were stopped beside those of new members", async () => {
    stack = await FleetStack.start();
    const id = stack.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "198.51.100.2" });
    expect((await stack.up(fleet(servers(3)))).reasons).toHaveLength(1);
    stack.simulator.outside.delete(id);
    expect(await previewed(fleet(servers(4)))).toEqual(
      expect.arrayContaining([
        ...orders(2, 2),
        ...orders(4, 4),
        "web: in all, an update orders 2 licenses, and spends 28.00 EUR",
      ]),
    );
  });

  it("looks again at a license that could not be taken over", async () => {
    stack = await FleetStack.start();
    const id = stack.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.9" });
    const adopting = (number: string) => fleet({ ...servers(1), web002: "192.0.2.9" }, { adopt: { web002: number } });
    await stack.up(fleet(servers(1)));
    expect((await stack.up(adopting("1999999"))).reasons).toEqual([expect.stringContaining("does not show it")]);
    expect(await previewed(adopting(id))).toContainEqual(
      expect.stringMatching(`^web: web002: an update takes over license ${id} under this name`),
    );
  });

  it("is silent about them in a refresh", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(1)));
    await stack.up(fleet(servers(4)), { maxOrders: "2" });
    stack.lines();
    await stack.process().diff(String(stack.state?.id), stack.state?.outputs ?? {}, stack.state?.inputs ?? {});
    expect(stack.lines()).toEqual([]);
  });
});

describe("the preview of what an update would refuse", () => {
  it("names no price of orders beyond a limit, and says of no price that is known that it is not", async () => {
    stack = await FleetStack.start({ config: { maxOrders: "3" } });
    const lines = await previewed(fleet(servers(4)));
    expect(lines[0]).toMatch(
      /^warning: web: an update would refuse to order 4 licenses: a run may send no more orders/,
    );
    expect(lines).toContain("web: in all, an update orders 4 licenses");
  });

  it("names the member whose maxPrice stops all orders, as the update does", async () => {
    stack = await FleetStack.start();
    const dear = fleet({ ...servers(3), dear: { ip: "192.0.2.1", maxPrice: "13.99 EUR" } });
    const lines = await previewed(dear);
    const why = "dear: one period costs 14.00 EUR, more than maxPrice (13.99 EUR); set a higher maxPrice";
    expect(lines[0]).toContain(`warning: web: an update would refuse to order 4 licenses: ${why}`);
    expect(lines).toContain("web: in all, an update orders 4 licenses");
    expect((await stack.up(dear)).reasons).toEqual([expect.stringContaining(why.slice("dear: ".length))]);
  });

  it("names the members that are too dear to renew, and counts what is ordered beside them", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(2)));
    const renewed = Object.entries(servers(2)).map(([key, ip]) => {
      return [key, { ip, maxPrice: "13.00 EUR", paidUntil: "2027-01-25" }];
    });
    const lines = await previewed(fleet({ ...Object.fromEntries(renewed), web003: "198.51.100.3" }));
    expect(lines[0]).toMatch(
      /^warning: web: web001 and 1 more: an update would refuse to renew: one period costs 14\.00 EUR, more than maxPrice/,
    );
    expect(lines).toContain("web: in all, an update orders 1 license, renews 2, and spends 14.00 EUR");
  });
});

describe("the preview of what is not known yet", () => {
  const UNSURE = ", or takes over the license that adopt names";

  it("tells no license that may be taken over as an order, nor counts and prices it as one", async () => {
    stack = await FleetStack.start({ config: { maxOrders: "0" } });
    expect(await previewed(fleet(servers(2), { adopt: UNKNOWN }))).toEqual([
      `web: web001: an update orders CloudLinux for 198.51.100.1${UNSURE}`,
      `web: web002: an update orders CloudLinux for 198.51.100.2${UNSURE}`,
    ]);
    expect(await previewed(fleet(servers(1), { adopt: { web001: UNKNOWN } }))).toEqual([
      `web: web001: an update orders CloudLinux for 198.51.100.1${UNSURE}`,
    ]);
  });

  it("has a license that is there stay as it is, whatever is to be taken over", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(1)));
    const face = stack.process();
    const { id, inputs, outputs } = stack.state ?? { id: "", inputs: {}, outputs: {} };
    const news = { ...fleet(servers(1), { adopt: UNKNOWN }), fleet: id, __provider: "text" };
    const checked = await face.check(inputs, news);
    expect(await face.diff(id, { ...outputs, __provider: "text" }, checked.inputs)).toMatchObject({ changes: false });
  });

  it.each([
    ["address", { ip: UNKNOWN }],
    ["whole", UNKNOWN],
  ])("says that a new key may be a rename where its %s is not known yet", async (_, member) => {
    stack = await FleetStack.start();
    await stack.up(fleet({ old: "198.51.100.1" }));
    expect(await previewed(fleet({ new: member }))).toContainEqual(
      expect.stringMatching(/^web: new: not all of it is known yet: it may be a license that is given up here/),
    );
    expect(await previewed(fleet({ old: "198.51.100.1", new: member }))).not.toContainEqual(
      expect.stringContaining("not all of it is known yet"),
    );
  });
});

describe("a fleet that was renamed with an alias", () => {
  it("is called by its new name", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(servers(2)));
    const renamed = { ...fleet(servers(1)), fleet: fleetOf("www") };
    const lines = await previewed(renamed);
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line).toMatch(/^www: /);
    }
    expect(await stack.up(renamed)).toEqual({});
    expect(Object.keys(stack.members)).toEqual(["web001"]);
    expect(stack.charges).toBe(2);
  });
});
