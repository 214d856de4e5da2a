import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** The side of the engine that a plugin talks to: it takes lines. */
export class Engine {
  readonly address: string;
  /** Each line with the resource that it is about. */
  readonly told: [urn: string, line: string][];
  readonly #server: Server;

  private constructor(server: Server, port: number, told: [string, string][]) {
    this.#server = server;
    this.address = `127.0.0.1:${port}`;
    this.told = told;
  }

  static async start(): Promise<Engine> {
    const told: [string, string][] = [];
    const server = new Server();
    server.addService(EngineService, {
      log({ request }: ServerUnaryCall<LogRequest, Empty>, answered: sendUnaryData<Empty>) {
        told.push([request.getUrn(), request.getMessage()]);
        answered(null, new Empty());
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    return new Engine(server, port, told);
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}
