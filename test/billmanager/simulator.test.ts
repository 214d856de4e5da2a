import { describe, expect, it, onTestFinished } from "vitest";
import {
  deleteLicense,
  editLicense,
  isUnknownOutcome,
  licenseId,
  listLicenses,
  orderLicense,
  Panel,
  type PanelOptions,
  prolongLicense,
  quotePrice,
  readBalances,
  readLicense,
  resumeLicense,
  suspendLicense,
} from "../../provider/billmanager";
import { type KnobValues, type Simulator, startSimulator } from "../../simulator";

const order = {
  pricelist: 9203,
  period: 1,
  licenseName: "web01",
  ip: "192.0.2.10",
  autoRenew: false,
  remoteId: "k3yz0abc",
};

async function start(auth: "authinfo" | "session", knobs: KnobValues = {}, options: Partial<PanelOptions> = {}) {
  const simulator = await startSimulator({ now: "2026-01-15", knobs });
  const panel = new Panel({
    endpoint: simulator.endpoint,
    username: "demo",
    password: "demo",
    auth,
    retries: 1,
    timing: { now: Date.now, random: () => 0, sleep: async () => {} },
    ...options,
  });
  onTestFinished(async () => {
    await panel.close();
    await simulator.close();
  });
  return { simulator, panel };
}

const orders = (simulator: Simulator) => simulator.ledger().filter(({ kind }) => kind === "order");
const logins = (simulator: Simulator) => simulator.journal().filter(({ func }) => func === "auth");

async function orderedId(panel: Panel, wish: Partial<typeof order> = {}) {
  const { id } = await orderLicense(panel, { ...order, ...wish });
  if (id === undefined) throw new Error("the receipt names no license");
  return id;
}

describe.each(["authinfo", "session"] as const)("with the simulator (%s)", (auth) => {
  it("a license lives its whole life", async () => {
    const { simulator, panel } = await start(auth, { listColumns: ["pricelist_id", "remoteid", "status"] });
    expect(await quotePrice(panel, order)).toMatchObject({ currency: "EUR", period: 1 });
    const id = await orderedId(panel);
    expect(await readLicense(panel, id)).toMatchObject({
      id,
      licenseName: "web01",
      ip: "192.0.2.10",
      pricelist: 9203,
      status: "active",
      createdOn: "2026-01-15",
      expiresOn: "2026-02-15",
      autoRenew: false,
      autoRenewEditable: true,
    });
    expect(await listLicenses(panel)).toEqual([
      expect.objectContaining({
        id,
        licenseName: "web01",
        pricelist: 9203,
        status: "active",
        remoteId: "k3yz0abc",
        expiresOn: "2026-02-15",
      }),
    ]);

    await editLicense(panel, id, { licenseName: "Сервер", ip: "192.0.2.11", autoRenew: 1 });
    expect(await readLicense(panel, id)).toMatchObject({
      licenseName: "Сервер",
      ip: "192.0.2.11",
      autoRenew: true,
      autoRenewPeriod: 1,
    });

    await suspendLicense(panel, id);
    expect(await readLicense(panel, id)).toMatchObject({ status: "suspended" });
    await resumeLicense(panel, id);
    expect(await prolongLicense(panel, id, 1)).toEqual({ expiresOn: "2026-03-15" });
    expect(await readLicense(panel, id)).toMatchObject({ status: "active", expiresOn: "2026-03-15" });

    await deleteLicense(panel, id);
    await expect(readLicense(panel, id)).rejects.toMatchObject({ name: "NotFoundError" });
    await expect(deleteLicense(panel, id)).rejects.toMatchObject({ name: "NotFoundError" });
    expect(await listLicenses(panel)).toEqual([]);

    const spent = simulator.ledger().reduce((sum, { amount }) => sum + Number(amount), 0);
    expect(await readBalances(panel)).toEqual([
      expect.objectContaining({ amount: (1000 - spent).toFixed(2), currency: "EUR" }),
    ]);
    expect(logins(simulator)).toHaveLength(auth === "session" ? 1 : 0);
  });

  it.each<[KnobValues["orderAnswer"], object]>([
    ["id", { id: expect.stringMatching(/^\d+$/) }],
    ["item.id", { id: expect.stringMatching(/^\d+$/) }],
    ["none", {}],
    ["billorder", { unpaid: { billorder: expect.any(String), paymentUrl: expect.any(String) } }],
    ["payment_id", { unpaid: { paymentId: expect.any(String) } }],
  ])("an order answered with %s is read", async (orderAnswer, receipt) => {
    const { panel } = await start(auth, orderAnswer === undefined ? {} : { orderAnswer });
    expect(await orderLicense(panel, order)).toMatchObject(receipt);
  });

  it.each(["silence", "closed", "empty"] as const)(
    "an order whose answer is lost (%s) is booked once and has an unknown outcome",
    async (kind) => {
      const { simulator, panel } = await start(auth, {}, { timeoutSeconds: 0.3 });
      simulator.faults.arm({ func: "softexternal.order.param", kind });
      await readBalances(panel);
      await expect(orderLicense(panel, order)).rejects.toSatisfy(isUnknownOutcome);
      expect(orders(simulator)).toHaveLength(1);
    },
  );

  it("slow calls are waited for behind their link, and booked once", async () => {
    const { simulator, panel } = await start(auth, { httpLayer: "long" });
    const id = await orderedId(panel);
    expect(await readLicense(panel, id)).toMatchObject({ id });
    expect(orders(simulator)).toHaveLength(1);
  });

  it.each(["403", "460"] as const)("a guard in front (%s) leaves an order unknown", async (httpLayer) => {
    const { simulator, panel } = await start(auth);
    await readBalances(panel);
    simulator.knobs.httpLayer = httpLayer;
    await expect(orderLicense(panel, order)).rejects.toMatchObject({
      reason: "http-status",
      status: Number(httpLayer),
    });
  });

  it.each(["service.prolong", "softexternal.prolong", "both"] as const)(
    "a renewal finds the function under the name %s",
    async (renewalFunctions) => {
      for (const errorBody of ["full", "minimal"] as const) {
        const { simulator, panel } = await start(auth, { renewalFunctions, errorBody });
        const id = await orderedId(panel);
        expect(await prolongLicense(panel, id, 1)).toEqual({ expiresOn: "2026-03-15" });
        expect(await prolongLicense(panel, id, 1)).toEqual({ expiresOn: "2026-04-15" });
        expect(simulator.ledger().filter(({ kind }) => kind === "prolong")).toHaveLength(2);
      }
    },
  );

  it.each(["newexpiredate", "newexpiredate-only", "ok"] as const)(
    "a renewal answered with %s is done",
    async (renewalAnswer) => {
      const { panel } = await start(auth, { renewalAnswer });
      const id = await orderedId(panel);
      expect(await prolongLicense(panel, id, 1)).toEqual(renewalAnswer === "ok" ? {} : { expiresOn: "2026-03-15" });
    },
  );

  it("lists are whole whatever the panel's page size", async () => {
    const { simulator, panel } = await start(auth, { pageSizeCap: 7, savedFilter: { pricelist: "9204" } });
    for (let index = 0; index < 30; index++)
      simulator.outside.order({ pricelist: 9203, licname: `l${index}`, ip: `192.0.2.${index + 1}` });
    const licenses = await listLicenses(panel);
    expect(new Set(licenses.map(({ id }) => id)).size).toBe(30);
    expect(simulator.journal().filter(({ func }) => func === "softexternal")).toHaveLength(5);
  });

  it("a thousand licenses are one call", async () => {
    const { simulator, panel } = await start(auth);
    simulator.outside.deposit("100000.00");
    for (let index = 0; index < 1000; index++) {
      simulator.outside.order({ pricelist: 9203, licname: `l${index}`, ip: `10.0.${index >> 8}.${index & 255}` });
    }
    expect(await listLicenses(panel)).toHaveLength(1000);
    expect(simulator.journal().filter(({ func }) => func === "softexternal")).toHaveLength(1);
  });

  it.each<KnobValues>([
    { itemStatus: "real-status-only" },
    { statusWords: "localised", errorMessages: "localised" },
    { listColumns: ["status"] },
    { listExpiredate: "phrase", listColumns: ["real_expiredate"] },
    { listAutoprolongOff: "off" },
    { listAutoprolongOff: "null" },
    { listAutoprolongOff: "empty" },
    { tparams: "echoed" },
  ])("a row is read alike however the panel shows it: %j", async (knobs) => {
    const { simulator, panel } = await start(auth, knobs);
    const id = await orderedId(panel);
    simulator.outside.suspend(id, "3_abusesuspend");
    const [row] = await listLicenses(panel);
    expect(row).toMatchObject({
      id,
      licenseName: "web01",
      ip: "192.0.2.10",
      tariff: expect.stringContaining("CloudLinux"),
      status: "suspended",
      statusReason: "abusesuspend",
      createdOn: "2026-01-15",
      expiresOn: "2026-02-15",
      autoRenew: false,
    });
  });

  it.each<[KnobValues, object]>([
    [{ formPricelist: "name" }, { tariff: expect.stringContaining("CloudLinux"), status: "active" }],
    [{ formStatus: "raw" }, { pricelist: 9203, status: "active" }],
    [{ formStatus: "absent" }, { pricelist: 9203 }],
    [{ formAutoprolong: "absent" }, { autoRenewEditable: false }],
    [
      { formFields: ["lickey", "remoteid", "pricelist_name"] },
      { remoteId: "k3yz0abc", pricelist: 9203, tariff: expect.stringContaining("CloudLinux") },
    ],
  ])("a form is read however the panel shows it: %j", async (knobs, shown) => {
    const { panel } = await start(auth, knobs);
    expect(await readLicense(panel, await orderedId(panel))).toMatchObject({
      licenseName: "web01",
      ip: "192.0.2.10",
      expiresOn: "2026-02-15",
      ...shown,
    });
  });

  it("a deletion at the end of the term shows as scheduled", async () => {
    const { panel } = await start(auth, {
      deletion: "scheduled",
      listColumns: ["scheduledclose"],
      formFields: ["scheduledclose"],
    });
    const id = await orderedId(panel);
    await deleteLicense(panel, id);
    expect(await readLicense(panel, id)).toMatchObject({ status: "active", scheduledClose: { on: "2026-02-15" } });
    expect(await listLicenses(panel)).toEqual([expect.objectContaining({ scheduledClose: { on: "2026-02-15" } })]);
  });

  it.each<[string, KnobValues, string, (panel: Panel) => Promise<unknown>]>([
    [
      "a second license on one address",
      { duplicate: "exists" },
      "exists",
      (panel) => orderedId(panel).then(() => orderLicense(panel, order)),
    ],
    ["an unknown tariff", {}, "wizard_unavailable", (panel) => orderLicense(panel, { ...order, pricelist: 1 })],
    ["a period that the tariff has not", {}, "value", (panel) => orderLicense(panel, { ...order, period: 12 })],
    ["a bad address", {}, "value", (panel) => orderLicense(panel, { ...order, ip: "10.0.0.300" })],
    [
      "a suspension that customers may not make",
      { suspendResume: "access" },
      "access",
      async (panel) => suspendLicense(panel, await orderedId(panel)),
    ],
    [
      "a deletion before the minimum term",
      { deletion: "minimum-term" },
      "pricelist_min_order",
      async (panel) => deleteLicense(panel, await orderedId(panel)),
    ],
    [
      "a deletion that needs a phone",
      { deletion: "phone" },
      "extraconfirm",
      async (panel) => deleteLicense(panel, await orderedId(panel)),
    ],
    ["a balance that is nobody's business", { subaccount: "access" }, "access", readBalances],
    [
      "a license of somebody else, perhaps",
      { wrongElid: "access" },
      "access",
      (panel) => readLicense(panel, licenseId("999999")),
    ],
  ])("%s is refused, with the vendor's type", async (_what, knobs, type, act) => {
    for (const errorBody of ["full", "minimal"] as const) {
      const { panel } = await start(auth, {
        ...knobs,
        errorBody,
        errorPlaceholders: errorBody === "full",
        errorTrailingSpace: true,
      });
      await expect(act(panel)).rejects.toMatchObject({
        name: "RefusedError",
        type,
        vendorMessage: expect.not.stringMatching(/__\w+__|\s$/),
      });
    }
  });

  it("an order beyond the balance is refused, and costs nothing", async () => {
    const { simulator, panel } = await start(auth, { insufficientFundsType: "no_money" });
    while (Number(simulator.balance().split(" ")[0]) >= 14) {
      simulator.outside.order({ pricelist: 9203, licname: "spent", ip: "192.0.2.99" });
    }
    const before = simulator.balance();
    await expect(orderLicense(panel, order)).rejects.toMatchObject({ name: "RefusedError", type: "no_money" });
    expect(simulator.balance()).toBe(before);
  });

  it("an edit answered by the form again is no success", async () => {
    const { panel } = await start(auth, { editAnswer: "form" });
    const id = await orderedId(panel);
    await expect(editLicense(panel, id, { licenseName: "new", ip: "192.0.2.11" })).rejects.toMatchObject({
      reason: "form-redisplayed",
    });
  });

  it.each<KnobValues>([
    { wrongPassword: "badpassword" },
    { wrongPassword: "blocklogon" },
    { wrongPassword: "blocked_ip" },
    { sourceAddress: "refused" },
  ])("twenty calls with a login that is refused (%j) are one call", async (knobs) => {
    const { simulator, panel } = await start(
      auth,
      knobs,
      knobs.wrongPassword === undefined ? {} : { password: "wrong" },
    );
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => listLicenses(panel)));
    expect(new Set(results.map((result) => result.status === "rejected" && result.reason.name))).toEqual(
      new Set(["LoginRefusedError"]),
    );
    expect(simulator.journal()).toHaveLength(1);
  });

  it("a second factor ends everything, in words", async () => {
    const { simulator, panel } = await start(auth, { secondFactor: "totp" });
    await expect(listLicenses(panel)).rejects.toMatchObject({
      name: "LoginRefusedError",
      message: expect.stringContaining("second factor"),
    });
    const calls = simulator.journal().length;
    await expect(listLicenses(panel)).rejects.toMatchObject({ name: "LoginRefusedError" });
    expect(simulator.journal()).toHaveLength(calls);
  });

  it("orders never share a connection", async () => {
    const { simulator, panel } = await start(auth);
    await listLicenses(panel);
    await orderedId(panel, { ip: "192.0.2.1" });
    await orderedId(panel, { ip: "192.0.2.2" });
    const own = simulator
      .journal()
      .filter(({ effect }) => effect === "charge")
      .map(({ connection }) => connection);
    const others = simulator
      .journal()
      .filter(({ effect }) => effect !== "charge")
      .map(({ connection }) => connection);
    expect(new Set([...own, others[0]]).size).toBe(3);
  });
});

describe("a session of the simulator", () => {
  it.each(["auth", "access"] as const)(
    "that expired, shown as %s, is opened anew for reads and for orders",
    async (sessionExpired) => {
      const { simulator, panel } = await start("session", { sessionExpired });
      await listLicenses(panel);
      simulator.clock.advance({ seconds: 2 * 3600 });
      await listLicenses(panel);
      simulator.clock.advance({ seconds: 2 * 3600 });
      await orderedId(panel);
      expect([logins(simulator).length, orders(simulator).length]).toEqual([3, 1]);
    },
  );

  it("is the way in where authinfo is forbidden", async () => {
    const { panel } = await start("session", { authinfo: "forbidden_auth" });
    await expect(listLicenses(panel)).resolves.toEqual([]);
    const refused = await start("authinfo", { authinfo: "forbidden_auth" });
    await expect(listLicenses(refused.panel)).rejects.toMatchObject({
      name: "LoginRefusedError",
      message: expect.stringContaining("session login"),
    });
  });
});
