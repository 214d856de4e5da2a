import { afterEach, expect, it } from "vitest";
import { FleetStack, servers } from "./helpers";

let stack: FleetStack;
afterEach(() => stack.close());

const fleet = (licenses: Record<string, unknown>) => ({ product: "cloudlinux", licenses });

/** As the engine replaces a fleet: it is checked and brought about without a word of what there is, and the old one is given up then. */
async function upAnew(count: number) {
  const { state } = stack;
  stack.state = undefined;
  stack.calls();
  return { old: state, ...(await stack.up(fleet(servers(count)))) };
}

it("a fleet that is replaced as it is, and of which not all can be found, is not saved without the others", async () => {
  stack = await FleetStack.start({ now: "2026-01-15" });
  await stack.up(fleet(servers(2)));
  stack.simulator.clock.advance({ days: 10 });
  await stack.up(fleet(servers(3)));
  const { reasons } = await upAnew(3);
  expect(reasons?.join("\n").split("\n")).toEqual([
    expect.stringMatching(/^web001: license \d+ .* was bought on 2026-01-15, so no interrupted run has just bought it/),
    expect.stringMatching(/^web002: license \d+ .* was bought on 2026-01-15/),
    expect.stringMatching(
      /^web003: license \d+, which an earlier run has bought for it, is saved when nothing is stopped any more$/,
    ),
  ]);
  expect(stack.state).toBeUndefined();
  expect(Object.keys(stack.calls()).filter((call) => /→ ok$/.test(call))).toEqual([]);
});

it("a fleet whose first update was cut off is saved with all that can be had", async () => {
  stack = await FleetStack.start({ now: "2026-01-15" });
  await stack.up(fleet(servers(2)));
  const taken = stack.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "198.51.100.3" });
  const { reasons } = await upAnew(4);
  expect(reasons).toEqual([expect.stringContaining(`license ${taken}`)]);
  expect(Object.keys(stack.members)).toEqual(["web001", "web002", "web004"]);
  expect(stack.charges).toBe(4);
});
