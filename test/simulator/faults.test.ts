import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { Fault } from "../../simulator";
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
  return { simulator, send, ...others };
}

/** Sends an order over a bare socket, and tells how the exchange ended. */
function sentRaw(endpoint: string): Promise<string> {
  const { port } = new URL(endpoint);
  const body = String(new URLSearchParams({ authinfo: "demo:demo", out: "json", func: ORDER, ...anOrder }));
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  const socket = connect(Number(port), "127.0.0.1")
    .on("data", (chunk) => {
      text += chunk.toString();
    })
    .on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    .on("close", () => {
      const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? "closed";
      const isEndless = /transfer-encoding: chunked/i.test(text) && !text.endsWith("0\r\n\r\n");
      resolve(isEndless ? `${status}, chunks without an end` : status);
    });
  socket.write(
    `POST /billmgr HTTP/1.1\r\nhost: panel\r\nconnection: close\r\ncontent-length: ${body.length}\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n${body}`,
  );
  return promise;
}

describe("a fault", () => {
  it.each<[Fault, string]>([
    [{ kind: "reset" }, "ECONNRESET, 0 booked: not carried out 0"],
    [{ kind: "closed" }, "closed, 1 booked: ok 0"],
    [{ kind: "cut", framing: "chunked" }, "200, chunks without an end, 1 booked: ok 0"],
    [{ kind: "cut", framing: "content-length" }, "200, 1 booked: ok 0"],
    [{ kind: "http", status: 502 }, "502, 0 booked: not carried out 502"],
    [{ kind: "http", status: 503, booked: true }, "503, 1 booked: ok 503"],
    [{ kind: "http", status: 429, retryAfter: 7 }, "429, 0 booked: not carried out 429"],
    [{ kind: "late", seconds: 0.001 }, "200, 1 booked: ok 200"],
    [{ kind: "answered" }, "200, 1 booked: ok 200"],
    [{ kind: "slow-call" }, "200, 1 booked: ok 200"],
    [{ kind: "empty" }, "200, 1 booked: ok 200"],
    [{ kind: "login-page" }, "200, 0 booked: not carried out 200"],
    [{ kind: "login-page", booked: true }, "200, 1 booked: ok 200"],
    [{ kind: "error", type: "limit" }, "200, 0 booked: not carried out 200"],
    [{ kind: "knobs", knobs: { deniedFunctions: [ORDER] } }, "200, 0 booked: error:access 200"],
    [{ kind: "knobs", knobs: { httpLayer: "403" } }, "403, 0 booked: http:403 403"],
    [{ func: ORDER, kind: "twin" }, "200, 2 booked: ok 200"],
    [{ func: ORDER, kind: "refused", seconds: 0 }, "200, 1 booked: ok 200"],
  ])("%j: what the caller sees, the books hold and the journal tells", async (fault, told) => {
    const { simulator } = await withFault(fault);
    const seen = await sentRaw(simulator.endpoint);
    const [entry] = simulator.journal();
    expect(entry?.fault).toBe(fault.kind);
    expect(`${seen}, ${simulator.ledger().length} booked: ${entry?.result} ${entry?.status}`).toBe(told);
  });

  it("cut with a length that fits is noticed in the text alone", async () => {
    const { simulator, send } = await withFault({ kind: "cut", framing: "content-length", at: 0.9 });
    const answer = await send();
    const text = await answer.text();
    expect(answer.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
    expect(() => docOf(text)).toThrow(SyntaxError);
    expect(simulator.ledger()).toHaveLength(1);
  });

  it.each<Fault>([{ kind: "silence" }, { kind: "late", seconds: 3600 }])("%j books at once", async (fault) => {
    const { simulator, send } = await withFault(fault);
    const sent = send();
    await expect.poll(() => simulator.ledger().length, { interval: 2 }).toBe(1);
    expect(simulator.journal()).toMatchObject([{ fault: fault.kind, result: "ok", status: 0 }]);
    const ended = expect(sent).rejects.toThrow("fetch failed");
    await simulator.close();
    await ended;
  });

  it.each([
    { kind: "http", status: 502 },
    { kind: "login-page", booked: true },
  ] as const)("%j answers with a page", async (fault) => {
    const { send } = await withFault(fault);
    const answer = await send();
    expect([answer.headers.get("content-type"), await answer.text()]).toEqual([
      expect.stringContaining("text/html"),
      expect.stringContaining("<!DOCTYPE html>"),
    ]);
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
    expect((await order({ sok: "" })).id).toBeUndefined();
    expect(String((await order()).id)).toBe("1000001");
    expect(simulator.ledger().map(({ kind, licname }) => `${kind} ${licname}`)).toEqual(["order web01", "order web01"]);
  });

  it("refused lets nobody in after the call, not even on an open connection, until its time is over", async () => {
    const { simulator, order, ask } = await withFault({ func: ORDER, kind: "refused", seconds: 3600 });
    expect(await order()).toHaveProperty("id");
    await expect.poll(() => ask("softexternal").catch((error: Error) => error.message)).toBe("fetch failed");
    simulator.faults.arm({ kind: "refused", seconds: 0 });
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

  it("until the panel catches up", async () => {
    const { simulator, ask, order } = await withFault({ func: ORDER, kind: "answered", hiddenFor: 9 });
    await order();
    simulator.outside.reveal();
    expect(rows(await ask("softexternal"))).toBe(1);
  });

  it("for so many seconds, however many lists are asked for", async () => {
    const { simulator, ask, order } = await withFault({ func: ORDER, kind: "answered", hiddenFor: { seconds: 3600 } });
    await order();
    for (let list = 0; list < 5; list += 1) expect(rows(await ask("softexternal"))).toBe(0);
    simulator.faults.arm({ func: ORDER, kind: "answered", hiddenFor: { seconds: 0.05 } });
    await order({ ip: "10.10.10.11" });
    await expect.poll(async () => rows(await ask("softexternal"))).toBe(1);
  });

  it("an order whose answer is lost as well", async () => {
    const { simulator, ask, send } = await withFault({ func: ORDER, kind: "closed", hiddenFor: 1 });
    await expect(send()).rejects.toThrow("fetch failed");
    expect([simulator.ledger().length, rows(await ask("softexternal")), rows(await ask("softexternal"))]).toEqual([
      1, 0, 1,
    ]);
  });

  it("an order that is edited before it shows", async () => {
    const { simulator, ask, order } = await withFault({ func: ORDER, kind: "answered", hiddenFor: 1 });
    const id = String((await order()).id);
    simulator.faults.arm({ func: "softexternal.edit", kind: "answered", hiddenFor: 2 });
    await ask("softexternal.edit", { elid: id, licname: "other", ip: "10.10.10.10", sok: "ok" });
    expect([rows(await ask("softexternal")), rows(await ask("softexternal")), rows(await ask("softexternal"))]).toEqual(
      [0, 0, 1],
    );
  });

  it.each([
    ["service.prolong", { period: "1", sok: "ok" }, "expiredate", "2026-02-15", "2026-03-15"],
    ["softexternal.edit", { licname: "web02", ip: "10.10.10.10", sok: "ok" }, "licname", "web01", "web02"],
    ["softexternal.suspend", {}, "status_msg", "Active", "Suspended"],
    ["softexternal.delete", { sok: "ok" }, "licname", "web01", "undefined"],
  ])("what %s has changed: the row stays as it was", async (func, params, column, before, after) => {
    const { simulator, ask, ordered } = await panel();
    const elid = await ordered();
    simulator.faults.arm({ func, kind: "answered", hiddenFor: 2 });
    await ask(func, { elid, ...params });
    const shown = async () => String((await ask("softexternal")).elem?.[0]?.[column]);
    expect([await shown(), await shown(), await shown()]).toEqual([before, before, after]);
  });

  it("a renewal: from forms and previews too", async () => {
    const { simulator, ask, ordered } = await panel();
    const elid = await ordered();
    simulator.faults.arm({ func: "service.prolong", kind: "answered", hiddenFor: 1 });
    await ask("service.prolong", { elid, period: "1", sok: "ok" });
    const shown = async (func: string) => String((await ask(func, { elid })).expiredate);
    expect([await shown("softexternal.edit"), await shown("service.prolong")]).toEqual(["2026-02-15", "2026-02-15"]);
    await ask("softexternal");
    expect([await shown("softexternal.edit"), await shown("service.prolong")]).toEqual(["2026-03-15", "2026-03-15"]);
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
    [{ kind: "late" }, /"late" needs "seconds"; expected a number from 0 to 3600/],
    [{ kind: "late", seconds: "1" }, /"seconds" of a fault cannot be "1"; expected a number from 0 to 3600/],
    [{ kind: "closed", seconds: 1 }, /knows no "seconds"; expected func, effect, times, skip, hiddenFor/],
    [{ kind: "closed", times: 0 }, /"times" of a fault cannot be 0/],
    [{ kind: "cut", framing: "half" }, /"framing"/],
    [{ kind: "http", status: 99 }, /"status"/],
    [{ kind: "knobs", knobs: { noSuchKnob: 1 } }, /unknown knob "noSuchKnob"/],
    [{ kind: "twin" }, /happens to charges of "softexternal.order.param" alone/],
    [{ func: ORDER, effect: "read", kind: "twin" }, /happens to charges/],
    [{ kind: "refused", seconds: 1, times: 2 }, /begins at once without "func", and takes "seconds" alone/],
    [{ func: "whoami", kind: "closed", hiddenFor: 1 }, /"hiddenFor" of a fault does nothing for "whoami"/],
    [{ kind: "closed", hiddenFor: { minutes: 1 } }, /expected a whole number of lists or \{"seconds": N\}/],
    [{ kind: "closed", func: "" }, /"func" of a fault cannot be ""; expected a text/],
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
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: 'a fault of kind "late" needs "seconds"; expected a number from 0 to 3600' },
    ]);
    await faults("POST", { kind: "closed" });
    expect(await (await faults("DELETE")).json()).toEqual([]);
  });
});
