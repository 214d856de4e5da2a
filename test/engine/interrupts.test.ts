import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningPulumi } from "../../tools/pulumi/workspace.mts";
import { type Gate, startGate } from "./helpers/gate";
import { changing, credentials, type DeclaredLicense, FACES, type Face, type Stage, setStage } from "./helpers/harness";
import { arrived, gone, PATIENCE, unlocked, type Victim } from "./helpers/interrupted";
import { isRunning, killAll } from "./helpers/processes";

const isOrder = (call: URLSearchParams) => call.get("func") === "softexternal.order.param" && call.get("sok") === "ok";
const isEdit = (call: URLSearchParams) => call.get("func") === "softexternal.edit" && call.get("sok") === "ok";
const isList = (call: URLSearchParams) => call.get("func") === "softexternal";

let stage: Stage;
let gate: Gate;
/** Whatever the runs of a test have left behind. */
const leftBehind: number[] = [];

async function setUp(face: Face, config: Readonly<Record<string, string>> = {}): Promise<void> {
  stage = await setStage({ face, workspace: { config } });
  gate = await startGate(stage.panel);
}

async function tearDown(): Promise<void> {
  killAll(leftBehind.splice(0));
  await gate?.close();
  await stage?.close();
}

function pulumi(...args: string[]): RunningPulumi {
  return stage.workspace.start(args, { ...credentials(stage.panel), BILLMANAGER_ENDPOINT: gate.endpoint });
}

const up = () => pulumi("up", "--yes", "--skip-preview");

/** Something that a run has come to, and what lets it go on. */
interface Place {
  readonly reached: Promise<unknown>;
  release(): void;
}

interface Point {
  /** What is declared beside product and address. */
  readonly inputs?: DeclaredLicense;
  /** Whether the account has been charged when a run is here. */
  readonly isOrdered: boolean;
  /** Whether a provider that has got here goes on to look at the account, again and again. */
  readonly looksOn?: true;
  arrive(ip: string): Place;
}

const named = { licenseName: "Shop front" };

/** Where a run may be when it is cut off, in the order in which it comes along. */
const POINTS: Readonly<Record<string, Point>> = {
  "before the order": {
    inputs: named,
    isOrdered: false,
    arrive: () => gate.hold("answer", isList),
  },
  "between the order and its answer": {
    inputs: named,
    isOrdered: true,
    arrive: () => gate.hold("answer", isOrder),
  },
  "between the answer and the saved state": {
    isOrdered: true,
    arrive: (ip) => gate.hold("answer", (call) => isList(call) && isCharged(ip)),
  },
  "while the vendor activates the license": {
    inputs: named,
    isOrdered: true,
    looksOn: true,
    arrive(ip) {
      const { panel } = stage;
      panel.knobs.set({ processing: { open: "stuck" } });
      const shown = gate.hold("answer", (call) => isList(call) && isCharged(ip));
      return {
        reached: shown.reached.then(shown.release),
        release() {
          panel.knobs.set({ processing: { open: "none" } });
          for (const { id } of panel.licenses().filter(({ status }) => status === "5_open")) {
            panel.outside.finish(id);
          }
        },
      };
    },
  },
  "between the order and the rename": {
    inputs: named,
    isOrdered: true,
    arrive: (ip) => gate.hold("answer", (call) => isList(call) && isCharged(ip)),
  },
  "between the rename and its answer": {
    inputs: named,
    isOrdered: true,
    arrive() {
      stage.panel.knobs.set({ listColumns: ["remoteid"] });
      return gate.hold("answer", isEdit);
    },
  },
};

interface Blow {
  /** What the run is left to do: end in order, nothing, or whatever a provider without an engine does. */
  readonly leaves: "a run that ends in order" | "nothing" | "a provider without an engine";
  strike(victim: Victim): Promise<void>;
}

const BLOWS: Readonly<Record<string, Blow>> = {
  "one Ctrl+C": {
    leaves: "a run that ends in order",
    strike: ({ run }) => interrupt(run, "SIGINT", "^C received"),
  },
  "two Ctrl+C": {
    leaves: "nothing",
    async strike({ run, providers }) {
      await interrupt(run, "SIGINT", "^C received");
      run.process.kill("SIGINT");
      await run.result;
      await gone(providers);
    },
  },
  SIGTERM: {
    leaves: "a run that ends in order",
    strike: ({ run }) => interrupt(run, "SIGTERM", "SIGTERM received"),
  },
  "the engine killed": {
    leaves: "a provider without an engine",
    async strike({ run }) {
      run.process.kill("SIGKILL");
      await run.result;
    },
  },
  "the provider killed": {
    leaves: "nothing",
    async strike({ run, providers }) {
      killAll(providers);
      await run.result;
    },
  },
  "both killed": {
    leaves: "nothing",
    async strike({ run, providers }) {
      run.process.kill("SIGKILL");
      killAll(providers);
      await run.result;
      await gone(providers);
    },
  },
};

/** Each blow at each point; in short, each of them where it does most. `BILLMANAGER_TESTS=long` tries all. */
const SHORT: Readonly<Record<Face, Readonly<Record<string, readonly string[]>>>> = {
  dynamic: {
    "before the order": ["two Ctrl+C", "the engine killed"],
    "between the order and its answer": ["one Ctrl+C", "two Ctrl+C", "the engine killed", "the provider killed"],
    "between the answer and the saved state": ["SIGTERM", "the engine killed"],
    "while the vendor activates the license": ["both killed", "the engine killed"],
    "between the order and the rename": ["the provider killed", "the engine killed"],
    "between the rename and its answer": ["SIGTERM", "both killed"],
  },
  plugin: {
    "before the order": ["one Ctrl+C", "the engine killed"],
    "between the order and its answer": ["one Ctrl+C", "two Ctrl+C", "the engine killed", "the provider killed"],
    "between the answer and the saved state": ["SIGTERM"],
    "while the vendor activates the license": ["one Ctrl+C", "the engine killed"],
    "between the order and the rename": ["one Ctrl+C"],
    "between the rename and its answer": ["both killed"],
  },
};

function casesOf(face: Face): { readonly point: string; readonly blow: string }[] {
  const isLong = process.env.BILLMANAGER_TESTS === "long";
  return Object.keys(POINTS).flatMap((point) => {
    const blows = isLong ? Object.keys(BLOWS) : (SHORT[face][point] ?? []);
    return blows.map((blow) => ({ point, blow }));
  });
}

describe.each(FACES)(
  "a run on the %s face that is cut off has bought one license, and the next one finishes it",
  (face) => {
    const CASES = casesOf(face);
    const declared: Record<string, DeclaredLicense> = {};
    beforeAll(() => setUp(face));
    afterEach(() => killAll(leftBehind.splice(0)));
    afterAll(tearDown);

    it.each(CASES)("$blow, $point", async ({ point, blow }) => {
      const { panel, workspace } = stage;
      const { inputs, isOrdered, looksOn, arrive } = POINTS[point] as Point;
      const { leaves, strike } = BLOWS[blow] as Blow;
      const number = Object.keys(declared).length + 1;
      const ip = `192.0.2.${number}`;
      const name = `web${number}`;
      declared[name] = { product: "cloudlinux", ip, ...inputs };
      await stage.declare(declared);
      panel.knobs.reset();
      panel.clearJournal();

      const place = arrive(ip);
      const victim = await underWay(up(), place);
      await strike(victim);
      const before = changing(panel.journal());
      expect(before.filter(isCharge)).toHaveLength(isOrdered ? 1 : 0);
      const listed = lists();
      place.release();
      if (leaves === "a run that ends in order") {
        expect((await victim.run.result).code).not.toBe(0);
      }
      if (leaves === "a provider without an engine") {
        if (looksOn) {
          await expect.poll(lists, PATIENCE).toBeGreaterThan(listed);
        }
        await gate.quiet();
        // The plugin leaves by itself when it has nothing left to do.
        expect(face === "plugin" || victim.providers.some(isRunning)).toBe(true);
        expect(changing(panel.journal())).toEqual(before);
      }

      const { code, output } = await upAgain();
      expect(output).not.toContain("error:");
      expect(code).toBe(0);
      if (leaves !== "a run that ends in order" && isOrdered) {
        expect(output).toContain("which an earlier run has bought for it; nothing is ordered");
      }
      expect(changing(panel.journal()).map(({ func }) => func)).toEqual([
        "softexternal.order.param",
        ...(inputs === undefined ? [] : ["softexternal.edit"]),
      ]);
      const license = (await workspace.licenses()).find(({ urn }) => urn.endsWith(`::${name}`));
      const [booked, ...others] = panel.licenses().filter((each) => each.ip === ip);
      expect(others).toEqual([]);
      expect(panel.ledger().filter((entry) => entry.ip === ip)).toMatchObject([{ kind: "order", license: booked?.id }]);
      expect(license?.id).toBe(booked?.id);
      expect(license?.outputs).toMatchObject({ status: "active", licenseName: booked?.licname });
      expect(booked?.licname).toBe(license?.inputs?.licenseName);
    });

    it("and then there is nothing left to do", async () => {
      stage.panel.clearJournal();
      const { output } = await up().result;
      expect(output).toContain(`${CASES.length + 1} unchanged`);
      expect(stage.panel.journal()).toEqual([]);
    });
  },
);

const isCharge = ({ effect }: { effect: string }) => effect === "charge";

function isCharged(ip: string): boolean {
  return stage.panel.ledger().some((entry) => entry.ip === ip);
}

function lists(): number {
  return stage.panel.journal().filter(({ func, status }) => func === "softexternal" && status === 200).length;
}

/** Waits for the run to come to the place, and learns what it consists of. */
async function underWay(run: RunningPulumi, place: Place): Promise<Victim> {
  const victim = await arrived(run, place.reached);
  leftBehind.push(...victim.processes);
  return victim;
}

/** Sends a signal that the engine says it has received. */
async function interrupt({ process: cli }: RunningPulumi, signal: NodeJS.Signals, said: string): Promise<void> {
  let output = "";
  for (const stream of [cli.stdout, cli.stderr]) {
    stream?.on("data", (text: string) => {
      output += text;
    });
  }
  cli.kill(signal);
  await expect.poll(() => output, PATIENCE).toContain(said);
}

const upAgain = () => unlocked(pulumi);

describe("a provider whose engine has been killed", () => {
  afterEach(tearDown);

  it("sends none of the orders that wait for others to end", async () => {
    await setUp("dynamic", { "billmanager:parallel": "1" });
    const { panel } = stage;
    const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
    await stage.declare(Object.fromEntries(addresses.map((ip, i) => [`web${i}`, { product: "cloudlinux", ip }])));
    const place = gate.hold("answer", isOrder);
    const { run } = await underWay(up(), place);
    run.process.kill("SIGKILL");
    await run.result;
    place.release();
    await gate.quiet();
    expect(panel.ledger()).toHaveLength(1);

    expect((await upAgain()).code).toBe(0);
    expect(
      panel
        .ledger()
        .map(({ ip }) => ip)
        .sort(),
    ).toEqual(addresses);
  });
});

describe.each(FACES)("a replacement on the %s face that gives up the old license first", (face) => {
  afterEach(tearDown);

  it("and is killed before the new one is ordered is finished by the next run with one order", async () => {
    await setUp(face);
    const { panel, workspace } = stage;
    await stage.declare({ web: { product: "cloudlinux", ip: "192.0.2.1", deleteBeforeReplace: true } });
    expect((await up().result).code).toBe(0);
    const urn = (await workspace.licenses())[0]?.urn ?? "";
    const place = gate.hold("request", isOrder);
    await BLOWS["both killed"]?.strike(
      await underWay(pulumi("up", "--yes", "--skip-preview", "--replace", urn), place),
    );
    place.release();
    await gate.quiet();
    expect(panel.licenses().map(({ status }) => status)).toEqual(["4"]);

    const { code, output } = await upAgain();
    expect(output).not.toContain("error:");
    expect(code).toBe(0);
    expect(panel.ledger().map(({ kind }) => kind)).toEqual(["order", "order"]);
    const [license] = await workspace.licenses();
    expect(panel.licenses().filter(({ status }) => status === "2")).toMatchObject([{ id: license?.id }]);
    expect((await up().result).output).toContain("2 unchanged");
  });
});
