import { cruise, type ICruiseResult, type IForbiddenRuleType, type IModule } from "dependency-cruiser";

/** Everything that users install. */
export const SHIPPED = ["sdk", "provider", "simulator", "cli"];

const NPM = {
  pulumi: "^node_modules/@pulumi/",
  undici: "^node_modules/undici/",
  fastXmlParser: "^node_modules/fast-xml-parser/",
  wireProtocol: "^node_modules/(@grpc/grpc-js|google-protobuf|@types/google-protobuf|pbf|@pulumi/pulumi/proto)/",
};

/** The one way in which each part may reach for others. Types count: what a file says of another is knowledge of it too. */
export const ARROWS: readonly IForbiddenRuleType[] = [
  onlyTo("the API client stands alone", "^provider/billmanager/", [
    "^provider/billmanager/",
    NPM.undici,
    NPM.fastXmlParser,
  ]),
  onlyTo("the lifecycle knows the API client, and neither Pulumi nor who calls it", "^provider/license/", [
    "^provider/(license|billmanager)/",
  ]),
  onlyTo("a fleet is made of licenses, and knows no more than these", "^provider/fleet/", [
    "^provider/(fleet|license|billmanager)/",
  ]),
  onlyTo("the shim passes on to the provider and knows nothing else", "^provider/dynamic\\.ts$", [
    "^provider/dynamicProvider\\.ts$",
    "^dist/provider/dynamicProvider\\.js$",
  ]),
  {
    name: "the shim loads the provider by the package's name, when it is first needed",
    severity: "error",
    from: { path: "^provider/dynamic\\.ts$" },
    to: { path: "^provider/", preCompilationOnly: false },
  },
  onlyTo("the plugin adapts the lifecycle to the wire protocol", "^provider/plugin/", [
    "^provider/plugin/",
    "^provider/(license|fleet)/",
    "^provider/(engine|declarations|compileCache)\\.ts$",
    "^(provider/schema|package)\\.json$",
    NPM.wireProtocol,
  ]),
  onlyTo("the functions pass on to the lifecycle, on a panel of their own", "^provider/functions\\.ts$", [
    "^provider/(license|billmanager)/",
  ]),
  onlyTo("a program's side knows the shim and the functions, and of the lifecycle what needs no panel", "^sdk/", [
    "^sdk/",
    "^provider/dynamic\\.ts$",
    "^provider/functions\\.ts$",
    "^provider/license/",
    NPM.pulumi,
  ]),
  onlyTo("the simulator shares nothing with what is tested against it", "^simulator/", ["^simulator/"]),
  onlyTo("the commands know the simulator, and the lifecycle with its API client", "^cli/", [
    "^cli/",
    "^simulator/",
    "^provider/(license|billmanager)/",
  ]),
  {
    name: "the provider knows no one who uses it",
    severity: "error",
    from: { path: "^provider/" },
    to: { path: "^(sdk|simulator|cli|tools|test|bench)/" },
  },
  {
    name: "what users install needs nothing that they do not get",
    severity: "error",
    from: { path: `^(${SHIPPED.join("|")})/` },
    to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
  },
  {
    name: "tools serve developers alone",
    severity: "error",
    from: { pathNot: "^(tools|test|bench)/" },
    to: { path: "^tools/" },
  },
  { name: "no import goes round in a circle", severity: "error", from: {}, to: { circular: true } },
  { name: "every import leads somewhere", severity: "error", from: {}, to: { couldNotResolve: true } },
];

/**
 * Programs start once for each preview and update; what only the provider and the functions need must not slow each start down. An
 * `import()` in a function is no part of a start, and is not followed.
 */
export const LIGHT_START: IForbiddenRuleType = {
  name: "a program starts without the HTTP client and the XML parser",
  severity: "error",
  from: { path: "^sdk/index\\.ts$" },
  to: { reachable: true, path: [NPM.undici, NPM.fastXmlParser] },
};

/** The engine waits for the plugin at the start of each run: what only calls to the panel need is loaded by the first of them. */
export const LIGHT_PLUGIN: IForbiddenRuleType = {
  name: "the plugin starts without the HTTP client",
  severity: "error",
  from: { path: "^provider/plugin/main\\.ts$" },
  to: { reachable: true, path: NPM.undici },
};

export interface Cruise {
  readonly modules: readonly IModule[];
  /** `rule: from → to`, sorted. */
  readonly violations: readonly string[];
}

export interface CruiseOptions {
  readonly root: string;
  readonly folders: readonly string[];
  readonly rules: readonly IForbiddenRuleType[];
  /** Whether imports that compile to nothing count too. */
  readonly types: boolean;
  /** Whether `import()` counts too, by which modules are loaded when they are first needed. */
  readonly lazy: boolean;
}

/** Follows the imports of TypeScript sources, up to the packages. */
export async function followImports({ root, folders, rules, types, lazy }: CruiseOptions): Promise<Cruise> {
  const { output } = await cruise(
    [...folders],
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: [...rules] },
      tsPreCompilationDeps: types ? "specify" : false,
      ...(lazy ? {} : { exclude: { dynamic: true } }),
      doNotFollow: { path: ["^node_modules/", "^dist/"] },
    },
    { exportsFields: ["exports"], conditionNames: ["require"], extensions: [".ts", ".mts", ".js", ".json"] },
  );
  const { modules, summary } = output as ICruiseResult;
  return {
    modules,
    violations: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort(),
  };
}

function onlyTo(name: string, from: string, allowed: readonly string[]): IForbiddenRuleType {
  return {
    name,
    severity: "error",
    from: { path: from },
    to: { pathNot: [...allowed], dependencyTypesNot: ["core"] },
  };
}
