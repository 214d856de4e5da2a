import type { PulumiCli } from "../tools/pulumi/installation.mts";
import { PulumiWorkspace } from "../tools/pulumi/workspace.mts";
import { Panel } from "./panel.mts";
import { watchSession } from "./processes.mts";
import type { Sample, Stage } from "./stage.mts";
import { type StateFigures, stateFigures } from "./state.mts";
import {
  COMMANDS,
  declaration,
  licensesOf,
  type Operation,
  PARALLEL,
  projectOf,
  type SubjectName,
} from "./subjects.mts";

export interface PulumiStageOptions {
  readonly cli: PulumiCli;
  readonly subject: Exclude<SubjectName, "bare">;
  readonly size: number;
  readonly latencyMs: number;
  /** Ends a run that is under way the way Ctrl-C does, so that no process is left behind. */
  readonly signal: AbortSignal;
}

export class PulumiStage implements Stage {
  readonly #options: PulumiStageOptions;
  readonly #panel: Panel;
  readonly #workspace: PulumiWorkspace;

  private constructor(options: PulumiStageOptions, panel: Panel, workspace: PulumiWorkspace) {
    this.#options = options;
    this.#panel = panel;
    this.#workspace = workspace;
  }

  static async open(options: PulumiStageOptions): Promise<PulumiStage> {
    const panel = await Panel.start(options.latencyMs);
    try {
      const workspace = await PulumiWorkspace.create({
        cli: options.cli,
        project: projectOf(options.subject),
        config: { "billmanager:parallel": String(PARALLEL) },
        env: {
          BILLMANAGER_ENDPOINT: panel.endpoint,
          BILLMANAGER_USERNAME: panel.username,
          BILLMANAGER_PASSWORD: panel.password,
        },
      });
      const stage = new PulumiStage(options, panel, workspace);
      await stage.#declare(false);
      return stage;
    } catch (error) {
      await panel.stop();
      throw error;
    }
  }

  async run(operation: Operation): Promise<Sample> {
    const { subject, signal } = this.#options;
    signal.throwIfAborted();
    if (operation === "change") {
      await this.#declare(true);
    }
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
      throw new Error(`pulumi ${COMMANDS[operation].join(" ")} failed for "${subject}":\n${result.output}`);
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

  #declare(moved: boolean): Promise<void> {
    const { subject, size } = this.#options;
    return this.#workspace.write(...declaration(subject, licensesOf(size, moved)));
  }
}
