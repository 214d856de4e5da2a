import { describe, expect, it } from "vitest";
import { panel } from "./panel";

async function controlled(options = {}) {
  const { simulator, ask } = await panel(options);
  async function json(method: string, path: string, body?: unknown) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(`${simulator.control}${path}`, { method, ...(body !== undefined && { body: text }) });
    return { status: answer.status, body: (await answer.json()) as { id: string; error?: string } };
  }
  return { simulator, ask, json };
}

const anOrder = { pricelist: 9203, licname: "web01", ip: "10.0.0.1" };

describe("the control address", () => {
  it("lists what there is", async () => {
    const { json, simulator } = await controlled();
    expect((await json("GET", "/")).body).toMatchObject({ endpoint: simulator.endpoint });
  });

  it.each(["journal", "ledger", "licenses"] as const)("shows the same %s as the API", async (what) => {
    const { json, simulator, ask } = await controlled();
    simulator.outside.order(anOrder);
    await ask("softexternal");
    expect((await json("GET", `/${what}`)).body).toEqual(JSON.parse(JSON.stringify(simulator[what]())));
  });

  it("shows the balance", async () => {
    const { json } = await controlled();
    expect((await json("GET", "/balance?username=demo")).body).toEqual({ balance: "1000.00" });
  });

  it("clears the journal", async () => {
    const { json, simulator, ask } = await controlled();
    await ask("whoami");
    await json("DELETE", "/journal");
    expect(simulator.journal()).toEqual([]);
  });

  it("sets knobs", async () => {
    const { json, simulator } = await controlled();
    await json("PATCH", "/knobs", { duplicate: "exists", processing: { open: { polls: 1 } } });
    expect([simulator.knobs.duplicate, simulator.knobs.processing.open]).toEqual(["exists", { polls: 1 }]);
  });

  it("resets knobs to those of the start", async () => {
    const { json, simulator } = await controlled({ knobs: { pageSize: 5 } });
    await json("PUT", "/knobs", { pageSize: 7 });
    await json("DELETE", "/knobs");
    expect(simulator.knobs.pageSize).toBe(5);
  });

  it.each([
    [{ duplicates: "exists" }, /unknown knob "duplicates"/],
    [{ duplicate: "never" }, /knob "duplicate" cannot be "never"; expected "allowed" or "exists" or "value"/],
    [{ processing: { open: { polls: -1 } } }, /knob "processing"/],
    ["{", /the body is no valid JSON/],
    [[], /the body must be a JSON object/],
  ])("refuses the knobs %j", async (body, message) => {
    const { json } = await controlled();
    const answer = await json("PATCH", "/knobs", body);
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringMatching(message)]);
  });

  it("changes no knob when one of several is wrong", async () => {
    const { json, simulator } = await controlled();
    await json("PATCH", "/knobs", { duplicate: "exists", pageSize: 0 });
    expect(simulator.knobs.duplicate).toBe("allowed");
  });

  it("moves the clock", async () => {
    const { json, simulator } = await controlled();
    await json("POST", "/clock", { set: "2026-02-01" });
    await json("POST", "/clock", { advance: { days: 2, seconds: 5 } });
    expect(simulator.clock.now().toISOString()).toBe("2026-02-03T00:00:05.000Z");
  });

  it.each([{}, { set: "2026-02-01", advance: {} }, { advance: { weeks: 1 } }, { set: "2020-01-01" }, { back: 1 }])(
    "refuses to move the clock by %j",
    async (body) => {
      const { json } = await controlled();
      expect((await json("POST", "/clock", body)).status).toBe(400);
    },
  );

  it("does what others do, and names the license that they ordered", async () => {
    const { json, simulator } = await controlled();
    const { id } = (await json("POST", "/outside/order", { ...anOrder, autoprolong: 1 })).body;
    await json("POST", "/outside/edit", { id, licname: "web02" });
    await json("POST", "/outside/prolong", { id });
    await json("POST", "/outside/setAutoprolong", { id, value: null });
    await json("POST", "/outside/suspend", { id, code: "3_abusesuspend" });
    expect(simulator.licenses()).toMatchObject([
      { id, licname: "web02", expiredate: "2026-03-15", autoprolong: null, status: "3_abusesuspend" },
    ]);
  });

  it("resumes, deletes, deposits and pays", async () => {
    const { json, simulator } = await controlled();
    const id = simulator.outside.order(anOrder);
    simulator.outside.suspend(id);
    await json("POST", "/outside/resume", { id });
    const resumed = simulator.licenses()[0]?.status;
    await json("POST", "/outside/delete", { id });
    await json("POST", "/outside/deposit", { amount: "14.00" });
    expect([resumed, simulator.licenses()[0]?.status, simulator.balance()]).toEqual(["2", "4", "1000.00"]);
  });

  it.each([
    ["/outside/order", { ...anOrder, pricelist: "9203" }, /"pricelist" must be a whole number/],
    ["/outside/order", { ...anOrder, name: "x" }, /"order" knows no "name"/],
    ["/outside/suspend", { id: "7" }, /no license 7/],
    ["/outside/deposit", { amount: "1.005" }, /no amount of EUR/],
    ["/outside/dance", {}, /no outside act "dance"/],
  ])("refuses %s %j", async (path, body, message) => {
    const { json } = await controlled();
    const answer = await json("POST", path, body);
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringMatching(message)]);
  });

  it("knows no other address", async () => {
    const { json } = await controlled();
    expect((await json("GET", "/else")).status).toBe(404);
  });
});

describe("outside acts", () => {
  it("that cannot be paid leave nothing behind", async () => {
    const { simulator } = await controlled({ accounts: [{ username: "demo", password: "demo", balance: "1.00" }] });
    expect(() => simulator.outside.order(anOrder)).toThrow(/cannot pay/);
    expect(simulator.licenses()).toEqual([]);
  });

  it("end whatever the panel was busy with", async () => {
    const { simulator } = await controlled({ knobs: { processing: { open: "stuck" } } });
    const id = simulator.outside.order(anOrder);
    expect(simulator.licenses()[0]?.status).toBe("2");
    simulator.outside.delete(id);
    expect(() => simulator.outside.resume(id)).toThrow(/is deleted/);
  });
});

describe("knobs", () => {
  it("take effect with the next call", async () => {
    const { simulator, ask } = await controlled();
    simulator.knobs.subaccount = "access";
    expect((await ask("subaccount")).error?.$type).toBe("access");
  });

  it("refuse a value that they do not know, when assigned as well", async () => {
    const { simulator } = await controlled();
    expect(() => Object.assign(simulator.knobs, { duplicate: "maybe" })).toThrow(/knob "duplicate"/);
  });

  it("refuse a name that they do not know, at the start as well", async () => {
    await expect(controlled({ knobs: { nope: 1 } })).rejects.toThrow('unknown knob "nope"');
  });

  it("reset to a value that was changed in place", async () => {
    const { simulator } = await controlled();
    simulator.knobs.processing.open = "stuck";
    simulator.knobs.reset();
    expect(simulator.knobs.processing.open).toBe("none");
  });
});
