import { describe, expect, it, onTestFinished } from "vitest";
import { startGate } from "../engine/helpers/gate";
import { FleetStack, servers } from "./helpers";

async function fleetStack(): Promise<FleetStack> {
  const stack = await FleetStack.start();
  onTestFinished(() => stack.close());
  return stack;
}

const ORDERED = "softexternal.order.param → ok";

describe("what a fleet advises", () => {
  it("for licenses that no claim tells from others is what to write, and what it writes orders nothing", async () => {
    const stack = await fleetStack();
    const licenses = Object.fromEntries(
      Object.entries({ ...servers(1), "web.example.com": "198.51.100.2" }).map(([key, ip]) => [
        key,
        { ip, licenseName: `The ${key}` },
      ]),
    );
    await stack.up({ product: "cloudlinux", licenses });
    const { web001, "web.example.com": other } = stack.members;
    // As after a kill behind the last rename.
    stack.state = undefined;
    stack.calls();
    const { reasons } = await stack.up({ product: "cloudlinux", licenses });
    const stop = (key: string, id = "", ip = "", adopt = "") =>
      `${key}: license ${id} (${ip}) is a CloudLinux license on this address already. Nothing was ordered; to take it over, set ${adopt}`;
    expect(reasons).toEqual([
      [
        stop("web.example.com", other?.id, other?.ip, `adopt: { "web.example.com": "${other?.id}" }`),
        stop("web001", web001?.id, web001?.ip, `adopt: { web001: "${web001?.id}" }`),
      ].join("\n"),
    ]);
    expect(stack.state).toBeUndefined();

    const adopt = { web001: web001?.id, "web.example.com": other?.id };
    expect(await stack.up({ product: "cloudlinux", licenses, adopt })).toEqual({});
    expect(stack.calls()).not.toHaveProperty(ORDERED);
    expect(Object.values(stack.members).map(({ id }) => id)).toEqual([other?.id, web001?.id]);
  });

  it("is nothing that would replace or forget the whole fleet for one member", async () => {
    const stack = await fleetStack();
    await stack.up({ product: "cloudlinux", licenses: servers(2) });
    stack.simulator.outside.delete(stack.members.web001?.id ?? "");
    await stack.refresh();
    await stack.up({ product: "cloudlinux", licenses: servers(2) });
    const told = stack.lines().filter((line) => line.includes("no longer has this license"));
    expect(told).toHaveLength(2);
    for (const line of told) {
      expect(line).toMatch(/nothing is bought for it \(to order it again, set recreateWhenDeleted: true\)$/);
    }
  });
});

it("mends the number of a member which the order's answer has not named aright", async () => {
  const stack = await fleetStack();
  const gate = await startGate(stack.simulator);
  onTestFinished(() => gate.close());
  gate.rewrite((call, answer) =>
    call.get("func") === "softexternal.order.param" && call.get("sok") === "ok"
      ? answer.replace(/<id>\d+<\/id>/, "<id>5001</id>")
      : answer,
  );
  stack.simulator.faults.arm({
    kind: "answered",
    func: "softexternal.order.param",
    effect: "charge",
    hiddenFor: { seconds: 600 },
  });
  const inputs = { product: "cloudlinux", licenses: servers(1) };
  const hasty = { endpoint: gate.endpoint, activationTimeout: "1" };
  const { reasons } = await stack.up(inputs, hasty);
  expect(reasons?.join()).toContain("the vendor accepted the order but does not show the license");
  expect(stack.members.web001?.id).toBe("5001");
  stack.simulator.outside.reveal();
  const [license] = stack.simulator.licenses();
  expect(await stack.up(inputs, hasty)).toEqual({});
  expect(stack.members.web001).toMatchObject({ id: license?.id, status: "active" });
  expect(stack.charges).toBe(1);
});
