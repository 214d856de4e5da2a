import { afterEach, describe, expect, it } from "vitest";
import type { DynamicFaces } from "../../provider/dynamicProvider";
import { automaticName, claimOf } from "../../provider/license/claim";
import { FleetStack, fleetOf, servers } from "./helpers";

let stack: FleetStack;
afterEach(() => stack.close());

const fleetIn = (name: string, count = 1) => ({
  __provider: "text",
  fleet: fleetOf(name),
  product: "cloudlinux",
  licenses: servers(count),
});

function licenseIn(name: string, others: Record<string, unknown> = {}): Record<string, unknown> {
  const claim = claimOf(`urn:pulumi:dev::test::billmanager:index:License::${name}`);
  return { claim, licenseName: automaticName(name, claim), product: "cloudlinux", ip: "198.51.100.1", ...others };
}

/** @returns the lines on resources that stand in each other's way */
async function checked(faces: DynamicFaces, name: "license" | "fleet", inputs: Record<string, unknown>, olds = {}) {
  stack.lines();
  const { failures } = await faces[name].check(olds, inputs);
  expect(failures).toEqual([]);
  return stack.lines().filter((line) => line.includes("same tariff and address"));
}

describe("two resources of a program that are for one tariff and address", () => {
  it("show in the preview of whichever comes second, on one line where they are many", async () => {
    stack = await FleetStack.start();
    const faces = stack.faces();
    expect(await checked(faces, "fleet", fleetIn("web", 30))).toEqual([]);
    expect(await checked(faces, "license", licenseIn("solo"))).toEqual([
      expect.stringMatching(/^warning: solo-\w+: web001-\w+, another resource of this program, is for the same tariff/),
    ]);
    const fleets = await checked(faces, "fleet", fleetIn("api", 30));
    expect(fleets).toHaveLength(20);
  });

  it("show, too, where the second has its license", async () => {
    stack = await FleetStack.start();
    await stack.up({ ...fleetIn("web") });
    const faces = stack.faces();
    await checked(faces, "license", licenseIn("solo"));
    const { id, inputs, outputs } = stack.state ?? { id: "", inputs: {}, outputs: {} };
    const { inputs: news } = await faces.fleet.check(inputs, fleetIn("web"));
    stack.lines();
    await faces.fleet.diff(id, { ...outputs, __provider: "text" }, news);
    expect(stack.lines()).toContainEqual(
      expect.stringMatching(/^warning: web: web001: solo-\w+, another resource of this program/),
    );
  });

  it("are no trouble where the one takes over what the other has, or is for something else", async () => {
    stack = await FleetStack.start();
    const id = stack.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "198.51.100.1" });
    const faces = stack.faces();
    await checked(faces, "license", licenseIn("taking", { adoptId: id }));
    expect(await checked(faces, "license", licenseIn("again", { adoptId: id }))).toEqual([]);
    expect(await checked(faces, "license", licenseIn("kernel", { product: "kernelcare" }))).toEqual([]);
  });

  it("are not advised to take over from each other what one of them has just bought", async () => {
    stack = await FleetStack.start();
    const faces = stack.faces();
    const { inputs: first } = await faces.license.check({}, { __provider: "text", ...licenseIn("first") });
    const { inputs: second } = await faces.license.check({}, { __provider: "text", ...licenseIn("second") });
    await faces.license.create(first);
    await expect(faces.license.create(second)).rejects.toThrow(
      /Nothing was ordered; another resource of this program has it: remove one of the two, or run this again where/,
    );
    expect(stack.charges).toBe(1);
  });
});
