import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import type { PulumiResult, PulumiWorkspace } from "../../../tools/pulumi/workspace.mts";
import type { Trace } from "./secretNet";

/**
 * Runs the CLI and keeps what it prints, apart from what it writes only because it was told to talk. Temporary files have a folder in
 * the workspace, so that all that a run leaves lies there.
 */
export class Traces {
  readonly printed: Trace[] = [];
  readonly logs: Trace[] = [];
  readonly #root: string;
  readonly #temporary: string;
  #runs = 0;

  private constructor(
    private readonly workspace: PulumiWorkspace,
    root: string,
  ) {
    this.#root = root;
    this.#temporary = join(root, "tmp");
  }

  static async of(workspace: PulumiWorkspace): Promise<Traces> {
    const traces = new Traces(workspace, dirname(workspace.folder));
    await mkdir(traces.#temporary);
    return traces;
  }

  /** @param log makes the engine and its plugins tell all they can, beside the output or in the folder for temporary files */
  async run(args: readonly string[], log?: "stderr" | "files"): Promise<PulumiResult> {
    this.#runs += 1;
    const where = `run ${this.#runs}, ${args.join(" ")}`;
    const named = (kind: string) => join(this.#temporary, `${kind}-${this.#runs}`);
    const flags =
      log === undefined
        ? []
        : [
            ...["-v=11", "--logflow", ...(log === "stderr" ? ["--logtostderr"] : [])],
            ...["--tracing", `file:${named("trace")}`, "--otel-traces", `file://${named("otel")}`],
            ...["--event-log", named("events")],
          ];
    const result = await this.workspace.run([...args, ...flags], {
      TMPDIR: this.#temporary,
      PULUMI_DEBUG_COMMANDS: "true",
      ...(log === undefined ? {} : { PULUMI_DEBUG_GRPC: named("grpc") }),
    });
    this.printed.push({ where: `stdout of ${where}`, what: result.stdout });
    (log === undefined ? this.printed : this.logs).push({ where: `output of ${where}`, what: result.output });
    return result;
  }

  /** The logs that the engine writes of each run without being asked, encrypted with the stack's key. */
  async decryptedLogs(): Promise<Trace[]> {
    const files = (await filesIn(this.#root)).filter(({ what }) => what.subarray(0, 4).equals(Buffer.from("PLOG")));
    return Promise.all(
      files.map(async ({ where }) => {
        const { code, output } = await this.workspace.run(["logs", "decrypt", join(this.#root, where)]);
        if (code !== 0) throw new Error(`${where} cannot be decrypted:\n${output}`);
        return { where: `${where}, decrypted`, what: output };
      }),
    );
  }

  /**
   * Project, homes, backend with backups and history, temporary files, and the package as it was installed; not the logs that were
   * asked for.
   */
  async files(): Promise<Trace[]> {
    return (await filesIn(this.#root)).filter(({ where }) => !isAskedFor(where));
  }

  /** The logs, traces and copies of calls that were asked for. */
  async askedFor(): Promise<Trace[]> {
    return [...this.logs, ...(await filesIn(this.#root)).filter(({ where }) => isAskedFor(where))];
  }
}

/** Every file in a folder, unpacked where it is packed; links are not followed. */
export async function filesIn(folder: string): Promise<{ where: string; what: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const bytes = await readFile(path);
        const isPacked = bytes.subarray(0, 3).equals(Buffer.from([0x1f, 0x8b, 0x08]));
        return {
          where: relative(folder, path),
          what: isPacked ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes,
        };
      }),
  );
}

function isAskedFor(where: string): boolean {
  return /^tmp\/(?:trace-|otel-|grpc-|pulumi\.)/.test(where);
}
