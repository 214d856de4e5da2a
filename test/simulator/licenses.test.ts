import { describe, expect, it } from "vitest";
import { panel, refusal } from "./panel";

describe("the form of a license", () => {
  it("shows the tariff's code and the bare status", async () => {
    const { ask, ordered } = await panel();
    const form = await ask("softexternal.edit", { elid: await ordered() });
    expect(form).toMatchObject({ pricelist: "9203", status: "2", ip: "10.10.10.10", expiredate: "2026-02-15" });
  });

  it.each(["missed", "access"] as const)("of an id that does not exist is refused as %s", async (wrongElid) => {
    const { ask } = await panel({ knobs: { wrongElid } });
    expect(refusal(await ask("softexternal.edit", { elid: "7" }))).toBe(`${wrongElid} softexternal`);
  });

  it("of somebody else's license is refused", async () => {
    const accounts = ["demo", "other"].map((name) => ({ username: name, password: name }));
    const { ask, ordered } = await panel({ accounts, knobs: { foreignElid: "access" } });
    const elid = await ordered({ authinfo: "other:other" });
    expect(refusal(await ask("softexternal.edit", { elid }))).toBe("access softexternal");
  });

  it("can lack the status", async () => {
    const { ask, ordered } = await panel({ knobs: { formStatus: "absent" } });
    expect(await ask("softexternal.edit", { elid: await ordered() })).not.toHaveProperty("status");
  });
});

describe("an edit", () => {
  it("changes name and address", async () => {
    const { ask, ordered, simulator } = await panel();
    const elid = await ordered();
    const answer = await ask("softexternal.edit", { elid, licname: "web02", ip: "10.10.10.11", sok: "ok" });
    expect([answer.ok, simulator.licenses()[0]]).toMatchObject([{}, { licname: "web02", ip: "10.10.10.11" }]);
  });

  it.each([
    ["kept", "web01"],
    ["emptied", ""],
  ] as const)("leaves an omitted name %s", async (editOmitted, licname) => {
    const { ask, ordered, simulator } = await panel({ knobs: { editOmitted } });
    await ask("softexternal.edit", { elid: await ordered(), ip: "10.10.10.11", sok: "ok" });
    expect(simulator.licenses()[0]?.licname).toBe(licname);
  });

  it("that leaves a field out can be refused", async () => {
    const { ask, ordered } = await panel({ knobs: { editOmitted: "refused" } });
    const answer = await ask("softexternal.edit", { elid: await ordered(), licname: "web02", sok: "ok" });
    expect(refusal(answer)).toBe("value ip");
  });

  it("answered by the form again has changed nothing", async () => {
    const { ask, ordered, simulator } = await panel({ knobs: { editAnswer: "form" } });
    const answer = await ask("softexternal.edit", {
      elid: await ordered(),
      licname: "x",
      ip: "10.10.10.11",
      sok: "ok",
    });
    expect([answer.ok, simulator.licenses()[0]?.licname]).toEqual([undefined, "web01"]);
  });

  it("of the address is refused within 31 days of the last, and allowed after", async () => {
    const { ask, ordered, simulator } = await panel({ knobs: { ipChangeLimit: "31-days", deletedAfterDays: 90 } });
    const elid = await ordered();
    const move = async (ip: string) =>
      refusal(await ask("softexternal.edit", { elid, licname: "web01", ip, sok: "ok" }));
    const answers = [await move("10.0.0.1")];
    simulator.clock.advance({ days: 30 });
    answers.push(await move("10.0.0.2"));
    simulator.clock.advance({ days: 1 });
    answers.push(await move("10.0.0.2"));
    expect(answers).toEqual(["undefined undefined", "limit ip", "undefined undefined"]);
  });

  it("switches autoprolong, unless the form offers none", async () => {
    const { ask, ordered, simulator } = await panel();
    const elid = await ordered();
    const edit = () => ask("softexternal.edit", { elid, licname: "a", ip: "10.0.0.1", autoprolong: "1", sok: "ok" });
    simulator.knobs.formAutoprolong = "absent";
    await edit();
    const ignored = simulator.licenses()[0]?.autoprolong;
    simulator.knobs.formAutoprolong = "present";
    await edit();
    expect([ignored, simulator.licenses()[0]?.autoprolong]).toEqual([null, 1]);
  });
});

describe("suspending and resuming", () => {
  it("works without sok, as in the contract's examples", async () => {
    const { ask, ordered, status } = await panel();
    const elid = await ordered();
    await ask("softexternal.suspend", { elid });
    const suspended = status(elid);
    await ask("softexternal.resume", { elid });
    expect([suspended, status(elid)]).toEqual(["3", "2"]);
  });

  it("takes several ids at once", async () => {
    const { ask, ordered, status } = await panel();
    const ids = [await ordered(), await ordered({ ip: "10.10.10.11" })];
    await ask("softexternal.suspend", { elid: ids.join(", ") });
    expect(ids.map(status)).toEqual(["3", "3"]);
  });

  it("touches none of several when one does not exist", async () => {
    const { ask, ordered, status } = await panel();
    const id = await ordered();
    await ask("softexternal.suspend", { elid: `${id}, 7` });
    expect(status(id)).toBe("2");
  });

  it("can be forbidden", async () => {
    const { ask, ordered } = await panel({ knobs: { suspendResume: "access" } });
    expect(refusal(await ask("softexternal.suspend", { elid: await ordered() }))).toBe("access softexternal.suspend");
  });

  it.each(["3_employeesuspend", "3_abusesuspend", "3_autosuspend"] as const)("does not lift %s", async (code) => {
    const { ask, ordered, status, simulator } = await panel();
    const elid = await ordered();
    simulator.outside.suspend(elid, code);
    await ask("softexternal.resume", { elid });
    expect(status(elid)).toBe(code);
  });
});

describe("a renewal", () => {
  it.each(["service.prolong", "softexternal.prolong"])("by %s extends from the end of the term", async (func) => {
    const { ask, ordered, expires } = await panel();
    const elid = await ordered();
    await ask(func, { elid, period: "1", sok: "ok" });
    expect(expires(elid)).toBe("2026-03-15");
  });

  it("answers the new date in a nested doc", async () => {
    const { ask, ordered } = await panel();
    const answer = await ask("service.prolong", { elid: await ordered(), period: "1", sok: "ok" });
    expect(answer.doc).toEqual({ newexpiredate: "2026-03-15" });
  });

  it("without sok is a preview that costs nothing", async () => {
    const { ask, ordered, simulator } = await panel();
    const preview = await ask("service.prolong", { elid: await ordered() });
    expect([preview.newexpiredate, simulator.ledger().length]).toEqual(["2026-03-15", 1]);
  });

  it.each([
    ["end-or-today", "2026-03-01"],
    ["end", "2026-03-15"],
  ] as const)("of a suspended license counts from %s", async (renewalFrom, date) => {
    const { ask, ordered, expires, simulator } = await panel({ knobs: { renewalFrom } });
    const elid = await ordered();
    simulator.outside.suspend(elid);
    simulator.clock.set("2026-02-01");
    await ask("service.prolong", { elid, period: "1", sok: "ok" });
    expect(expires(elid)).toBe(date);
  });

  it("lifts a suspension for want of payment", async () => {
    const { ask, ordered, status, simulator } = await panel();
    const elid = await ordered();
    simulator.clock.set("2026-02-20");
    await ask("service.prolong", { elid, period: "1", sok: "ok" });
    expect(status(elid)).toBe("2");
  });

  it("leaves a suspension by staff in place", async () => {
    const { ask, ordered, status, simulator } = await panel();
    const elid = await ordered();
    simulator.outside.suspend(elid, "3_abusesuspend");
    await ask("service.prolong", { elid, period: "1", sok: "ok" });
    expect(status(elid)).toBe("3_abusesuspend");
  });

  it("beyond the balance changes neither date nor balance", async () => {
    const accounts = [{ username: "demo", password: "demo", balance: "20.00" }];
    const { ask, ordered, expires, simulator } = await panel({ accounts });
    const elid = await ordered();
    const answer = await ask("service.prolong", { elid, period: "1", sok: "ok" });
    expect([refusal(answer), expires(elid), simulator.balance()]).toEqual([
      "not_enough_money balance",
      "2026-02-15",
      "6.00",
    ]);
  });

  it("exists under one name only, where the knob says so", async () => {
    const { ask, ordered } = await panel({ knobs: { renewalFunctions: "service.prolong" } });
    const answer = await ask("softexternal.prolong", { elid: await ordered(), period: "1", sok: "ok" });
    expect(refusal(answer)).toBe("missed func");
  });
});

describe("a deletion", () => {
  it("hides the license from list and form", async () => {
    const { ask, ordered } = await panel();
    const elid = await ordered();
    await ask("softexternal.delete", { elid, sok: "ok" });
    const [list, form] = [await ask("softexternal"), await ask("softexternal.edit", { elid })];
    expect([list.p_elems, refusal(form)]).toEqual(["0", "missed softexternal"]);
  });

  it("leaves code 4 behind, where the knobs say so", async () => {
    const { ask, ordered } = await panel({ knobs: { deletedRows: "listed", deletedForm: "status-4" } });
    const elid = await ordered();
    await ask("softexternal.delete", { elid, sok: "ok" });
    const [list, form] = [await ask("softexternal"), await ask("softexternal.edit", { elid })];
    expect([list.elem?.[0]?.item_status?.$orig, form.status]).toEqual(["4", "4"]);
  });

  it("without sok deletes nothing", async () => {
    const { ask, ordered, status } = await panel();
    const elid = await ordered();
    await ask("softexternal.delete", { elid });
    expect(status(elid)).toBe("2");
  });

  it("gives nothing back by default", async () => {
    const { ask, ordered, simulator } = await panel();
    await ask("softexternal.delete", { elid: await ordered(), sok: "ok" });
    expect(simulator.balance()).toBe("986.00");
  });

  it("gives back the unused days when the knob says so", async () => {
    const { ask, ordered, simulator } = await panel({ knobs: { refund: "balance" } });
    const elid = await ordered();
    simulator.clock.advance({ days: 10 });
    await ask("softexternal.delete", { elid, sok: "ok" });
    // 21 of 31 days of 14.00, rounded down
    expect(simulator.ledger()[1]).toMatchObject({ kind: "refund", amount: "9.48" });
  });

  it("can wait until the term ends", async () => {
    const { ask, ordered, status, simulator } = await panel({ knobs: { deletion: "scheduled" } });
    const elid = await ordered({ autoprolong: "1" });
    await ask("softexternal.delete", { elid, sok: "ok" });
    const before = status(elid);
    simulator.clock.set("2026-02-15");
    expect([before, status(elid), simulator.ledger().length]).toEqual(["2", "4", 1]);
  });

  it.each([
    ["forbidden", "access softexternal.delete"],
    ["phone", "extraconfirm undefined"],
    ["minimum-term", "pricelist_min_order undefined"],
  ] as const)("can be refused: %s", async (deletion, expected) => {
    const { ask, ordered } = await panel({ knobs: { deletion } });
    expect(refusal(await ask("softexternal.delete", { elid: await ordered(), sok: "ok" }))).toBe(expected);
  });
});
