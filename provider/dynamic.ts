/**
 * The first face: what the engine's host for dynamic providers runs for each license of a TypeScript or JavaScript program.
 *
 * The state of every license holds {@link PROVIDER_TEXT}, and the host runs that text for its reads and deletes long after the
 * program has moved on: this module's path and its methods have to work in every later version. The methods only pass on, and load
 * the provider when it is first needed, since programs import this module too and must start without an HTTP client.
 */
import type { DynamicFace } from "./dynamicProvider";

/**
 * The source text of the provider, as `pulumi.dynamic.Resource` would make it by serializing a function, but written by hand. It is
 * stored twice with each license, and the engine rewrites the whole state at each step of an update: its length decides how long a
 * large update takes. The host resolves the package from the project's folder; where only a library of the project depends on it
 * and pnpm keeps it out of sight, from the host's own.
 */
export const PROVIDER_TEXT =
  'exports.handler=(p="pulumi-billmanager/dynamic")=>{try{return require(p)}catch{return module.parent.require(p)}}';

function provider(): DynamicFace {
  return (require("pulumi-billmanager/provider") as typeof import("./dynamicProvider")).face;
}

export const configure: DynamicFace["configure"] = (request) => provider().configure(request);
export const check: DynamicFace["check"] = (olds, news) => provider().check(olds, news);
export const diff: DynamicFace["diff"] = (id, olds, news) => provider().diff(id, olds, news);
export const create: DynamicFace["create"] = (inputs) => provider().create(inputs);
export const read: DynamicFace["read"] = (id, properties) => provider().read(id, properties);
export const update: DynamicFace["update"] = (id, olds, news) => provider().update(id, olds, news);

function remove(id: string, properties: Record<string, unknown>): Promise<void> {
  return provider().delete(id, properties);
}

export { remove as delete };
