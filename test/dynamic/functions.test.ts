import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callFunction } from "../../provider/functions";
import { type Simulator, startSimulator } from "../../simulator/index";
import { fixture, fixtureText, password, scriptedPanel, xml } from "../billmanager/scriptedPanel";

const LIST = "softexternal → list";
const NO_CONFIG = () => undefined;

/** The functions of a program, in its own process. Each simulator has an address of its own, so nothing is left of the test before. */
describe("functions in a program's process", () => {
  let panel: Simulator;
  let env: NodeJS.ProcessEnv;
  const calls = () => panel.journal().map(({ func, result }) => `${func} → ${result}`);

  beforeEach(async () => {
    panel = await startSimulator({ accounts: [{ username: "user", password, balance: "50.00" }] });
    panel.outside.order({ pricelist: 9203, licname: "web01", ip: "192.0.2.10" });
    env = { BILLMANAGER_ENDPOINT: panel.endpoint, BILLMANAGER_USERNAME: "user", BILLMANAGER_PASSWORD: password };
  });
  afterEach(() => panel.close());

  it("log in by the environment, or by the config, which wins", async () => {
    const fromEnv = await callFunction("getBalance", {}, NO_CONFIG, env);
    expect(fromEnv).toEqual({ balances: [{ amount: "36.00", currency: "EUR" }] });
    const other = { ...env, BILLMANAGER_USERNAME: "nobody", BILLMANAGER_PASSWORD: "wrong" };
    const config: Record<string, string> = { username: "user", password };
    expect(await callFunction("getBalance", {}, (key) => config[key], other)).toEqual(fromEnv);
  });

  it("share lists, whoever asks", async () => {
    const asked = Array.from({ length: 10 }, () => callFunction("getLicenses", { ip: "192.0.2.10" }, NO_CONFIG, env));
    expect((await Promise.all(asked)).map(({ licenses }) => licenses.length)).toEqual(Array(10).fill(1));
    expect(calls().filter((call) => call === LIST)).toEqual([LIST]);
  });

  it("log in once in session mode", async () => {
    const config = (key: string) => (key === "auth" ? "session" : undefined);
    await Promise.all([
      callFunction("getLicenses", {}, config, env),
      callFunction("getBalance", {}, config, env),
      callFunction("getPrice", { product: "cloudlinux" }, config, env),
    ]);
    await callFunction("getBalance", {}, config, env);
    expect(calls().filter((call) => call.startsWith("auth"))).toEqual(["auth → session"]);
  });

  it("call nothing more after a refused login, and never tell the password", async () => {
    const wrong = { ...env, BILLMANAGER_PASSWORD: `${password}!` };
    const asked = [
      callFunction("getBalance", {}, NO_CONFIG, wrong),
      callFunction("getLicenses", {}, NO_CONFIG, wrong),
      callFunction("getLicense", { id: "1" }, NO_CONFIG, wrong),
      callFunction("getPrice", { product: "cloudlinux" }, NO_CONFIG, wrong),
    ];
    for (const outcome of await Promise.allSettled(asked)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { name: "LoginRefusedError" } });
      expect(JSON.stringify(outcome) + String((outcome as PromiseRejectedResult).reason)).not.toContain("c4nary");
    }
    await expect(callFunction("getBalance", {}, NO_CONFIG, wrong)).rejects.toMatchObject({ name: "LoginRefusedError" });
    expect(calls()).toEqual([expect.stringContaining("error:auth")]);
  });

  it("name every setting that is missing, and call nothing", async () => {
    await expect(callFunction("getBalance", {}, NO_CONFIG, {})).rejects.toThrow(
      /^billmanager:username is not set: .*; billmanager:password is not set: /,
    );
  });
});

describe("a list that tells less than others", () => {
  const env = (endpoint: string) => ({
    BILLMANAGER_ENDPOINT: endpoint,
    BILLMANAGER_USERNAME: "user",
    BILLMANAGER_PASSWORD: password,
  });

  it("is made up for by the license's own form", async () => {
    const panel = await scriptedPanel([fixture("list-only-words.xml"), fixture("form-documented.xml")]);
    const { licenses } = await callFunction("getLicenses", { status: "active" }, NO_CONFIG, env(panel.endpoint));
    expect(licenses).toMatchObject([{ id: "1234567", status: "active", pricelist: 9203, expiresOn: "2026-02-15" }]);
  });

  it("is no reason to guess: a status that nobody shows is absent, and cannot be chosen by", async () => {
    const form = fixtureText("form-documented.xml").replace("<status>2</status>", "");
    const panel = await scriptedPanel((call) =>
      call.form.get("func") === "softexternal" ? fixture("list-only-words.xml") : xml(form),
    );
    const [license] = (await callFunction("getLicenses", {}, NO_CONFIG, env(panel.endpoint))).licenses;
    expect(license).toMatchObject({ id: "1234567", pricelist: 9203 });
    expect(license).not.toHaveProperty("status");
    await expect(callFunction("getLicenses", { status: "active" }, NO_CONFIG, env(panel.endpoint))).rejects.toThrow(
      "the panel does not show the status of license 1234567",
    );
  });
});
