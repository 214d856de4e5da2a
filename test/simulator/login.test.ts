import { describe, expect, it } from "vitest";
import { totpCode } from "../../simulator";
import { panel, refusal } from "./panel";

const wrong = { authinfo: "demo:wrong" };
const login = { username: "demo", password: "demo" };

describe("authinfo", () => {
  it("with a wrong password is refused", async () => {
    const { ask } = await panel();
    expect(refusal(await ask("softexternal", wrong))).toBe("auth badpassword");
  });

  it("takes everything after the first colon as the password", async () => {
    const { ask } = await panel({ accounts: [{ username: "demo", password: "de:mo:&=%" }] });
    expect(await ask("softexternal", { authinfo: "demo:de:mo:&=%" })).toHaveProperty("p_elems");
  });

  it("can be forbidden altogether", async () => {
    const { ask } = await panel({ knobs: { authinfo: "forbidden_auth" } });
    expect((await ask("softexternal")).error?.$type).toBe("forbidden_auth");
  });

  it("is blocked for 20 seconds after wrong passwords, where the knob says so", async () => {
    const { ask, simulator } = await panel({ knobs: { wrongPassword: "blocklogon", wrongPasswordTries: 2 } });
    const answers = [
      refusal(await ask("whoami", wrong)),
      refusal(await ask("whoami", wrong)),
      refusal(await ask("whoami")),
    ];
    simulator.clock.advance({ seconds: 20 });
    answers.push(refusal(await ask("whoami")));
    expect(answers).toEqual(["auth badpassword", "auth badpassword", "auth blocklogon", "undefined undefined"]);
  });

  it("is blocked for everybody on this address, where the knob says so", async () => {
    const { ask } = await panel({ knobs: { wrongPassword: "blocked_ip" } });
    await ask("whoami", wrong);
    expect(refusal(await ask("whoami"))).toBe("auth blocked_ip");
  });

  it("can be refused for the caller's address", async () => {
    const { ask } = await panel({ knobs: { sourceAddress: "refused" } });
    expect(refusal(await ask("whoami"))).toBe("auth badip");
  });

  it("takes a password that somebody changed", async () => {
    const { ask, simulator } = await panel();
    simulator.outside.setPassword("demo", "new");
    expect([refusal(await ask("whoami")), refusal(await ask("whoami", { authinfo: "demo:new" }))]).toEqual([
      "auth badpassword",
      "undefined undefined",
    ]);
  });
});

describe("a session", () => {
  /** A panel without `authinfo` in its calls. */
  async function session(options = {}) {
    const { ask: asDemo, simulator } = await panel(options);
    async function ask(func: string, params: Record<string, string> = {}) {
      const url = `${simulator.endpoint}?${new URLSearchParams({ out: "xml", func, ...params })}`;
      return (await fetch(url)).text();
    }
    const open = async () => /<auth id="(\w+)"/.exec(await ask("auth", login))?.[1] ?? "";
    return { ask, open, asDemo, simulator };
  }

  it("opens by func=auth and serves calls by its id", async () => {
    const { ask, open } = await session();
    expect(await ask("softexternal", { auth: await open() })).toContain("<p_elems>0</p_elems>");
  });

  it.each(["auth", "access"] as const)("ends after an idle hour with %s", async (sessionExpired) => {
    const { ask, open, simulator } = await session({ knobs: { sessionExpired } });
    const auth = await open();
    simulator.clock.advance({ seconds: 3601 });
    expect(await ask("softexternal", { auth })).toContain(`<error type="${sessionExpired}"`);
  });

  it("ends by logout", async () => {
    const { ask, open } = await session();
    const auth = await open();
    await ask("logout", { auth });
    expect(await ask("softexternal", { auth })).toContain('<error type="auth"');
  });

  it("is required", async () => {
    const { ask } = await session();
    expect(await ask("softexternal")).toContain('<error type="auth" object="session"');
  });

  it("may need a second factor", async () => {
    const { ask, open } = await session({ knobs: { secondFactor: "totp" } });
    const auth = await open();
    const told = await ask("whoami", { auth });
    const before = await ask("softexternal", { auth });
    await ask("totp.confirm", { auth, qrcode: totpCode });
    const after = await ask("softexternal", { auth });
    expect([told, before, after]).toEqual([
      expect.stringContaining("<ok>func=totp.confirm</ok>"),
      expect.stringContaining('<error type="totp"'),
      expect.stringContaining("<p_elems>"),
    ]);
  });

  it("may need a captcha", async () => {
    const { ask } = await session({ knobs: { secondFactor: "captcha" } });
    expect(await ask("auth", login)).toContain('<error type="captcha_verification_failed"');
  });
});

describe("permission", () => {
  it("to read the balance can be missing", async () => {
    const { ask } = await panel({ knobs: { subaccount: "access" } });
    expect(refusal(await ask("subaccount"))).toBe("access subaccount");
  });

  it("to call a function can be missing", async () => {
    const { ask } = await panel({ knobs: { deniedFunctions: ["softexternal"] } });
    expect(refusal(await ask("softexternal"))).toBe("access softexternal");
  });

  it("to read the balance shows balance and credit", async () => {
    const { ask } = await panel({ accounts: [{ username: "demo", password: "demo", balance: "12.50", credit: "5" }] });
    expect((await ask("subaccount")).elem?.[0]).toMatchObject({ balance: "12.50 EUR", credit: "5.00 EUR" });
  });
});
