/**
 * Plain values as `google.protobuf.Struct` on the wire, and back. The classes of google-protobuf make a dozen objects of each value: those of
 * a fleet of 10,000 licenses take half a gigabyte.
 *
 * @see https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/struct.proto
 */
import { PbfReader, type PbfWriter } from "pbf";

type Plain = Readonly<Record<string, unknown>>;

/** The members of `Value`, of which each value has one. */
const VALUE = { null: 1, number: 2, string: 3, bool: 4, struct: 5, list: 6 } as const;
const STRUCT = { fields: 1 } as const;
const ENTRY = { key: 1, value: 2 } as const;
const LIST = { values: 1 } as const;

/**
 * Properties in the order of their names: the engine, written in Go, sends them in another order each time.
 *
 * @param bytes a whole message, as gRPC hands it over
 */
export function readStruct(bytes: Uint8Array): Record<string, unknown> {
  const reader = new PbfReader(bytes);
  return readFields(reader, reader.length);
}

interface Entry {
  name: string;
  value: unknown;
}

function readFields(reader: PbfReader, end: number): Record<string, unknown> {
  const entries: Entry[] = [];
  reader.readFields(readField, entries, end);
  entries.sort(byName);
  return Object.fromEntries(entries.map(({ name, value }) => [name, value]));
}

function readField(field: number, entries: Entry[], reader: PbfReader): void {
  if (field === STRUCT.fields) {
    entries.push(reader.readMessage(readEntry, { name: "", value: null }));
  }
}

function byName(one: Entry, other: Entry): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}

function readEntry(field: number, entry: Entry, reader: PbfReader): void {
  if (field === ENTRY.key) {
    entry.name = readText(reader);
  } else if (field === ENTRY.value) {
    entry.value = readValue(reader);
  }
}

function readValue(reader: PbfReader): unknown {
  const end = endOf(reader);
  let value: unknown = null;
  for (let kind = reader.nextField(end); kind !== 0; kind = reader.nextField(end)) {
    switch (kind) {
      case VALUE.null:
        value = null;
        break;
      case VALUE.number:
        value = reader.readDouble();
        break;
      case VALUE.string:
        value = readText(reader);
        break;
      case VALUE.bool:
        value = reader.readBoolean();
        break;
      case VALUE.struct:
        value = readFields(reader, endOf(reader));
        break;
      case VALUE.list:
        value = reader.readMessage(readElement, []);
        break;
    }
  }
  return value;
}

function readElement(field: number, values: unknown[], reader: PbfReader): void {
  if (field === LIST.values) {
    values.push(readValue(reader));
  }
}

/** Not by pbf 5.1 where a text begins with a byte order mark, which it would leave out. */
function readText(reader: PbfReader): string {
  const start = reader.pos;
  const end = endOf(reader);
  const { buf, pos } = reader;
  if (buf[pos] === 0xef && buf[pos + 1] === 0xbb && buf[pos + 2] === 0xbf) {
    reader.pos = end;
    return Buffer.from(buf.subarray(pos, end)).toString();
  }
  reader.pos = start;
  return reader.readString();
}

/** Where the message ends whose length comes next. */
function endOf(reader: PbfReader): number {
  const length = reader.readVarint();
  return reader.pos + length;
}

/** Writes the fields of a struct. What is `undefined` is left out. */
export function writeStruct(properties: Plain, writer: PbfWriter): void {
  for (const name of Object.keys(properties)) {
    const value = properties[name];
    if (value !== undefined) {
      writer.writeMessage(STRUCT.fields, writeEntry, { name, value });
    }
  }
}

function writeEntry({ name, value }: Entry, writer: PbfWriter): void {
  writeText(writer, ENTRY.key, name);
  writer.writeMessage(ENTRY.value, writeValue, value);
}

function writeValue(value: unknown, writer: PbfWriter): void {
  if (typeof value === "string") {
    writeText(writer, VALUE.string, value);
  } else if (typeof value === "number") {
    writer.writeDoubleField(VALUE.number, value);
  } else if (typeof value === "boolean") {
    writer.writeBooleanField(VALUE.bool, value);
  } else if (value === null || value === undefined) {
    writer.writeVarintField(VALUE.null, 0);
  } else if (Array.isArray(value)) {
    writer.writeMessage(VALUE.list, writeList, value);
  } else if (typeof value === "object") {
    writer.writeMessage(VALUE.struct, writeStruct, value as Plain);
  } else {
    throw new TypeError(`a ${typeof value} cannot be sent to the engine`);
  }
}

/** Characters that pbf 5.1 writes as others. */
const MISWRITTEN = /[\u{20000}-\u{10ffff}]/u;

function writeText(writer: PbfWriter, field: number, text: string): void {
  if (MISWRITTEN.test(text)) {
    writer.writeBytesField(field, Buffer.from(text));
  } else {
    writer.writeStringField(field, text);
  }
}

function writeList(values: readonly unknown[], writer: PbfWriter): void {
  for (const value of values) {
    writer.writeMessage(LIST.values, writeValue, value);
  }
}
