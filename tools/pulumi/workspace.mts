import { type ChildProcess, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import type { PulumiCli } from "./installation.mts";

const REPOSITORY = join(import.meta.dirname, "../..");

export interface WorkspaceOptions {
  readonly cli: PulumiCli;
  /** A complete Pulumi project, which is copied. */
  readonly project: string;
  /** Default "dev". */
  readonly stack?: string;
  /** Stack config by full key, such as `billmanager:parallel`. Not for secrets. */
  readonly config?: Readonly<Record<string, string>>;
  /** The environment of every run, beside what makes the workspace self-contained. */
  readonly env?: NodeJS.ProcessEnv;
  /** Folders of programs that the project needs, before all others on the PATH. */
  readonly path?: readonly string[];
  /** `copy`: as npm installs the package. `link`: as npm workspaces and `npm link` do. `none`: left to the caller. */
  readonly install?: "copy" | "link" | "none";
}

export interface PulumiResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Everything printed to stdout and stderr, in the order of arrival. */
  readonly output: string;
  readonly stdout: string;
}

export interface RunningPulumi {
  readonly process: ChildProcess;
  readonly result: Promise<PulumiResult>;
}

/** A resource of an exported stack, as far as it is looked at here. */
export interface StackResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly initErrors?: string[];
  readonly delete?: boolean;
  readonly pendingReplacement?: boolean;
}

/** A copy of a Pulumi project in a folder of its own, with its own home, backend and stack: nothing is shared and nothing is left behind. */
export class PulumiWorkspace {
  /** The project's folder. */
  readonly folder: string;
  readonly #root: string;
  readonly #cli: PulumiCli;
  readonly #env: NodeJS.ProcessEnv;
  readonly #running = new Set<ChildProcess>();
  /** The files of a new stack, by its project and name. */
  static readonly #made = new Map<string, readonly (readonly [file: string, content: Buffer])[]>();

  private constructor(root: string, cli: PulumiCli, env: NodeJS.ProcessEnv) {
    this.folder = join(root, "project");
    this.#root = root;
    this.#cli = cli;
    this.#env = env;
  }

  static async create({
    cli,
    project,
    stack = "dev",
    config = {},
    env = {},
    path = [],
    install = "copy",
  }: WorkspaceOptions): Promise<PulumiWorkspace> {
    const root = await mkdtemp(join(tmpdir(), "pulumi-billmanager-"));
    const folder = join(root, "project");
    await cp(project, folder, {
      recursive: true,
      filter: (source) => !["node_modules", "venv"].includes(basename(source)),
    });
    if (install !== "none") {
      await installPackage(join(folder, "node_modules"), install);
    }
    for (const name of ["home", "pulumi-home", "backend"]) {
      await mkdir(join(root, name));
    }
    const workspace = new PulumiWorkspace(root, cli, {
      PATH: [...path, cli.binDir, dirname(process.execPath), join(folder, "node_modules/.bin"), process.env.PATH].join(
        delimiter,
      ),
      HOME: join(root, "home"),
      PULUMI_HOME: join(root, "pulumi-home"),
      PULUMI_BACKEND_URL: `file://${join(root, "backend")}`,
      PULUMI_STACK: stack,
      PULUMI_CONFIG_PASSPHRASE: "of a stack that is thrown away",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...(process.env.ENGINE_NODE_OPTIONS ? { NODE_OPTIONS: process.env.ENGINE_NODE_OPTIONS } : {}),
      ...env,
    });
    try {
      await workspace.#initialize(stack, project);
      await workspace.configure(config);
      return workspace;
    } catch (error) {
      await workspace.remove();
      throw error;
    }
  }

  /**
   * Makes the stack. All of one name in a project are alike until they are used, and to make one the engine takes half a second, for the
   * most part to draw a key from the passphrase: others than the first are copied.
   */
  async #initialize(stack: string, project: string): Promise<void> {
    const name = `${project} ${stack}`;
    const made = PulumiWorkspace.#made.get(name);
    if (made !== undefined) {
      for (const [file, content] of made) {
        await mkdir(dirname(join(this.#root, file)), { recursive: true });
        await writeFile(join(this.#root, file), content);
      }
      return;
    }
    await this.mustRun(["stack", "init", stack]);
    const files = globSync(["backend/.pulumi/**/*.*", `project/Pulumi.${stack}.yaml`], { cwd: this.#root });
    const contents = files.map(async (file) => [file, await readFile(join(this.#root, file))] as const);
    PulumiWorkspace.#made.set(name, await Promise.all(contents));
  }

  /** Adds to the stack's config. */
  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(config).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
    if (pairs.length > 0) {
      await this.mustRun(["config", "set-all", ...pairs]);
    }
  }

  async setSecret(key: string, value: string): Promise<void> {
    await this.mustRun(["config", "set", "--secret", key, value]);
  }

  async write(file: string, content: string): Promise<void> {
    await mkdir(dirname(join(this.folder, file)), { recursive: true });
    await writeFile(join(this.folder, file), content);
  }

  up(...flags: string[]): Promise<PulumiResult> {
    return this.run(["up", "--yes", ...flags]);
  }

  preview(...flags: string[]): Promise<PulumiResult> {
    return this.run(["preview", ...flags]);
  }

  refresh(...flags: string[]): Promise<PulumiResult> {
    return this.run(["refresh", "--yes", ...flags]);
  }

  destroy(...flags: string[]): Promise<PulumiResult> {
    return this.run(["destroy", "--yes", ...flags]);
  }

  /** The licenses and fleets in the state, in the order of their registration. Read from the backend's file, which takes less than a run of the CLI. */
  async licenses(): Promise<StackResource[]> {
    // One stack to a workspace, by whatever name.
    const [file = ""] = globSync("backend/.pulumi/stacks/*/*.json", { cwd: this.#root });
    const { checkpoint } = JSON.parse(await readFile(join(this.#root, file), "utf8")) as {
      checkpoint: { latest: { resources?: StackResource[] } | null };
    };
    return (checkpoint.latest?.resources ?? []).filter(({ type }) =>
      /\bbillmanager:(?:index:)?License(?:Fleet)?$/.test(type),
    );
  }

  async stackExport(): Promise<string> {
    return (await this.mustRun(["stack", "export"])).stdout;
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.mustRun(["stack", "output", "--json"])).stdout);
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<PulumiResult> {
    return this.start(args, env).result;
  }

  /** Starts the CLI in a process group of its own, so that it can be interrupted apart from the caller. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningPulumi {
    return this.#spawn(this.#cli.command, [...args, "--non-interactive", "--color", "never"], env);
  }

  /** Runs a script of the project that drives the engine by itself, by Pulumi's Automation API. */
  runScript(file: string): Promise<PulumiResult> {
    return this.#spawn(process.execPath, [join(this.folder, file)], {}).result;
  }

  #spawn(command: string, args: readonly string[], env: NodeJS.ProcessEnv): RunningPulumi {
    const child = spawn(command, args, {
      cwd: this.folder,
      env: { ...this.#env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#running.add(child);
    child.once("close", () => this.#running.delete(child));
    const result = new Promise<PulumiResult>((resolve, reject) => {
      let output = "";
      let stdout = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal, output, stdout }));
    });
    return { process: child, result };
  }

  /** Ends what still runs, and leaves nothing behind. */
  async remove(): Promise<void> {
    for (const { pid } of this.#running) {
      if (pid !== undefined) {
        process.kill(-pid, "SIGKILL");
      }
    }
    await rm(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }

  private async mustRun(args: readonly string[]): Promise<PulumiResult> {
    const result = await this.run(args);
    if (result.code !== 0) {
      throw new Error(`pulumi ${args.join(" ")} failed:\n${result.output}`);
    }
    return result;
  }
}

/** Puts the built package and what it needs where a program of the project finds them. */
async function installPackage(modules: string, install: "copy" | "link"): Promise<void> {
  await mkdir(modules);
  const own = join(modules, "pulumi-billmanager");
  if (install === "link") {
    await symlink(REPOSITORY, own, "dir");
  } else {
    await mkdir(own);
    await cp(join(REPOSITORY, "dist"), join(own, "dist"), { recursive: true });
    for (const file of ["package.json", "PulumiPlugin.yaml"]) {
      await cp(join(REPOSITORY, file), join(own, file));
    }
  }
  const plugin = join(own, "dist/provider/plugin/main.js");
  await mkdir(join(modules, ".bin"));
  await symlink(plugin, join(modules, ".bin/pulumi-resource-billmanager"));
  const { dependencies } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of [...Object.keys(dependencies), "typescript", "@types/node"]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(REPOSITORY, "node_modules", name), join(modules, name), "dir");
  }
}
