/*
 * A slow call is sent once and then asked after. Between two of these questions the login may be refused: to another call, or to the
 * question itself.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import {
  isLoginRefused,
  licenseId,
  orderLicense,
  Panel,
  readBalances,
  readLicense,
  suspendLicense,
} from "../../provider/billmanager";
import { startSimulator } from "../../simulator";
import { clientOf, fixture, type Received, type Reply, scriptedPanel, status, xml } from "./scriptedPanel";

const id = licenseId("1234567");
const order = { pricelist: 9203, period: 1, licenseName: "web01", ip: "192.0.2.10" };
const page = fixture("long-call.html");
const form = fixture("form-documented.xml");
const wrongPassword = fixture("error-badpassword.xml");
const blocked = fixture("error-blocked-ip.xml");

const charges = (panel: Panel) => orderLicense(panel, order);
const changes = (panel: Panel) => suspendLicense(panel, id);
const reads = (panel: Panel) => readLicense(panel, id);
const failureOf = (failing: Promise<unknown>) =>
  failing.then(
    () => new Error("done"),
    (error: Error) => error,
  );
/** What each call was: a function by its name, or the question after the answer to a slow one. */
const sent = (calls: readonly Received[]) => calls.map(({ form: fields }) => fields.get("func") ?? "answer?");

describe("a login that is refused to another call while a slow one is waited for", () => {
  /** The other call comes in the pause before the slow call's answer is asked for. */
  async function meanwhile(slow: (panel: Panel) => Promise<unknown>) {
    const server = await scriptedPanel((call) => {
      const func = call.form.get("func");
      return func === "whoami" ? fixture("action-ok.xml") : func === "subaccount" ? wrongPassword : page;
    });
    const panel: Panel = clientOf(server, {
      timeoutSeconds: 5,
      timing: {
        now: Date.now,
        random: () => 0,
        sleep: async () => void (await readBalances(panel).catch(() => undefined)),
      },
    });
    // Until the panel has accepted a call, the other one would wait for the slow one to end.
    await panel.call({ func: "whoami", effect: "read", parameters: {} });
    const failure = await failureOf(slow(panel));
    return { failure, calls: sent(server.calls).slice(1) };
  }

  it.each([
    ["charges", charges, "softexternal.order.param"],
    ["changes", changes, "softexternal.suspend"],
  ])("leaves in the dark what became of one that %s, and its answer is not asked for", async (_effect, slow, func) => {
    const { failure, calls } = await meanwhile(slow);
    expect(failure).toMatchObject({ name: "UnknownOutcomeError", reason: "slow-call", func });
    expect(failure.cause).toSatisfy(isLoginRefused);
    expect(failure.message).not.toMatch(/nothing was (?:changed|charged)/i);
    expect(calls).toEqual([func, "subaccount"]);
  });

  it("ends one that only reads, which is not sent again", async () => {
    const { failure, calls } = await meanwhile(reads);
    expect(failure).toMatchObject({ name: "LoginRefusedError", func: "softexternal.edit", object: "badpassword" });
    expect(calls).toEqual(["softexternal.edit", "subaccount"]);
  });

  it("leaves one order in the books of the simulator, and no call after the refusal", async () => {
    const simulator = await startSimulator({ now: "2026-01-15" });
    simulator.faults.arm({ kind: "slow-call", func: "softexternal.order.param" });
    const panel: Panel = new Panel({
      endpoint: simulator.endpoint,
      username: "demo",
      password: "demo",
      timing: {
        now: Date.now,
        random: () => 0,
        sleep: async () => {
          simulator.outside.setPassword("demo", "rotated");
          await readBalances(panel).catch(() => undefined);
        },
      },
    });
    onTestFinished(async () => {
      await panel.close();
      await simulator.close();
    });
    await readBalances(panel);
    await expect(orderLicense(panel, order)).rejects.toMatchObject({ name: "UnknownOutcomeError" });
    await expect(orderLicense(panel, order)).rejects.toSatisfy(isLoginRefused);
    expect(simulator.ledger()).toHaveLength(1);
    expect(simulator.journal().map(({ func, result }) => `${func} → ${result}`)).toEqual([
      "subaccount → list",
      "softexternal.order.param → ok",
      "subaccount → error:auth",
    ]);
  });
});

describe("a login that is refused to the question after a slow call's answer", () => {
  const refusals: readonly (readonly [string, Reply])[] = [
    ["badpassword", wrongPassword],
    ["blocked_ip", blocked],
    ["forbidden_auth", fixture("error-forbidden-auth.xml")],
    ["HTTP 401", status(401)],
  ];

  it.each(refusals)("is the last call, and a charge stays unknown: %s", async (_object, refusal) => {
    const server = await scriptedPanel([page, refusal, form]);
    const panel = clientOf(server);
    const failure = await failureOf(charges(panel));
    expect(failure).toMatchObject({ name: "UnknownOutcomeError", effect: "charge", reason: "slow-call" });
    expect(failure.cause).toSatisfy(isLoginRefused);
    for (const later of [reads, changes, charges]) await expect(later(panel)).rejects.toSatisfy(isLoginRefused);
    expect(sent(server.calls)).toEqual(["softexternal.order.param", "answer?"]);
  });

  it.each(refusals)("is the last call, and ends one that only reads: %s", async (_object, refusal) => {
    const server = await scriptedPanel([page, refusal, form]);
    const panel = clientOf(server);
    await expect(reads(panel)).rejects.toSatisfy(isLoginRefused);
    await expect(reads(panel)).rejects.toSatisfy(isLoginRefused);
    expect(sent(server.calls)).toEqual(["softexternal.edit", "answer?"]);
  });

  it("says nothing of the login where it is the access that is refused", async () => {
    const server = await scriptedPanel([page, fixture("error-access.xml"), form]);
    const panel = clientOf(server);
    await expect(charges(panel)).rejects.toMatchObject({ name: "UnknownOutcomeError", reason: "slow-call" });
    await expect(reads(panel)).resolves.toMatchObject({ id });
  });

  it("leads to one new login by session, and the read is sent again", async () => {
    const server = await scriptedPanel([
      fixture("auth-session.xml"),
      page,
      xml('<doc><error type="auth"/></doc>'),
      fixture("auth-session.xml"),
      form,
    ]);
    await expect(reads(clientOf(server, { auth: "session" }))).resolves.toMatchObject({ id });
    expect(sent(server.calls)).toEqual(["auth", "softexternal.edit", "answer?", "auth", "softexternal.edit"]);
  });

  it("by session leaves a charge unknown, and the next call logs in anew", async () => {
    const ended = xml('<doc><error type="auth"/></doc>');
    const session = fixture("auth-session.xml");
    const server = await scriptedPanel([session, page, ended, ended, session, form]);
    const panel = clientOf(server, { auth: "session" });
    await expect(charges(panel)).rejects.toMatchObject({ name: "UnknownOutcomeError", reason: "slow-call" });
    await expect(reads(panel)).resolves.toMatchObject({ id });
    expect(sent(server.calls).slice(1)).toEqual([
      "softexternal.order.param",
      "answer?",
      "softexternal.edit",
      "auth",
      "softexternal.edit",
    ]);
  });

  it("ends everything by session, too, where the new login's call is refused as well", async () => {
    const refused = xml('<doc><error type="auth"/></doc>');
    const server = await scriptedPanel([
      fixture("auth-session.xml"),
      page,
      refused,
      fixture("auth-session.xml"),
      page,
      refused,
      form,
    ]);
    const panel = clientOf(server, { auth: "session" });
    await expect(reads(panel)).rejects.toSatisfy(isLoginRefused);
    await expect(reads(panel)).rejects.toSatisfy(isLoginRefused);
    expect(server.calls).toHaveLength(6);
  });
});
