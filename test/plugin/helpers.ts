import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckRequest,
  type CheckResponse,
  ConfigureRequest,
  CreateRequest,
  type CreateResponse,
  DeleteRequest,
  DiffRequest,
  type DiffResponse,
  ErrorResourceInitFailed,
  InvokeRequest,
  type InvokeResponse,
  ListRequest,
  type ListResponse,
  PropertyDiff,
  ReadRequest,
  type ReadResponse,
  UpdateRequest,
  type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Engine as PluginEngine } from "../../provider/plugin/engine";
import { startServer } from "../../provider/plugin/server";

export type Values = Record<string, unknown>;

const MAIN = join(__dirname, "../../dist/provider/plugin/main.js");

/** A line of the plugin, as the engine is told of it. */
export interface Line {
  readonly severity: "info" | "warning";
  readonly urn: string;
  readonly message: string;
}

/** A failed call: what the engine makes of it. */
export interface Failed {
  readonly message: string;
  /** A license that the failure leaves behind, to be saved. */
  readonly left?: { readonly id: string; readonly outputs: Values; readonly reasons: readonly string[] };
}

/** The plugin's server, spoken to as the engine does, and the part of an engine that takes its lines. */
export interface RunningPlugin {
  readonly client: ResourceProviderClient;
  readonly lines: readonly Line[];
  forgetLines(): void;
  configure(config: Values): Promise<void>;
  check(urn: string, olds: Values, news: Values): Promise<{ inputs: Values; failures: Record<string, string> }>;
  checkConfig(news: Values, urn?: string): Promise<Record<string, string>>;
  diffConfig(olds: Values, news: Values): Promise<{ changes: number; replaces: string[] }>;
  diff(
    urn: string,
    id: string,
    olds: Values,
    news: Values,
  ): Promise<{
    changes: number;
    replaces: string[];
    /** What the engine compares with `replaceOnChanges`. */
    diffs: string[];
    details: Record<string, string>;
  }>;
  create(
    urn: string,
    inputs: Values,
    options?: { preview?: boolean; timeout?: number },
  ): Promise<{ id: string; outputs: Values }>;
  read(urn: string, id: string, outputs?: Values, inputs?: Values): Promise<{ inputs: Values; outputs: Values }>;
  update(
    urn: string,
    id: string,
    olds: Values,
    news: Values,
    options?: { preview?: boolean; timeout?: number },
  ): Promise<Values>;
  delete(urn: string, id: string, outputs: Values, options?: { timeout?: number }): Promise<void>;
  invoke(token: string, args: Values): Promise<Values>;
  /** What could be imported; `undefined` where the question is not known yet. */
  list(token: string, query?: Values, limit?: number): Promise<{ id: string; name: string }[] | undefined>;
  cancel(): Promise<void>;
  attach(): Promise<void>;
  /** Ends the engine, as if it had been killed. */
  loseEngine(): void;
  stop(): Promise<void>;
}

/**
 * In this process, so that its coverage counts.
 *
 * @param isAttached the plugin runs first, and the engine finds it, as under a debugger
 */
export async function startPlugin({ isAttached = false } = {}): Promise<RunningPlugin> {
  const engine = await startEngine();
  const { server, port } = await startServer(new PluginEngine(isAttached ? undefined : engine.address));
  return speakTo(port, engine, async () => server.forceShutdown());
}

export interface PluginProcess extends RunningPlugin {
  readonly process: ChildProcess;
}

/** In a process of its own, as the engine starts it. */
export async function spawnPlugin({ isAttached = false } = {}): Promise<PluginProcess> {
  const engine = await startEngine();
  const plugin = spawn(process.execPath, isAttached ? [MAIN] : [MAIN, engine.address], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(createInterface(plugin.stdout), "line")) as [string];
  const stop = async () => {
    if (plugin.exitCode === null && plugin.signalCode === null) {
      plugin.kill("SIGKILL");
      await once(plugin, "exit");
    }
  };
  return { ...speakTo(Number(port), engine, stop), process: plugin };
}

interface Engine {
  readonly address: string;
  readonly lines: Line[];
  end(): void;
}

async function startEngine(): Promise<Engine> {
  const lines: Line[] = [];
  const server = new Server();
  server.addService(EngineService, {
    log(call: { request: LogRequest }, answer: (error: null, response: Empty) => void) {
      const severity = call.request.getSeverity() === LogSeverity.WARNING ? "warning" : "info";
      lines.push({ severity, urn: call.request.getUrn(), message: call.request.getMessage() });
      answer(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, lines, end: () => server.forceShutdown() };
}

function speakTo(port: number, { address, lines, end }: Engine, stopPlugin: () => Promise<void>): RunningPlugin {
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    client,
    lines,
    forgetLines: () => void lines.splice(0),
    async configure(config) {
      await answered((done) => client.configure(new ConfigureRequest().setArgs(struct(config)), done));
    },
    async check(urn, olds, news) {
      const request = new CheckRequest().setUrn(urn).setOlds(struct(olds)).setNews(struct(news));
      const response = await answered<CheckResponse>((done) => client.check(request, done));
      return { inputs: values(response.getInputs()), failures: failuresOf(response) };
    },
    async checkConfig(news, urn = "urn:pulumi:dev::test::pulumi:providers:billmanager::default") {
      const request = new CheckRequest().setUrn(urn).setNews(struct(news));
      return failuresOf(await answered((done) => client.checkConfig(request, done)));
    },
    async diffConfig(olds, news) {
      const request = new DiffRequest().setOldInputs(struct(olds)).setOlds(struct(olds)).setNews(struct(news));
      const response = await answered<DiffResponse>((done) => client.diffConfig(request, done));
      return { changes: response.getChanges(), replaces: response.getReplacesList() };
    },
    async diff(urn, id, olds, news) {
      const request = new DiffRequest().setUrn(urn).setId(id).setOlds(struct(olds)).setNews(struct(news));
      const response = await answered<DiffResponse>((done) => client.diff(request, done));
      const details: Record<string, string> = {};
      response.getDetaileddiffMap().forEach((detail: PropertyDiff, name: string) => {
        details[name] = KINDS[detail.getKind()] ?? "";
      });
      return {
        changes: response.getChanges(),
        replaces: response.getReplacesList(),
        diffs: response.getDiffsList(),
        details,
      };
    },
    async create(urn, inputs, { preview = false, timeout = 0 } = {}) {
      const request = new CreateRequest()
        .setUrn(urn)
        .setProperties(struct(inputs))
        .setPreview(preview)
        .setTimeout(timeout);
      const response = await answered<CreateResponse>((done) => client.create(request, done));
      return { id: response.getId(), outputs: values(response.getProperties()) };
    },
    async read(urn, id, outputs = {}, inputs) {
      const request = new ReadRequest().setUrn(urn).setId(id).setProperties(struct(outputs));
      request.setInputs(inputs && struct(inputs));
      const response = await answered<ReadResponse>((done) => client.read(request, done));
      return { inputs: values(response.getInputs()), outputs: values(response.getProperties()) };
    },
    async update(urn, id, olds, news, { preview = false, timeout = 0 } = {}) {
      const request = new UpdateRequest().setUrn(urn).setId(id).setOlds(struct(olds)).setNews(struct(news));
      request.setPreview(preview).setTimeout(timeout);
      const response = await answered<UpdateResponse>((done) => client.update(request, done));
      return values(response.getProperties());
    },
    async delete(urn, id, outputs, { timeout = 0 } = {}) {
      const request = new DeleteRequest().setUrn(urn).setId(id).setProperties(struct(outputs)).setTimeout(timeout);
      await answered((done) => client.delete(request, done));
    },
    async invoke(token, args) {
      const request = new InvokeRequest().setTok(token).setArgs(struct(args));
      const response = await answered<InvokeResponse>((done) => client.invoke(request, done));
      return values(response.getReturn());
    },
    async list(token, query = {}, limit = 0) {
      const found: { id: string; name: string }[] = [];
      const request = new ListRequest().setToken(token).setQuery(struct(query)).setLimit(limit);
      for await (const part of client.list(request) as AsyncIterable<ListResponse>) {
        const result = part.getResult();
        if (result === undefined) {
          return undefined;
        }
        found.push({ id: result.getId(), name: result.getName() });
      }
      return found;
    },
    async attach() {
      await answered((done) => client.attach(new PluginAttach().setAddress(address), done));
    },
    async cancel() {
      await answered((done) => client.cancel(new Empty(), done));
    },
    loseEngine: end,
    async stop() {
      client.close();
      end();
      await stopPlugin();
    },
  };
}

/** What a call that has to fail says, and leaves behind. */
export async function failureOf(call: Promise<unknown>): Promise<Failed> {
  const error = await call.then(
    () => {
      throw new Error("the call did not fail");
    },
    (thrown: ServiceError) => thrown,
  );
  const [packed] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (packed === undefined) {
    return { message: error.details };
  }
  const [detail] = Status.deserializeBinary(packed as Buffer).getDetailsList();
  const left = ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() ?? new Uint8Array());
  return {
    message: error.details,
    left: { id: left.getId(), outputs: values(left.getProperties()), reasons: left.getReasonsList() },
  };
}

const KINDS: Readonly<Record<number, string>> = {
  [PropertyDiff.Kind.ADD]: "add",
  [PropertyDiff.Kind.ADD_REPLACE]: "add, replacing",
  [PropertyDiff.Kind.DELETE]: "delete",
  [PropertyDiff.Kind.DELETE_REPLACE]: "delete, replacing",
  [PropertyDiff.Kind.UPDATE]: "update",
  [PropertyDiff.Kind.UPDATE_REPLACE]: "update, replacing",
};

function failuresOf(response: CheckResponse): Record<string, string> {
  return Object.fromEntries(response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]));
}

function answered<Response>(
  call: (done: (error: ServiceError | null, response: Response) => void) => void,
): Promise<Response> {
  return new Promise((resolve, reject) =>
    call((error, response) => (error === null ? resolve(response) : reject(error))),
  );
}

function struct(object: Values): Struct {
  return Struct.fromJavaScript(object as Record<string, JavaScriptValue>);
}

function values(message: Struct | undefined): Values {
  return (message?.toJavaScript() ?? {}) as Values;
}
