import { join } from "node:path";
import protocol, { type ConfigureRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Panel } from "./panel.mts";

/** The script of this package's plugin. */
export const PLUGIN = join(import.meta.dirname, "../dist/provider/plugin/main.js");

/** What an engine tells a plugin of the account that it is to work on. */
export function configuration({ endpoint, username, password }: Panel): ConfigureRequest {
  return new protocol.ConfigureRequest().setArgs(structs.Struct.fromJavaScript({ endpoint, username, password }));
}
