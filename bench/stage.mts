import type { PulumiCli } from "../tools/pulumi/installation.mts";
import { PulumiWorkspace } from "../tools/pulumi/workspace.mts";
import { type Calls, Panel } from "./panel.mts";
import { type Part, watchSession } from "./processes.mts";
import { COMMANDS, type Operation, type ProgramName, projectOf } from "./programs.mts";
import { type StateFigures, stateFigures } from "./state.mts";

export interface StageOptions {
  readonly cli: PulumiCli;
  readonly program: ProgramName;
  readonly size: number;
  readonly latencyMs: number;
  /** Ends a run that is under way the way Ctrl-C does, so that no process is left behind. */
  readonly signal: AbortSignal;
}

/** One operation, once. */
export interface Sample {
  readonly seconds: number;
  readonly cpu: Readonly<Record<Part | "panel", number>>;
  readonly hostMemory: number;
  readonly calls: Calls;
}

/** One program with a stack and a panel of its own. */
export class Stage {
  readonly #options: StageOptions;
  readonly #panel: Panel;
  readonly #workspace: PulumiWorkspace;

  private constructor(options: StageOptions, panel: Panel, workspace: PulumiWorkspace) {
    this.#options = options;
    this.#panel = panel;
    this.#workspace = workspace;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const panel = await Panel.start(options.latencyMs);
    try {
      const workspace = await PulumiWorkspace.create({
        cli: options.cli,
        project: projectOf(options.program),
        env: {
          LICENSES: String(options.size),
          BILLMANAGER_ENDPOINT: panel.endpoint,
          BILLMANAGER_USERNAME: "demo",
          BILLMANAGER_PASSWORD: "demo",
        },
      });
      return new Stage(options, panel, workspace);
    } catch (error) {
      await panel.stop();
      throw error;
    }
  }

  async run(operation: Operation): Promise<Sample> {
    const { program, signal } = this.#options;
    signal.throwIfAborted();
    const panelBefore = this.#panel.cpuSeconds();
    const begun = performance.now();
    const running = this.#workspace.start([...COMMANDS[operation], "--yes", "--skip-preview"]);
    const { pid } = running.process;
    if (pid === undefined) {
      throw new Error("the Pulumi CLI does not start");
    }
    const interrupt = () => running.process.kill("SIGINT");
    signal.addEventListener("abort", interrupt);
    const watch = watchSession(pid);
    const result = await running.result;
    const seconds = (performance.now() - begun) / 1000;
    const { cpu, hostMemory } = watch.stop();
    signal.removeEventListener("abort", interrupt);
    signal.throwIfAborted();
    if (result.code !== 0) {
      throw new Error(`pulumi ${COMMANDS[operation].join(" ")} failed for programs/${program}:\n${result.output}`);
    }
    return {
      seconds,
      cpu: { ...cpu, panel: this.#panel.cpuSeconds() - panelBefore },
      hostMemory,
      calls: await this.#panel.takeCalls(),
    };
  }

  async state(): Promise<StateFigures> {
    return stateFigures(await this.#workspace.stackExport());
  }

  async close(): Promise<void> {
    await Promise.all([this.#workspace.remove(), this.#panel.stop()]);
  }
}
