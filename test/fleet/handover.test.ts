import { describe, expect, it, onTestFinished } from "vitest";
import { automaticName, claimOf } from "../../provider/license/claim";
import type { Act, Declaration, FleetForm } from "../model/history";
import { World } from "../model/world";
import { FleetStack, type Member, servers } from "./helpers";

const web: Declaration = {
  product: "cloudlinux",
  address: 0,
  isNamed: false,
  suspended: false,
  autoRenew: false,
  paidUntil: undefined,
  renewBeforeDays: undefined,
  deleteBeforeReplace: false,
  deletionPolicy: "delete",
  recreateWhenDeleted: false,
};
const up: Act = {
  act: "up",
  replace: undefined,
  previews: true,
  stack: "a",
  interruption: undefined,
  isRefused: false,
};
const move: Act = { act: "move", stack: "a", name: "web" };

/** The license goes from the fleet to a resource of its own while the fleet, which depends on nothing, is at work on its members. */
const fleet: FleetForm = { members: ["web", "db"], waits: false, staysEmpty: true };

async function after(...acts: readonly Act[]): Promise<World> {
  const world = await World.begin({ program: { web, db: { ...web, address: 1 } }, showsRemoteId: false, fleet, acts });
  onTestFinished(() => world.end());
  for (const act of acts) {
    await world.take(act);
  }
  return world;
}

const statuses = (world: World) =>
  world.simulator
    .licenses()
    .map(({ ip, status }) => `${ip} ${status}`)
    .sort();

describe("a license that leaves a fleet for a resource of its own", () => {
  it("keeps its number, and nothing is ordered or given up", async () => {
    const world = await after(up, move, up);
    expect(statuses(world)).toEqual(["192.0.2.10 2", "192.0.2.11 2"]);
    await world.finish();
    expect(world.simulator.ledger()).toHaveLength(2);
  });

  it("is not given up by an update in which that one is refused to take it over, but by the next", async () => {
    const stack = await FleetStack.start();
    onTestFinished(() => stack.close());
    const { web001, ...others } = servers(2);
    await stack.up({ product: "cloudlinux", licenses: { web001, ...others } });
    const { id, claim } = stack.members.web001 as Member;
    const { state } = stack;

    const faces = stack.faces();
    const own = claimOf("urn:pulumi:dev::test::billmanager:index:License::web001");
    const license = { claim: own, licenseName: automaticName("web001", own), product: "cloudlinux", ip: "192.0.2.99" };
    const asked = { ...license, adoptId: `${id}@${claim}` };
    await faces.license.check({}, asked);
    const news = { ...state?.inputs, licenses: others };
    const { inputs } = await faces.fleet.check(state?.inputs ?? {}, news);
    await faces.fleet.diff(state?.id ?? "", state?.outputs ?? {}, inputs);
    const { outs } = await faces.fleet.update(state?.id ?? "", state?.outputs ?? {}, inputs);
    expect(outs).toMatchObject({ licenses: { web002: {} }, leaving: { [id]: {} } });
    await expect(faces.license.create(asked)).rejects.toThrow(`license ${id} cannot be taken over: it is for`);
    expect(stack.calls()).not.toHaveProperty("softexternal.delete → ok");

    stack.state = { id: state?.id ?? "", inputs, outputs: outs };
    await stack.up({ product: "cloudlinux", licenses: others });
    expect(stack.leaving).toEqual({});
    expect(stack.calls()).toMatchObject({ "softexternal.delete → ok": 1 });
  });
});
