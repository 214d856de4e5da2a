import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { UNKNOWN_TEXT } from "../engine";
import { UNKNOWN } from "../license/inputs";

export type Properties = Record<string, unknown>;

/** The mark of an envelope, and what it holds there if the envelope is that of a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const OF_SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Properties from the wire: absent ones left out, unknown ones marked, secrets as they are. */
export function received(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : (opened(struct.toJavaScript()) as Properties);
}

/** Properties for the wire; what is `undefined` is left out. */
export function sent(properties: Readonly<Properties>): Struct {
  return Struct.fromJavaScript(closed(properties) as Record<string, JavaScriptValue>);
}

function opened(value: unknown): unknown {
  if (value === UNKNOWN_TEXT) {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    return value.map(opened);
  }
  if (!isObject(value)) {
    return value;
  }
  if (value[SIGNATURE] === OF_SECRET) {
    return opened(value.value);
  }
  return mapped(value, opened);
}

function closed(value: unknown): unknown {
  if (value === UNKNOWN) {
    return UNKNOWN_TEXT;
  }
  if (Array.isArray(value)) {
    return value.map(closed);
  }
  return isObject(value) ? mapped(value, closed) : value;
}

function mapped(object: Readonly<Properties>, change: (value: unknown) => unknown): Properties {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, change(value)]),
  );
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null;
}
