import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { engineIsGone } from "../engine";
import { EngineLog } from "./engineLog";
import { handlers } from "./handlers";
import { PluginProvider } from "./provider";

/** How often a plugin whose engine may have been killed looks whether it still listens, in ms. */
const WATCH = 5_000;

/**
 * Starts the server and prints its port, by which the engine finds it.
 *
 * @param engineAddress where the engine takes the provider's lines, and by which it is known to be there
 */
export function serve(engineAddress: string | undefined): void {
  const provider = new PluginProvider(new EngineLog(engineAddress), process.env, () => engineIsGone(engineAddress));
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(ResourceProviderService, handlers(provider));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
      throw error;
    }
    console.log(port);
  });

  const leave = () => {
    provider.cancel();
    server.tryShutdown(() => process.exit(0));
  };
  process.once("SIGINT", leave);
  process.once("SIGTERM", leave);
  setInterval(async () => {
    if (provider.underWay === 0 && (await engineIsGone(engineAddress))) {
      process.exit(0);
    }
  }, WATCH).unref();
}
