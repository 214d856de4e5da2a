import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

type Severity = LogSeverity.INFO | LogSeverity.WARNING;

/** Lines for the user, sent to the engine that shows them beside the resource that they are about. */
export class EngineLog {
  readonly #client: EngineClient | undefined;
  readonly #said = new Set<string>();
  /** Lines arrive in the order in which they were said. */
  #last: Promise<void> = Promise.resolve();

  /** @param address the engine's; without one, as for a plugin that somebody runs by hand, lines go to stderr */
  constructor(address: string | undefined) {
    this.#client = address === undefined ? undefined : new EngineClient(address, credentials.createInsecure());
  }

  info(line: string, urn = ""): void {
    this.#say(LogSeverity.INFO, line, urn);
  }

  /** A refresh both reads and compares, and either has to say it: once is enough. */
  warn(line: string, urn = ""): void {
    if (!this.#said.has(line)) {
      this.#said.add(line);
      this.#say(LogSeverity.WARNING, line, urn);
    }
  }

  /** Resolves when the engine has what was said so far: after the answer to its call it may end. */
  flushed(): Promise<void> {
    return this.#last;
  }

  #say(severity: Severity, line: string, urn: string): void {
    const client = this.#client;
    if (client === undefined) {
      console.error(line);
      return;
    }
    const request = new LogRequest().setSeverity(severity).setMessage(line).setUrn(urn);
    this.#last = this.#last.then(() => new Promise<void>((resolve) => client.log(request, () => resolve())));
  }
}
