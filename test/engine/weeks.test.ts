import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asked, Bookkeeper, type Day, daysFrom } from "../model/years/bookkeeper";
import { type DeclaredLicense, type Stage, setStage } from "./helpers/harness";
import { lapsesOf, phrasesOf } from "./helpers/said";

const QUARTERLY = { pricelist: 55369, name: "BitNinja", price: "10.00", periods: [3] };
/** Ordered on the 31st of a month whose next one has 29 days. */
const FIRST_NIGHT = "2028-01-31";

interface Member {
  readonly asked: Partial<Asked>;
  readonly isQuarterly?: true;
  /** What the program asks for from a night on. */
  readonly later?: { readonly from: Day; readonly asked: Partial<Asked> };
  readonly others?: { readonly on: Day; readonly act: "abuse" | "renew" | "suspend" };
}

const MEMBERS: Readonly<Record<string, Member>> = {
  none: { asked: {} },
  vendor: { asked: { autoRenew: true } },
  before3: { asked: { renewBeforeDays: 3 } },
  onTheDay: { asked: { renewBeforeDays: 0 } },
  before40: { asked: { renewBeforeDays: 40 } },
  near: { asked: { paidUntil: "2028-02-29" } },
  far: { asked: { paidUntil: "2028-03-31" } },
  moved: { asked: {}, later: { from: "2028-03-15", asked: { paidUntil: "2028-05-31" } } },
  idle: { asked: { renewBeforeDays: 3, suspended: true } },
  idleVendor: { asked: { autoRenew: true, suspended: true } },
  barred: { asked: { renewBeforeDays: 3 }, others: { on: "2028-02-10", act: "abuse" } },
  byHand: { asked: { renewBeforeDays: 3 }, others: { on: "2028-02-25", act: "renew" } },
  halted: { asked: { renewBeforeDays: 3 }, others: { on: "2028-02-10", act: "suspend" } },
  quarterly: { asked: { renewBeforeDays: 10 }, isQuarterly: true },
};

const NIGHTS: readonly Day[] = [
  FIRST_NIGHT,
  "2028-02-01",
  "2028-02-10",
  "2028-02-25",
  "2028-02-26",
  "2028-02-28",
  "2028-02-29",
  "2028-03-01",
  "2028-03-15",
  "2028-03-26",
  "2028-03-29",
  "2028-03-31",
];

/** The panel answers nobody, on the very day on which licenses become due. */
const OUTAGE = "2028-02-26";

/** What a preview of the night says, and the update after it, where a date matters. */
const SAID: Readonly<Record<Day, Readonly<Record<string, string>>>> = {
  "2028-02-01": { before40: "renews until 2028-03-29 at 14.00 EUR / Month" },
  "2028-02-10": { halted: "resumes it" },
  "2028-02-28": { before3: "renews until 2028-03-29 at 14.00 EUR / Month" },
  "2028-02-29": {
    onTheDay: "renews until 2028-03-29 at 14.00 EUR / Month",
    none: "warning: this license lapsed unpaid on 2028-02-29; to pay for it, set paidUntil to a later day",
  },
  "2028-03-15": { moved: "renews until 2028-06-15, 3 periods at 14.00 EUR / Month" },
};

/** Of whom that preview says when they lapse. */
const LAPSES: Readonly<Record<Day, Readonly<Record<string, Day>>>> = {
  "2028-02-01": { none: "2028-02-29", near: "2028-02-29", moved: "2028-02-29", far: "2028-04-29" },
  "2028-02-10": { none: "2028-02-29", near: "2028-02-29", moved: "2028-02-29", far: "2028-04-29" },
  "2028-02-28": { none: "2028-02-29", near: "2028-02-29", moved: "2028-02-29", far: "2028-04-29" },
  "2028-02-29": { far: "2028-04-29" },
  "2028-03-15": { far: "2028-04-29" },
};

const askedOn = ({ asked, later }: Member, night: Day): Asked => ({
  suspended: false,
  autoRenew: false,
  ...(later !== undefined && night >= later.from ? later.asked : asked),
});

/** The engine, its hosts and the provider are those of a user; their processes are given the simulator's date. */
describe("weeks of nightly updates with the real engine", () => {
  let stage: Stage;
  const books = new Map<string, Bookkeeper>();
  const ids = new Map<string, string>();

  beforeAll(async () => {
    stage = await setStage({
      face: "plugin",
      simulator: { now: FIRST_NIGHT, tariffs: [QUARTERLY] },
      workspace: { config: { "billmanager:searchTimeout": "5", "billmanager:activationTimeout": "5" } },
    });
  });
  afterAll(() => stage.close());

  const run = async (command: readonly string[], succeeds = true) => {
    // Noon, so that a run ends on the day on which it has begun.
    const noon = Date.parse(`${stage.panel.clock.today()}T12:00:00Z`);
    const { code, output } = await stage.workspace.run(command, {
      NODE_OPTIONS: `${process.env.ENGINE_NODE_OPTIONS ?? ""} --require ${JSON.stringify(join(__dirname, "helpers/shiftedClock.cjs"))}`,
      CLOCK_SHIFT_MS: String(noon - Date.now()),
    });
    expect(code === 0, output).toBe(succeeds);
    return output;
  };
  const declare = (night: Day) =>
    stage.declare(
      Object.fromEntries(
        Object.entries(MEMBERS).map(([name, member], index): [string, DeclaredLicense] => {
          const tariff = member.isQuarterly ? { pricelist: QUARTERLY.pricelist, period: 3 } : { product: "cloudlinux" };
          return [name, { ...tariff, ip: `192.0.2.${index + 1}`, ...askedOn(member, night) }];
        }),
      ),
    );
  const pass = (night: Day) => {
    for (let left = daysFrom(stage.panel.clock.today(), night); left > 0; left -= 1) {
      stage.panel.clock.advance({ days: 1 });
      for (const book of books.values()) {
        book.midnight(stage.panel.clock.today());
      }
    }
    for (const [name, { others }] of Object.entries(MEMBERS)) {
      if (others?.on === night) {
        const id = ids.get(name) ?? "";
        const deeds = {
          abuse: () => stage.panel.outside.suspend(id, "3_abusesuspend"),
          renew: () => stage.panel.outside.prolong(id),
          suspend: () => stage.panel.outside.suspend(id),
        };
        deeds[others.act]();
        books.get(name)?.outside(others.act, night);
      }
    }
  };

  it.each(NIGHTS)("on %s the ledger is what the pages let an owner expect", async (night) => {
    pass(night);
    await declare(night);
    const isOutage = night === OUTAGE;
    const licnameOf = (name: string) => stage.panel.licenses().find(({ id }) => id === ids.get(name))?.licname ?? "";
    const says = (output: string) => {
      for (const [name, phrase] of Object.entries(SAID[night] ?? {})) {
        expect(phrasesOf(output, [licnameOf(name)])).toContain(phrase);
      }
    };
    if (SAID[night] !== undefined) {
      stage.panel.clearJournal();
      const previewed = await run(["preview", "--refresh"]);
      says(previewed);
      const names = new Map(Object.keys(MEMBERS).map((name) => [licnameOf(name), name]));
      const lapses = Object.entries(lapsesOf(previewed, [...names.keys()]));
      expect(Object.fromEntries(lapses.map(([licname, day]) => [names.get(licname), day]))).toEqual(
        LAPSES[night] ?? {},
      );
      expect(stage.panel.journal().filter(({ effect }) => effect !== "read")).toEqual([]);
    }
    if (isOutage) {
      stage.panel.faults.arm({ kind: "http", status: 503, times: "always" });
    }
    const output = await run(["up", "--yes", "--skip-preview", "--refresh"], !isOutage);
    stage.panel.faults.clear();
    for (const [name, member] of Object.entries(MEMBERS)) {
      const asked = askedOn(member, night);
      const price = member.isQuarterly ? 1000n : 1400n;
      if (books.has(name)) {
        books.get(name)?.night(night, asked, isOutage ? "down" : "clear", true);
      } else {
        books.set(name, new Bookkeeper(member.isQuarterly ? 3 : 1, price, night, asked));
      }
    }
    for (const { urn, id } of await stage.workspace.licenses()) {
      ids.set(urn.split("::").at(-1) ?? "", id ?? "");
    }
    for (const [name, book] of books) {
      const id = ids.get(name);
      const booked = stage.panel.ledger().filter(({ license }) => license === id);
      expect(
        booked.map(({ at, kind, amount, paidUntil }) => `${at.slice(0, 10)} ${kind} ${amount} until ${paidUntil}`),
        name,
      ).toEqual(book.entries);
    }
    says(output);
  });

  it("at the end nothing is left to do, and nothing has lapsed that the program keeps", async () => {
    stage.panel.clearJournal();
    await run(["up", "--yes", "--skip-preview"]);
    expect(stage.panel.journal()).toEqual([]);
    const total = [...books.values()].reduce((sum, book) => sum + book.total, 0n);
    expect(BigInt(stage.panel.balance().replace(".", ""))).toBe(1_000_000n - total);
    const status = (name: string) => stage.panel.licenses().find(({ id }) => id === ids.get(name))?.status;
    expect(Object.fromEntries(Object.keys(MEMBERS).map((name) => [name, status(name)]))).toEqual({
      none: "4",
      vendor: "2",
      before3: "2",
      onTheDay: "2",
      before40: "2",
      near: "4",
      far: "2",
      moved: "2",
      idle: "3",
      idleVendor: "3",
      barred: "3_abusesuspend",
      byHand: "2",
      halted: "2",
      quarterly: "2",
    });
  });
});
