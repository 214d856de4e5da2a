import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { fromEngine, toEngine } from "../engine";

export type Properties = Record<string, unknown>;

/** Properties from the wire. */
export function received(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : { ...fromEngine(struct.toJavaScript()) };
}

/** Properties for the wire. */
export function sent(properties: Readonly<Properties>): Struct {
  return Struct.fromJavaScript(toEngine(properties) as Record<string, JavaScriptValue>);
}
