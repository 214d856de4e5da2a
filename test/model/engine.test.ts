import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Simulator } from "../../simulator/index";
import { ensurePulumi } from "../../tools/pulumi/ensure.mts";
import { type PulumiResult, PulumiWorkspace } from "../../tools/pulumi/workspace.mts";
import { seedOf } from "../seed";
import type { Ending, EngineStack, Goal, Saved, UpdateOptions } from "./engine";
import { ModelledStack } from "./engine";
import { type Act, type History, histories, historiesOfFleets } from "./history";
import { ACCOUNT, type Circumstances, CONFIG, World } from "./world";

/** `ENGINE_HISTORIES`: how many; `HISTORY_SEED`: those that a failure has printed. */
const COUNT = Number(process.env.ENGINE_HISTORIES ?? 3);
const SEED = seedOf(process.env.HISTORY_SEED, process.env.ENGINE_HISTORIES !== undefined);
const LENGTH = 6;

/** A run of the real provider goes by the real date; one operation at a time, so that each call meets the same panel in both. */
const CIRCUMSTANCES = { firstDay: new Date().toISOString().slice(0, 10), parallel: 1, project: "licenses" };

const sampled = (arbitrary: fc.Arbitrary<History>, numRuns: number) =>
  fc.sample(
    arbitrary.map(({ acts, ...others }) => ({ ...others, acts: acts.map(withoutInterruption).filter(isOfOneStack) })),
    { numRuns, seed: SEED },
  );

const samples = [
  ...sampled(histories(LENGTH, ["days", "preview", "rename"]), COUNT),
  ...sampled(historiesOfFleets(LENGTH, ["days", "preview"]).filter(isOfUpdates), Math.ceil((COUNT * 2) / 3)),
];

/** Where a signal hits a real run is a matter of moments: those have tests of their own. */
function withoutInterruption(act: Act): Act {
  return "interruption" in act ? { ...act, interruption: undefined, isRefused: false } : act;
}

/** Between two updates something has become of the fleet. */
function isOfUpdates({ acts }: History): boolean {
  return (
    acts.filter(({ act }) => act === "up").length > 1 && acts.some(({ act }) => act === "move" || act === "rename")
  );
}

function isOfOneStack(act: Act): boolean {
  return !("stack" in act) || act.stack === "a";
}

describe(`the modelled engine and the real one (seed ${SEED})`, () => {
  it.each(samples.map((history) => [JSON.stringify(history), history] as const))(
    "bring the same about: %s",
    async (_, history) => {
      const modelled = await booksAfter(history, { ...CIRCUMSTANCES, engine: async () => new ModelledStack() });
      const real = await booksAfter(history, { ...CIRCUMSTANCES, engine: RealStack.create });
      expect(real).toEqual(modelled);
    },
    600_000,
  );
});

async function booksAfter(history: History, circumstances: Circumstances): Promise<unknown> {
  const world = await World.begin(history, circumstances);
  try {
    for (const act of history.acts) {
      await world.take(act);
    }
    await world.finish();
    return world.books();
  } finally {
    await world.end();
  }
}

/** A stack that the real engine works on, in processes of its own. */
class RealStack implements EngineStack {
  saved: readonly Saved[] = [];

  private constructor(private readonly workspace: PulumiWorkspace) {}

  static async create(this: void, simulator: Simulator): Promise<RealStack> {
    const workspace = await PulumiWorkspace.create({
      cli: await ensurePulumi({ report: () => undefined }),
      project: join(__dirname, "../engine/programs/licenses"),
      stack: "a",
      config: CONFIG,
      env: {
        BILLMANAGER_ENDPOINT: simulator.endpoint,
        BILLMANAGER_USERNAME: ACCOUNT.username,
        BILLMANAGER_PASSWORD: ACCOUNT.password,
      },
    });
    onTestFinished(() => workspace.remove());
    return new RealStack(workspace);
  }

  async preview(_: unknown, goals: readonly Goal[], { replace }: UpdateOptions): Promise<Ending> {
    await this.#declare(goals);
    return this.#ending(await this.workspace.preview(...(await this.#replacing(replace))));
  }

  async update(_: unknown, goals: readonly Goal[], { replace, parallel }: UpdateOptions): Promise<Ending> {
    await this.#declare(goals);
    return this.#ending(await this.workspace.up(...oneByOne(parallel), ...(await this.#replacing(replace))));
  }

  async refresh(_: unknown, parallel: number): Promise<Ending> {
    return this.#ending(await this.workspace.refresh(...oneByOne(parallel)));
  }

  async destroy(_: unknown, parallel: number): Promise<Ending> {
    return this.#ending(await this.workspace.destroy(...oneByOne(parallel)));
  }

  async #replacing(name: string | undefined): Promise<string[]> {
    const urn = (await this.workspace.licenses()).find((resource) => resource.urn.endsWith(`::${name}`))?.urn;
    return urn === undefined ? [] : ["--replace", urn];
  }

  #declare(goals: readonly Goal[]): Promise<void> {
    const licenses = goals.filter(({ kind }) => kind === "license").map(({ name }) => name);
    const declared = goals.map(({ kind, name, alias, inputs, waits, deleteBeforeReplace }) => {
      const { __provider, claim, fleet, licenseName, ...others } = inputs;
      const isAutomatic = kind === "fleet" || String(licenseName).endsWith(`-${claim}`);
      const options = waits === true ? { dependsOn: licenses } : {};
      const aliases = kind === "fleet" ? [{ name: alias }] : undefined;
      return [name, { ...others, ...(isAutomatic ? {} : { licenseName }), deleteBeforeReplace, options, aliases }];
    });
    return this.workspace.write(
      "licenses.json",
      JSON.stringify({ declared: Object.fromEntries(declared), oneByOne: true }),
    );
  }

  async #ending({ code, output }: PulumiResult): Promise<Ending> {
    this.saved = (await this.workspace.licenses()).map((license) => ({
      kind: license.type.endsWith("LicenseFleet") ? "fleet" : "license",
      name: license.urn.split("::").at(-1) ?? "",
      id: license.id ?? "",
      inputs: license.inputs ?? {},
      outputs: license.outputs ?? {},
      hasInitErrors: (license.initErrors ?? []).length > 0,
      isToDelete: license.delete === true,
      isToCreate: license.pendingReplacement === true,
    }));
    return { errors: code === 0 ? [] : [output], wasKilled: false, wasStopped: false };
  }
}

function oneByOne(parallel: number): string[] {
  return ["--skip-preview", "--parallel", String(parallel)];
}
