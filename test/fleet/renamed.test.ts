import { describe, expect, it, onTestFinished } from "vitest";
import type { DynamicFace } from "../../provider/dynamicProvider";
import { FLEET, FleetStack, fleetOf, type State, servers } from "./helpers";

const web = { __provider: "text", product: "cloudlinux", licenses: servers(1) };

async function started(): Promise<{ readonly face: DynamicFace; readonly state: State }> {
  const stack = await FleetStack.start();
  onTestFinished(() => stack.close());
  await stack.up({ product: "cloudlinux", licenses: servers(1) });
  return { face: stack.process(), state: stack.state as State };
}

describe("a fleet that is renamed with an alias", () => {
  it.each(["first", "last"])("shares no license with a new one under its old name, which comes %s", async (when) => {
    const { face, state } = await started();
    const fresh = () => face.check({}, { ...web, fleet: FLEET });
    const renamed = () => face.check(state.inputs, { ...web, fleet: fleetOf("www") });
    const [one, other] = when === "first" ? [fresh, renamed] : [renamed, fresh];
    expect((await one()).failures).toEqual([]);
    expect((await other()).failures).toEqual([
      {
        property: "fleet",
        reason:
          `fleet ${FLEET} is that of two resources of this program, of which one was renamed with an alias: ` +
          "they would share the licenses of equal keys; give the new one another name",
      },
    ]);
  });

  it("keeps its licenses, also where the engine is to replace it", async () => {
    const { face, state } = await started();
    const news = { ...web, fleet: fleetOf("www") };
    const { inputs } = await face.check(state.inputs, news);
    expect(inputs.fleet).toBe(FLEET);
    expect(await face.diff(state.id, { ...state.outputs, __provider: "text" }, inputs)).toMatchObject({
      changes: false,
    });
    expect((await face.check({}, news)).failures).toEqual([]);
    expect((await face.check({}, { ...web, fleet: fleetOf("other") })).failures).toEqual([]);
  });
});
