import { Server, ServerCredentials } from "@grpc/grpc-js";
import { declarationsOf } from "../declarations";
import type { SharedDeclarations } from "../license/run";
import { Engine } from "./engine";
import { handlers } from "./handlers";
import { PluginProvider } from "./provider";
import { service } from "./service";

/** How often a plugin whose engine may have been killed looks whether it still listens, in ms. */
const WATCH = 5_000;

export interface PluginServer {
  readonly provider: PluginProvider;
  readonly server: Server;
  readonly port: number;
}

/** Serves the provider on loopback, at any free port. */
export async function startServer(engine: Engine, declarations?: SharedDeclarations): Promise<PluginServer> {
  const provider = new PluginProvider(engine, process.env, declarations);
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(service, handlers(provider));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { provider, server, port };
}

/**
 * The plugin's whole process: it prints its port, by which the engine finds it, and leaves when it is asked to, or when the engine that
 * started it is gone.
 *
 * @param engineAddress where the engine takes the provider's lines, and by which it is known to be there
 */
export async function serve(engineAddress: string | undefined): Promise<void> {
  const engine = new Engine(engineAddress);
  const declarations = declarationsOf(engineAddress, (line) => engine.warn(line));
  const { provider, server, port } = await startServer(engine, declarations);
  const leave = () => {
    provider.cancel();
    server.tryShutdown(() => process.exit(0));
  };
  process.once("exit", () => declarations?.remove());
  process.once("SIGINT", leave);
  process.once("SIGTERM", leave);
  console.log(port);
  // One that was started by hand serves one engine after the other.
  if (engineAddress !== undefined) {
    setInterval(async () => {
      if (provider.underWay === 0 && (await engine.isGone())) {
        process.exit(0);
      }
    }, WATCH).unref();
  }
}
