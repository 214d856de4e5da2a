import type { MethodDefinition } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { PbfReader, PbfWriter } from "pbf";
import { fromEngine, toEngine } from "../engine";
import { readStruct, writeStruct } from "./structs";
import type { Properties } from "./values";

/** The numbers of a message's fields that hold properties, by their names. */
type Numbers<Name extends string> = Readonly<Record<Name, number>>;

/** A request whose properties are read when they are asked for. */
export interface Request<Message, Name extends string> {
  readonly message: Message;
  /** None where the engine sends none. */
  readonly properties: (name: Name) => Properties;
  /** The same unread, to be sent back; `undefined` where the engine sends none. */
  readonly asSent: (name: Name) => Uint8Array | undefined;
}

/** An answer and the properties that go with it. */
export interface Answer<Message, Name extends string> {
  readonly message: Message;
  readonly properties: Readonly<Record<Name, Readonly<Properties> | Uint8Array>>;
}

/** A message of google-protobuf. */
interface Serializable {
  serializeBinary(): Uint8Array;
}

/**
 * The calls of the protocol with the properties of resources as plain values. A message is a sequence of fields in any order, so those are
 * taken out of it before the protocol's own classes read the rest, and added to what these have written. Those that nobody asks for, such
 * as the old inputs, are taken out as well: these classes would make objects of them.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */
export const service = {
  ...ResourceProviderService,
  check: withPlain(ResourceProviderService.check, { olds: 2, news: 3 }, { inputs: 1 }),
  diff: withPlain(ResourceProviderService.diff, { olds: 3, news: 4, oldInputs: 6 }, {}),
  create: withPlain(ResourceProviderService.create, { properties: 2 }, { properties: 2 }),
  read: withPlain(ResourceProviderService.read, { properties: 3, inputs: 4 }, { properties: 2, inputs: 3 }),
  update: withPlain(ResourceProviderService.update, { olds: 3, news: 4, oldInputs: 8 }, { properties: 1 }),
  delete: withPlain(ResourceProviderService.delete, { properties: 3, oldInputs: 5 }, {}),
};

function withPlain<Asked, Answered extends Serializable, In extends string, Out extends string>(
  method: MethodDefinition<Asked, Answered>,
  asked: Numbers<In>,
  answered: Numbers<Out>,
): MethodDefinition<Request<Asked, In>, Answer<Answered, Out>> {
  return {
    ...method,
    requestDeserialize: (bytes: Buffer) => readRequest(bytes, asked, method.requestDeserialize),
    responseSerialize: ({ message, properties }: Answer<Answered, Out>) =>
      withProperties(message.serializeBinary(), answered, properties),
    requestSerialize: onlyServed,
    responseDeserialize: onlyServed,
  };
}

function onlyServed(): never {
  throw new TypeError("a provider serves these calls, and makes none of them");
}

function readRequest<Message, Name extends string>(
  bytes: Buffer,
  numbers: Numbers<Name>,
  read: (bytes: Buffer) => Message,
): Request<Message, Name> {
  const ours = new Set<number>(Object.values(numbers));
  const found = new Map<number, Uint8Array>();
  const others: Uint8Array[] = [];
  const reader = new PbfReader(bytes);
  for (let start = 0; ; start = reader.pos) {
    const field = reader.nextField();
    if (field === 0) {
      break;
    }
    if (ours.has(field)) {
      found.set(field, reader.readBytes());
    } else {
      reader.skip(reader.type);
      others.push(bytes.subarray(start, reader.pos));
    }
  }
  const asSent = (name: Name) => found.get(numbers[name]);
  return {
    message: read(Buffer.concat(others)),
    properties(name) {
      const struct = asSent(name);
      return struct === undefined ? {} : fromEngine(readStruct(struct));
    },
    asSent,
  };
}

/** A message that is written, and properties for fields of it that it does not have yet. */
export function withProperties<Name extends string>(
  written: Uint8Array,
  numbers: Numbers<Name>,
  properties: Answer<unknown, Name>["properties"],
): Buffer {
  const writer = new PbfWriter();
  for (const name of Object.keys(numbers) as Name[]) {
    const value = properties[name];
    if (value instanceof Uint8Array) {
      writer.writeBytesField(numbers[name], value);
    } else {
      writer.writeMessage(numbers[name], writeStruct, toEngine(value));
    }
  }
  return Buffer.concat([written, writer.finish()]);
}
