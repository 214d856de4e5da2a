import { AsyncLocalStorage } from "node:async_hooks";
import { Fleet } from "../fleet/fleet";
import { automaticName, claimOf } from "../license/claim";
import { type Difference, differencesOfLicense } from "../license/differences";
import { FUNCTIONS } from "../license/functions";
import type { InputFailure } from "../license/inputs";
import { Lifecycle } from "../license/lifecycle";
import type { Resource } from "../license/resource";
import type { SharedDeclarations, Surroundings } from "../license/run";
import { configOf, judgeConfig } from "./config";
import type { Engine } from "./engine";
import type { Properties } from "./values";

/** The resources, as programs of every language name them. */
export const LICENSE = "billmanager:index:License";
const FLEET = "billmanager:index:LicenseFleet";
const FUNCTION = /^billmanager:index:(\w+)$/;

/** The resource that the engine asks about. */
export interface Asked {
  readonly urn: string;
  /** Seconds that the program gives to the operation; 0 where it says nothing. */
  readonly timeout?: number;
}

/**
 * What the engine asks of the plugin, in plain values: it passes on to the lifecycle and decides nothing.
 */
export class PluginProvider {
  readonly #engine: Engine;
  readonly #env: NodeJS.ProcessEnv;
  readonly #surroundings: Surroundings;
  /** What the operation under way is about: each asks for its lines and its time by itself. */
  readonly #asked = new AsyncLocalStorage<Asked>();
  #resources: Resources | undefined;
  #underWay = 0;

  constructor(engine: Engine, env: NodeJS.ProcessEnv, declarations?: SharedDeclarations) {
    this.#engine = engine;
    this.#env = env;
    this.#surroundings = {
      log: {
        info: (line) => engine.info(line, this.#asked.getStore()?.urn),
        warn: (line) => engine.warn(line, this.#asked.getStore()?.urn),
      },
      declarations,
      engineIsGone: () => engine.isGone(),
      now: () => new Date(),
      patience: () => this.#asked.getStore()?.timeout || undefined,
    };
  }

  /** Operations that have not been answered. */
  get underWay(): number {
    return this.#underWay;
  }

  /** An engine finds a plugin that runs already, as under a debugger. */
  attach(engineAddress: string): void {
    this.#engine.connect(engineAddress);
  }

  checkConfig(urn: string, news: Properties): InputFailure[] {
    return judgeConfig(urn, news, this.#env);
  }

  /** @throws SettingsError */
  configure(config: Properties): void {
    const settings = configOf(config, this.#env);
    const lifecycle = new Lifecycle(settings, this.#surroundings);
    this.#resources = { lifecycle, fleet: new Fleet(lifecycle, settings.pricelists, Number.POSITIVE_INFINITY) };
  }

  check(
    asked: Asked,
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: readonly InputFailure[] }> {
    return this.#during(asked, async ({ lifecycle, fleet }) => {
      const { claim, name } = identityOf(asked.urn, lifecycle);
      const before = Object.keys(olds).length === 0 ? undefined : olds;
      const { inputs, failures } = isFleet(asked.urn)
        ? await fleet.check(before, { ...news, fleet: automaticName(name, claim) }, asked.urn)
        : await lifecycle.check(
            before,
            { ...news, claim, licenseName: news.licenseName ?? automaticName(name, claim) },
            asked.urn,
          );
      return { inputs: { ...inputs }, failures };
    });
  }

  diff(asked: Asked, id: string, olds: Properties, news: Properties): Promise<ResourceDiff> {
    return this.#during(asked, async ({ lifecycle, fleet }) => {
      if (isFleet(asked.urn)) {
        return fleet.diff(id, olds, news);
      }
      const diff = await lifecycle.diff(id, olds, news);
      return { ...diff, differences: differencesOfLicense(diff, olds, news) };
    });
  }

  create(asked: Asked, inputs: Properties, preview: boolean): Promise<{ id: string; outputs: Properties }> {
    return this.#on(asked, async (resource) => {
      if (preview) {
        return { id: "", outputs: { ...resource.planCreate(inputs) } };
      }
      const { id, outputs } = await resource.create(inputs);
      return { id, outputs: { ...outputs } };
    });
  }

  /**
   * @param outputs none for a license of which the state knows nothing
   * @param isImport whether such a license is to become a resource, and not only looked up by its number
   * @returns inputs for an import alone: otherwise they are as the engine has them
   */
  read(
    asked: Asked,
    id: string,
    outputs: Properties,
    isImport: boolean,
  ): Promise<{ inputs?: Properties; outputs: Properties }> {
    return this.#during(asked, async (resources) => {
      const { lifecycle } = resources;
      if (isImport && Object.keys(outputs).length === 0 && !isFleet(asked.urn)) {
        const imported = await lifecycle.import(id, identityOf(asked.urn, lifecycle));
        return { inputs: { ...imported.inputs }, outputs: { ...imported.outputs } };
      }
      return { outputs: { ...(await resourceOf(asked.urn, resources).read(id, outputs)) } };
    });
  }

  update(asked: Asked, id: string, olds: Properties, news: Properties, preview: boolean): Promise<Properties> {
    return this.#on(asked, async (resource) =>
      preview ? { ...resource.planUpdate(olds, news) } : { ...(await resource.update(id, olds, news)) },
    );
  }

  delete(asked: Asked, id: string, outputs: Properties): Promise<void> {
    return this.#on(asked, (resource) => resource.delete(id, outputs));
  }

  invoke(token: string, args: Properties): Promise<Properties> {
    return this.#during({ urn: "" }, async ({ lifecycle: { run } }) => {
      const name = FUNCTION.exec(token)?.[1];
      const called = Object.entries(FUNCTIONS).find(([known]) => known === name)?.[1];
      if (called === undefined) {
        throw new TypeError(`${token} is no function of this provider; it has ${Object.keys(FUNCTIONS).join(", ")}`);
      }
      return { ...(await called(run, args)) };
    });
  }

  /** The account's licenses, for whoever looks for what could be imported. */
  list(args: Properties): Promise<{ id: string; name: string }[]> {
    return this.#during({ urn: "" }, async ({ lifecycle: { run } }) => {
      const { licenses } = await FUNCTIONS.getLicenses(run, args);
      return licenses.map(({ id, licenseName = id }) => ({ id, name: licenseName }));
    });
  }

  /** Has operations end within seconds by saving what is known of their licenses. */
  cancel(): void {
    this.#resources?.lifecycle.cancel();
  }

  #on<T>(asked: Asked, job: (resource: Resource) => Promise<T>): Promise<T> {
    return this.#during(asked, (resources) => job(resourceOf(asked.urn, resources)));
  }

  async #during<T>(asked: Asked, job: (resources: Resources) => Promise<T>): Promise<T> {
    const resources = this.#resources;
    if (resources === undefined) {
      throw new TypeError("the provider was called before it was configured");
    }
    this.#underWay += 1;
    try {
      return await this.#asked.run(asked, () => job(resources));
    } finally {
      this.#underWay -= 1;
      await this.#engine.flushed();
    }
  }
}

/** What the engine asks about is of one kind or the other. */
interface Resources {
  readonly lifecycle: Lifecycle;
  readonly fleet: Fleet;
}

/** A comparison, with every property that makes it a change. */
interface ResourceDiff {
  readonly changes: boolean;
  readonly replaces: readonly string[];
  readonly differences: readonly Difference[];
}

function resourceOf(urn: string, { lifecycle, fleet }: Resources): Resource {
  return isFleet(urn) ? fleet : lifecycle;
}

/** `urn:pulumi:<stack>::<project>::<parent's type>$<type>::<name>` */
function isFleet(urn: string): boolean {
  return urn.split("::")[2]?.split("$").at(-1) === FLEET;
}

/** The claim and the name of a resource. Both faces make the same of it. */
function identityOf(urn: string, { run }: Lifecycle): { claim: ReturnType<typeof claimOf>; name: string } {
  // urn:pulumi:<stack>::<project>::<types>::<name>
  return { claim: claimOf(urn, run.settings.owner), name: urn.split("::").slice(3).join("::") };
}
