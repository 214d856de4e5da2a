import { join } from "node:path";

/**
 * What is compared. `bare` sends the requests and nothing else. `floor` is the engine with `pulumi.dynamic.Resource`s that do nothing, and
 * `leanest` with resources of which it cannot have less to do. `naive` is a provider as one writes it in an hour. The others are this
 * package: a resource for each license or one for all, as dynamic resources or by the plugin.
 */
export type SubjectName =
  | "bare"
  | "leanest"
  | "floor"
  | "naive"
  | "license"
  | "licensePlugin"
  | "fleet"
  | "fleetPlugin";

export const SUBJECTS = [
  "bare",
  "leanest",
  "floor",
  "naive",
  "license",
  "licensePlugin",
  "fleet",
  "fleetPlugin",
] as const satisfies readonly SubjectName[];

export const SUBJECT_TITLES: Readonly<Record<SubjectName, string>> = {
  bare: "bare requests",
  leanest: "engine alone, leanest",
  floor: "engine alone",
  naive: "naive provider",
  license: "`License`",
  licensePlugin: "`License`, plugin",
  fleet: "`LicenseFleet`",
  fleetPlugin: "`LicenseFleet`, plugin",
};

export type Operation = "create" | "unchanged" | "change" | "refresh" | "destroy";

/** What is done to a stack, in this order. */
export const OPERATIONS = [
  "create",
  "unchanged",
  "change",
  "refresh",
  "destroy",
] as const satisfies readonly Operation[];

/** These leave everything as it is, and can be run again. */
export const CHANGING_NOTHING: readonly Operation[] = ["unchanged", "refresh"];

export const OPERATION_TITLES: Readonly<Record<Operation, string>> = {
  create: "`up`, all are created",
  unchanged: "`up`, nothing changed",
  change: "`up`, 10 % get another address",
  refresh: "`refresh`",
  destroy: "`destroy`",
};

/** The CLI's arguments. What ought to change nothing fails where it does. */
export const COMMANDS: Readonly<Record<Operation, readonly string[]>> = {
  create: ["up"],
  unchanged: ["up", "--expect-no-changes"],
  change: ["up"],
  refresh: ["refresh", "--expect-no-changes"],
  destroy: ["destroy"],
};

/** Calls that each subject has in flight at most: the provider's own default, and as many connections of the bare requests. */
export const PARALLEL = 8;

/** The address of each license by its name. */
export type Licenses = Readonly<Record<string, string>>;

/** @param moved whether every tenth license is on another server now */
export function licensesOf(size: number, moved: boolean): Licenses {
  const entries = Array.from({ length: size }, (_, index) => {
    const network = moved && index % 10 === 0 ? "198.19" : "198.18";
    return [`web${index}`, `${network}.${Math.floor(index / 250)}.${1 + (index % 250)}`];
  });
  return Object.fromEntries(entries);
}

/** The folder of the program's Pulumi project. */
export function projectOf(subject: Exclude<SubjectName, "bare">): string {
  return join(import.meta.dirname, "programs", subject === "leanest" || subject === "floor" ? "alone" : subject);
}

/** The file of the project that declares the licenses, and what is in it. */
export function declaration(subject: Exclude<SubjectName, "bare">, licenses: Licenses): readonly [string, string] {
  switch (subject) {
    case "leanest":
    case "floor":
      return ["index.js", `require("./licenses")(require("./${subject}"), ${JSON.stringify(licenses)});\n`];
    case "fleetPlugin":
      return ["Pulumi.yaml", fleetInYaml(licenses)];
    default:
      return ["licenses.json", JSON.stringify(licenses)];
  }
}

/** A program in YAML, whose language host takes least. JSON is YAML. */
function fleetInYaml(licenses: Licenses): string {
  const plugins = { providers: [{ name: "billmanager", path: "node_modules/.bin" }] };
  const properties = { product: "cloudlinux", licenses };
  const resources = { fleet: { type: "billmanager:LicenseFleet", properties } };
  return JSON.stringify({ name: "fleet", runtime: "yaml", plugins, resources });
}
