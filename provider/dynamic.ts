/**
 * The first face: what the engine's host for dynamic providers runs for each license of a TypeScript or JavaScript program.
 *
 * The state of every license holds {@link PROVIDER_TEXT}, and the host runs that text for its reads and deletes long after the
 * program has moved on: this module's path and its methods have to work in every later version. The methods only pass on, and load
 * the provider when it is first needed, since programs import this module too and must start without an HTTP client.
 */
import type { DynamicFace, DynamicFaces } from "./dynamicProvider";

/**
 * The source text of the provider, as `pulumi.dynamic.Resource` would make it by serializing a function, but written by hand. It is
 * stored twice with each license, and the engine rewrites the whole state at each step of an update: its length decides how long a
 * large update takes. The host resolves the package from the project's folder; where only a library of the project depends on it
 * and pnpm keeps it out of sight, from the host's own.
 */
export const PROVIDER_TEXT =
  'exports.handler=(p="pulumi-billmanager/dynamic")=>{try{return require(p)}catch{return module.parent.require(p)}}';

/** The same for a fleet of licenses. */
export const FLEET_PROVIDER_TEXT = PROVIDER_TEXT.replaceAll("require(p)", "require(p).fleet");

/** Each license passes here at least twice in a command, and to resolve the package takes a while each time. */
let loaded: DynamicFaces | undefined;

function faces(): DynamicFaces {
  loaded ??= (require("pulumi-billmanager/provider") as typeof import("./dynamicProvider")).faces;
  return loaded;
}

/** Passes on to the face of one kind of resource. */
function passing(kind: keyof DynamicFaces): DynamicFace {
  return {
    configure: (request) => faces()[kind].configure(request),
    check: (olds, news) => faces()[kind].check(olds, news),
    diff: (id, olds, news) => faces()[kind].diff(id, olds, news),
    create: (inputs) => faces()[kind].create(inputs),
    read: (id, properties) => faces()[kind].read(id, properties),
    update: (id, olds, news) => faces()[kind].update(id, olds, news),
    delete: (id, properties) => faces()[kind].delete(id, properties),
  };
}

const license = passing("license");

export const { configure, check, diff, create, read, update } = license;
const remove = license.delete;

export { remove as delete };

export const fleet: DynamicFace = passing("fleet");
