import { describe, expect, it } from "vitest";
import { addMonths, endOfPeriod } from "../../simulator/calendar";
import { panel, refusal } from "./panel";

describe("a month", () => {
  it.each([
    ["2026-01-31", 1, "2026-02-28"],
    ["2028-01-31", 1, "2028-02-29"],
    ["2026-12-31", 1, "2027-01-31"],
    ["2026-03-30", 12, "2027-03-30"],
    ["2028-02-29", 12, "2029-02-28"],
  ])("after %s by %i is %s", (from, months, to) => {
    expect(addMonths(from, months)).toBe(to);
  });

  it("codes of other periods are a lifetime, a day and a trial", () => {
    expect([0, -50, -100].map((code) => endOfPeriod("2026-01-15", code))).toEqual([
      undefined,
      "2026-01-16",
      "2026-01-29",
    ]);
  });
});

describe("the end of a term", () => {
  it("suspends a license that nobody pays for", async () => {
    const { ordered, simulator, status } = await panel();
    const id = await ordered();
    simulator.clock.set("2026-02-14T23:59:59Z");
    const before = status(id);
    simulator.clock.advance({ seconds: 1 });
    expect([before, status(id)]).toEqual(["2", "3_autosuspend"]);
  });

  it("deletes it 30 days later", async () => {
    const { ordered, simulator, status } = await panel();
    const id = await ordered();
    simulator.clock.set("2026-03-16");
    const before = status(id);
    simulator.clock.set("2026-03-17");
    expect([before, status(id)]).toEqual(["3_autosuspend", "4"]);
  });

  it("is moved by autoprolong, once for each period on the way", async () => {
    const { ordered, simulator } = await panel({ now: "2026-01-31" });
    await ordered({ autoprolong: "1" });
    simulator.clock.set("2026-05-01");
    expect(simulator.ledger().map(({ kind, at, paidUntil }) => [kind, at.slice(0, 10), paidUntil])).toEqual([
      ["order", "2026-01-31", "2026-02-28"],
      ["autoprolong", "2026-02-28", "2026-03-28"],
      ["autoprolong", "2026-03-28", "2026-04-28"],
      ["autoprolong", "2026-04-28", "2026-05-28"],
    ]);
  });

  it("suspends when the balance no longer covers autoprolong", async () => {
    const accounts = [{ username: "demo", password: "demo", balance: "30.00" }];
    const { ordered, simulator, status } = await panel({ accounts });
    const id = await ordered({ autoprolong: "1" });
    simulator.clock.set("2026-03-15");
    expect([status(id), simulator.balance()]).toEqual(["3_autosuspend", "2.00"]);
  });

  it("is not moved by an autoprolong that differs from the period", async () => {
    const { ordered, simulator, status } = await panel();
    const id = await ordered({ autoprolong: "3" });
    simulator.clock.set("2026-02-15");
    expect(status(id)).toBe("3_autosuspend");
  });

  it("of several licenses comes in the order of time, whoever has the money then", async () => {
    const accounts = [{ username: "demo", password: "demo", balance: "42.00" }];
    const { ordered, simulator, status } = await panel({ accounts });
    simulator.clock.set("2026-01-16");
    const later = await ordered({ autoprolong: "1" });
    simulator.clock.set("2026-01-17");
    const last = await ordered({ autoprolong: "1" });
    simulator.clock.set("2026-02-20");
    expect([status(later), status(last)]).toEqual(["2", "3_autosuspend"]);
  });
});

describe("processing", () => {
  it("shows for the polls asked for, then the result", async () => {
    const { ask, order } = await panel({ knobs: { processing: { open: { polls: 2 } } } });
    await order();
    const codes: unknown[] = [];
    for (let poll = 0; poll < 3; poll += 1) codes.push((await ask("softexternal")).elem?.[0]?.item_status?.$orig);
    expect(codes).toEqual(["5_open", "5_open", "2"]);
  });

  it("counts no poll that does not show the row", async () => {
    const { ask, ordered, status } = await panel({ knobs: { processing: { open: { polls: 1 } } } });
    const id = await ordered();
    await ask("softexternal", { p_num: "2" });
    expect(status(id)).toBe("5_open");
  });

  it("ends when the simulator's clock says so", async () => {
    const { ordered, simulator, status } = await panel({ knobs: { processing: { open: { seconds: 90 } } } });
    const id = await ordered();
    simulator.clock.advance({ seconds: 89 });
    const before = status(id);
    simulator.clock.advance({ seconds: 1 });
    expect([before, status(id)]).toEqual(["5_open", "2"]);
  });

  it("ends when real time says so", async () => {
    const { ordered, status } = await panel({ knobs: { processing: { open: { realSeconds: 0.005 } } } });
    const id = await ordered();
    await expect.poll(() => status(id), { interval: 2 }).toBe("2");
  });

  it("that is stuck ends by nobody's poll and no passing of days", async () => {
    const { ask, ordered, simulator, status } = await panel({ knobs: { processing: { open: "stuck" } } });
    const id = await ordered();
    await ask("softexternal");
    simulator.clock.advance({ days: 100 });
    expect(status(id)).toBe("5_open");
  });

  it("shows a renewed date only when it is done, though the money is gone", async () => {
    const { ask, ordered, simulator, expires } = await panel({ knobs: { processing: { prolong: { seconds: 5 } } } });
    const elid = await ordered();
    await ask("service.prolong", { elid, period: "1", sok: "ok" });
    const before = [expires(elid), simulator.balance()];
    simulator.clock.advance({ seconds: 5 });
    expect([...before, expires(elid)]).toEqual(["2026-02-15", "972.00", "2026-03-15"]);
  });

  it("refuses every other action meanwhile", async () => {
    const { ask, ordered } = await panel({ knobs: { processing: { open: "stuck" } } });
    expect(refusal(await ask("softexternal.suspend", { elid: await ordered() }))).toBe("processing softexternal");
  });

  it("gives way to another action where the knob says so", async () => {
    const { ask, ordered, status } = await panel({
      knobs: { processing: { open: "stuck" }, whileProcessing: "accepted" },
    });
    const elid = await ordered();
    await ask("softexternal.suspend", { elid });
    expect(status(elid)).toBe("3");
  });
});

describe("the clock", () => {
  it("stands still unless it is moved", async () => {
    const { simulator } = await panel({ now: "2026-01-15T10:00:00Z" });
    const first = simulator.clock.now();
    await new Promise((resolve) => setTimeout(resolve, 3));
    expect(simulator.clock.now()).toEqual(first);
  });

  it("runs when asked to", async () => {
    const { simulator } = await panel({ clock: "running" });
    const first = simulator.clock.now();
    await expect.poll(() => simulator.clock.now() > first, { interval: 2 }).toBe(true);
  });

  it("never goes back", async () => {
    const { simulator } = await panel();
    expect(() => simulator.clock.set("2026-01-14")).toThrow(/cannot go back/);
  });

  it.each(["yesterday", "2026-02-30", "2026-1-1"])("refuses %s as a date", async (text) => {
    const { simulator } = await panel();
    expect(() => simulator.clock.set(text)).toThrow(/no ISO date/);
  });
});
