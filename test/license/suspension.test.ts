import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { CalendarDate, LicenseId } from "../../provider/billmanager/types";
import { utcDay } from "../../provider/license/calendar";
import { createLicense } from "../../provider/license/create";
import type { Wish } from "../../provider/license/inputs";
import { readLicenseOutputs } from "../../provider/license/read";
import { diffLicense, updateLicense } from "../../provider/license/update";
import type { SuspensionCode } from "../../simulator/index";
import { startGate } from "../engine/helpers/gate";
import { type Bench, setUp, wishFor } from "./helpers";

const DAY = 86_400_000;
const inDays = (days: number) => utcDay(new Date(Date.now() + days * DAY));
const TODAY = inDays(0);

const RESUME = "softexternal.resume";
const PROLONG = "service.prolong";
const SUSPEND = "softexternal.suspend";
const EDIT = "softexternal.edit";

/** How the license stands before the update. A staff's reason that nobody has heard of yet is for the plan's own tests. */
const REASONS = ["active", "client", "lapsed", "abuse", "employee"] as const;
type Reason = (typeof REASONS)[number];

/** What the program asks to pay: the term ends in three weeks, that of a lapsed license a few days ago; a new one takes four weeks or more. */
const RENEWALS = {
  none: {},
  "not due": { renewBeforeDays: 0, paidUntil: inDays(-20) },
  "by renewBeforeDays": { renewBeforeDays: 25 },
  "by paidUntil": { paidUntil: inDays(28) },
  "by both": { renewBeforeDays: 25, paidUntil: inDays(28) },
} satisfies Record<string, Partial<Wish>>;
type Renewal = keyof typeof RENEWALS;

interface Case {
  readonly reason: Reason;
  readonly suspended: boolean;
  readonly renewal: Renewal;
  /** Calls that change something, in their order. */
  readonly calls: readonly string[];
  readonly warns?: RegExp;
  /** The raw code in the end. */
  readonly ends: string;
}

/** As docs/suspension.md has it. */
function expectedOf(
  reason: Reason,
  suspended: boolean,
  renewal: Renewal,
): Omit<Case, "reason" | "suspended" | "renewal"> {
  // Whatever the days before expiry, those of a lapsed license have come.
  const pays = renewal.startsWith("by") || (reason === "lapsed" && renewal === "not due");
  switch (reason) {
    case "abuse":
    case "employee":
      return {
        calls: [],
        warns: new RegExp(`${reason}suspend\\); only the vendor can bring it back$`),
        ends: `3_${reason}suspend`,
      };
    case "lapsed":
      if (!pays) {
        return {
          calls: [],
          warns: /lapsed unpaid on .*; to pay for it, set paidUntil to a later day$/,
          ends: "3_autosuspend",
        };
      }
      return suspended ? { calls: [PROLONG, SUSPEND], ends: "3" } : { calls: [PROLONG], ends: "2" };
    case "client":
      if (suspended) {
        return { calls: pays ? [RESUME, PROLONG, SUSPEND] : [], ends: "3" };
      }
      return { calls: pays ? [RESUME, PROLONG] : [RESUME], ends: "2" };
    case "active":
      return {
        calls: [...(pays ? [PROLONG] : []), ...(suspended ? [SUSPEND] : [])],
        ends: suspended ? "3" : "2",
      };
  }
}

const CASES: readonly Case[] = REASONS.flatMap((reason) =>
  [false, true].flatMap((suspended) =>
    (Object.keys(RENEWALS) as Renewal[]).map((renewal) => ({
      reason,
      suspended,
      renewal,
      ...expectedOf(reason, suspended, renewal),
    })),
  ),
);

const CODES: Partial<Record<Reason, SuspensionCode>> = {
  client: "3",
  abuse: "3_abusesuspend",
  employee: "3_employeesuspend",
};

function titleOf({ reason, suspended, renewal, calls }: Case): string {
  return `${reason}, suspended: ${suspended}, renewal ${renewal}: ${calls.map((call) => call.split(".")[1]).join(", ") || "nothing"}`;
}

/** The call that a phrase of a preview announces. */
function callOf(phrase: string): string {
  return { resumes: RESUME, renews: PROLONG, suspends: SUSPEND }[phrase.split(" ")[0] ?? ""] ?? phrase;
}

/** Calls that change something, for one license. */
function changesOf(bench: Bench, id: LicenseId): string[] {
  return bench.simulator
    .journal()
    .filter(({ effect, params }) => (effect === "change" || effect === "charge") && params.elid === id)
    .map(({ func }) => func);
}

describe("every reason of a suspension, with suspended true and false and every wish to pay", () => {
  let bench: Bench;
  const ids: LicenseId[] = [];
  const wishOf = (index: number, changes: Partial<Wish> = {}) =>
    wishFor(`web${index}`, { ip: `192.0.2.${index + 1}`, ...changes });

  beforeAll(async () => {
    // Those that shall lapse are the first, and their month ends on the way; the others follow three weeks later.
    bench = await setUp({ now: inDays(-33), balance: "10000.00" });
    const order = async (which: (reason: Reason) => boolean) => {
      const run = bench.run();
      await Promise.all(
        CASES.map(async ({ reason }, index) => {
          if (which(reason)) {
            ids[index] = (await createLicense(run, wishOf(index))).id;
          }
        }),
      );
    };
    await order((reason) => reason === "lapsed");
    bench.simulator.clock.set(inDays(-7));
    await order((reason) => reason !== "lapsed");
    bench.simulator.clock.set(TODAY);
    for (const [index, { reason }] of CASES.entries()) {
      const code = CODES[reason];
      if (code !== undefined) {
        bench.simulator.outside.suspend(ids[index] ?? "", code);
      }
    }
  });
  afterAll(() => bench.close());

  it.each(CASES.map((one, index) => [titleOf(one), one, index] as const))(
    "%s",
    async (_, { suspended, renewal, ...expected }, index) => {
      const id = ids[index] as LicenseId;
      const wish = wishOf(index, { suspended, ...RENEWALS[renewal] });
      bench.simulator.clearJournal();
      const seen = await readLicenseOutputs(bench.run(), id, await lookedUp(bench, id));
      const { steps, warnings } = diffLicense(seen, wish, TODAY);
      expect(steps.map(callOf)).toEqual(expected.calls);
      expect(warnings).toEqual(expected.warns === undefined ? [] : [expect.stringMatching(expected.warns)]);

      const updated = await updateLicense(bench.run(), id, seen, wish);
      expect(changesOf(bench, id)).toEqual(expected.calls);
      expect(bench.simulator.licenses().find((license) => license.id === id)?.status).toBe(expected.ends);

      // Never a difference that stays: what is not mended is told, and that is all.
      const again = diffLicense(updated, wish, TODAY);
      expect([again.changes, again.steps]).toEqual([false, []]);
      expect(again.warnings).toEqual(warnings);
    },
  );
});

function lookedUp(bench: Bench, id: LicenseId) {
  return readLicenseOutputs(bench.run(), id, undefined);
}

/** What may change at once, with the call that it is and its place in the order of docs/suspension.md. */
const CHANGES: Readonly<Record<string, Partial<Wish>>> = {
  suspension: { suspended: true },
  renewal: { paidUntil: inDays(28) as CalendarDate },
  address: { ip: "198.51.100.77" },
  name: { licenseName: "Shop front" },
  autoRenew: { autoRenew: true },
};
const NAMES = Object.keys(CHANGES);
const COMBINATIONS = Array.from({ length: 2 ** NAMES.length }, (_, bits) =>
  NAMES.filter((_name, index) => bits & (1 << index)),
).flatMap((changed) => [false, true].map((isSuspended) => ({ changed, isSuspended })));

describe("what the vendor's staff has suspended", () => {
  it("is still moved and renamed, and nothing else", async () => {
    const bench = await setUp();
    onTestFinished(() => bench.close());
    const { id } = await createLicense(bench.run(), wishFor("web"));
    bench.simulator.outside.suspend(id, "3_abusesuspend");
    bench.simulator.clearJournal();
    const wish = wishFor("web", { ip: "192.0.2.99", licenseName: "Shop", suspended: true, renewBeforeDays: 400 });
    await updateLicense(bench.run(), id, await lookedUp(bench, id), wish);
    expect(changesOf(bench, id)).toEqual([EDIT]);
    expect(bench.simulator.licenses()[0]).toMatchObject({
      ip: "192.0.2.99",
      licname: "Shop",
      status: "3_abusesuspend",
    });
  });
});

describe("several changes in one update", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await setUp({ now: inDays(-7), balance: "10000.00" });
  });
  afterAll(() => bench.close());

  it.each(
    COMBINATIONS.map(({ changed, isSuspended }, index) => {
      const title = `${isSuspended ? "suspended" : "active"}, with changes: ${changed.join(", ") || "none"}`;
      return [title, changed, isSuspended, index] as const;
    }),
  )("%s: resume, renew, suspend, edit, and nothing that is not asked for", async (_, changed, isSuspended, index) => {
    const own = { ip: `192.0.2.${index + 1}` };
    const { id, outputs } = await createLicense(bench.run(), wishFor(`web${index}`, own));
    if (isSuspended) {
      bench.simulator.outside.suspend(id);
    }
    bench.simulator.clearJournal();
    const changes = Object.assign({}, own, ...changed.map((name) => CHANGES[name]));
    // No two licenses may be on one address.
    const wish = wishFor(
      `web${index}`,
      changes.ip === own.ip ? changes : { ...changes, ip: `198.51.100.${index + 1}` },
    );
    const seen = await readLicenseOutputs(bench.run(), id, outputs);
    const announced = diffLicense(seen, wish, inDays(0));
    const updated = await updateLicense(bench.run(), id, seen, wish);

    const has = (name: string) => changed.includes(name);
    const renews = has("renewal");
    const expected = [
      ...(isSuspended && (!has("suspension") || renews) ? [RESUME] : []),
      ...(renews ? [PROLONG] : []),
      ...(has("suspension") && (!isSuspended || renews) ? [SUSPEND] : []),
      ...(has("address") || has("name") || has("autoRenew") ? [EDIT] : []),
    ];
    expect(changesOf(bench, id)).toEqual(expected);
    expect(announced.changes).toBe(expected.length > 0);
    expect(diffLicense(updated, wish, inDays(0))).toMatchObject({
      changes: false,
      replaces: [],
      steps: [],
      warnings: [],
    });
  });
});

describe("a lapsed license that the panel calls no more than suspended", () => {
  it.each([
    [false, [PROLONG], "2"],
    [true, [PROLONG, SUSPEND], "3"],
  ])("is renewed, and resumed by that alone (suspended: %s)", async (suspended, calls, ends) => {
    const bench = await setUp({ now: "2026-01-15" });
    const gate = await startGate(bench.simulator);
    onTestFinished(async () => {
      await gate.close();
      await bench.close();
    });
    gate.rewrite((_, answer) => answer.replaceAll("3_autosuspend", "3"));
    const run = () => bench.run({ endpoint: gate.endpoint }, undefined, () => bench.simulator.clock.now());
    const { id, outputs } = await createLicense(run(), wishFor("web01"));
    bench.simulator.clock.set("2026-02-20");
    const seen = await readLicenseOutputs(run(), id, outputs);
    expect(seen).toMatchObject({ status: "suspended", suspended: true });
    bench.simulator.clearJournal();
    const wish = wishFor("web01", { renewBeforeDays: 7, suspended });
    expect(await updateLicense(run(), id, seen, wish)).toMatchObject({ expiresOn: "2026-03-20" });
    expect(changesOf(bench, id)).toEqual(calls);
    expect(bench.simulator.licenses()).toMatchObject([{ status: ends }]);
  });
});
