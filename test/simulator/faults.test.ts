import { describe, expect, it } from "vitest";
import type { Fault, FaultKind } from "../../simulator";
import { anOrder, type Doc, docOf, panel, refusal } from "./panel";

const ORDER = "softexternal.order.param";

/** A simulator for which a fault waits, and what the next order then meets. */
async function withFault(fault: Fault) {
  const { simulator, ...others } = await panel();
  simulator.faults.arm(fault);
  const send = (signal: AbortSignal | null = null) =>
    fetch(simulator.endpoint, {
      method: "POST",
      body: new URLSearchParams({ authinfo: "demo:demo", out: "json", func: ORDER, ...anOrder }),
      signal,
    });
  const journal = () =>
    simulator.journal().map(({ result, fault }) => (fault === undefined ? result : [fault, result]));
  return { simulator, send, journal, ...others };
}

describe("a fault", () => {
  it.each<[FaultKind, Fault, number]>([
    ["reset", { kind: "reset" }, 0],
    ["closed", { kind: "closed" }, 1],
    ["cut", { kind: "cut", framing: "chunked" }, 1],
  ])("%s ends the connection without a whole answer", async (kind, fault, booked) => {
    const { simulator, send, journal } = await withFault(fault);
    await expect(send().then((answer) => answer.text())).rejects.toThrow();
    expect(simulator.ledger()).toHaveLength(booked);
    expect(journal()).toEqual([[kind, booked === 1 ? "ok" : "not carried out"]]);
  });

  it("cut with a length that fits is noticed in the text alone", async () => {
    const { simulator, send } = await withFault({ kind: "cut", framing: "content-length", at: 0.9 });
    const answer = await send();
    const text = await answer.text();
    expect(answer.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
    expect(() => docOf(text)).toThrow(SyntaxError);
    expect(simulator.ledger()).toHaveLength(1);
  });

  it("silence leaves the order booked", async () => {
    const { simulator, send } = await withFault({ kind: "silence" });
    const caller = new AbortController();
    const sent = send(caller.signal);
    await expect.poll(() => simulator.ledger().length, { interval: 2 }).toBe(1);
    caller.abort();
    await expect(sent).rejects.toThrow();
  });

  it.each([
    [{ kind: "http", status: 502 }, 502, 0],
    [{ kind: "http", status: 504, booked: true }, 504, 1],
    [{ kind: "login-page" }, 200, 0],
    [{ kind: "login-page", booked: true }, 200, 1],
  ] as const)("%j answers with a page", async (fault, status, booked) => {
    const { simulator, send } = await withFault(fault);
    const answer = await send();
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining("<!DOCTYPE html>")]);
    expect(simulator.ledger()).toHaveLength(booked);
  });

  it("http can ask to wait", async () => {
    const { send } = await withFault({ kind: "http", status: 429, retryAfter: 7 });
    const answer = await send();
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "7"]);
  });

  it("empty answers with nothing", async () => {
    const { simulator, send } = await withFault({ kind: "empty" });
    const answer = await send();
    expect([answer.status, await answer.text(), simulator.ledger().length]).toEqual([200, "", 1]);
  });

  it("late books at once and answers later", async () => {
    const { simulator, send } = await withFault({ kind: "late", seconds: 0.3 });
    let isAnswered = false;
    const sent = send().then((answer) => {
      isAnswered = true;
      return answer.text();
    });
    await expect.poll(() => simulator.ledger().length, { interval: 2 }).toBe(1);
    expect(isAnswered).toBe(false);
    expect(docOf(await sent).id).toBe("1000001");
  });

  it("slow-call points to the answer", async () => {
    const { simulator, send } = await withFault({ kind: "slow-call" });
    const link = /href="([^"]+)"/.exec(await (await send()).text())?.[1] ?? "";
    const answer = await fetch(new URL(link, simulator.endpoint));
    expect([docOf(await answer.text()).id, simulator.ledger().length]).toEqual(["1000001", 1]);
  });

  it("error refuses with its type", async () => {
    const { simulator, order } = await withFault({ kind: "error", type: "limit", object: "ip", message: "Too many" });
    const answer = await order();
    expect([refusal(answer), String(answer.error?.msg)]).toEqual(["limit ip", "Too many"]);
    expect(simulator.ledger()).toEqual([]);
  });

  it("knobs holds for one call", async () => {
    const { simulator, order } = await withFault({ kind: "knobs", knobs: { orderAnswer: "none" } });
    expect(await order()).not.toHaveProperty("id");
    expect(await order({ ip: "10.10.10.11" })).toHaveProperty("id");
    expect(simulator.knobs.orderAnswer).toBe("id");
  });

  it("twin books an order twice", async () => {
    const { simulator, order } = await withFault({ func: ORDER, kind: "twin" });
    expect(String((await order()).id)).toBe("1000002");
    expect(simulator.ledger().map(({ kind, licname }) => `${kind} ${licname}`)).toEqual(["order web01", "order web01"]);
  });

  it("refused lets nobody in for a while after the call", async () => {
    const { simulator, order, ask } = await withFault({ func: ORDER, kind: "refused", seconds: 0.3 });
    await order();
    await expect.poll(() => ask("softexternal").catch((error: Error) => error.message)).toBe("fetch failed");
    await expect.poll(() => ask("softexternal").catch(() => undefined)).toHaveProperty("elem");
    expect(simulator.ledger()).toHaveLength(1);
  });

  it("refused without a function begins at once, and a simulator can be closed meanwhile", async () => {
    const { simulator, ask } = await panel();
    simulator.faults.arm({ kind: "refused", seconds: 3600 });
    await expect(ask("softexternal")).rejects.toThrow("fetch failed");
    await simulator.close();
  });
});

describe("what a call has done can stay hidden", () => {
  const rows = ({ elem }: Doc) => (Array.isArray(elem) ? elem.length : 0);

  it("an order: from so many lists, and from forms", async () => {
    const { ask, order } = await withFault({ func: ORDER, kind: "answered", hiddenFor: 2 });
    const id = String((await order()).id);
    expect(rows(await ask("softexternal"))).toBe(0);
    expect(refusal(await ask("softexternal.edit", { elid: id }))).toBe("missed softexternal");
    expect(rows(await ask("softexternal"))).toBe(0);
    expect(rows(await ask("softexternal"))).toBe(1);
  });

  it("a renewal and a suspension: the row stays as it was", async () => {
    const { simulator, ask, ordered } = await panel();
    const id = await ordered();
    simulator.faults.arm({ func: "service.prolong", kind: "answered", hiddenFor: 1 });
    await ask("service.prolong", { elid: id, period: "1", sok: "ok" });
    const shown = async () => (await ask("softexternal")).elem?.[0];
    expect([String((await shown())?.expiredate), String((await shown())?.expiredate)]).toEqual([
      "2026-02-15",
      "2026-03-15",
    ]);
    simulator.faults.arm({ func: "softexternal.suspend", kind: "closed", hiddenFor: 1 });
    await ask("softexternal.suspend", { elid: id }).catch(() => undefined);
    expect([String((await shown())?.status_msg), String((await shown())?.status_msg)]).toEqual(["Active", "Suspended"]);
  });
});

describe("armed faults", () => {
  it("wait for their function and effect, let so many pass, and happen so many times", async () => {
    const { simulator, ask, ordered } = await panel();
    const id = await ordered();
    const edit = { elid: id, licname: "other", ip: "10.10.10.10", sok: "ok" };
    simulator.faults.arm({
      func: "softexternal.edit",
      effect: "change",
      kind: "error",
      type: "limit",
      skip: 1,
      times: 2,
    });
    const types: string[] = [];
    for (const params of [{ elid: id }, edit, { elid: id }, edit, edit, edit]) {
      types.push(String((await ask("softexternal.edit", params)).error?.$type));
    }
    expect(types).toEqual(["undefined", "undefined", "undefined", "limit", "limit", "undefined"]);
    expect(simulator.faults.armed()).toEqual([]);
  });

  it("happen in the order in which they were armed, one to a call", async () => {
    const { simulator, ask } = await panel();
    simulator.faults.arm({ kind: "error", type: "first" });
    simulator.faults.arm({ kind: "error", type: "always", times: "always" });
    const types: string[] = [];
    for (let call = 0; call < 3; call += 1) types.push(String((await ask("softexternal")).error?.$type));
    expect(types).toEqual(["first", "always", "always"]);
    expect(simulator.faults.armed()).toEqual([{ kind: "error", type: "always", times: "always", skip: 0 }]);
    simulator.faults.clear();
    expect(await ask("softexternal")).not.toHaveProperty("error");
  });

  it.each([
    [{ kind: "unheard of" }, /no fault of kind "unheard of"; expected one of refused, reset, /],
    [{}, /no fault of kind undefined/],
    [{ kind: "late" }, /"late" needs "seconds"/],
    [{ kind: "late", seconds: "1" }, /"seconds" of a fault cannot be "1"/],
    [{ kind: "closed", seconds: 1 }, /knows no "seconds"; expected func, effect, times, skip, hiddenFor/],
    [{ kind: "closed", times: 0 }, /"times" of a fault cannot be 0/],
    [{ kind: "cut", framing: "half" }, /"framing"/],
    [{ kind: "http", status: 99 }, /"status"/],
    [{ kind: "knobs", knobs: { noSuchKnob: 1 } }, /unknown knob "noSuchKnob"/],
    [{ kind: "twin" }, /happens to "softexternal.order.param" alone/],
  ])("refuse what makes no sense: %j", async (fault, message) => {
    const { simulator } = await panel();
    expect(() => simulator.faults.arm(fault as never)).toThrow(message);
  });

  it("are armed, shown and forgotten at the control address", async () => {
    const { simulator, ask } = await panel();
    const faults = (method: string, body?: unknown) =>
      fetch(`${simulator.control}/faults`, { method, body: body === undefined ? null : JSON.stringify(body) });
    const armed = await faults("POST", { func: "softexternal", kind: "error", type: "limit" });
    expect(await armed.json()).toEqual([{ func: "softexternal", kind: "error", type: "limit", times: 1, skip: 0 }]);
    expect(refusal(await ask("softexternal"))).toBe("limit undefined");
    expect(await (await faults("GET")).json()).toEqual([]);
    const refused = await faults("POST", { kind: "late" });
    expect([refused.status, await refused.json()]).toEqual([400, { error: 'a fault of kind "late" needs "seconds"' }]);
    await faults("POST", { kind: "closed" });
    expect(await (await faults("DELETE")).json()).toEqual([]);
  });
});
