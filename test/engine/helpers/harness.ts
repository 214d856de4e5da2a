import { join } from "node:path";
import { type JournalEntry, type Simulator, type SimulatorOptions, startSimulator } from "../../../simulator/index";
import { ensurePulumi } from "../../../tools/pulumi/ensure.mts";
import { PulumiWorkspace, type WorkspaceOptions } from "../../../tools/pulumi/workspace.mts";

/** The password of every test: wherever else than in a request's body it turns up, it has leaked. */
export const PASSWORD = "canary-P4ss%wörd&<>";
export const ACCOUNT = { username: "tester", password: PASSWORD, balance: "10000.00" };

/** A license, or with `licenses` among the inputs a fleet. */
export interface DeclaredLicense {
  readonly [input: string]: unknown;
  /** The component that the license is a child of. */
  readonly component?: string;
  /** The explicit provider that handles it, by the name under which it is declared; the plugin does then. */
  readonly account?: string;
  /** Other options of Pulumi; `dependsOn` names licenses that are declared before. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface Stage {
  readonly panel: Simulator;
  readonly workspace: PulumiWorkspace;
  /** Writes the program anew: these licenses and no others. */
  declare(
    declared: Readonly<Record<string, DeclaredLicense>>,
    looked?: Readonly<Record<string, string>>,
    /** Explicit providers, each with its settings. Not for programs in YAML. */
    providers?: Readonly<Record<string, object>>,
  ): Promise<void>;
  close(): Promise<void>;
}

/** How a program's licenses come to the lifecycle: by the host of dynamic providers, or by the plugin. */
export type Face = "dynamic" | "plugin";
export const FACES: readonly Face[] = ["dynamic", "plugin"];

/** A simulator and a project with a real engine that works on it. A program for the plugin is one in YAML. */
export async function setStage(
  options: { face?: Face; simulator?: SimulatorOptions; workspace?: Partial<WorkspaceOptions> } = {},
): Promise<Stage> {
  const { face = "dynamic" } = options;
  const cli = await ensurePulumi({ report: () => undefined });
  const panel = await startSimulator({ accounts: [ACCOUNT], ...options.simulator });
  const workspace = await PulumiWorkspace.create({
    cli,
    project: join(__dirname, "../programs", face === "plugin" ? "plugin" : "licenses"),
    env: credentials(panel),
    ...options.workspace,
  });
  return {
    panel,
    workspace,
    declare: (declared, looked = {}, providers = {}) =>
      face === "plugin"
        ? workspace.write("Pulumi.yaml", yamlProgram(declared))
        : workspace.write("licenses.json", JSON.stringify({ declared, looked, providers })),
    async close() {
      await workspace.remove();
      await panel.close();
    },
  };
}

/** JSON is YAML. */
function yamlProgram(declared: Readonly<Record<string, DeclaredLicense>>): string {
  const resources = Object.entries(declared).map(
    ([name, { component: _, options, deleteBeforeReplace, aliases, ...properties }]) => {
      const dependsOn = (options?.dependsOn as string[] | undefined)?.map((other) => `\${${other}}`);
      const given = Object.entries({ ...options, dependsOn, deleteBeforeReplace, aliases }).filter(
        ([, value]) => value !== undefined,
      );
      const type = properties.licenses === undefined ? "billmanager:License" : "billmanager:LicenseFleet";
      return [name, { type, properties, options: Object.fromEntries(given) }] as const;
    },
  );
  return JSON.stringify({
    name: "licenses",
    runtime: "yaml",
    plugins: { providers: [{ name: "billmanager", path: "node_modules/.bin" }] },
    resources: Object.fromEntries(resources),
  });
}

export function credentials(panel: Simulator): NodeJS.ProcessEnv {
  return {
    BILLMANAGER_ENDPOINT: panel.endpoint,
    BILLMANAGER_USERNAME: ACCOUNT.username,
    BILLMANAGER_PASSWORD: ACCOUNT.password,
  };
}

/** Every request since the journal was cleared, as `func → result`, and the journal cleared again. */
export function takeCalls(panel: Simulator): string[] {
  const calls = panel.journal().map((entry) => `${entry.func} → ${entry.result}`);
  panel.clearJournal();
  return calls;
}

export function spending(panel: Simulator): string[] {
  return panel.ledger().map(({ kind, tariff, ip, amount }) => `${kind} ${tariff} ${ip} ${amount}`);
}

export function changing(entries: readonly JournalEntry[]): JournalEntry[] {
  return entries.filter((entry) => entry.effect === "change" || entry.effect === "charge");
}
