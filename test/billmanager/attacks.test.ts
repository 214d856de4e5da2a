import { describe, expect, it } from "vitest";
import {
  isLoginRefused,
  isUnknownOutcome,
  licenseId,
  listLicenses,
  orderLicense,
  Panel,
  prolongLicense,
  readLicense,
} from "../../provider/billmanager";
import { startSimulator } from "../../simulator/index";
import { clientOf, scriptedPanel, status, xml } from "./scriptedPanel";

const id = licenseId("1234567");
const order = { pricelist: 9203, period: 1, licenseName: "web01", ip: "192.0.2.10" };

const answering = async (body: string) => clientOf(await scriptedPanel(() => xml(body)));

describe("a wrong password", () => {
  it.each(["authinfo", "session"] as const)(
    "is one login though the panel puts each call aside first (%s)",
    async (auth) => {
      const simulator = await startSimulator({ knobs: { httpLayer: "long" } });
      const panel = new Panel({ endpoint: simulator.endpoint, username: "demo", password: "wrong", auth });
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => listLicenses(panel)));
      expect(outcomes.map((outcome) => outcome.status === "rejected" && isLoginRefused(outcome.reason))).toEqual(
        Array(5).fill(true),
      );
      expect(simulator.journal().filter(({ result }) => result === "error:auth")).toHaveLength(1);
      await simulator.close();
    },
  );

  it("ends everything also where the panel answers it with HTTP 401", async () => {
    const server = await scriptedPanel(() => status(401));
    const panel = clientOf(server);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => listLicenses(panel)));
    expect(outcomes.every((outcome) => outcome.status === "rejected" && isLoginRefused(outcome.reason))).toBe(true);
    expect(server.calls).toHaveLength(1);
  });
});

describe("a password that is a word of the protocol", () => {
  it.each(["auth", "missed"])("does not change what an error is: %s", async (password) => {
    const simulator = await startSimulator({ accounts: [{ username: "demo", password }] });
    const wrong = new Panel({ endpoint: simulator.endpoint, username: "nobody", password });
    await expect(listLicenses(wrong)).rejects.toSatisfy(isLoginRefused);
    const right = new Panel({ endpoint: simulator.endpoint, username: "demo", password });
    await expect(readLicense(right, id)).rejects.toMatchObject({ name: "NotFoundError" });
    await simulator.close();
  });
});

describe("no list", () => {
  it.each([
    '<doc func="softexternal"/>',
    '<doc func="softexternal"><loginform/></doc>',
    '<doc func="logon"><p_cnt>10</p_cnt></doc>',
    '<doc func="softexternal"><list><elem><id>1</id></elem></list></doc>',
    '<doc func="softexternal"><p_cnt>10</p_cnt><p_elems>1 204</p_elems></doc>',
  ])("is taken for an empty account, on which an order would follow: %s", async (body) => {
    await expect(listLicenses(await answering(body))).rejects.toMatchObject({ reason: "malformed" });
  });
});

describe("an order", () => {
  it.each([
    ["a form that shows an id of its own", '<doc><id>9203</id><slist name="period"/></doc>', "form-redisplayed"],
    ["an id in pieces", "<doc><ok/><id>12<b>3</b>45</id></doc>", "malformed"],
    ["an id of nothing", "<doc><ok/><id>0</id></doc>", "malformed"],
    [
      "a breakdown inside the panel",
      '<doc><error type="internal"><msg>Request timed out</msg></error></doc>',
      "internal-error",
    ],
    ["an error that says nothing", "<doc><error/></doc>", "internal-error"],
  ])("is neither done nor refused by %s", async (_, body, reason) => {
    await expect(orderLicense(await answering(body), order)).rejects.toMatchObject({
      name: "UnknownOutcomeError",
      reason,
    });
  });

  it("cannot have its refusal hidden by a processing instruction, about which parsers disagree", async () => {
    const hidden = `<doc><?x ' ?><error type="auth"/><?y ' ?><ok/></doc>`;
    await expect(orderLicense(await answering(hidden), order)).rejects.toSatisfy(isUnknownOutcome);
  });
});

describe("a renewal", () => {
  it.each(["internal", "not_enough_money", "limit"])(
    "is not sent under its other name after an error of type %s",
    async (type) => {
      const server = await scriptedPanel(() => xml(`<doc><error type="${type}" object="service.prolong"/></doc>`));
      await expect(prolongLicense(clientOf(server), id, 1)).rejects.toThrow();
      expect(server.calls).toHaveLength(1);
    },
  );

  it("is not done by a preview of it", async () => {
    const preview =
      "<doc><doc><title_name>web01</title_name><expiredate>2026-02-15</expiredate><newexpiredate>2026-03-15</newexpiredate></doc></doc>";
    await expect(prolongLicense(await answering(preview), id, 1)).rejects.toMatchObject({ reason: "form-redisplayed" });
  });
});

describe("a pause that the server asks for", () => {
  it("is kept by every call of the account", async () => {
    const slept: number[] = [];
    let wake = () => {};
    const timing = {
      now: Date.now,
      random: () => 0,
      sleep: (milliseconds: number) =>
        new Promise<void>((resolve) => {
          slept.push(milliseconds);
          wake = resolve;
        }),
    };
    const empty = xml('<doc func="softexternal"><p_elems>0</p_elems></doc>');
    const server = await scriptedPanel((call) =>
      server.calls.indexOf(call) === 0 ? status(429, { "retry-after": "2" }) : empty,
    );
    const panel = clientOf(server, { timing });
    const first = listLicenses(panel);
    await expect.poll(() => slept).toEqual([2000]);
    const others = Array.from({ length: 10 }, () => listLicenses(panel));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.calls).toHaveLength(1);
    wake();
    await Promise.all([first, ...others]);
    expect(server.calls).toHaveLength(12);
  });

  it("is not cut short by a shorter one that another call in flight is told", async () => {
    const slept = new Map<number, () => void>();
    const timing = {
      now: () => Date.parse("2026-01-15T12:00:00Z"),
      random: () => 0,
      sleep: (milliseconds: number) => new Promise<void>((resolve) => slept.set(milliseconds, resolve)),
    };
    const short = Promise.withResolvers<void>();
    const tooMany = (seconds: string) => status(429, { "retry-after": seconds });
    const ok = xml("<doc><ok/></doc>");
    const server = await scriptedPanel((call) => {
      switch (server.calls.length) {
        case 2:
          return tooMany("50");
        case 3:
          return (response) => void short.promise.then(() => tooMany("1")(response, call));
        default:
          return ok;
      }
    });
    const panel = clientOf(server, { timing });
    const call = () => panel.call({ func: "whoami", effect: "read", parameters: {} });
    await call();
    const calls = [call(), call()];
    await expect.poll(() => [...slept.keys()]).toEqual([50_000]);
    short.resolve();
    await new Promise((resolve) => setTimeout(resolve, 30));
    slept.get(1_000)?.();
    calls.push(call());
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.calls).toHaveLength(3);
    slept.get(50_000)?.();
    await Promise.all(calls);
    expect(server.calls).toHaveLength(6);
  });
});
