import "./compileCache";
import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { declarationsOf } from "./declarations";
import { engineIsGone, fromEngine, toEngine } from "./engine";
import { Fleet } from "./fleet/fleet";
import { SavedFailure } from "./license/errors";
import type { InputFailure } from "./license/inputs";
import { Lifecycle } from "./license/lifecycle";
import type { Resource } from "./license/resource";
import type { Log, Surroundings } from "./license/run";
import { readSettings, type Settings, SettingsError } from "./license/settings";

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

/** One for each kind of resource: they share the account, and what a run learns of it. */
export interface DynamicFaces {
  readonly license: DynamicFace;
  readonly fleet: DynamicFace;
}

type Resources = Readonly<Record<keyof DynamicFaces, Resource>>;

/** Lines of one kind that are shown of a fleet: the host prints them among those of the program. */
const MOST_LINES = 20;

/** The host shows what a provider prints, without a severity of its own. */
function printing(print: (line: string) => void): Log {
  return { info: print, warn: (lines) => print(lines.replace(/^/gm, "warning: ")) };
}

/** What surrounds the face: that of a {@link Run}, with lines printed as they are, and the environment. */
export interface FaceSurroundings extends Omit<Surroundings, "log"> {
  print(line: string): void;
  readonly env: NodeJS.ProcessEnv;
}

/** The provider of one process. */
export function createFaces({ print, env, ...others }: FaceSurroundings): DynamicFaces {
  const surroundings: Surroundings = { ...others, log: printing(print) };
  /** The settings of this process, or why they cannot be used: known from `configure` on, judged when they are needed. */
  let configured: Settings | SettingsError | undefined;
  let started: Resources | undefined;

  function start(): Resources {
    if (configured === undefined) {
      throw new TypeError("the provider was called before it was configured");
    }
    if (configured instanceof SettingsError) {
      throw configured;
    }
    if (started === undefined) {
      const license = new Lifecycle(configured, surroundings);
      started = { license, fleet: new Fleet(license, configured.pricelists, MOST_LINES) };
    }
    return started;
  }

  const faceOf = (kind: keyof DynamicFaces): DynamicFace => ({
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
        const before = Object.keys(olds).length === 0 ? undefined : fromEngine(olds);
        const { inputs, failures } = await start()[kind].check(before, fromEngine(news));
        return { inputs: toEngine({ ...inputs }), failures: [...failures] };
      }),

    diff: (id, olds, news) =>
      withoutStack(async () => {
        const { changes, replaces } = await start()[kind].diff(id, olds, fromEngine(news));
        return { changes: changes || isOfOtherFace(olds), replaces: [...replaces] };
      }),

    create: (inputs) =>
      savingPartially(inputs, async () => {
        const { id, outputs } = await start()[kind].create(inputs);
        return { id, outs: { ...outputs } };
      }),

    read: (id, properties) =>
      withoutStack(async () => ({ id, props: { ...(await start()[kind].read(id, properties)) } })),

    update: (id, olds, news) =>
      savingPartially(news, async () => {
        const resource = start()[kind];
        const isMovedOnly = isOfOtherFace(olds) && !resource.hasChanges(olds, news);
        return { outs: { ...(isMovedOnly ? olds : await resource.update(id, olds, news)) } };
      }),

    delete: (id, properties) => withoutStack(() => start()[kind].delete(id, properties)),
  });

  return { license: faceOf("license"), fleet: faceOf("fleet") };
}

/**
 * undici reads HTTP with a small WebAssembly module, and V8 would take 20 MB to make it faster than an API like this can answer. The
 * flags hold for the process, which the engine starts for dynamic providers alone.
 */
setFlagsFromString("--no-wasm-tier-up");
setFlagsFromString("--no-wasm-dynamic-tiering");

const declarations = declarationsOf(process.argv[2], (line) => console.log(`warning: ${line}`));
if (declarations !== undefined) {
  // The engine ends the host by a signal, after which nothing runs but what listens to it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      declarations.remove();
      flushCompileCache();
      process.kill(process.pid, signal);
    });
  }
}

/** Those of this process. */
export const faces: DynamicFaces = createFaces({
  print: (line) => console.log(line),
  env: process.env,
  declarations,
  engineIsGone: () => engineIsGone(process.argv[2]),
  now: () => new Date(),
});

/** The plugin does not write into its outputs where the host finds this provider for reads and deletes: an update has to. */
function isOfOtherFace(outputs: Properties): boolean {
  return outputs.__provider === undefined;
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
    readonly id: string,
    readonly properties: Properties,
    readonly reasons: readonly string[],
  ) {
    super(reasons.join("\n"));
  }
}

async function savingPartially<T>(inputs: Properties, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof SavedFailure)) {
      throw error;
    }
    // The host adds this member to what is returned, but not to what is thrown; without it no later call finds the provider.
    throw new InitFailure(error.id, { ...error.outputs, __provider: inputs.__provider }, error.reasons);
  }
}
