import { describe, expect, it, onTestFinished } from "vitest";
import { declarationsOf } from "../../provider/declarations";
import type { DynamicFace, DynamicFaces } from "../../provider/dynamicProvider";
import { automaticName, claimOf } from "../../provider/license/claim";
import type { Act, Declaration, FleetForm } from "../model/history";
import { World } from "../model/world";
import { FleetStack, type Member, type State, servers } from "./helpers";

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
    const { stack, taken, others } = await started();
    const faces = stack.faces();
    const asked = asking(taken, { ip: "192.0.2.99" });
    await faces.license.check({}, asked);
    const left = await updated(stack, faces.fleet, others);
    expect(left).toMatchObject({ licenses: { web002: {} }, leaving: { [taken.id]: {} } });
    await expect(faces.license.create(asked)).rejects.toThrow(`license ${taken.id} cannot be taken over: it is for`);
    expect(stack.calls()).not.toHaveProperty(DELETE);

    await stack.up({ product: "cloudlinux", licenses: others });
    expect(stack.leaving).toEqual({});
    expect(stack.calls()).toMatchObject({ [DELETE]: 1 });
  });

  it("is kept for that one where another process asks for it, until it has it", async () => {
    const { stack, taken, others } = await started();
    const [faces, elsewhere] = processes(stack);
    const asked = asking(taken);
    const { inputs, failures } = await elsewhere.license.check({}, asked);
    expect(failures).toEqual([]);
    const left = await updated(stack, faces.fleet, others);
    expect(left).toMatchObject({ leaving: { [taken.id]: {} } });
    await elsewhere.license.create(inputs);
    expect(await updated(stack, faces.fleet, others)).not.toHaveProperty("leaving");
    expect(stack.calls()).not.toHaveProperty(DELETE);
  });

  it("is refused to a resource of another process where the fleet gives it up in the same update", async () => {
    const { stack, taken, others } = await started();
    const [faces, elsewhere] = processes(stack);
    await compared(stack, faces.fleet, others);
    const { failures } = await elsewhere.license.check({}, asking(taken));
    expect(failures).toEqual([
      {
        property: "adoptId",
        reason: expect.stringContaining("a fleet of this program gives it up in the same update"),
      },
    ]);
  });

  it("is not given up by a later update that comes before that one, though its own name tells of no resource", async () => {
    const { stack, taken, others } = await started();
    const { license } = stack.faces();
    await license.create((await license.check({}, asking(taken, { licenseName: "shop" }))).inputs);
    stack.calls();
    stack.lines();
    expect(await stack.up({ product: "cloudlinux", licenses: others })).toEqual({});
    expect(stack.calls()).not.toHaveProperty(DELETE);
    expect(stack.leaving).toHaveProperty(taken.id);
    expect(stack.lines()).toContain(
      `warning: ${taken.licenseName}: license ${taken.id} is not given up: it is called "shop" now, by which nothing tells whose it is; ` +
        "if no other resource has it, run pulumi refresh, after which an update gives it up",
    );
    await stack.refresh();
    await stack.up({ product: "cloudlinux", licenses: others });
    expect(stack.leaving).toEqual({});
    expect(stack.calls()).toMatchObject({ [DELETE]: 1 });
  });
});

const DELETE = "softexternal.delete → ok";

/** A fleet of two, of which the first is to leave. */
async function started(): Promise<{
  readonly stack: FleetStack;
  readonly taken: Member;
  readonly others: Record<string, string>;
}> {
  const stack = await FleetStack.start();
  onTestFinished(() => stack.close());
  const { web001, ...others } = servers(2);
  await stack.up({ product: "cloudlinux", licenses: { web001, ...others } });
  return { stack, taken: stack.members.web001 as Member, others };
}

/** Two processes of one run. */
function processes(stack: FleetStack): [DynamicFaces, DynamicFaces] {
  const engine = `127.0.0.1:${new URL(stack.simulator.endpoint).port}`;
  const start = () => {
    const declarations = declarationsOf(engine, () => undefined);
    onTestFinished(() => declarations?.remove());
    return stack.faces({}, declarations);
  };
  return [start(), start()];
}

/** The inputs of a license of its own that is to take the member's over. */
function asking({ id, claim, ip }: Member, others: Record<string, unknown> = {}): Record<string, unknown> {
  const own = claimOf("urn:pulumi:dev::test::billmanager:index:License::web001");
  const named = { claim: own, licenseName: automaticName("web001", own) };
  return { ...named, product: "cloudlinux", ip, adoptId: `${id}@${claim}`, ...others };
}

async function compared(stack: FleetStack, face: DynamicFace, licenses: Record<string, string>) {
  const { inputs: before, outputs, id } = stack.state as State;
  const news = { __provider: "text", fleet: id, product: "cloudlinux", licenses };
  const { inputs } = await face.check(before, news);
  await face.diff(id, outputs, inputs);
  return { id, inputs, outputs };
}

async function updated(stack: FleetStack, face: DynamicFace, licenses: Record<string, string>) {
  const { id, inputs, outputs } = await compared(stack, face, licenses);
  const { outs } = await face.update(id, outputs, inputs);
  stack.state = { id, inputs, outputs: outs };
  return outs;
}
