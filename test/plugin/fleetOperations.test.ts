import { describe, expect, it } from "vitest";
import {
  books,
  calls,
  changing,
  checked,
  DIFF,
  FLEET,
  login,
  membersOf,
  ORDER,
  ordered,
  panel,
  plugin,
  startAnew,
  startingAnewForEachTest,
  two,
  URN,
} from "./fleetHelpers";
import { failureOf } from "./helpers";

/** A busy machine takes its time. */
const SOON = { timeout: 20_000 };

startingAnewForEachTest();

describe("a fleet", () => {
  it("is created with what holds for all, shown member by member, and summed up", async () => {
    const { id, outputs } = await ordered({ ...two, renewBeforeDays: 7, deletionPolicy: "suspend" });
    const [first, second] = panel.licenses();
    expect(id).toBe(FLEET);
    expect(outputs).toMatchObject({
      fleet: FLEET,
      expiresSoonest: first?.expiredate,
      counts: { active: 2, processing: 0, ordered: 0, suspended: 0, deleted: 0 },
    });
    const all = { renewBeforeDays: 7, deletionPolicy: "suspend", status: "active", tariff: "CloudLinux" };
    expect(membersOf(outputs)).toMatchObject({
      web01: { id: first?.id, ip: "192.0.2.10", ...all },
      "web02.example.com": { id: second?.id, ip: "192.0.2.11", ...all },
    });
  });

  it("is updated by what each member needs: one moved, one ordered, one given up", async () => {
    const { id, inputs, outputs } = await ordered();
    const news = await checked({ ...two, licenses: { web01: "192.0.2.20", web03: "192.0.2.12" } }, inputs);
    await plugin.diff(URN, id, outputs, news);
    const updated = await plugin.update(URN, id, outputs, news);
    expect(changing().sort()).toEqual(["softexternal.delete", "softexternal.edit", ORDER]);
    expect(Object.keys(membersOf(updated))).toEqual(["web01", "web03"]);
    expect(books()).toEqual(["192.0.2.20 2", "192.0.2.11 4", "192.0.2.12 2"]);
    expect(await plugin.diff(URN, id, updated, news)).toMatchObject({ changes: DIFF.none });
  });

  it("keeps its inputs when it is refreshed, and shows what was changed outside", async () => {
    const { id, inputs, outputs } = await ordered();
    panel.outside.edit("1000002", { ip: "192.0.2.77" });
    const read = await plugin.read(URN, id, outputs, inputs);
    expect(read.inputs).toEqual(inputs);
    expect(membersOf(read.outputs)["web02.example.com"]?.ip).toBe("192.0.2.77");
    expect((await plugin.diff(URN, id, read.outputs, inputs)).details).toEqual({
      'licenses["web02.example.com"].ip': "update",
    });
    expect(calls()).toEqual(["softexternal"]);
  });

  it("is given up by delete, once", async () => {
    const { id, outputs } = await ordered();
    await plugin.delete(URN, id, outputs);
    await plugin.delete(URN, id, outputs);
    expect(changing()).toEqual(["softexternal.delete", "softexternal.delete"]);
    expect(books()).toEqual(["192.0.2.10 4", "192.0.2.11 4"]);
  });

  it("tells who waits how far it is", async () => {
    await login();
    // Longer than the pause between two such lines.
    panel.faults.arm({ func: ORDER, effect: "charge", kind: "late", seconds: 6, times: 2 });
    await plugin.create(URN, await checked(two));
    expect(plugin.lines.at(-1)).toEqual({ severity: "info", urn: URN, message: "servers: 0 of 2 licenses done" });
  });

  it.each([
    ["imported", undefined],
    ["looked up", {}],
  ])("is not %s by an id: what to do instead is said, and nothing is called", async (_, inputs) => {
    await login();
    const { message, left } = await failureOf(plugin.read(URN, "1000001", {}, inputs));
    expect(message).toContain(
      'cannot be imported or looked up: declare it with the numbers of its licenses, adopt: { web01: "1234567" }',
    );
    expect(left).toBeUndefined();
    expect(calls()).toEqual([]);
  });
});

describe("a replacement of a fleet that the program asks of the engine", () => {
  it("keeps every license of which nothing differs", async () => {
    const { id, inputs, outputs } = await ordered();
    await plugin.diff(URN, id, outputs, await checked(two, inputs));
    const replacement = await plugin.create(URN, await checked(two));
    await plugin.delete(URN, id, outputs);
    expect(replacement.outputs).toEqual(outputs);
    expect(changing()).toEqual([]);
  });

  it("orders anew what differs alone, and gives up the license that it takes the place of", async () => {
    const { id, inputs, outputs } = await ordered();
    const moved = { ...two, licenses: { ...two.licenses, web01: "192.0.2.20" } };
    await plugin.diff(URN, id, outputs, await checked(moved, inputs));
    const replacement = await plugin.create(URN, await checked(moved));
    await plugin.delete(URN, id, outputs);
    expect(changing()).toEqual([ORDER, "softexternal.delete"]);
    expect(books()).toEqual(["192.0.2.10 4", "192.0.2.11 2", "192.0.2.20 2"]);
    expect(membersOf(replacement.outputs).web01?.id).toBe("1000003");
  });
});

describe("a failure of some members of a fleet", () => {
  const four = { ...two, licenses: { ...two.licenses, web03: "192.0.2.12", web04: "192.0.2.13" } };

  const refusal = "BILLmanager refused softexternal.order.param (type value, value Something went wrong)";

  it("of a create leaves the others with the engine, one reason for each cause, and the next update finishes", async () => {
    await login();
    const other = panel.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.12" });
    panel.faults.arm({ func: ORDER, effect: "charge", kind: "error", type: "value", times: 2 });
    const inputs = await checked(four);
    const { left } = await failureOf(plugin.create(URN, inputs));
    expect(left).toEqual({
      id: FLEET,
      outputs: expect.objectContaining({
        fleet: FLEET,
        licenses: { web04: expect.objectContaining({ id: "1000002" }) },
      }),
      reasons: [
        expect.stringContaining(`web01, web02.example.com: ${refusal}`),
        expect.stringMatching(/^web03: license 1000001 .* to take it over, set adopt: \{ web03: "1000001" \}$/),
      ],
    });
    panel.outside.delete(other);
    await startAnew();
    const outputs = left?.outputs ?? {};
    expect((await plugin.diff(URN, FLEET, outputs, await checked(four, inputs))).details).toEqual({
      "licenses.web01": "add",
      'licenses["web02.example.com"]': "add",
      "licenses.web03": "add",
    });
    const updated = membersOf(await plugin.update(URN, FLEET, outputs, inputs));
    expect(updated.web04).toEqual(membersOf(outputs).web04);
    expect(Object.keys(updated).sort()).toEqual(Object.keys(four.licenses).sort());
    expect(panel.ledger()).toHaveLength(5);
  });

  it("of an update leaves what the vendor showed last of each, and what was not given up", async () => {
    const { id, inputs, outputs } = await ordered(four);
    for (const func of ["softexternal.suspend", "softexternal.delete"]) {
      panel.faults.arm({ func, kind: "error", type: "value" });
    }
    const news = await checked(
      { ...two, licenses: { web01: { ip: "192.0.2.20", suspended: true }, "web02.example.com": "192.0.2.21" } },
      inputs,
    );
    const { left } = await failureOf(plugin.update(URN, id, outputs, news));
    expect(left?.reasons).toEqual([
      expect.stringMatching(/^web01: .*softexternal\.suspend/),
      expect.stringMatching(/^web0[34]: .*softexternal\.delete/),
    ]);
    expect(membersOf(left?.outputs ?? {})).toMatchObject({
      web01: { ip: panel.licenses()[0]?.ip, suspended: false },
      "web02.example.com": { ip: "192.0.2.21" },
    });
    panel.clearJournal();
    const finished = await plugin.update(URN, id, left?.outputs ?? {}, news);
    expect(finished.leaving).toBeUndefined();
    expect(membersOf(finished)).toMatchObject({ web01: { ip: "192.0.2.20", suspended: true } });
    expect(changing().filter((func) => func === "softexternal.delete")).toHaveLength(1);
    expect(panel.ledger()).toHaveLength(4);
  });

  it("is no resource where nothing is there", async () => {
    await login();
    panel.faults.arm({ func: ORDER, effect: "charge", kind: "error", type: "value", times: "always" });
    const { message, left } = await failureOf(plugin.create(URN, await checked(two)));
    expect(message).toContain(`web01, web02.example.com: ${refusal}`);
    expect(left).toBeUndefined();
  });
});

describe("the time that a program gives to an operation on a fleet", () => {
  it("takes the place of activationTimeout", async () => {
    await login({ activationTimeout: "600" });
    panel.knobs.set({ processing: { open: "stuck" } });
    const { left } = await failureOf(plugin.create(URN, await checked(two), { timeout: 1 }));
    expect(left?.reasons).toEqual([
      expect.stringMatching(
        /^web01, web02\.example\.com: licenses \d+, \d+: it is still being processed .* after 1 seconds/,
      ),
    ]);
    expect(left?.outputs.counts).toMatchObject({ processing: 2 });
  });

  it("holds for updates and for deletions, too", async () => {
    const { id, inputs, outputs } = await ordered();
    panel.knobs.set({ processing: { suspend: "stuck", close: "stuck" } });
    const suspended = await checked({ ...two, suspended: true }, inputs);
    const updating = plugin.update(URN, id, outputs, suspended, { timeout: 1 });
    expect((await failureOf(updating)).message).toContain("after 1 seconds");
    await startAnew();
    panel.knobs.reset();
    panel.knobs.set({ processing: { close: "stuck" } });
    for (const license of panel.licenses()) {
      panel.outside.finish(license.id);
    }
    expect((await failureOf(plugin.delete(URN, id, outputs, { timeout: 1 }))).message).toContain("1 seconds");
  });
});

describe("a run that is cancelled while a fleet is created", () => {
  it("saves what it waits for, and orders no other", async () => {
    await login({ parallel: "1" });
    panel.knobs.set({ processing: { open: "stuck" } });
    panel.faults.arm({ func: ORDER, effect: "charge", kind: "late", seconds: 1, times: "always" });
    const inputs = await checked({ ...two, licenses: { ...two.licenses, web03: "192.0.2.12" } });
    const failing = failureOf(plugin.create(URN, inputs));
    await expect.poll(() => panel.ledger(), SOON).toHaveLength(2);
    await plugin.cancel();
    const { left } = await failing;
    expect(left?.id).toBe(FLEET);
    expect(Object.values(membersOf(left?.outputs ?? {})).map(({ id }) => id)).toEqual(["1000001", "1000002"]);
    expect(left?.reasons.join("\n")).toContain("the run was cancelled");
    expect(panel.ledger()).toHaveLength(2);
    panel.faults.clear();
    panel.knobs.reset();
    panel.outside.finish("1000001");
    panel.outside.finish("1000002");
    await startAnew();
    const updated = await plugin.update(URN, FLEET, left?.outputs ?? {}, inputs);
    expect(updated.counts).toMatchObject({ active: 3 });
    expect(panel.ledger()).toHaveLength(3);
  });

  it("says for which member money may have been spent, and saves the others", async () => {
    await login({ searchTimeout: "600" });
    panel.faults.arm({ func: ORDER, effect: "charge", kind: "silence", hiddenFor: { seconds: 600 } });
    const failing = failureOf(plugin.create(URN, await checked(two)));
    await expect.poll(() => panel.ledger(), SOON).toHaveLength(2);
    await plugin.cancel();
    const { left } = await failing;
    expect(Object.keys(membersOf(left?.outputs ?? {}))).toHaveLength(1);
    expect(left?.reasons).toEqual(
      expect.arrayContaining([expect.stringContaining("so it may or may not have been bought and charged")]),
    );
  });
});
