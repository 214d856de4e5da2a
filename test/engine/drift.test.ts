import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gone } from "../../provider/license/plan";
import type { Outside, SimulatedLicense, Simulator } from "../../simulator/index";
import { changing, type DeclaredLicense, type Stage, setStage } from "./helpers/harness";
import { phrasesOf } from "./helpers/said";

const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

const EDIT = "softexternal.edit";
const SUSPEND = "softexternal.suspend";
const RESUME = "softexternal.resume";
const PROLONG = "service.prolong";

/** What the simulator sells beside its own; the vendor renames it in the course of the test. */
const tariff = { pricelist: 55369, name: "BitNinja", price: "10.00" };
const quarterly = { pricelist: 55370, name: "Imunify", price: "9.00", periods: [3] };

interface Drift {
  readonly title: string;
  readonly inputs?: DeclaredLicense;
  /** Taken over, having been ordered by hand so long ago that its term has ended by now. */
  readonly isOld?: true;
  happens(outside: Outside, id: string): void;
  /** What a refresh shows of it, given the books. */
  shows(license: SimulatedLicense): Readonly<Record<string, unknown>>;
  readonly says: (license: SimulatedLicense, drifted: SimulatedLicense) => string[];
  readonly calls?: readonly string[];
  /** What the books hold in the end. */
  readonly books: (before: SimulatedLicense, drifted: SimulatedLicense) => Readonly<Record<string, unknown>>;
  readonly spent?: readonly string[];
}

const barred = (code: "3_abusesuspend" | "3_employeesuspend", inputs: DeclaredLicense = {}): Drift => ({
  title: `suspended by the vendor (${code.slice(2)}${Object.keys(inputs).join()})`,
  inputs,
  happens: (outside, id) => outside.suspend(id, code),
  shows: () => ({ status: "suspended", statusReason: code.slice(2), suspended: false }),
  says: () => [
    `warning: this license is suspended by the vendor (${code.slice(2)}); only the vendor can bring it back`,
  ],
  books: () => ({ status: code }),
});

const DRIFTS: readonly Drift[] = [
  {
    title: "moved",
    happens: (outside, id) => outside.edit(id, { ip: "198.51.100.7" }),
    shows: () => ({ ip: "198.51.100.7" }),
    says: ({ ip }) => [`moves it from 198.51.100.7 to ${ip}`],
    calls: [EDIT],
    books: ({ ip }) => ({ ip }),
  },
  {
    title: "renamed",
    happens: (outside, id) => outside.edit(id, { licname: "by hand" }),
    shows: () => ({ licenseName: "by hand" }),
    says: ({ licname }) => [`renames it from "by hand" to "${licname}"`],
    calls: [EDIT],
    books: ({ licname }) => ({ licname }),
  },
  {
    title: "suspended by the client",
    happens: (outside, id) => outside.suspend(id),
    shows: () => ({ status: "suspended", suspended: true }),
    says: () => ["resumes it"],
    calls: [RESUME],
    books: () => ({ status: "2" }),
  },
  barred("3_abusesuspend"),
  barred("3_employeesuspend", { suspended: true }),
  barred("3_abusesuspend", { paidUntil: inDays(20), renewBeforeDays: 5 }),
  {
    title: "resumed, though it shall be suspended",
    inputs: { suspended: true },
    happens: (outside, id) => outside.resume(id),
    shows: () => ({ status: "active", suspended: false }),
    says: () => ["suspends it"],
    calls: [SUSPEND],
    books: () => ({ status: "3" }),
  },
  {
    title: "lapsed, with no wish to pay",
    isOld: true,
    happens: () => undefined,
    shows: ({ expiredate }) => ({ status: "suspended", statusReason: "autosuspend", expiresOn: expiredate }),
    says: ({ expiredate }) => [
      `warning: this license lapsed unpaid on ${expiredate}; to pay for it, set paidUntil to a later day`,
    ],
    books: ({ expiredate }) => ({ status: "3_autosuspend", expiredate }),
  },
  {
    title: "lapsed, and renewed before expiry",
    inputs: { renewBeforeDays: 1 },
    isOld: true,
    happens: () => undefined,
    shows: () => ({ status: "suspended", statusReason: "autosuspend" }),
    says: ({ expiredate }) => [`renews until ${expiredate} at 10.00 EUR / Month`],
    calls: [PROLONG],
    books: () => ({ status: "2" }),
    spent: ["prolong 10.00"],
  },
  {
    title: "lapsed, and to be out of service",
    inputs: { renewBeforeDays: 1, suspended: true },
    isOld: true,
    happens: () => undefined,
    shows: () => ({ status: "suspended", statusReason: "autosuspend", suspended: false }),
    says: ({ expiredate }) => [`renews until ${expiredate} at 10.00 EUR / Month`, "suspends it"],
    calls: [PROLONG, SUSPEND],
    books: () => ({ status: "3" }),
    spent: ["prolong 10.00"],
  },
  {
    title: "called lapsed before its term has ended",
    inputs: { paidUntil: inDays(20) },
    happens: (outside, id) => outside.suspend(id, "3_autosuspend"),
    shows: () => ({ status: "suspended", statusReason: "autosuspend" }),
    // What is paid for until paidUntil is not paid for again, whatever the vendor's reason was.
    says: ({ expiredate }) => [
      `warning: this license is suspended as unpaid, although it is paid until ${expiredate}; to pay for it, set paidUntil to a later day`,
    ],
    books: () => ({ status: "3_autosuspend" }),
  },
  {
    title: "autoRenew switched on",
    happens: (outside, id) => outside.setAutoprolong(id, 1),
    shows: () => ({ autoRenew: true }),
    says: () => ["switches the vendor's own renewal off"],
    calls: [EDIT],
    books: () => ({ autoprolong: null }),
  },
  {
    title: "autoRenew switched off",
    inputs: { autoRenew: true },
    happens: (outside, id) => outside.setAutoprolong(id, null),
    shows: () => ({ autoRenew: false }),
    says: () => ["switches the vendor's own renewal on"],
    calls: [EDIT],
    books: () => ({ autoprolong: 1 }),
  },
  {
    title: "renewed by others, though it is due",
    inputs: { renewBeforeDays: 40 },
    happens: (outside, id) => outside.prolong(id),
    shows: ({ expiredate }) => ({ expiresOn: expiredate }),
    says: () => [],
    books: (_, { expiredate }) => ({ expiredate }),
  },
  {
    title: "renewed by others for longer than paidUntil",
    inputs: { paidUntil: inDays(20) },
    happens: (outside, id) => outside.prolong(id),
    shows: ({ expiredate }) => ({ expiresOn: expiredate }),
    says: () => [],
    books: (_, { expiredate }) => ({ expiredate }),
  },
  {
    title: "its end moved before paidUntil",
    inputs: { paidUntil: inDays(40), pricelist: tariff.pricelist },
    // The vendor counts from today what is renewed out of service.
    happens: (outside, id) => {
      outside.suspend(id);
      outside.prolong(id);
    },
    shows: ({ expiredate }) => ({ expiresOn: expiredate, status: "active" }),
    says: ({ expiredate }) => [`renews until ${expiredate} at 10.00 EUR / Month`],
    calls: [PROLONG],
    books: () => ({ status: "2" }),
    spent: ["prolong 10.00"],
  },
  {
    title: "deleted",
    happens: (outside, id) => outside.delete(id),
    shows: () => ({ status: "deleted" }),
    says: () => [`warning: ${gone({ recreateWhenDeleted: false })}`],
    books: () => ({ status: "4" }),
  },
  {
    title: "its tariff renamed",
    inputs: { pricelist: quarterly.pricelist, period: 3 },
    happens: () => {
      quarterly.name = "Imunify Pro";
    },
    shows: () => ({ tariff: "Imunify Pro", pricelist: quarterly.pricelist }),
    says: () => [],
    books: () => ({ tariff: "Imunify Pro", status: "2" }),
  },
];

const nameOf = (index: number) => `d${index}`;
const addressOf = (index: number) => `192.0.2.${100 + index}`;

/** One license for each thing that somebody else may do to it, all in one stack. */
describe("what others change", () => {
  let stage: Stage;
  let simulator: Simulator;
  const ids = new Map<number, string>();
  let before: SimulatedLicense[] = [];
  let drifted: SimulatedLicense[] = [];
  let after: SimulatedLicense[] = [];
  let shown = new Map<string | undefined, unknown>();
  let refreshed = "";
  let previewed = "";
  let updated = "";
  let spentBefore = 0;

  const held = () => {
    const all = simulator.licenses();
    return DRIFTS.map((_, index) => {
      const license = all.find(({ id }) => id === ids.get(index));
      if (license === undefined) {
        throw new Error(`${nameOf(index)} is in no book`);
      }
      return license;
    });
  };
  const succeeds = ({ code, output }: { code: number | null; output: string }) => {
    expect(code, output).toBe(0);
    return output;
  };
  const said = (output: string, index: number) =>
    phrasesOf(output, [before[index]?.licname ?? "", drifted[index]?.licname ?? ""]);
  const callsOf = (index: number) =>
    changing(simulator.journal())
      .filter(({ params }) => params.elid === ids.get(index))
      .map(({ func, result }) => (result === "ok" ? func : result));

  beforeAll(async () => {
    const today = Date.now();
    const weekAgo = new Date(today - 7 * DAY).toISOString().slice(0, 10);
    // So long ago that a month of it ends between then and now.
    const long = new Date(today - 33 * DAY).toISOString().slice(0, 10);
    stage = await setStage({ face: "plugin", simulator: { now: long, tariffs: [tariff, quarterly] } });
    simulator = stage.panel;
    const declared = DRIFTS.map(({ inputs = {}, isOld }, index): DeclaredLicense => {
      const ip = addressOf(index);
      const adoptId = isOld && simulator.outside.order({ pricelist: tariff.pricelist, licname: `old ${index}`, ip });
      return { pricelist: tariff.pricelist, ip, ...inputs, ...(adoptId === undefined ? {} : { adoptId }) };
    });
    simulator.clock.set(weekAgo);
    await stage.declare(Object.fromEntries(declared.map((inputs, index) => [nameOf(index), inputs])));
    succeeds(await stage.workspace.up("--skip-preview"));
    for (const { urn, id } of await stage.workspace.licenses()) {
      ids.set(Number(urn.split("::d").at(-1)), id ?? "");
    }
    before = held();
    simulator.clock.set(new Date(today).toISOString().slice(0, 10));
    for (const [index, { happens }] of DRIFTS.entries()) {
      happens(simulator.outside, ids.get(index) ?? "");
    }
    drifted = held();
    simulator.clearJournal();
    refreshed = succeeds(await stage.workspace.refresh("--skip-preview"));
    shown = new Map((await stage.workspace.licenses()).map(({ id, outputs }) => [id, outputs]));
    expect(changing(simulator.journal())).toEqual([]);
    simulator.clearJournal();
    previewed = succeeds(await stage.workspace.preview());
    expect(changing(simulator.journal())).toEqual([]);
    spentBefore = simulator.ledger().length;
    updated = succeeds(await stage.workspace.up("--skip-preview"));
    after = held();
  });
  afterAll(() => stage.close());

  describe.each(DRIFTS.map((drift, index) => [drift.title, drift, index] as const))("%s", (_, drift, index) => {
    const now = () => {
      const [one, two, three] = [before[index], drifted[index], after[index]];
      if (one === undefined || two === undefined || three === undefined) {
        throw new Error(`${drift.title} has no license`);
      }
      return { before: one, drifted: two, after: three };
    };

    it("is shown by a refresh", () => {
      expect(shown.get(ids.get(index))).toMatchObject(drift.shows(now().drifted));
    });

    it("is mended by an update that has said so, or is left alone for a reason that is told", () => {
      const says = drift.says({ ...now().before, expiredate: now().after.expiredate ?? "" }, now().drifted);
      expect(said(refreshed, index).filter((line) => line.startsWith("warning:"))).toEqual(
        says.filter((line) => line.startsWith("warning:")),
      );
      expect(said(previewed, index)).toEqual(says);
      expect(said(updated, index)).toEqual(says);
      expect(callsOf(index)).toEqual(drift.calls ?? []);
    });

    it("leaves the books as wished", () => {
      expect(now().after).toMatchObject(drift.books(now().before, now().drifted));
      const spent = simulator
        .ledger()
        .slice(spentBefore)
        .filter(({ license }) => license === ids.get(index));
      expect(spent.map(({ kind, amount }) => `${kind} ${amount}`)).toEqual(drift.spent ?? []);
    });
  });

  describe("afterwards", () => {
    it("a second update does nothing", async () => {
      simulator.clearJournal();
      const output = succeeds(await stage.workspace.up("--skip-preview"));
      expect(simulator.journal()).toEqual([]);
      expect(output).toContain(`${DRIFTS.length + 1} unchanged`);
    });

    it("autoRenew that the panel's form does not offer is named once and for all, and stays as it is", async () => {
      const index = DRIFTS.findIndex(({ title }) => title === "autoRenew switched on");
      simulator.knobs.formAutoprolong = "absent";
      simulator.outside.setAutoprolong(ids.get(index) ?? "", 1);
      succeeds(await stage.workspace.refresh("--skip-preview"));
      const first = succeeds(await stage.workspace.up("--skip-preview"));
      const warning =
        "warning: autoRenew is true at the vendor, whose panel does not let it be changed after the order; change it in the panel, or set autoRenew to true";
      expect(said(first, index)).toContain(warning);
      simulator.clearJournal();
      const second = succeeds(await stage.workspace.up("--skip-preview"));
      expect(said(second, index)).toEqual([warning]);
      expect(simulator.journal()).toEqual([]);
      expect(held()[index]).toMatchObject({ autoprolong: 1 });
    });
  });
});
