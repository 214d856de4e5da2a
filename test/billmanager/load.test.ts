/*
 * Many calls of one account at once: how many go out, on which connections, in which order, and when a panel asks for fewer. Told by the
 * simulator's journal, which has each call as it arrived. Times are held against lower bounds alone.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import {
  editLicense,
  isNotSent,
  type LicenseId,
  licenseId,
  listLicenses,
  orderLicense,
  Panel,
  type PanelOptions,
  readBalances,
  readLicense,
} from "../../provider/billmanager";
import { type Fault, type JournalEntry, type KnobValues, type Simulator, startSimulator } from "../../simulator";
import { clientOf, fixture, scriptedPanel, status, xml } from "./scriptedPanel";

interface Stage {
  readonly simulator: Simulator;
  readonly panel: Panel;
  /** licenses to read and to change */
  readonly ids: readonly LicenseId[];
}

/** A panel that has accepted one call, so that several may be in flight, and whose journal is empty. */
async function start(knobs: KnobValues, options: Partial<PanelOptions> = {}): Promise<Stage> {
  const simulator = await startSimulator({
    clock: "running",
    accounts: [{ username: "demo", password: "demo", balance: "100000.00" }],
    knobs,
  });
  const panel = new Panel({ endpoint: simulator.endpoint, username: "demo", password: "demo", ...options });
  onTestFinished(async () => {
    await panel.close();
    await simulator.close();
  });
  const ids = Array.from({ length: 30 }, (_, index) =>
    licenseId(simulator.outside.order({ pricelist: 9203, licname: `there${index}`, ip: `10.1.0.${index + 1}` })),
  );
  await readBalances(panel);
  simulator.clearJournal();
  return { simulator, panel, ids };
}

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const orders = ({ panel }: Stage, count: number) =>
  times(count, (index) =>
    orderLicense(panel, {
      pricelist: 9203,
      period: 1,
      licenseName: `web${index}`,
      ip: `10.2.${index >> 8}.${index & 255}`,
    }),
  );
const reads = ({ panel, ids }: Stage, count: number) =>
  times(count, (index) => readLicense(panel, ids[index % ids.length] as LicenseId));
const changes = ({ panel, ids }: Stage, count: number) =>
  times(count, (index) =>
    editLicense(panel, ids[index % ids.length] as LicenseId, {
      licenseName: `now${index}`,
      ip: `10.3.${index >> 8}.${index & 255}`,
    }),
  );

const connectionsOf = (entries: readonly JournalEntry[]) => new Set(entries.map(({ connection }) => connection));
const charges = (entries: readonly JournalEntry[]) => entries.filter(({ effect }) => effect === "charge");
const others = (entries: readonly JournalEntry[]) => entries.filter(({ effect }) => effect !== "charge");
const arrival = ({ at }: JournalEntry) => Date.parse(at);

describe("connections", () => {
  it("are as many as calls are in flight, and kept, but for orders, of which each has its own", async () => {
    const stage = await start({ latencyMs: 10 }, { parallel: 4 });
    await Promise.all(reads(stage, 60));
    expect(connectionsOf(stage.simulator.journal()).size).toBe(4);
    await Promise.all([...orders(stage, 40), ...reads(stage, 60), ...changes(stage, 20)]);
    const journal = stage.simulator.journal();
    expect([charges(journal).length, connectionsOf(charges(journal)).size]).toEqual([40, 40]);
    expect([others(journal).length, connectionsOf(others(journal)).size]).toEqual([140, 4]);
    expect(connectionsOf(journal).size).toBe(44);
    expect(Math.max(...journal.map(({ inFlight }) => inFlight))).toBe(4);
  });
});

describe("turns", () => {
  const kinds = { orders, reads, changes };

  it.each([
    ["a list", "orders", (panel: Panel) => listLicenses(panel), "softexternal"],
    ["a list", "changes", (panel: Panel) => listLicenses(panel), "softexternal"],
    [
      "an order",
      "reads",
      (panel: Panel) => orderLicense(panel, { pricelist: 9203, period: 1, licenseName: "late", ip: "10.9.0.1" }),
      "softexternal.order.param",
    ],
  ] as const)("let %s go before hundreds of %s that came first", async (_what, kind, call, func) => {
    const stage = await start({}, { parallel: 2 });
    const many = kinds[kind](stage, 300);
    const late = call(stage.panel);
    await Promise.all([...many, late]);
    const place = stage.simulator.journal().findIndex((entry) => entry.func === func);
    // Those that were in flight, and the next of the others.
    expect(place).toBeLessThanOrEqual(3);
  });

  it("go round between reads, changes and orders, each kind in the order in which it came", async () => {
    const stage = await start({}, { parallel: 1 });
    await Promise.all([...reads(stage, 20), ...changes(stage, 20), ...orders(stage, 20)]);
    const journal = stage.simulator.journal();
    expect(journal.slice(1, 58).map(({ effect }) => effect)).toEqual(
      times(57, (index) => (["read", "change", "charge"] as const)[index % 3]),
    );
    const named = journal.filter(({ effect }) => effect === "charge").map(({ params }) => params.licname);
    expect(named).toEqual(times(20, (index) => `web${index}`));
  });
});

describe("a panel that asks for fewer calls", () => {
  /** Three orders that take a while, a read that is told to slow down meanwhile, and many calls of each kind that wait. */
  async function slowedDown(fault: Partial<Fault & { kind: "http" }>) {
    const stage = await start({ latencyMsFor: { "softexternal.order.param": 300 } }, { parallel: 4 });
    stage.simulator.faults.arm({ func: "softexternal.edit", effect: "read", kind: "http", status: 429, ...fault });
    const all = [
      ...orders(stage, 3),
      ...reads(stage, 1),
      ...orders(stage, 8),
      ...reads(stage, 8),
      ...changes(stage, 8),
    ];
    const outcomes = await Promise.allSettled(all);
    const journal = stage.simulator.journal();
    const told = journal.findIndex((entry) => entry.fault === "http");
    return { outcomes, told: journal[told] as JournalEntry, after: journal.slice(4), place: told };
  }

  it.each([
    ["429, with a time", { status: 429, retryAfter: 1 }, 1000],
    ["503, with a time", { status: 503, retryAfter: 1 }, 1000],
    ["429, without a time", { status: 429 }, 250],
    ["503, without a time", { status: 503 }, 250],
  ])("is left alone by all of them until its time is over: %s", async (_what, fault, pause) => {
    const { outcomes, told, after, place } = await slowedDown(fault);
    expect(place).toBeLessThan(4);
    expect(after).toHaveLength(25);
    expect(Math.min(...after.map(arrival)) - arrival(told)).toBeGreaterThanOrEqual(pause);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(times(28, () => "fulfilled"));
  });

  it("meets no herd afterwards: one call more with each that it has accepted", async () => {
    const { after } = await slowedDown({ retryAfter: 1 });
    for (const [index, { inFlight }] of after.entries()) {
      expect(inFlight).toBeLessThanOrEqual(Math.min(4, index + 1));
    }
  });

  it("is asked once by an order: the one that it turns away is not sent again, and those that wait are sent later", async () => {
    const stage = await start({}, { parallel: 1 });
    stage.simulator.faults.arm({ func: "softexternal.order.param", kind: "http", status: 429, retryAfter: 1 });
    const outcomes = await Promise.allSettled(orders(stage, 5));
    const [first, ...rest] = stage.simulator.journal();
    expect(outcomes.map((outcome) => outcome.status === "rejected" && isNotSent(outcome.reason))).toEqual([
      true,
      ...times(4, () => false),
    ]);
    expect(rest).toHaveLength(4);
    expect(Math.min(...rest.map(arrival)) - arrival(first as JournalEntry)).toBeGreaterThanOrEqual(1000);
  });

  it("does not get the order about which somebody was being asked when it asked for a pause", async () => {
    const stage = await start({}, { parallel: 2 });
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    stage.panel.beforeChanges(() => {
      asked.resolve();
      return answer.promise;
    });
    const ordering = orders(stage, 1);
    await asked.promise;
    stage.simulator.faults.arm({ kind: "http", status: 429, retryAfter: 1 });
    const reading = reads(stage, 1);
    await expect.poll(() => stage.simulator.journal()[0]?.status).toBe(429);
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer.resolve();
    await Promise.all([...ordering, ...reading]);
    const [told, ...after] = stage.simulator.journal();
    expect(after.map(({ effect }) => effect).sort()).toEqual(["charge", "read"]);
    expect(Math.min(...after.map(arrival)) - arrival(told as JournalEntry)).toBeGreaterThanOrEqual(1000);
  });

  it("for longer than anybody waits gets no further call until then, and those are told that they were not carried out", async () => {
    let now = Date.parse("2026-01-15T12:00:00Z");
    const timing = { now: () => now, random: () => 0.5, sleep: () => Promise.resolve() };
    const stage = await start({}, { parallel: 2, timing });
    stage.simulator.faults.arm({ kind: "http", status: 429, retryAfter: 3600, times: "always" });
    const outcomes = await Promise.allSettled([...orders(stage, 200), ...reads(stage, 200)]);
    expect(stage.simulator.journal().length).toBeLessThanOrEqual(2);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { name: "NotSentError", reason: "rate-limited" } });
    }
    await expect(listLicenses(stage.panel)).rejects.toThrow(
      "softexternal was not carried out: the server has asked for a pause of 3600 seconds more, which is longer than a call waits. Nothing was changed or charged.",
    );
    now += 3_600_000;
    stage.simulator.faults.clear();
    stage.simulator.clearJournal();
    await Promise.all(reads(stage, 10));
    expect(stage.simulator.journal()).toHaveLength(10);
  });

  it("is not asked for the answer of a slow call either", async () => {
    const pauses = new Map<number, () => void>();
    const timing = {
      now: () => Date.parse("2026-01-15T12:00:00Z"),
      random: () => 0,
      sleep: (milliseconds: number) => new Promise<void>((resolve) => pauses.set(milliseconds, resolve)),
    };
    const answers = [xml("<doc><ok/></doc>"), fixture("long-call.html"), status(429, { "retry-after": "2" })];
    const server = await scriptedPanel(() => answers.shift() ?? fixture("form-documented.xml"));
    const panel = clientOf(server, { timing });
    await panel.call({ func: "whoami", effect: "read", parameters: {} });
    const slow = readLicense(panel, licenseId("1234567"));
    await expect.poll(() => [...pauses.keys()]).toEqual([1000]);
    const told = readLicense(panel, licenseId("1234567"));
    await expect.poll(() => [...pauses.keys()]).toEqual([1000, 2000]);
    pauses.get(1000)?.();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.calls).toHaveLength(3);
    pauses.get(2000)?.();
    await Promise.all([slow, told]);
    expect(server.calls).toHaveLength(5);
  });
});

describe("a login that is refused", () => {
  it("is one call to the panel, whatever calls of which kinds wait for it", async () => {
    const stage = await start({});
    const panel = new Panel({ endpoint: stage.simulator.endpoint, username: "demo", password: "wrong" });
    onTestFinished(() => panel.close());
    const wrong = { ...stage, panel };
    const outcomes = await Promise.allSettled([...orders(wrong, 100), ...reads(wrong, 100), ...changes(wrong, 100)]);
    expect(stage.simulator.journal()).toHaveLength(1);
    expect(outcomes.every((outcome) => outcome.status === "rejected")).toBe(true);
  });
});
