import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Stage, setStage, spending, takeCalls } from "./helpers/harness";

const BALANCE = "subaccount → list";
const QUOTE = "softexternal.order.param → form";
const ORDER = "softexternal.order.param → ok";

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Each test goes on from where the one before it has left the stack. */
describe("the limits on what is spent hold with the real engine", () => {
  let stage: Stage;
  const cloudlinux = (address: number, changes = {}) => ({
    product: "cloudlinux",
    ip: `192.0.2.${address}`,
    ...changes,
  });
  const charges = () => stage.panel.journal().filter(({ effect }) => effect === "charge");
  const linesOf = (output: string) => (output.split("Diagnostics:")[1] ?? "").split("\n").map((line) => line.trim());

  beforeAll(async () => {
    stage = await setStage({
      face: "plugin",
      simulator: { accounts: [{ ...ACCOUNT, balance: "10.00", credit: "20.00" }] },
    });
  });
  afterAll(() => stage.close());

  it("a preview warns of the license with which the money is spent, and of one that costs too much", async () => {
    await stage.declare({
      a: cloudlinux(1),
      b: cloudlinux(2),
      c: cloudlinux(3),
      dear: { product: "kernelcare", ip: "192.0.2.4", maxPrice: "3.49 EUR" },
    });
    const { code, output } = await stage.workspace.preview();
    expect(code).toBe(0);
    const warnings = linesOf(output).filter((line) => line.startsWith("warning: "));
    expect(warnings.toSorted()).toEqual([
      expect.stringMatching(
        /^warning: [abc]-\w+: with it an update would spend 42\.00 EUR, and 30\.00 EUR are available \(balance and credit\)/,
      ),
      expect.stringMatching(
        /^warning: dear-\w+: an update would refuse to order: one period costs 3\.50 EUR, more than maxPrice \(3\.49 EUR\)/,
      ),
    ]);
    expect(takeCalls(stage.panel).toSorted()).toEqual([QUOTE, QUOTE, BALANCE]);
  });

  it("an update orders as many as the money covers, all at once, and sends none of the others", async () => {
    const { code, output } = await stage.workspace.up("--skip-preview", "--continue-on-error");
    expect(code).not.toBe(0);
    expect(spending(stage.panel)).toHaveLength(2);
    expect(charges()).toHaveLength(2);
    expect(output).toContain(
      "14.00 EUR are needed, and 2.00 EUR are available (balance and credit, less what this run spends). Nothing was ordered; top up the account",
    );
    expect(output).toContain(
      "one period costs 3.50 EUR, more than maxPrice (3.49 EUR). Nothing was ordered; set a higher maxPrice if that price is right",
    );
    expect(await stage.workspace.licenses()).toHaveLength(2);
  });

  it("after a deposit the next update orders what was refused, and nothing else", async () => {
    stage.panel.outside.deposit("100.00");
    takeCalls(stage.panel);
    await stage.declare({ a: cloudlinux(1), b: cloudlinux(2), c: cloudlinux(3, { maxPrice: "14 EUR" }) });
    expect((await stage.workspace.up("--skip-preview")).code).toBe(0);
    const calls = takeCalls(stage.panel);
    expect(calls.slice(0, 2)).toEqual([BALANCE, QUOTE]);
    expect(calls.filter((call) => call === ORDER)).toHaveLength(1);
    expect((await stage.workspace.up()).output).toContain("4 unchanged");
    expect(takeCalls(stage.panel)).toEqual([]);
  });

  it("a renewal above maxPrice is announced as refused, and is refused", async () => {
    await stage.declare({
      a: cloudlinux(1, { paidUntil: inDays(40), maxPrice: "13.99 EUR" }),
      b: cloudlinux(2),
      c: cloudlinux(3, { maxPrice: "14 EUR" }),
    });
    const preview = await stage.workspace.preview();
    expect(linesOf(preview.output).filter((line) => line.startsWith("warning: "))).toEqual([
      expect.stringMatching(/^warning: a-\w+: an update would refuse to renew: one period costs 14\.00 EUR, more than/),
    ]);
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /license \d+: one period costs 14\.00 EUR, more than maxPrice \(13\.99 EUR\)\. Nothing was renewed/,
    );
    expect(spending(stage.panel).filter((line) => line.startsWith("prolong"))).toEqual([]);
  });

  it("a panel that does not show the balance leaves it to the vendor, with one warning in a run", async () => {
    stage.panel.knobs.subaccount = "access";
    await stage.declare({
      a: cloudlinux(1, { paidUntil: inDays(40), maxPrice: "14.00 EUR" }),
      b: cloudlinux(2, { paidUntil: inDays(40) }),
      c: cloudlinux(3, { maxPrice: "14 EUR" }),
    });
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code).toBe(0);
    expect(linesOf(output).filter((line) => line.startsWith("warning: "))).toEqual([
      expect.stringMatching(
        /the account's balance cannot be read .*: whether the account can pay is left to the vendor$/,
      ),
    ]);
    expect(spending(stage.panel).filter((line) => line.startsWith("prolong"))).toHaveLength(2);
  });
});
