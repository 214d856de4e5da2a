import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
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
import { type Properties, received, sent } from "./values";

/** What the protocol asks for, and this provider answers. The rest is answered as not implemented. */
type Served = Omit<
  IResourceProviderServer,
  "parameterize" | "call" | "construct" | "getMapping" | "getMappings" | number
>;

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
      return checked(news, provider.checkConfig(request.getUrn(), news));
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

    check: unary(async (request) => {
      const asked = { urn: request.getUrn() };
      const { inputs, failures } = await provider.check(
        asked,
        received(request.getOlds()),
        received(request.getNews()),
      );
      return checked(inputs, failures);
    }),
    diff: unary(async (request) => {
      const olds = received(request.getOlds());
      const news = received(request.getNews());
      return differences(await provider.diff({ urn: request.getUrn() }, request.getId(), olds, news));
    }),
    create: unary(async (request) => {
      const asked = { urn: request.getUrn(), timeout: request.getTimeout() };
      const { id, outputs } = await provider.create(asked, received(request.getProperties()), request.getPreview());
      return new CreateResponse().setId(id).setProperties(sent(outputs));
    }),
    read: unary(async (request) => {
      const asked = { urn: request.getUrn() };
      const id = request.getId();
      const { inputs, outputs } = await provider.read(
        asked,
        id,
        received(request.getProperties()),
        request.hasInputs() ? received(request.getInputs()) : undefined,
      );
      return new ReadResponse().setId(id).setProperties(sent(outputs)).setInputs(sent(inputs));
    }),
    update: unary(async (request) => {
      const asked = { urn: request.getUrn(), timeout: request.getTimeout() };
      const olds = received(request.getOlds());
      const news = received(request.getNews());
      const outputs = await provider.update(asked, request.getId(), olds, news, request.getPreview());
      return new UpdateResponse().setProperties(sent(outputs));
    }),
    delete: unary(async (request) => {
      const asked = { urn: request.getUrn(), timeout: request.getTimeout() };
      await provider.delete(asked, request.getId(), received(request.getProperties()));
      return new Empty();
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
  const left = new ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(sent({ ...error.outputs }))
    .setReasonsList([...error.reasons]);
  const detail = new Any();
  detail.pack(left.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const metadata = new Metadata();
  const whole = new Status().setCode(status.UNKNOWN).setMessage(message).setDetailsList([detail]);
  metadata.set("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
  return { code: status.UNKNOWN, details: message, metadata };
}

function checked(inputs: Properties, failures: readonly InputFailure[]): CheckResponse {
  const list = failures.map(({ property, reason }) => new CheckFailure().setProperty(property).setReason(reason));
  return new CheckResponse().setInputs(sent(inputs)).setFailuresList(list);
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
