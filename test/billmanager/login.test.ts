import { describe, expect, it } from "vitest";
import {
  deleteLicense,
  isLoginRefused,
  licenseId,
  listLicenses,
  orderLicense,
  type Panel,
  readBalances,
  readLicense,
  suspendLicense,
} from "../../provider/billmanager";
import { LoginRefusedError } from "../../provider/billmanager/errors/LoginRefusedError";
import {
  clientOf,
  fixture,
  hangUp,
  hold,
  password,
  type Received,
  type Reply,
  scriptedPanel,
  status,
  xml,
} from "./scriptedPanel";

const id = licenseId("1234567");
const order = { pricelist: 9203, period: 1, licenseName: "web01", ip: "192.0.2.10" };
const form = fixture("form-documented.xml");
const ok = fixture("action-ok.xml");
const wrongPassword = fixture("error-badpassword.xml");
const accessDenied = fixture("error-access.xml");

const twentyCalls = (panel: Panel) =>
  Array.from({ length: 20 }, (_, index) => (index % 2 ? readLicense(panel, id) : suspendLicense(panel, id)));
const funcs = (calls: readonly Received[]) => calls.map(({ form: fields }) => fields.get("func"));
const afterTurns = () => new Promise((resolve) => setTimeout(resolve, 30));

describe.each(["authinfo", "session"] as const)("a refused login (%s)", (auth) => {
  it("is one call to the panel even when twenty start together", async () => {
    const server = await scriptedPanel(() => wrongPassword);
    const results = await Promise.allSettled(twentyCalls(clientOf(server, { auth })));
    expect(results.filter((result) => result.status === "rejected" && isLoginRefused(result.reason))).toHaveLength(20);
    expect(server.calls).toHaveLength(1);
  });

  it("is told to each call in its own name, with the same explanation", async () => {
    const server = await scriptedPanel(() => wrongPassword);
    const panel = clientOf(server, { auth });
    const calls = [readLicense(panel, id), suspendLicense(panel, id), orderLicense(panel, order), listLicenses(panel)];
    const errors = (await Promise.allSettled(calls)).map((result) => result.status === "rejected" && result.reason);
    expect(errors.map(({ func }) => func)).toEqual([
      "softexternal.edit",
      "softexternal.suspend",
      "softexternal.order.param",
      "softexternal",
    ]);
    const refused = auth === "session" ? "auth" : "softexternal.edit";
    const told = `BILLmanager refused ${refused} (type auth, object badpassword): Invalid username or password. The user name or the password is wrong: check both. Nothing was changed or charged, and no further call is made with this login.`;
    expect(errors.map(({ message, func }) => message.replace(`${func} was not sent: `, ""))).toEqual(
      Array(4).fill(told),
    );
    expect(errors.slice(1).every(({ message, func }) => message.startsWith(`${func} was not sent: `))).toBe(true);
    expect(errors.every(({ type, object }) => type === "auth" && object === "badpassword")).toBe(true);
  });

  it("ends everything: no later call reaches the panel", async () => {
    const server = await scriptedPanel([wrongPassword, ok]);
    const panel = clientOf(server, { auth });
    await expect(readLicense(panel, id)).rejects.toSatisfy(isLoginRefused);
    await expect(orderLicense(panel, order)).rejects.toSatisfy(isLoginRefused);
    expect(server.calls).toHaveLength(1);
  });

  const reasons: readonly [name: string, reply: Reply, words: string][] = [
    ["badpassword", fixture("error-badpassword.xml"), "The user name or the password is wrong"],
    ["nouser", xml('<doc><error type="auth" object="nouser"/></doc>'), "knows no such user"],
    ["nolink", xml('<doc><error type="auth" object="nolink"/></doc>'), "not linked to an account"],
    ["blocklogon", fixture("error-blocklogon.xml"), "about 20 seconds"],
    ["blocked_ip", fixture("error-blocked-ip.xml"), "blocks the address"],
    ["badip", fixture("error-badip.xml"), "listed addresses"],
    [
      "blockgeoip",
      xml('<doc><error type="auth" object="blockgeoip"/></doc>'),
      "from this country: run from another one",
    ],
    ["forbidden_auth", fixture("error-forbidden-auth.xml"), 'use session login (auth "session")'],
    ["captcha_verification_failed", fixture("error-captcha.xml"), "a captcha, which a program cannot solve"],
    ["totp", fixture("error-totp.xml"), "a second factor: use a separate API user"],
    ["extraconfirm", xml('<doc><error type="extraconfirm"/></doc>'), "a person confirms the login"],
    [
      "a type that nobody has seen",
      xml('<doc><error type="auth" object="moon_phase"/></doc>'),
      "whether this user may",
    ],
    ["HTTP 401", status(401), "whether this user may"],
  ];

  it.each(reasons)("is explained in words, and to later calls in the same: %s", async (_name, reply, words) => {
    const server = await scriptedPanel([reply, ok]);
    const panel = clientOf(server, { auth });
    const first = await readLicense(panel, id).catch((error) => error);
    expect(first).toMatchObject({ name: "LoginRefusedError", message: expect.stringContaining(words) });
    const told = first.message.slice(first.message.indexOf("BILLmanager"));
    for (const later of [suspendLicense(panel, id), orderLicense(panel, order), readLicense(panel, id)]) {
      await expect(later).rejects.toMatchObject({
        name: "LoginRefusedError",
        type: first.type,
        message: expect.stringContaining(told),
      });
    }
    expect(server.calls).toHaveLength(1);
  });

  it("also counts when nobody has seen its object before", async () => {
    const server = await scriptedPanel([xml('<doc><error type="auth" object="moon_phase"/></doc>')]);
    await expect(readLicense(clientOf(server, { auth }), id)).rejects.toMatchObject({
      name: "LoginRefusedError",
      object: "moon_phase",
    });
  });
});

describe.each([
  ["charges", (panel: Panel) => orderLicense(panel, order)],
  ["changes", (panel: Panel) => suspendLicense(panel, id)],
])("a call that %s and has to ask first whether it may start", (_effect, begin) => {
  /** Something shuts the account's gate between the call's turn and the answer to its question. */
  async function meanwhile(shut: (panel: Panel) => Promise<unknown>) {
    const server = await scriptedPanel((call) => (call.form.get("func") === "subaccount" ? wrongPassword : ok));
    const panel = clientOf(server);
    await panel.call({ func: "whoami", effect: "read", parameters: {} });
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    panel.beforeChanges(() => {
      asked.resolve();
      return answered.promise;
    });
    const failing = begin(panel).catch((error) => error);
    await asked.promise;
    await shut(panel);
    answered.resolve();
    return { failure: await failing, calls: funcs(server.calls).slice(1) };
  }

  it("is not sent where another call has been refused the login meanwhile", async () => {
    const { failure, calls } = await meanwhile((panel) => readBalances(panel).catch(() => undefined));
    expect(failure).toSatisfy(isLoginRefused);
    expect(failure.message).toContain("was not sent");
    expect(calls).toEqual(["subaccount"]);
  });

  it("is not sent where the run was cancelled meanwhile", async () => {
    const { failure, calls } = await meanwhile(async (panel) => panel.end("the run was cancelled", 1_000));
    expect(failure).toMatchObject({ name: "NotSentError", message: expect.stringContaining("the run was cancelled") });
    expect(calls).toEqual([]);
  });
});

describe("a confirmation that the panel wants for what is to be done", () => {
  it("concerns that call alone", async () => {
    const server = await scriptedPanel([xml('<doc><error type="extraconfirm" object="phone"/></doc>'), form]);
    const panel = clientOf(server);
    await expect(deleteLicense(panel, id)).rejects.toMatchObject({ name: "RefusedError", type: "extraconfirm" });
    await expect(readLicense(panel, id)).resolves.toMatchObject({ id });
  });
});

describe("the explanation of a refused login", () => {
  const explained = (type: string, object?: string) =>
    new LoginRefusedError({ func: "f", type, ...(object ? { object } : {}), vendorMessage: "" }).message.split(
      "given. ",
    )[1];

  it("differs from reason to reason", () => {
    const auth = ["badpassword", "nouser", "nolink", "blocklogon", "blocked_ip", "badip", "blockgeoip", "moon_phase"];
    const types = ["forbidden_auth", "captcha_verification_failed", "totp", "extraconfirm"];
    const all = [...auth.map((object) => explained("auth", object)), ...types.map((type) => explained(type))];
    expect(new Set(all).size).toBe(all.length);
  });

  it("is the same where the reason is the type of the error and where it is its object", () => {
    for (const reason of ["forbidden_auth", "captcha", "totp_required", "extraconfirm", "badip"])
      expect(explained("auth", reason)).toBe(explained(reason));
  });
});

describe("until the panel has accepted a call", () => {
  it("only one is in flight", async () => {
    const server = await scriptedPanel((call) => (call.form.get("func") === "softexternal.edit" ? form : hold));
    const panel = clientOf(server);
    const first = suspendLicense(panel, id);
    const others = twentyCalls(panel);
    await afterTurns();
    expect(server.calls).toHaveLength(1);
    const releasing = setInterval(server.release, 1);
    await Promise.all([first, ...others]);
    clearInterval(releasing);
    expect(server.calls).toHaveLength(21);
  });

  it("a lost answer does not open the gate, and the next is again the only one", async () => {
    const server = await scriptedPanel([hangUp, wrongPassword]);
    const results = await Promise.allSettled(twentyCalls(clientOf(server)));
    expect(server.calls).toHaveLength(2);
    expect(results.filter((result) => result.status === "rejected" && isLoginRefused(result.reason))).toHaveLength(19);
  });

  it("a refusal of anything but the login is an acceptance", async () => {
    const server = await scriptedPanel((call) =>
      call.form.get("func") === "softexternal.delete" ? fixture("error-missed.xml") : hold,
    );
    const panel = clientOf(server, { parallel: 4 });
    await expect(deleteLicense(panel, id)).rejects.toMatchObject({ name: "NotFoundError" });
    const calls = Array.from({ length: 6 }, () => suspendLicense(panel, id));
    await afterTurns();
    expect(server.peak()).toBe(4);
    const releasing = setInterval(server.release, 1);
    await Promise.all(calls);
    clearInterval(releasing);
  });
});

describe("calls in flight", () => {
  it("may end after another was refused the login, but are not repeated", async () => {
    const server = await scriptedPanel((call) => {
      const elid = call.form.get("elid");
      if (elid === "1") return form1;
      if (elid === "2") return hold;
      if (elid === "3") return (response, received) => void setTimeout(() => status(502)(response, received), 20);
      return wrongPassword;
    });
    const form1 = xml("<doc><elid>1</elid><licname>a</licname></doc>");
    const panel = clientOf(server);
    await readLicense(panel, licenseId("1"));
    const held = suspendLicense(panel, licenseId("2"));
    const failing = readLicense(panel, licenseId("3"));
    await expect(suspendLicense(panel, licenseId("4"))).rejects.toSatisfy(isLoginRefused);
    server.release();
    await expect(held).resolves.toBeUndefined();
    await expect(failing).rejects.toSatisfy(isLoginRefused);
    expect(server.calls.filter(({ form: fields }) => fields.get("elid") === "3")).toHaveLength(1);
  });
});

describe("access denied with authinfo", () => {
  it("concerns that function alone", async () => {
    const server = await scriptedPanel([accessDenied, form]);
    const panel = clientOf(server);
    await expect(readBalances(panel)).rejects.toMatchObject({
      name: "RefusedError",
      type: "access",
      object: "subaccount",
    });
    await expect(readLicense(panel, id)).resolves.toMatchObject({ id });
  });
});

describe("a session", () => {
  const session = fixture("auth-session.xml");
  const numbered = (number: number) =>
    xml(`<doc func="auth"><auth id="session-${number}" level="16">session-${number}</auth></doc>`);

  /** A panel that knows its sessions: the n-th login opens `session-n`, and the latest alone is good for `uses` calls. */
  function withSessions(uses: number, expired: Reply, answer: Reply = form) {
    let logins = 0;
    let used = 0;
    return scriptedPanel((call) => {
      if (call.form.get("func") === "auth") {
        logins++;
        used = 0;
        return numbered(logins);
      }
      if (call.form.get("auth") !== `session-${logins}`) return expired;
      used++;
      return used > uses ? expired : answer;
    });
  }

  it("is opened once, and then stands for the password", async () => {
    const server = await scriptedPanel([session, form, ok]);
    const panel = clientOf(server, { auth: "session" });
    await readLicense(panel, id);
    await suspendLicense(panel, id);
    expect(
      server.calls.map(({ form: fields }) => [
        fields.get("func"),
        fields.get("username"),
        fields.get("password"),
        fields.get("auth"),
        fields.get("authinfo"),
      ]),
    ).toEqual([
      ["auth", "user", password, null, null],
      ["softexternal.edit", null, null, "a1b2c3d4e5f60718", null],
      ["softexternal.suspend", null, null, "a1b2c3d4e5f60718", null],
    ]);
  });

  it("is shared by calls that start together", async () => {
    const server = await withSessions(100, wrongPassword, ok);
    const panel = clientOf(server, { auth: "session" });
    await Promise.all(Array.from({ length: 20 }, () => suspendLicense(panel, id)));
    expect(funcs(server.calls).filter((func) => func === "auth")).toHaveLength(1);
  });

  it("may belong to a user name with a colon", async () => {
    const server = await scriptedPanel([session, form]);
    await readLicense(clientOf(server, { auth: "session", username: "a:b" }), id);
    expect(server.calls[0]?.form.get("username")).toBe("a:b");
  });

  it.each([
    ["auth", xml('<doc><error type="auth"/></doc>')],
    ["access", accessDenied],
  ])("that ended, shown as %s, is opened anew once, and the call goes on", async (_type, expired) => {
    const server = await withSessions(1, expired);
    const panel = clientOf(server, { auth: "session" });
    await readLicense(panel, id);
    await readLicense(panel, id);
    expect(funcs(server.calls)).toEqual([
      "auth",
      "softexternal.edit",
      "softexternal.edit",
      "auth",
      "softexternal.edit",
    ]);
  });

  it("that ended under many calls leads to one new login", async () => {
    let logins = 0;
    const server = await scriptedPanel((call) => {
      if (call.form.get("func") === "auth") return numbered(++logins);
      return call.form.get("auth") === "session-1" && server.calls.length > 2
        ? xml('<doc><error type="auth"/></doc>')
        : ok;
    });
    const panel = clientOf(server, { auth: "session" });
    await suspendLicense(panel, id);
    await Promise.all(Array.from({ length: 20 }, () => suspendLicense(panel, id)));
    expect(logins).toBe(2);
  });

  it("that ended lets an order be sent with the next one, since it was refused before", async () => {
    const server = await scriptedPanel([
      session,
      form,
      xml('<doc><error type="auth"/></doc>'),
      session,
      fixture("order-id.xml"),
    ]);
    const panel = clientOf(server, { auth: "session" });
    await readLicense(panel, id);
    await expect(orderLicense(panel, order)).resolves.toEqual({ id });
  });

  it("refused again at once as auth ends everything", async () => {
    const server = await withSessions(0, xml('<doc><error type="auth"/></doc>'));
    const panel = clientOf(server, { auth: "session" });
    await expect(readLicense(panel, id)).rejects.toSatisfy(isLoginRefused);
    await expect(readLicense(panel, id)).rejects.toSatisfy(isLoginRefused);
    expect(funcs(server.calls)).toEqual(["auth", "softexternal.edit", "auth", "softexternal.edit"]);
  });

  it.each(["blocklogon", "blocked_ip", "badip", "blockgeoip"])(
    "is not opened anew while the panel blocks the login: %s",
    async (object) => {
      const server = await scriptedPanel([session, xml(`<doc><error type="auth" object="${object}"/></doc>`)]);
      const panel = clientOf(server, { auth: "session" });
      await expect(readLicense(panel, id)).rejects.toMatchObject({ name: "LoginRefusedError", object });
      await expect(readLicense(panel, id)).rejects.toMatchObject({ name: "LoginRefusedError", object });
      expect(funcs(server.calls)).toEqual(["auth", "softexternal.edit"]);
    },
  );

  it("refused again as access is that function's refusal, and costs no further logins", async () => {
    const server = await scriptedPanel((call) => {
      const func = call.form.get("func");
      return func === "auth" ? session : func === "subaccount" ? accessDenied : form;
    });
    const panel = clientOf(server, { auth: "session" });
    await expect(readBalances(panel)).rejects.toMatchObject({ name: "RefusedError", type: "access" });
    await expect(readBalances(panel)).rejects.toMatchObject({ name: "RefusedError", type: "access" });
    await expect(readLicense(panel, id)).resolves.toMatchObject({ id });
    expect(funcs(server.calls).filter((func) => func === "auth")).toHaveLength(2);
  });

  it("that the panel does not name is a damaged answer", async () => {
    const server = await scriptedPanel(() => fixture("auth-without-session.xml"));
    await expect(listLicenses(clientOf(server, { auth: "session" }))).rejects.toMatchObject({
      func: "auth",
      reason: "malformed",
    });
  });

  it("with an id longer than any is a damaged answer", async () => {
    const server = await scriptedPanel([xml(`<doc><auth>${"x".repeat(257)}</auth></doc>`)]);
    await expect(readLicense(clientOf(server, { auth: "session", retries: 0 }), id)).rejects.toMatchObject({
      func: "auth",
      reason: "malformed",
    });
  });

  it("is asked for again after a login whose answer was lost", async () => {
    const server = await scriptedPanel([hangUp, session, form]);
    await expect(readLicense(clientOf(server, { auth: "session" }), id)).resolves.toMatchObject({ id });
  });
});
