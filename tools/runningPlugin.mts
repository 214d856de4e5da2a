import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import protocol from "@pulumi/pulumi/proto/provider_grpc_pb.js";

type Client = InstanceType<typeof protocol.ResourceProviderClient>;
type Answered<Answer> = (error: ServiceError | null, answer: Answer) => void;

/** A plugin that was started as the engine starts one: its first line names the port on which it is then asked. */
export class RunningPlugin {
  readonly #process: ChildProcess;
  readonly #client: Client;

  private constructor(process: ChildProcess, port: string) {
    this.#process = process;
    // As the engine does, which takes what a large resource needs.
    this.#client = new protocol.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
    });
  }

  /** @throws Error where it prints no port before it ends */
  static async start(
    command: string,
    args: readonly string[],
    options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<RunningPlugin> {
    // A group of its own: what stands between, such as npx, may leave the plugin behind.
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    child.once("error", ({ message }) => {
      complaint += message;
    });
    for await (const line of createInterface(child.stdout)) {
      if (/^\d+$/.test(line)) {
        return new RunningPlugin(child, line);
      }
      break;
    }
    end(child);
    throw new Error(`${command} ${args.join(" ")} printed no port first: ${complaint}`);
  }

  /** The process that was started: the plugin itself, unless it was started by way of another. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Makes one call, such as `(client, answered) => client.getPluginInfo(new Empty(), answered)`. */
  ask<Answer>(call: (client: Client, answered: Answered<Answer>) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      call(this.#client, (error, answer) => (error === null ? resolve(answer) : reject(error)));
    });
  }

  /** Makes one call with a message that is written already, and leaves the answer unread. */
  askRaw(name: string, message: Buffer): Promise<Buffer> {
    const asIs = (bytes: Buffer) => bytes;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest<Buffer, Buffer>(
        `/pulumirpc.ResourceProvider/${name}`,
        asIs,
        asIs,
        message,
        (error, answer) => (answer === undefined ? reject(error) : resolve(answer)),
      );
    });
  }

  async stop(): Promise<void> {
    this.#client.close();
    const ended = once(this.#process, "exit");
    end(this.#process);
    await ended;
  }
}

function end({ pid, exitCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null) {
    process.kill(-pid, "SIGKILL");
  }
}
