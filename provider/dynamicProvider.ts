import { setFlagsFromString } from "node:v8";
import { Panel } from "./billmanager/panel";
import { type LicenseId, licenseId } from "./billmanager/types";
import { engineIsGone } from "./engine";
import { utcDay } from "./license/calendar";
import { createLicense } from "./license/create";
import { giveUpLicense } from "./license/delete";
import { PartialFailure } from "./license/errors";
import { paymentsOf } from "./license/guards";
import {
  checkInputs,
  hasUnknown,
  type InputFailure,
  type LicenseInputs,
  UNKNOWN,
  type Wish,
  wishOf,
} from "./license/inputs";
import { describe, notices, plan, TooManyPeriodsError } from "./license/plan";
import { readLicenseOutputs } from "./license/read";
import { type Log, Run, type Surroundings } from "./license/run";
import { readSettings, type Settings, SettingsError } from "./license/settings";
import { type LicenseOutputs, outputsFromState } from "./license/state";
import { diffLicense, updateLicense } from "./license/update";

type Properties = Record<string, unknown>;

/** What the host of dynamic providers calls: `pulumi.dynamic.ResourceProvider` as far as it is used here. */
export interface DynamicFace {
  configure(request: { config: { get(key: string): string | undefined } }): Promise<void>;
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: InputFailure[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces: string[] }>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  read(id: string, properties: Properties): Promise<{ id: string; props: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, properties: Properties): Promise<void>;
}

/** How the engine writes a value that a preview does not know yet. */
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The host shows what a provider prints, without a severity of its own. */
function printing(print: (line: string) => void): Log {
  const warned = new Set<string>();
  return {
    info: print,
    warn(line) {
      // A refresh both reads and compares, and either has to say it: once is enough.
      if (!warned.has(line)) {
        warned.add(line);
        print(`warning: ${line}`);
      }
    },
  };
}

/** What surrounds the face: that of a {@link Run}, with lines printed as they are, and the environment. */
export interface FaceSurroundings extends Omit<Surroundings, "log"> {
  print(line: string): void;
  readonly env: NodeJS.ProcessEnv;
}

/** The provider of one process. */
export function createFace({ print, env, ...others }: FaceSurroundings): DynamicFace {
  const surroundings: Surroundings = { ...others, log: printing(print) };
  const { log } = surroundings;
  const today = () => utcDay(surroundings.now());
  /** The settings of this process, or why they cannot be used: known from `configure` on, judged when they are needed. */
  let configured: Settings | SettingsError | undefined;
  let currentRun: Run | undefined;

  function settings(): Settings {
    if (configured === undefined) {
      throw new TypeError("the provider was called before it was configured");
    }
    if (configured instanceof SettingsError) {
      throw configured;
    }
    return configured;
  }

  function run(): Run {
    if (currentRun === undefined) {
      const { endpoint, username, password, auth, timeout, parallel } = settings();
      const panel = new Panel({ endpoint, username, password, auth, timeoutSeconds: timeout, parallel });
      currentRun = new Run(panel, settings(), surroundings);
    }
    return currentRun;
  }

  async function announced(inputs: LicenseInputs, isNew: boolean): Promise<InputFailure[]> {
    const { claim } = inputs;
    if (claim !== UNKNOWN && run().isClaimedTwice(claim, isNew)) {
      const reason =
        `claim ${claim} is that of two resources of this program, of which one was renamed with an alias: ` +
        "they would share one license; give the new one another name";
      return [{ property: "claim", reason }];
    }
    try {
      await announceOrder(inputs, isNew);
      return [];
    } catch (error) {
      if (error instanceof TooManyPeriodsError) {
        return [{ property: "paidUntil", reason: error.message }];
      }
      throw error;
    }
  }

  /**
   * Says in a preview what a create will do, for which the engine calls nothing but `check`, and what would be refused of it.
   *
   * @param isNew nothing stands in the state, or the engine asks once more because it is about to replace what does
   */
  async function announceOrder(inputs: LicenseInputs, isNew: boolean): Promise<void> {
    const { claim, product, pricelist, period } = inputs;
    if (claim === UNKNOWN) {
      return;
    }
    if (!isNew || run().replacing.has(claim) || product === UNKNOWN || pricelist === UNKNOWN) {
      return;
    }
    const wish = wishOf(inputs, settings().pricelists, { licenseName: "a license whose name is not known yet" });
    const say = (phrase: string) => log.info(`${wish.licenseName}: an update ${phrase}`);
    if (wish.adoptId !== undefined) {
      say(`takes over license ${wish.adoptId.split("@")[0]} under this name`);
      return;
    }
    const steps = plan(undefined, wish, today());
    for (const phrase of steps.flatMap((step) => describe(step, undefined, wish))) {
      say(phrase);
    }
    if (!hasUnknown(inputs)) {
      inform(wish, notices(undefined, wish, today()));
    }
    await run().forecast.foresee(wish, paymentsOf(steps), period !== UNKNOWN);
  }

  function inform({ licenseName }: Wish, lines: readonly string[]): void {
    for (const line of lines) {
      log.info(`${licenseName}: ${line}`);
    }
  }

  /** Inputs that `check` has recorded, read again as on the first day: what it let pass it lets pass again. */
  function inputsOf(recorded: Properties): LicenseInputs {
    return checkInputs(undefined, fromEngine(recorded), settings().pricelists).inputs;
  }

  return {
    /** Takes everything before its first `await`: the host sends calls on before it has finished. */
    configure({ config }) {
      if (configured === undefined) {
        try {
          configured = readSettings((key) => config.get(`billmanager:${key}`), env);
        } catch (error) {
          if (!(error instanceof SettingsError)) {
            throw error;
          }
          configured = error;
        }
      }
      return Promise.resolve();
    },

    check: (olds, news) =>
      withoutStack(async () => {
        if (configured instanceof SettingsError) {
          return { inputs: news, failures: [...configured.failures] };
        }
        const { pricelists } = settings();
        const before = Object.keys(olds).length === 0 ? undefined : fromEngine(olds);
        const { inputs, failures } = checkInputs(before, fromEngine(news), pricelists);
        if (failures.length === 0) {
          failures.push(...(await announced(inputs, before === undefined)));
        }
        return { inputs: toEngine(inputs), failures };
      }),

    diff: (id, olds, news) =>
      withoutStack(async () => {
        const license = licenseId(id);
        const old = stateOf(olds);
        const inputs = inputsOf(news);
        const wish = wishOf(inputs, settings().pricelists, old);
        const { changes, replaces, steps, payments, warnings, notices } = diffLicense(old, wish, today());
        inform(
          wish,
          steps.map((step) => `an update ${step}`),
        );
        for (const warning of warnings) {
          log.warn(`${wish.licenseName}: ${warning}`);
        }
        if (!hasUnknown(inputs)) {
          inform(wish, notices);
        }
        // A refresh compares, too. It says nothing about what the program declares, and pays nothing.
        const isDeclared = run().updating.has(wish.claim);
        if (replaces.length > 0) {
          (old.status === "deleted" ? run().gone : run().handled.replaced).add(license);
          run().replacing.add(wish.claim);
        } else if (isDeclared) {
          run().declare(license);
        }
        if (isDeclared) {
          await run().forecast.foresee(wish, payments, inputs.period !== UNKNOWN);
        }
        return {
          changes: changes || hasUnknown(inputs),
          replaces: [...replaces],
        };
      }),

    create: (inputs) =>
      savingPartially(inputs, async () => {
        const { id, outputs } = await createLicense(run(), wishOf(inputsOf(inputs), settings().pricelists));
        return { id, outs: { ...outputs } };
      }),

    read: (id, properties) =>
      withoutStack(async () => ({
        id,
        props: { ...(await readLicenseOutputs(run(), licenseId(id), outputsFromState(properties))) },
      })),

    update: (id, olds, news) =>
      savingPartially(news, async () => ({
        outs: {
          ...(await updateLicense(run(), licenseId(id), stateOf(olds), wishOf(inputsOf(news), settings().pricelists))),
        },
      })),

    delete: (id, properties) => withoutStack(() => giveUpLicense(run(), licenseId(id), stateOf(properties))),
  };
}

/**
 * undici reads HTTP with a small WebAssembly module, and V8 would take 20 MB to make it faster than an API like this can answer. The
 * flags hold for the process, which the engine starts for dynamic providers alone.
 */
setFlagsFromString("--no-wasm-tier-up");
setFlagsFromString("--no-wasm-dynamic-tiering");

/** The one of this process. */
export const face: DynamicFace = createFace({
  print: (line) => console.log(line),
  env: process.env,
  engineIsGone: () => engineIsGone(process.argv[2]),
  now: () => new Date(),
});

function stateOf(properties: Properties): LicenseOutputs {
  const outputs = outputsFromState(properties);
  if (outputs === undefined) {
    throw new TypeError("the state of this license holds no tariff or status; run pulumi refresh. Nothing was changed");
  }
  return outputs;
}

function fromEngine(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, value === UNKNOWN_TEXT ? UNKNOWN : value]),
  );
}

function toEngine(inputs: LicenseInputs): Properties {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [key, value === UNKNOWN ? UNKNOWN_TEXT : value]),
  );
}

/** The host prints the stack of an error that leaves here; a user is served by the message alone. */
async function withoutStack<T>(job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (error) {
    if (error instanceof Error) {
      error.stack = "";
    }
    throw error;
  }
}

/** An error with these members makes the engine save the license although the operation failed. */
class InitFailure extends Error {
  constructor(
    readonly id: LicenseId,
    readonly properties: Properties,
    readonly reasons: readonly string[],
  ) {
    super(reasons.join("; "));
  }
}

async function savingPartially<T>(inputs: Properties, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof PartialFailure)) {
      throw error;
    }
    // The host adds this member to what is returned, but not to what is thrown; without it no later call finds the provider.
    throw new InitFailure(error.id, { ...error.outputs, __provider: inputs.__provider }, [error.message]);
  }
}
