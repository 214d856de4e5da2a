import { afterEach, describe, expect, it } from "vitest";
import { FleetStack, type Member, type State, servers } from "./helpers";

let stack: FleetStack;
afterEach(() => stack.close());

const fleet = (count: number) => ({ product: "cloudlinux", licenses: servers(count) });

/** Has the state say that another account has shown these last. */
function shownByAnother(...keys: readonly string[]): void {
  const { state, members } = stack;
  const other = keys.map((key) => [key, { ...members[key], account: "other@panel.example" }]);
  const licenses = { ...members, ...Object.fromEntries(other) };
  stack.state = { ...(state as State), outputs: { ...state?.outputs, licenses } };
}

describe("a refresh of a fleet", () => {
  it("keeps a member in doubt as it was, says so, and reads all others", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(3));
    for (const { id } of Object.values(stack.members).slice(1)) {
      stack.simulator.outside.delete(id);
    }
    shownByAnother("web002");
    stack.lines();
    await stack.refresh();
    expect(stack.members).toMatchObject({
      web001: { status: "active" },
      web002: { status: "active", account: "other@panel.example" },
      web003: { status: "deleted" },
    });
    expect(stack.lines()).toContainEqual(
      expect.stringMatching(
        /^warning: web: web002: license 1000002 was last shown by other@panel\.example, .* The state keeps what it had$/,
      ),
    );
  });

  it("reads many by one list", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(620));
    stack.simulator.outside.edit(stack.members.web620?.id ?? "", { ip: "192.0.2.99" });
    stack.calls();
    await stack.refresh();
    expect(stack.calls()).toEqual({ "softexternal → list": 1 });
    expect(stack.members.web620).toMatchObject({ ip: "192.0.2.99" });
    expect(Object.keys(stack.members)).toHaveLength(620);
  });

  it("knows of all its members when it warns of one", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(620));
    const { web001, web620 } = stack.members;
    stack.simulator.outside.edit(web001?.id ?? "", { ip: web620?.ip ?? "" });
    stack.lines();
    await stack.refresh();
    expect(stack.lines()).toEqual([]);
  });

  it("asks once, with its retries, where a large one cannot be listed", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(620));
    stack.simulator.faults.arm({ func: "softexternal", kind: "error", type: "access", times: 9 });
    stack.calls();
    await expect(stack.refresh()).rejects.toThrow("access");
    expect(stack.calls()).toEqual({ "softexternal → not carried out": 1 });
  });

  it("fails where it can read none of them", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(2));
    for (const { id } of Object.values(stack.members)) {
      stack.simulator.outside.delete(id);
    }
    shownByAnother("web001", "web002");
    await expect(stack.refresh()).rejects.toThrow("web002: license 1000002 was last shown by other@panel.example");
  });
});

describe("a destroy of a fleet that fails for one member", () => {
  it("says what is gone, and what to do", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(3));
    stack.simulator.faults.arm({ func: "softexternal.delete", kind: "error", type: "access", times: 1 });
    await expect(stack.destroy()).rejects.toThrow(
      "2 of 3 licenses are given up: run destroy again; to keep the others instead, run pulumi refresh, after which an update orders " +
        "those again that have recreateWhenDeleted",
    );
    await stack.destroy();
    expect(stack.simulator.licenses().map(({ status }) => status)).toEqual(["4", "4", "4"]);
  });
});

describe("a fleet that comes from the other face", () => {
  it("is looked at where the vendor was still at work on a member", async () => {
    stack = await FleetStack.start();
    await stack.up(fleet(1));
    const { id, inputs, outputs } = stack.state as State;
    const licenses = { web001: { ...(stack.members.web001 as Member), status: "processing" } };
    const face = stack.process();
    const checked = await face.check(inputs, { __provider: "text", fleet: id, ...fleet(1) });
    const { outs } = await face.update(id, { ...outputs, licenses }, checked.inputs);
    expect(outs.licenses).toMatchObject({ web001: { status: "active" } });
  });
});
