import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addMonths, utcDay } from "../../provider/license/calendar";
import { type DeclaredLicense, type Stage, setStage, takeCalls } from "./helpers/harness";

const LIST = "softexternal → list";
const BALANCE = "subaccount → list";
const QUOTE = "softexternal.order.param → form";
const ORDER = "softexternal.order.param → ok";
const EDIT = "softexternal.edit → ok";
const PROLONG = "service.prolong → ok";
const DELETE = "softexternal.delete → ok";
const RENEWED = "prolong BitNinja - 27.00 for 3";
const ONE_BY_ONE = ["--skip-preview", "--parallel", "1"];

const TARIFFS = [
  {
    pricelist: 55369,
    name: "BitNinja",
    price: "10.00",
    ipRequired: false,
    periods: [1, 3, -100],
    prices: { 3: "27.00" },
  },
  { pricelist: 4711, name: "Imunify360", price: "12.00" },
];

const day = (months: number) => addMonths(utcDay(new Date()), months);

/** Tariffs that the vendor sells beside the documented three; each test goes on from the one before it. */
describe("other tariffs live through the real engine", () => {
  let stage: Stage;
  let declared: Record<string, DeclaredLicense> = {
    numbered: { pricelist: 55369, period: 3 },
    named: { product: "bitninja", licenseName: "Scanner", period: 3 },
    trial: { product: "bitninja", period: -100 },
    addressed: { product: "imunify", ip: "192.0.2.10" },
  };
  const change = (name: string, changes: DeclaredLicense) => {
    declared = { ...declared, [name]: { ...declared[name], ...changes } };
    return stage.declare(declared);
  };
  const succeed = async (run: Promise<{ code: number | null; output: string }>) => {
    const { code, output } = await run;
    expect(code, output).toBe(0);
    return { output, calls: takeCalls(stage.panel) };
  };
  const up = () => succeed(stage.workspace.up(...ONE_BY_ONE));
  const books = () =>
    stage.panel
      .ledger()
      .map(({ kind, tariff, ip, amount, period }) => `${kind} ${tariff} ${ip || "-"} ${amount} for ${period}`)
      .sort();
  const bought = [
    "order BitNinja - 0.00 for -100",
    "order BitNinja - 27.00 for 3",
    "order BitNinja - 27.00 for 3",
    "order Imunify360 192.0.2.10 12.00 for 1",
  ];

  beforeAll(async () => {
    stage = await setStage({
      face: "plugin",
      simulator: { tariffs: TARIFFS },
      workspace: { config: { "billmanager:pricelists": '{"bitninja":55369,"imunify":4711}' } },
    });
    await stage.declare(declared);
  });
  afterAll(() => stage.close());

  it("a preview names them by their name from config, else by their number", async () => {
    const { output, calls } = await succeed(stage.workspace.preview());
    expect(output).toMatch(/numbered-\w{8}: an update orders tariff 55369$/m);
    expect(output).toMatch(/Scanner: an update orders bitninja$/m);
    expect(output).toMatch(/addressed-\w{8}: an update orders imunify for 192\.0\.2\.10$/m);
    expect(calls).toEqual([BALANCE, QUOTE, QUOTE, QUOTE]);
  });

  it("each is ordered once, for its period, with an address or without", async () => {
    const { calls } = await up();
    expect(calls.filter((call) => call === ORDER)).toHaveLength(4);
    expect(calls.filter((call) => call === EDIT)).toHaveLength(1);
    expect(calls.filter((call) => ![ORDER, EDIT, LIST].includes(call))).toEqual([BALANCE, QUOTE, QUOTE, QUOTE]);
    expect(books()).toEqual(bought);
    expect(stage.panel.licenses().map(({ licname }) => licname.replace(/-\w{8}$/, ""))).toEqual(
      expect.arrayContaining(["numbered", "Scanner", "trial", "addressed"]),
    );
    expect((await up()).calls).toEqual([]);
  });

  it("a refresh reads all of them by one list and finds nothing new", async () => {
    const { output, calls } = await succeed(stage.workspace.refresh("--skip-preview"));
    expect(calls).toEqual([LIST]);
    expect(output).toContain("5 unchanged");
    expect((await up()).calls).toEqual([]);
  });

  it("one is renamed, without an address", async () => {
    await change("named", { licenseName: "Scanner of the shop" });
    expect((await up()).calls).toEqual([LIST, EDIT, LIST]);
    expect(stage.panel.licenses().map(({ licname, ip }) => `${licname} ${ip}`)).toContain("Scanner of the shop ");
    expect((await up()).calls).toEqual([]);
  });

  it("one is renewed by its period", async () => {
    await change("numbered", { paidUntil: day(4) });
    const { output } = await succeed(stage.workspace.preview());
    expect(output).toContain(`an update renews until ${day(6)} at 27.00 EUR / `);
    expect((await up()).calls).toEqual([BALANCE, QUOTE, LIST, PROLONG, LIST]);
    expect(books()).toEqual([...bought, RENEWED]);
    expect((await up()).calls).toEqual([]);
  });

  it("a number becomes a name from config, and nothing is replaced or called", async () => {
    declared = { ...declared, numbered: { product: "bitninja", period: 3, paidUntil: day(4) } };
    await stage.declare(declared);
    expect((await up()).calls).toEqual([]);
    expect((await up()).calls).toEqual([]);
    expect(books()).toEqual([...bought, RENEWED]);
  });

  it("a period that is no month is refused by the check where something shall be renewed", async () => {
    const before = declared;
    await change("trial", { paidUntil: day(4) });
    const { code, output } = await stage.workspace.preview();
    expect(code).not.toBe(0);
    expect(output).toContain("paidUntil needs a period of at least one month, not -100");
    expect(takeCalls(stage.panel)).toEqual([]);
    declared = before;
    await stage.declare(declared);
  });

  it("a destroy gives all of them up", async () => {
    const { calls } = await succeed(stage.workspace.destroy(...ONE_BY_ONE));
    expect(calls.filter((call) => call === DELETE)).toHaveLength(4);
    expect(books()).toEqual([...bought, RENEWED]);
    expect(await stage.workspace.licenses()).toEqual([]);
  });
});
