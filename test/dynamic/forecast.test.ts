import { afterEach, describe, expect, it } from "vitest";
import { createFaces, type DynamicFace } from "../../provider/dynamicProvider";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/index";
import { wishFor } from "../license/helpers";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const BALANCE = "subaccount → list";
const QUOTE = "softexternal.order.param → form";

type Inputs = Readonly<Record<string, unknown>>;

const inputsOf = (name: string, index: number, changes: Inputs = {}): Inputs => {
  const { claim, licenseName } = wishFor(name);
  return { claim, licenseName, product: "cloudlinux", ip: `192.0.2.${index}`, ...changes };
};
const web01 = inputsOf("web01", 1);
const web02 = inputsOf("web02", 2);
const web03 = inputsOf("web03", 3);
/** As it stands in the state, paid until 15 February. */
const stateOf = (inputs: Inputs): Inputs => ({
  ...inputs,
  pricelist: 9203,
  period: 1,
  status: "active",
  autoRenew: false,
  expiresOn: "2026-02-15",
  account: "tester@panel.example",
});

describe("a preview", () => {
  let panel: Simulator;
  const lines: string[] = [];
  afterEach(async () => {
    await panel.close();
    lines.length = 0;
  });

  async function begin(
    options: SimulatorOptions & { balance?: string } = {},
    { config = {}, password = "demo" }: { config?: Readonly<Record<string, string>>; password?: string } = {},
  ): Promise<DynamicFace> {
    const { balance = "1000.00", ...others } = options;
    panel = await startSimulator({ accounts: [{ username: "demo", password: "demo", balance }], ...others });
    const { license: face } = createFaces({
      print: (line) => lines.push(line),
      env: { BILLMANAGER_ENDPOINT: panel.endpoint, BILLMANAGER_USERNAME: "demo", BILLMANAGER_PASSWORD: password },
      engineIsGone: async () => false,
      now: () => new Date("2026-01-15T12:00:00Z"),
    });
    await face.configure({ config: { get: (key) => config[key.replace("billmanager:", "")] } });
    return face;
  }
  const declare = async (face: DynamicFace, ...all: readonly Inputs[]) => {
    for (const inputs of all) {
      expect((await face.check({}, { ...inputs })).failures).toEqual([]);
    }
  };
  /** As the engine asks about a license that stands in the state. */
  const compare = async (face: DynamicFace, news: Inputs, olds: Inputs = news) => {
    expect((await face.check({ ...olds }, { ...news })).failures).toEqual([]);
    return face.diff("1000001", { ...stateOf(olds) }, { ...news });
  };
  const calls = () => panel.journal().map(({ func, result }) => `${func} → ${result}`);
  const warnings = () => lines.filter((line) => line.startsWith("warning: "));

  it("of licenses at a panel that does not answer waits for one call's time, and says so once", async () => {
    const face = await begin({}, { config: { timeout: "1" } });
    panel.faults.arm({ kind: "silence", times: "always" });
    await declare(face, web01, web02);
    expect(lines.filter((line) => line.startsWith("warning:"))).toEqual([
      "warning: the account's balance and prices cannot be read within 1 seconds, so nothing is told of what they allow",
    ]);
    expect(panel.journal()).toHaveLength(1);
  });

  it("reads the balance once and one price per tariff and period, where something is due", async () => {
    const face = await begin();
    await Promise.all([web01, web02, web03].map((inputs) => declare(face, inputs)));
    expect(calls()).toEqual([BALANCE, QUOTE]);
    await declare(face, inputsOf("web04", 4, { product: "kernelcare" }));
    await compare(face, inputsOf("web05", 5, { paidUntil: "2026-03-01" }));
    expect(calls()).toEqual([BALANCE, QUOTE, QUOTE]);
    expect(warnings()).toEqual([]);
  });

  it("calls nothing where nothing is due, whatever else changes", async () => {
    const face = await begin({ balance: "0.00" });
    await compare(face, web01);
    await compare(face, inputsOf("web02", 9, { suspended: true, maxPrice: "1.00 EUR", autoRenew: true }), web02);
    expect(calls()).toEqual([]);
    expect(warnings()).toEqual([]);
  });

  it("calls nothing for a refresh, which compares, too, and pays nothing", async () => {
    const face = await begin({ balance: "0.00" });
    const due = inputsOf("web01", 1, { paidUntil: "2026-03-01", maxPrice: "1.00 EUR" });
    await face.diff("1000001", { ...stateOf(due) }, { ...due });
    expect(calls()).toEqual([]);
    expect(warnings()).toEqual([]);
  });

  it("does not fail a refresh for a day that is too far away for one update, and says so", async () => {
    const face = await begin();
    const far = inputsOf("web01", 1, { paidUntil: "2036-03-01" });
    const { changes } = await face.diff("1000001", { ...stateOf(far), __provider: "x" }, { ...far });
    expect(changes).toBe(false);
    expect(warnings()).toEqual([expect.stringContaining("paidUntil 2036-03-01 lies more than 24 periods after")]);
    await expect(compare(face, far)).rejects.toThrow("paidUntil 2036-03-01 lies more than 24 periods after");
    expect(calls()).toEqual([]);
  });

  it("warns from the license on with which an update would spend more than the account has", async () => {
    const face = await begin({ balance: "30.00" });
    await declare(face, web01, web02);
    expect(warnings()).toEqual([]);
    await declare(face, web03);
    expect(warnings()).toEqual([
      `warning: ${web03.licenseName}: with it an update would spend 42.00 EUR, and 30.00 EUR are available (balance and credit): ` +
        "it would refuse what they do not cover; top up the account",
    ]);
  });

  it("counts renewals, and those that follow an order", async () => {
    const face = await begin({ balance: "56.00" });
    await declare(face, inputsOf("web01", 1, { paidUntil: "2026-03-01" }));
    await compare(face, inputsOf("web02", 2, { paidUntil: "2026-04-01" }));
    expect(warnings()).toEqual([]);
    await declare(face, inputsOf("web03", 3, { product: "softaculous" }));
    expect(warnings()).toEqual([expect.stringContaining("would spend 58.50 EUR, and 56.00 EUR are available")]);
  });

  it("names the price of the renewals that follow an order, also where they are too many", async () => {
    const face = await begin();
    await declare(face, inputsOf("web01", 1, { paidUntil: "2026-04-01" }));
    expect(lines).toContain(`${web01.licenseName}: an update renews until 2026-04-15, 2 periods at 14.00 EUR`);
    const { failures } = await face.check({}, { ...inputsOf("web02", 2, { paidUntil: "2029-01-01" }) });
    expect(failures.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(
        /^paidUntil 2029-01-01 lies more than 24 periods after .*, which would cost more than 336\.00 EUR:/,
      ),
    ]);
    expect(calls()).toEqual([BALANCE, QUOTE]);
  });

  it("counts each license once, however often it is asked about, and no longer when nothing is due any more", async () => {
    const face = await begin({ balance: "28.00" });
    await declare(face, web01, web02, web01, web02, web01);
    expect(warnings()).toEqual([]);
    const due = inputsOf("web04", 4, { paidUntil: "2026-03-01" });
    await compare(face, due);
    expect(warnings()).toEqual([expect.stringMatching(/^warning: web04-.*would spend 42\.00 EUR/)]);
    // Asked about again, the first ones are still those that the account can pay.
    await declare(face, web01, web02);
    await compare(face, { ...due, paidUntil: "2026-02-01" });
    await declare(face, web03);
    await declare(face, inputsOf("web05", 5, { product: "kernelcare", maxPrice: "1.00 EUR" }));
    expect(warnings().slice(1)).toEqual([
      expect.stringMatching(/^warning: web03-.*would spend 42\.00 EUR/),
      expect.stringMatching(/^warning: web05-.*an update would refuse to order: one period costs 3\.50 EUR/),
    ]);
  });

  it("counts a replacement, which orders a new license", async () => {
    const face = await begin({ balance: "3.00" });
    const kernelcare = inputsOf("web01", 1, { product: "kernelcare" });
    await compare(face, kernelcare, web01);
    // The engine checks once more before it replaces.
    await declare(face, kernelcare);
    expect(calls()).toEqual([BALANCE, QUOTE]);
    expect(warnings()).toEqual([expect.stringContaining("with it an update would spend 3.50 EUR, and 3.00 EUR are")]);
  });

  it.each([
    [{}, "13.99 EUR", "one period costs 14.00 EUR, more than maxPrice (13.99 EUR); set a higher maxPrice"],
    [
      {},
      "20.00 USD",
      "one period costs 14.00 EUR, which is not the currency of maxPrice (20.00 USD); give maxPrice in EUR",
    ],
    [
      { quote: "absent", pricelistExport: "access" },
      "20.00 EUR",
      "the vendor names no price, so there is nothing to hold against maxPrice (20.00 EUR); remove maxPrice",
    ],
  ] as const)("warns that an update would refuse by maxPrice: %j, %s", async (knobs, maxPrice, why) => {
    const face = await begin({ knobs });
    await declare(face, inputsOf("web01", 1, { maxPrice }));
    await compare(face, inputsOf("web02", 2, { maxPrice, renewBeforeDays: 40 }));
    expect(warnings()).toEqual([
      expect.stringContaining(`${web01.licenseName}: an update would refuse to order: ${why}`),
      expect.stringContaining(`${web02.licenseName}: an update would refuse to renew: ${why}`),
    ]);
  });

  it("says nothing of a price that maxPrice allows", async () => {
    const face = await begin();
    await declare(face, inputsOf("web01", 1, { maxPrice: "14 EUR" }));
    expect(warnings()).toEqual([]);
  });

  it("does not count what config or maxPrice refuses, and calls nothing for it where config does", async () => {
    const face = await begin({ balance: "14.00" }, { config: { maxOrders: "1" } });
    await declare(face, inputsOf("web01", 1, { maxPrice: "1.00 EUR" }), web02);
    const before = calls().length;
    await declare(face, inputsOf("web03", 3, { product: "kernelcare" }));
    expect(calls()).toHaveLength(before);
    expect(warnings()).toEqual([
      expect.stringMatching(/web01-.* would refuse to order: one period costs/),
      expect.stringMatching(/web03-.* would refuse to order: a run may send no more orders than .* \(1\)$/),
    ]);
  });

  it("is silent about what it does not know yet, and judges the rest", async () => {
    const face = await begin({ balance: "5.00" });
    await declare(face, inputsOf("web01", 1, { ip: UNKNOWN, maxPrice: UNKNOWN }));
    expect(warnings()).toEqual([expect.stringContaining("would spend 14.00 EUR, and 5.00 EUR are available")]);
    const byNumber = { product: undefined, pricelist: 11738, maxPrice: "1.00 EUR" };
    await declare(face, inputsOf("web02", 2, { product: UNKNOWN, maxPrice: "1.00 EUR" }));
    await declare(face, inputsOf("web03", 3, { ...byNumber, period: UNKNOWN }));
    expect(warnings()).toHaveLength(1);
    expect(calls()).toEqual([BALANCE, QUOTE]);
  });

  it.each([
    [
      "a balance that is refused",
      { subaccount: "access" },
      "the account's balance cannot be read (BILLmanager refused subaccount",
    ],
    [
      "no price",
      { quote: "absent", pricelistExport: "access" },
      "the vendor names no price: whether the account can pay",
    ],
  ] as const)("warns by one line, and goes on, where it cannot tell: %s", async (_, knobs, line) => {
    const face = await begin({ balance: "0.00", knobs });
    await declare(face, web01, web02, web03);
    expect(warnings()).toEqual([expect.stringContaining(`warning: ${line}`)]);
  });

  it("warns by one line of prices that cannot be read", async () => {
    const face = await begin();
    panel.faults.arm({ func: "softexternal.order.param", kind: "http", status: 403, times: "always" });
    await declare(
      face,
      inputsOf("web01", 1, { maxPrice: "20.00 EUR" }),
      inputsOf("web02", 2, { maxPrice: "9.00 EUR" }),
    );
    expect(warnings()).toEqual([
      "warning: the vendor's price cannot be read (softexternal.order.param has no readable answer: the server answered HTTP 403): " +
        "an update would pay nothing that has a maxPrice",
    ]);
  });

  it("with a wrong password makes one call and prints one warning, and does not fail", async () => {
    const face = await begin({}, { password: "canary-wr0ng" });
    await Promise.all([web01, web02, web03].map((inputs) => declare(face, inputs)));
    await compare(face, inputsOf("web04", 4, { paidUntil: "2026-03-01", maxPrice: "1.00 EUR" }));
    expect(calls()).toEqual(["subaccount → error:auth"]);
    expect(warnings()).toEqual([
      expect.stringMatching(
        /^warning: neither the account's balance nor prices can be read: BILLmanager refused subaccount \(type auth/,
      ),
    ]);
    expect(lines.join()).not.toContain("canary");
  });
});
