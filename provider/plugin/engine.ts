import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { engineIsGone } from "../engine";

type Severity = LogSeverity.INFO | LogSeverity.WARNING;

/** The engine, as the plugin speaks to it: it takes lines for the user, and shows them beside the resource that they are about. */
export class Engine {
  #address: string | undefined;
  #client: EngineClient | undefined;
  /** Lines arrive in the order in which they were said. */
  #last: Promise<void> = Promise.resolve();

  /** @param address the engine's; until it is known, as for a plugin that somebody runs by hand, lines go to stderr */
  constructor(address: string | undefined) {
    this.connect(address);
  }

  connect(address: string | undefined): void {
    this.#address = address;
    this.#client = address === undefined ? undefined : new EngineClient(address, credentials.createInsecure());
  }

  /** Whether it no longer listens, so that nobody is left to save what a further call would do. */
  isGone(): Promise<boolean> {
    return engineIsGone(this.#address);
  }

  info(line: string, urn = ""): void {
    this.#say(LogSeverity.INFO, line, urn);
  }

  warn(line: string, urn = ""): void {
    this.#say(LogSeverity.WARNING, line, urn);
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
