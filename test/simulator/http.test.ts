import { describe, expect, it } from "vitest";
import { anOrder, docOf, panel } from "./panel";

const order = { authinfo: "demo:demo", func: "softexternal.order.param", out: "json", ...anOrder };

describe("the panel", () => {
  it.each(["/billmgr", "/manager/billmgr", "/"])("answers on %s", async (path) => {
    const { simulator } = await panel();
    const answer = await fetch(new URL(`${path}?func=whoami&authinfo=demo:demo&out=xml`, simulator.endpoint));
    expect(await answer.text()).toContain('<user name="demo"');
  });

  it("takes an order by GET, as in the contract's examples", async () => {
    const { simulator } = await panel();
    const answer = await fetch(`${simulator.endpoint}?${new URLSearchParams(order)}`);
    expect(docOf(await answer.text()).id).toBe("1000001");
  });

  it("prefers the body to the query", async () => {
    const { simulator } = await panel();
    const body = new URLSearchParams({ func: "subaccount" });
    const answer = await fetch(`${simulator.endpoint}?func=whoami&authinfo=demo:demo&out=xml`, {
      method: "POST",
      body,
    });
    expect(await answer.text()).toContain('func="subaccount"');
  });

  it("answers a page for people when no format is asked for", async () => {
    const { simulator } = await panel();
    const answer = await fetch(`${simulator.endpoint}?func=whoami&authinfo=demo:demo`);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
  });

  it("answers a refusal with status 200", async () => {
    const { simulator } = await panel();
    expect((await fetch(`${simulator.endpoint}?func=whoami&out=xml`)).status).toBe(200);
  });

  it("refuses a body beyond a megabyte with 413", async () => {
    const { simulator } = await panel();
    const answer = await fetch(simulator.endpoint, { method: "POST", body: `x=${"y".repeat(1_048_576)}` });
    expect([answer.status, await answer.text()]).toEqual([413, expect.stringContaining("at most 1048576")]);
  });

  it.each(["/else", "//"])("knows no %s", async (path) => {
    const { simulator } = await panel();
    expect((await fetch(simulator.endpoint.replace("/billmgr", path))).status).toBe(404);
  });

  it("leaves nothing open when it is closed", async () => {
    const { simulator } = await panel({ knobs: { latencyMs: 60_000 } });
    const pending = fetch(simulator.endpoint).then(
      () => "answered",
      () => "cut",
    );
    await expect.poll(() => simulator.journal().length, { interval: 2 }).toBe(1);
    await simulator.close();
    expect(await pending).toBe("cut");
  });

  it("refuses a port that is taken", async () => {
    const { simulator } = await panel();
    await expect(panel({ port: Number(new URL(simulator.endpoint).port) })).rejects.toThrow(/EADDRINUSE/);
  });
});

describe("a slow panel", () => {
  it("books before it answers", async () => {
    const { simulator } = await panel({ knobs: { latencyMsFor: { "softexternal.order.param": 60_000 } } });
    fetch(simulator.endpoint, { method: "POST", body: new URLSearchParams(order) }).catch(() => undefined);
    await expect.poll(() => simulator.ledger().length, { interval: 2 }).toBe(1);
  });

  it("can answer with a link to the answer", async () => {
    const { simulator } = await panel({ knobs: { httpLayer: "long" } });
    const page = await (await fetch(simulator.endpoint, { method: "POST", body: new URLSearchParams(order) })).text();
    const link = /href="([^"]+)"/.exec(page)?.[1] ?? "";
    const answer = await fetch(new URL(link, simulator.endpoint));
    expect([link, docOf(await answer.text()).id]).toEqual([expect.stringMatching(/long.*billmgr/), "1000001"]);
  });
});

it.each(["403", "460"] as const)("a guard that answers %s lets nothing through", async (httpLayer) => {
  const { simulator } = await panel({ knobs: { httpLayer } });
  const answer = await fetch(simulator.endpoint, { method: "POST", body: new URLSearchParams(order) });
  expect([answer.status, simulator.licenses()]).toEqual([Number(httpLayer), []]);
});

describe("the journal", () => {
  it("tells what each call did, in order", async () => {
    const { simulator, ask, order } = await panel();
    await order();
    await order({ sok: "" });
    await ask("softexternal");
    await ask("softexternal.suspend", { elid: "1000001" });
    await ask("softexternal.delete", { elid: "7", sok: "ok" });
    await ask("auth", { username: "demo", password: "demo" });
    expect(simulator.journal().map(({ func, effect, result }) => `${func} ${effect} ${result}`)).toEqual([
      "softexternal.order.param charge ok",
      "softexternal.order.param read form",
      "softexternal read list",
      "softexternal.suspend change ok",
      "softexternal.delete change error:missed",
      "auth login session",
    ]);
  });

  it("holds no credentials", async () => {
    const { simulator, ask } = await panel();
    await ask("auth", { username: "demo", password: "secret", auth: "secret" });
    expect(simulator.journal()[0]?.params).toMatchObject({ authinfo: "***", password: "***", auth: "***" });
  });

  it("names the account only when it was let in", async () => {
    const { simulator, ask } = await panel();
    await ask("whoami");
    await ask("whoami", { authinfo: "demo:wrong" });
    expect(simulator.journal().map(({ account }) => account)).toEqual(["demo", undefined]);
  });

  it("counts how many calls are in flight", async () => {
    const { simulator, ask } = await panel({ knobs: { latencyMs: 500 } });
    await Promise.all([ask("whoami"), ask("whoami"), ask("whoami")]);
    expect(simulator.journal().map(({ inFlight }) => inFlight)).toEqual([1, 2, 3]);
  });

  it("tells connections apart", async () => {
    const { simulator } = await panel();
    const closing = { headers: { connection: "close" } };
    await (await fetch(simulator.endpoint, closing)).text();
    await (await fetch(simulator.endpoint, closing)).text();
    expect(new Set(simulator.journal().map(({ connection }) => connection)).size).toBe(2);
  });

  it("goes on counting after it was cleared", async () => {
    const { simulator, ask } = await panel();
    await ask("whoami");
    simulator.clearJournal();
    await ask("whoami");
    expect(simulator.journal().map(({ seq }) => seq)).toEqual([2]);
  });

  it("knows nothing of what others do", async () => {
    const { simulator } = await panel();
    simulator.outside.order({ pricelist: 9203, licname: "a", ip: "10.0.0.1" });
    expect([simulator.journal(), simulator.ledger().length]).toEqual([[], 1]);
  });
});
