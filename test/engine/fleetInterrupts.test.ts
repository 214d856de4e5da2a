import { afterEach, describe, expect, it } from "vitest";
import type { RunningPulumi } from "../../tools/pulumi/workspace.mts";
import { type Gate, startGate } from "./helpers/gate";
import { changing, credentials, type Face, type Stage, setStage } from "./helpers/harness";
import { arrived, gone, unlocked } from "./helpers/interrupted";
import { killAll } from "./helpers/processes";

let stage: Stage;
let gate: Gate;
const leftBehind: number[] = [];

async function setUp(face: Face): Promise<void> {
  stage = await setStage({ face });
  gate = await startGate(stage.panel);
}

afterEach(async () => {
  killAll(leftBehind.splice(0));
  await gate?.close();
  await stage?.close();
});

function pulumi(...args: string[]): RunningPulumi {
  return stage.workspace.start(args, { ...credentials(stage.panel), BILLMANAGER_ENDPOINT: gate.endpoint });
}

/** As many calls as the config lets be in flight. */
const IN_FLIGHT = 8;

/** Kills the provider, or the engine with it, when the panel has carried out eight calls of which it has answered none. */
async function killInTheMiddle(isMeant: (call: URLSearchParams) => boolean, engineToo: boolean): Promise<void> {
  const held = Array.from({ length: IN_FLIGHT }, () => gate.hold("answer", isMeant));
  const run = pulumi("up", "--yes", "--skip-preview");
  const { processes, providers } = await arrived(run, Promise.all(held.map(({ reached }) => reached)));
  leftBehind.push(...processes);
  if (engineToo) {
    run.process.kill("SIGKILL");
  }
  killAll(providers);
  await run.result;
  await gone(providers);
  for (const { release } of held) {
    release();
  }
  await gate.quiet();
}

const KEYS = Array.from({ length: 20 }, (_, index) => `web${String(index + 1).padStart(2, "0")}`);
const addressOf = (key: string) => `192.0.2.${Number(key.slice(3))}`;
const orders = () => stage.panel.ledger().map(({ ip }) => ip);
const booked = () => Object.fromEntries(stage.panel.licenses().map(({ id, ip }) => [ip, id]));

async function members(): Promise<Record<string, { id: string; status: string; licenseName: string; ip: string }>> {
  const [fleet] = await stage.workspace.licenses();
  return fleet?.outputs?.licenses as Awaited<ReturnType<typeof members>>;
}

describe("a fleet of twenty that is cut off in the midst of its orders", () => {
  const isHeld = (call: URLSearchParams) =>
    call.get("func") === "softexternal.order.param" &&
    call.get("sok") === "ok" &&
    KEYS.slice(6, 6 + IN_FLIGHT).some((key) => call.get("licname")?.startsWith(`${key}-`) === true);

  it.each([
    ["dynamic", "the provider", false],
    ["plugin", "provider and engine", true],
  ] as const)(
    "on the %s face, by a kill of %s, has each license once, and the next update orders the rest",
    async (face, _, engineToo) => {
      await setUp(face);
      const licenses = Object.fromEntries(KEYS.map((key) => [key, addressOf(key)]));
      await stage.declare({ servers: { product: "cloudlinux", licenses } });
      await killInTheMiddle(isHeld, engineToo);
      expect(await stage.workspace.licenses()).toEqual([]);
      // Six are answered, eight in flight, and six not sent.
      expect(orders().sort()).toEqual(KEYS.slice(0, 14).map(addressOf).sort());

      const { code, output } = await unlocked(pulumi);
      expect(output).not.toContain("error:");
      expect(code).toBe(0);
      expect(orders().sort()).toEqual(KEYS.map(addressOf).sort());
      const saved = Object.entries(await members()).map(([key, { id, status }]) => [key, id, status]);
      expect(saved).toEqual(KEYS.map((key) => [key, booked()[addressOf(key)], "active"]));
      stage.panel.clearJournal();
      expect((await unlocked(pulumi)).output).toContain("2 unchanged");
      expect(stage.panel.journal()).toEqual([]);
    },
  );
});

describe("a fleet with names of its own, on a panel that shows no claim beside them", () => {
  it("stops where a kill in the midst of the renames has left licenses without one, buys nothing, and says how to go on", async () => {
    await setUp("dynamic");
    const { panel, workspace } = stage;
    const keys = KEYS.slice(0, 10);
    const licenses = Object.fromEntries(
      keys.map((key) => [key, { ip: addressOf(key), licenseName: `The ${key}` }] as const),
    );
    await stage.declare({ servers: { product: "cloudlinux", licenses } });
    await killInTheMiddle((call) => call.get("func") === "softexternal.edit" && call.get("sok") === "ok", true);
    const renamed = keys.filter((key) => panel.licenses().some(({ licname }) => licname === `The ${key}`));
    expect(renamed).toHaveLength(IN_FLIGHT);
    panel.clearJournal();

    const { code, output } = await unlocked(pulumi);
    expect(code).not.toBe(0);
    for (const key of renamed) {
      const id = booked()[addressOf(key)];
      expect(output.replace(/\s+/g, " ")).toContain(
        `${key}: license ${id} (${addressOf(key)}) is a CloudLinux license on this address already. ` +
          `Nothing was ordered; to take it over, set adopt: { ${key}: "${id}" }`,
      );
    }
    for (const key of keys.filter((one) => !renamed.includes(one))) {
      expect(output).toContain(`${key}: license ${booked()[addressOf(key)]}, which an earlier run has bought for it`);
    }
    expect(changing(panel.journal())).toEqual([]);

    const adopt = Object.fromEntries(renamed.map((key) => [key, booked()[addressOf(key)]]));
    await stage.declare({ servers: { product: "cloudlinux", licenses, adopt } });
    expect((await unlocked(pulumi)).code).toBe(0);
    expect(Object.keys(await members())).toEqual(keys);
    expect(orders()).toHaveLength(10);
    expect((await workspace.licenses())[0]?.initErrors ?? []).toEqual([]);
  });
});
