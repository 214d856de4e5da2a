import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Engine } from "./engine";
import { handlers } from "./handlers";
import { PluginProvider } from "./provider";

/** How often a plugin whose engine may have been killed looks whether it still listens, in ms. */
const WATCH = 5_000;

export interface PluginServer {
  readonly engine: Engine;
  readonly provider: PluginProvider;
  readonly server: Server;
  readonly port: number;
}

/**
 * Serves the provider on loopback, at any free port.
 *
 * @param engineAddress where the engine takes the provider's lines, and by which it is known to be there
 */
export async function startServer(engineAddress: string | undefined): Promise<PluginServer> {
  const engine = new Engine(engineAddress);
  const provider = new PluginProvider(engine, process.env);
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(ResourceProviderService, handlers(provider));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { engine, provider, server, port };
}

/** The plugin's whole process: it prints its port, by which the engine finds it, and leaves when it is asked to, or when the engine that started it is gone. */
export async function serve(engineAddress: string | undefined): Promise<void> {
  const { engine, provider, server, port } = await startServer(engineAddress);
  console.log(port);
  const leave = () => {
    provider.cancel();
    server.tryShutdown(() => process.exit(0));
  };
  process.once("SIGINT", leave);
  process.once("SIGTERM", leave);
  // One that was started by hand serves one engine after the other.
  if (engineAddress !== undefined) {
    setInterval(async () => {
      if (provider.underWay === 0 && (await engine.isGone())) {
        process.exit(0);
      }
    }, WATCH).unref();
  }
}
