import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  type StatusObject,
  status,
} from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckFailure,
  CheckResponse,
  ConfigureResponse,
  CreateResponse,
  DiffResponse,
  ErrorResourceInitFailed,
  GetSchemaResponse,
  InvokeResponse,
  ListResponse,
  ProviderHandshakeResponse,
  ReadResponse,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { SavedFailure } from "../license/errors";
import { type InputFailure, UNKNOWN } from "../license/inputs";
import { differences } from "./differences";
import { LICENSE, type PluginProvider } from "./provider";
import { type service, withProperties } from "./service";
import { type Properties, received, sent } from "./values";

/** The calls whose properties are plain values. */
type Plain = "check" | "diff" | "create" | "read" | "update" | "delete";

type Handling<Method> =
  Method extends MethodDefinition<infer Asked, infer Answered> ? handleUnaryCall<Asked, Answered> : never;

/** What the protocol asks for, and this provider answers. The rest is answered as not implemented. */
type Served = Omit<
  IResourceProviderServer,
  "parameterize" | "call" | "construct" | "getMapping" | "getMappings" | Plain | number
> & { readonly [Name in Plain]: Handling<(typeof service)[Name]> };

/** Each call of the wire protocol as a call of the provider, and back. */
export function handlers(provider: PluginProvider): Served {
  return {
    handshake: unary(() => new ProviderHandshakeResponse()),
    attach: unary((request) => {
      provider.attach(request.getAddress());
      return new Empty();
    }),
    getPluginInfo: unary(() => new PluginInfo().setVersion(packageVersion())),
    getSchema: unary(() => new GetSchemaResponse().setSchema(schema())),

    checkConfig: unary((request) => {
      const news = received(request.getNews());
      const failures = provider.checkConfig(request.getUrn(), news);
      return new CheckResponse().setInputs(sent(news)).setFailuresList(listOf(failures));
    }),
    // Other settings never replace a provider: that would replace every license.
    diffConfig: unary((request) => {
      const isSame =
        JSON.stringify(request.getOldInputs()?.toObject()) === JSON.stringify(request.getNews()?.toObject());
      return new DiffResponse().setChanges(
        isSame ? DiffResponse.DiffChanges.DIFF_NONE : DiffResponse.DiffChanges.DIFF_SOME,
      );
    }),
    configure: unary((request) => {
      provider.configure(received(request.getArgs()));
      return new ConfigureResponse().setSupportspreview(true);
    }),

    check: unary(async ({ message, properties }) => {
      const { inputs, failures } = await provider.check(
        { urn: message.getUrn() },
        properties("olds"),
        properties("news"),
      );
      return { message: new CheckResponse().setFailuresList(listOf(failures)), properties: { inputs } };
    }),
    diff: unary(async ({ message, properties }) => {
      const [olds, news] = [properties("olds"), properties("news")];
      const diff = await provider.diff({ urn: message.getUrn() }, message.getId(), olds, news);
      return { message: differences(diff), properties: {} };
    }),
    create: unary(async ({ message, properties }) => {
      const asked = { urn: message.getUrn(), timeout: message.getTimeout() };
      const { id, outputs } = await provider.create(asked, properties("properties"), message.getPreview());
      return { message: new CreateResponse().setId(id), properties: { properties: outputs } };
    }),
    read: unary(async ({ message, properties, asSent }) => {
      const id = message.getId();
      const recorded = asSent("inputs");
      const isImport = recorded === undefined;
      const read = await provider.read({ urn: message.getUrn() }, id, properties("properties"), isImport);
      const inputs = read.inputs ?? recorded ?? {};
      return { message: new ReadResponse().setId(id), properties: { properties: read.outputs, inputs } };
    }),
    update: unary(async ({ message, properties }) => {
      const asked = { urn: message.getUrn(), timeout: message.getTimeout() };
      const [olds, news] = [properties("olds"), properties("news")];
      const outputs = await provider.update(asked, message.getId(), olds, news, message.getPreview());
      return { message: new UpdateResponse(), properties: { properties: outputs } };
    }),
    delete: unary(async ({ message, properties }) => {
      const asked = { urn: message.getUrn(), timeout: message.getTimeout() };
      await provider.delete(asked, message.getId(), properties("properties"));
      return { message: new Empty(), properties: {} };
    }),

    invoke: unary(async (request) =>
      new InvokeResponse().setReturn(sent(await provider.invoke(request.getTok(), received(request.getArgs())))),
    ),
    list: streamed((request) => listed(provider, request.getToken(), received(request.getQuery()), request.getLimit())),
    cancel: unary(() => {
      provider.cancel();
      return new Empty();
    }),
  };
}

function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return async ({ request }, callback) => {
    try {
      callback(null, await answer(request));
    } catch (error) {
      callback(failure(error));
    }
  };
}

function streamed<Request, Part>(
  answer: (request: Request) => Promise<Part[]>,
): handleServerStreamingCall<Request, Part> {
  return async (call) => {
    try {
      for (const part of await answer(call.request)) {
        call.write(part);
      }
      call.end();
    } catch (error) {
      call.emit("error", failure(error));
    }
  };
}

/** A failure that leaves a license behind carries it, so that the engine saves it. */
function failure(error: unknown): Partial<StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof SavedFailure)) {
    return { code: status.UNKNOWN, details: message };
  }
  const left = new ErrorResourceInitFailed().setId(error.id).setReasonsList([...error.reasons]);
  const detail = new Any();
  const outputs = { properties: { ...error.outputs } };
  detail.pack(withProperties(left.serializeBinary(), { properties: 2 }, outputs), "pulumirpc.ErrorResourceInitFailed");
  const metadata = new Metadata();
  const whole = new Status().setCode(status.UNKNOWN).setMessage(message).setDetailsList([detail]);
  metadata.set("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
  return { code: status.UNKNOWN, details: message, metadata };
}

function listOf(failures: readonly InputFailure[]): CheckFailure[] {
  return failures.map(({ property, reason }) => new CheckFailure().setProperty(property).setReason(reason));
}

async function listed(
  provider: PluginProvider,
  token: string,
  query: Properties,
  limit: number,
): Promise<ListResponse[]> {
  if (token !== LICENSE) {
    throw new TypeError(`${token} cannot be listed; ${LICENSE} can`);
  }
  if (Object.values(query).includes(UNKNOWN)) {
    return [new ListResponse().setComputed(new ListResponse.Computed())];
  }
  const found = await provider.list(query);
  return found
    .slice(0, limit === 0 ? found.length : limit)
    .map(({ id, name }) => new ListResponse().setResult(new ListResponse.Result().setId(id).setName(name)));
}

function packageVersion(): string {
  return (require("pulumi-billmanager/package.json") as { version: string }).version;
}

/** Read when it is asked for: most runs do not. */
function schema(): string {
  return JSON.stringify({ ...(require("../schema.json") as object), version: packageVersion() });
}
