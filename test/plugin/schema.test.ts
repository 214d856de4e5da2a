import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CalendarDate } from "../../provider/billmanager/types";
import { draftFleet } from "../../provider/fleet/inputs";
import { createLicense } from "../../provider/license/create";
import { Invalid, READERS, type Wish } from "../../provider/license/inputs";
import { plannedOrder } from "../../provider/license/planned";
import { readLicenseOutputs } from "../../provider/license/read";
import { SETTING_NAMES } from "../../provider/license/settings";
import { judgeConfig } from "../../provider/plugin/config";
import schemaJson from "../../provider/schema.json";
import { compile } from "../docs/compile";
import { setStage } from "../engine/helpers/harness";
import { FleetStack, servers } from "../fleet/helpers";
import { setUp, wishFor } from "../license/helpers";
import { fits, SchemaShapes, TypeShapes, type TypeSpec } from "./shapes";

type Properties = Readonly<Record<string, PropertySpec>>;

interface PropertySpec extends TypeSpec {
  readonly secret?: boolean;
  readonly willReplaceOnChanges?: boolean;
  readonly defaultInfo?: { readonly environment: readonly string[] };
}

interface FunctionSpec {
  readonly description: string;
  readonly inputs: TypeSpec;
  readonly outputs: TypeSpec;
}

const schema: {
  readonly config: { readonly variables: Properties };
  readonly types: Readonly<Record<string, TypeSpec>>;
  readonly provider: { readonly inputProperties: Properties; readonly properties: Properties };
  readonly functions: Readonly<Record<string, FunctionSpec>>;
} = schemaJson;
const license: {
  readonly description: string;
  readonly inputProperties: Properties;
  readonly properties: Properties;
  readonly required: readonly string[];
  readonly listInputs: TypeSpec;
} = schemaJson.resources["billmanager:index:License"];
const fleet: {
  readonly description: string;
  readonly inputProperties: Properties;
  readonly requiredInputs: readonly string[];
  readonly properties: Properties;
  readonly required: readonly string[];
} = schemaJson.resources["billmanager:index:LicenseFleet"];
const fleetMember: { readonly properties: Properties } = schemaJson.types["billmanager:index:FleetMember"];
const fleetLicense: { readonly properties: Properties; readonly required: readonly string[] } =
  schemaJson.types["billmanager:index:FleetLicense"];

/**
 * What the provider keeps with a license for itself. None of it is in the schema: a program could only come to depend on it, and the
 * engine keeps what the schema does not name.
 */
const ITS_OWN = ["claim", "autoRenewPeriod", "autoRenewFixed", "closesOn", "renewedFrom", "renewalSought"];

/** And with a fleet. */
const OF_FLEETS = ["fleet", "leaving"];

const shapes = new SchemaShapes(schema.types);
const types = new TypeShapes(["sdk/index.ts", "provider/license/state.ts"]);

describe("the schema names what the types of the sdk name", () => {
  const functionOf = (name: string) => schema.functions[`billmanager:index:${name}`];
  const argumentsOf = (name: string) => shapes.shapeOf(functionOf(name)?.inputs ?? {});
  const resultOf = (name: string) => shapes.shapeOf(functionOf(name)?.outputs ?? {});

  it("as inputs of a License", () => {
    expect(shapes.membersOf(license.inputProperties)).toEqual(types.membersOf("sdk/license.ts", "LicenseArgs"));
  });

  it("as outputs of a License, absent and present ones", () => {
    expect(shapes.membersOf(license.properties, license.required)).toEqual(
      types.membersOf("sdk/license.ts", "License"),
    );
  });

  it("as inputs of a LicenseFleet and of its members", () => {
    expect(shapes.membersOf(fleet.inputProperties, fleet.requiredInputs)).toEqual(
      types.membersOf("sdk/fleet.ts", "LicenseFleetArgs"),
    );
  });

  it("as outputs of a LicenseFleet and of its licenses", () => {
    expect(shapes.membersOf(fleet.properties, fleet.required)).toEqual(types.membersOf("sdk/fleet.ts", "LicenseFleet"));
  });

  it("as settings of a Provider and of the stack", () => {
    const settings = types.membersOf("sdk/provider.ts", "ProviderArgs");
    expect(shapes.membersOf(schema.provider.inputProperties)).toEqual(settings);
    expect(shapes.membersOf(schema.provider.properties)).toEqual(settings);
    expect(shapes.membersOf(schema.config.variables)).toEqual(settings);
  });

  it("as arguments of the functions", () => {
    expect(Object.keys(schema.functions)).toHaveLength(4);
    expect(argumentsOf("getLicense")).toEqual(types.membersOf("sdk/functions.ts", "GetLicenseArgs"));
    expect(argumentsOf("getLicenses")).toEqual(types.membersOf("sdk/functions.ts", "GetLicensesArgs"));
    expect(argumentsOf("getBalance")).toEqual({});
    expect(argumentsOf("getPrice")).toEqual(types.membersOf("sdk/functions.ts", "GetPriceArgs"));
  });

  it("as results of the functions", () => {
    expect(resultOf("getLicense")).toEqual(types.membersOf("provider/license/functions.ts", "LicenseInfo"));
    expect(resultOf("getLicenses")).toEqual(types.membersOf("sdk/functions.ts", "GetLicensesResult"));
    expect(resultOf("getBalance")).toEqual(types.membersOf("sdk/functions.ts", "GetBalanceResult"));
    expect(resultOf("getPrice")).toEqual(types.membersOf("sdk/functions.ts", "GetPriceResult"));
  });

  it("as what licenses are listed by", () => {
    expect(shapes.shapeOf(license.listInputs)).toEqual(types.membersOf("sdk/functions.ts", "GetLicensesArgs"));
  });
});

describe("the schema names what the check accepts", () => {
  const SAMPLES: readonly [type: string, values: readonly unknown[]][] = [
    ["string", ["web01", "192.0.2.10", "2027-01-31", "20.00 EUR", "1234567", "delete", "suspend"]],
    ["integer", [1]],
    ["boolean", [true]],
  ];

  it("as inputs of a License, each of the type that is read", () => {
    const read = Object.entries(READERS).filter(([name]) => name !== "claim");
    const accepted = read.map(([name, reader]) => {
      const types = SAMPLES.filter(([, values]) => values.some((value) => !(reader(value) instanceof Invalid)));
      return [name, types.map(([type]) => type)];
    });
    const declared = Object.entries(license.inputProperties).map(([name, spec]) => {
      const shape = shapes.shapeOf(spec);
      return [name, [Array.isArray(shape) ? "string" : shape]];
    });
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(accepted));
  });

  it("as inputs of a fleet and of its members, each as that of a License", () => {
    const { failures } = draftFleet({
      fleet: "servers-3aywehbv",
      noSuchInput: 1,
      licenses: { web01: { noSuchInput: 1 } },
    });
    const accepted = failures.map(({ reason }) => /the inputs are (.*)$/.exec(reason)?.[1]?.split(", ").sort());
    const { "adoptId?": _, ...ofMembers } = shapes.membersOf(license.inputProperties);
    expect(accepted).toEqual([Object.keys(fleet.inputProperties).sort(), Object.keys(fleetMember.properties).sort()]);
    expect(shapes.membersOf(fleetMember.properties)).toEqual(ofMembers);
  });

  it("as words of an input that has a choice of them", () => {
    const words = shapes.shapeOf(license.inputProperties.deletionPolicy ?? {}) as string[];
    expect(words.filter((word) => READERS.deletionPolicy(word) instanceof Invalid)).toEqual([]);
  });

  it("as settings, each of the type that is read", () => {
    const credentials = { username: "demo", password: "demo" };
    const RIGHT: Readonly<Record<string, unknown>> = { string: "demo", integer: 1, boolean: true };
    const refused = (name: string, value: unknown) =>
      judgeConfig("", { ...credentials, [name]: value }, {}).map(({ property }) => property);
    for (const [name, spec] of Object.entries(schema.config.variables)) {
      const shape = shapes.shapeOf(spec);
      const text = name === "endpoint" ? "https://panel.example" : RIGHT[String(shape)];
      for (const value of Array.isArray(shape) ? shape : [text ?? { bitninja: 55369 }]) {
        expect(refused(name, value), `${name} ${value}`).toEqual([]);
      }
      if (shape !== "string") {
        expect(refused(name, "no such value"), name).toEqual([name]);
      }
    }
    expect(Object.keys(schema.config.variables).sort()).toEqual([...SETTING_NAMES].sort());
  });
});

describe("the schema names what a license shows", () => {
  it("each output, required where every license has it, but for what the provider keeps for itself", () => {
    const saved = types.membersOf("provider/license/state.ts", "LicenseOutputs");
    const shown = Object.entries(saved).filter(
      // What has a symbol for its name enters no state.
      ([name]) => !name.startsWith("__@") && !ITS_OWN.includes(name.replace("?", "")),
    );
    expect(shapes.membersOf(license.properties, license.required)).toEqual(Object.fromEntries(shown));
    expect(Object.keys(saved)).toEqual(expect.arrayContaining(ITS_OWN.map((name) => `${name}?`)));
  });

  const WISHES: readonly [string, Partial<Wish>][] = [
    ["with nothing but what is needed", {}],
    [
      "with everything",
      {
        autoRenew: true,
        renewBeforeDays: 7,
        paidUntil: "2026-02-01" as CalendarDate,
        maxPrice: "20.00 EUR",
        suspended: true,
      },
    ],
  ];

  it.each(WISHES)("as it is created and read, %s", async (_, wanted) => {
    const bench = await setUp({ now: "2026-01-15" });
    onTestFinished(() => bench.close());
    const wish = wishFor("web01", wanted);
    const run = bench.run({}, undefined, () => new Date("2026-01-15T12:00:00Z"));
    const { id, outputs } = await createLicense(run, wish);
    const read = await readLicenseOutputs(run, id, outputs);
    for (const properties of [outputs, read]) {
      expect(misfits(properties, license.properties)).toEqual([]);
      expect(license.required.filter((name) => !(name in properties))).toEqual([]);
    }
    expect(misfits(plannedOrder(wish, {}, "tester@127.0.0.1"), license.properties)).toEqual([]);
  });
});

describe("the schema names what a fleet shows", () => {
  it("of each of its licenses its number, and what a License shows", () => {
    expect(shapes.membersOf(fleetLicense.properties, fleetLicense.required)).toEqual({
      id: "string",
      ...shapes.membersOf(license.properties, license.required),
    });
  });

  it("as it is created and read, with each of its licenses", async () => {
    const stack = await FleetStack.start();
    onTestFinished(() => stack.close());
    await stack.up({ product: "cloudlinux", maxPrice: "20.00 EUR", renewBeforeDays: 7, licenses: servers(2) });
    const created = stack.state?.outputs ?? {};
    await stack.refresh();
    for (const outputs of [created, stack.state?.outputs ?? {}]) {
      expect(misfits(outputs, fleet.properties)).toEqual([]);
      expect(fleet.required.filter((name) => !(name in outputs))).toEqual([]);
      for (const member of Object.values(outputs.licenses as object)) {
        expect(fleetLicense.required.filter((name) => !(name in member))).toEqual([]);
      }
    }
  });
});

/** Values that the schema does not name, or names with another type; those not known yet may be of any. */
function misfits(outputs: object, properties: Properties): string[] {
  return Object.entries(outputs).flatMap(([name, value]) => {
    const isItsOwn = [...ITS_OWN, ...OF_FLEETS].includes(name);
    return isItsOwn || fits(value, shapes.shapeOf(properties[name] ?? {}), ITS_OWN)
      ? []
      : [`${name}: ${JSON.stringify(value)}`];
  });
}

describe("the schema says", () => {
  const settings = [schema.config.variables, schema.provider.inputProperties, schema.provider.properties];
  const marked = (properties: Properties, mark: (spec: PropertySpec) => unknown) =>
    Object.fromEntries(
      Object.entries(properties).flatMap(([name, spec]) => (mark(spec) === undefined ? [] : [[name, mark(spec)]])),
    );

  it("of everything that it names what it is, in whole sentences", () => {
    const untold: string[] = [];
    const visit = (value: unknown, path: string) => {
      if (typeof value !== "object" || value === null) {
        return;
      }
      for (const [name, part] of Object.entries(value)) {
        const isNamed = /\/(variables|inputProperties|properties|types|functions)$/.test(path) || /\/enum$/.test(path);
        if (isNamed && !/\.$/.test(String((part as TypeSpec).description))) {
          untold.push(`${path}/${name}`);
        }
        visit(part, `${path}/${name}`);
      }
    };
    visit(schema, "");
    expect(untold).toEqual([]);
  });

  it("that the password is a secret, and nothing else", () => {
    for (const properties of settings) {
      expect(marked(properties, ({ secret }) => secret)).toEqual({ password: true });
    }
    for (const part of [license, fleet, fleetMember, fleetLicense]) {
      expect(JSON.stringify(part)).not.toContain('"secret"');
    }
  });

  it("which settings the environment stands in for", () => {
    for (const properties of settings) {
      expect(marked(properties, ({ defaultInfo }) => defaultInfo?.environment)).toEqual({
        endpoint: ["BILLMANAGER_ENDPOINT"],
        username: ["BILLMANAGER_USERNAME"],
        password: ["BILLMANAGER_PASSWORD"],
      });
    }
  });

  it("that another tariff is another license, and that nothing else is", () => {
    const replacing = { product: true, pricelist: true };
    expect(marked(license.inputProperties, ({ willReplaceOnChanges }) => willReplaceOnChanges)).toEqual(replacing);
    // A provider that is replaced would replace every license, and a fleet that is replaced all of its own.
    for (const properties of [...settings, fleet.inputProperties, fleetMember.properties]) {
      expect(marked(properties, ({ willReplaceOnChanges }) => willReplaceOnChanges)).toEqual({});
    }
  });

  it("of a fleet and of its members the same as of a License, but where they differ", () => {
    const texts = (properties: Properties) =>
      Object.fromEntries(Object.entries(properties).map(([name, { description = "" }]) => [name, description]));
    const { adoptId: _, ...ofLicense } = texts(license.inputProperties);
    const ofMember = texts(fleetMember.properties);
    const differing = Object.keys(ofLicense).filter((name) => ofMember[name] !== ofLicense[name]);
    expect(differing).toEqual(["licenseName", "deletionPolicy"]);
    const { licenses, adopt, ...ofAll } = texts(fleet.inputProperties);
    const wanted = Object.entries(ofMember).map(([name, text]) => [
      name,
      `Holds for each member that does not say it itself. ${text}`,
    ]);
    expect(ofAll).toEqual(Object.fromEntries(wanted));
    const { id, ...shown } = texts(fleetLicense.properties);
    const ofOutputs = texts(license.properties);
    expect(Object.keys(shown).filter((name) => shown[name] !== ofOutputs[name])).toEqual(["adoptId", "deletionPolicy"]);
    expect([licenses, adopt, id]).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
  });

  it("nothing that the engine finds fault with, as the plugin hands it over", async () => {
    const { workspace, close } = await setStage();
    onTestFinished(close);
    const plugin = join(__dirname, "../../dist/provider/plugin/main.js");
    const { code, output } = await workspace.run(["schema", "check", plugin]);
    expect(output).toBe("");
    expect(code).toBe(0);
  });
});

describe("the examples of the schema", () => {
  const YAML = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as { load(text: string): unknown };
  const texts = [
    license.description,
    fleet.description,
    ...Object.values(schema.functions).map(({ description }) => description),
  ];
  const examples = (language: string) =>
    texts
      .flatMap((text) => [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)])
      .flatMap(([, found, text = ""]) => (found === language ? [text] : []));
  const inputs = Object.keys({ ...license.inputProperties, ...fleet.inputProperties });

  it("are as many in each language, inside their marks", () => {
    for (const language of ["typescript", "python", "go", "yaml"]) {
      expect(examples(language)).toHaveLength(2);
    }
    for (const { description } of [license, fleet]) {
      const marks = description.match(/\{\{% \/?examples? %\}\}/g);
      expect(marks).toEqual(["{{% examples %}}", "{{% example %}}", "{{% /example %}}", "{{% /examples %}}"]);
    }
  });

  it("compile in TypeScript", () => {
    expect(compile(examples("typescript"))).toEqual([[], []]);
  });

  it("declare a License and a fleet by inputs that exist, in YAML, Python and Go", () => {
    const yaml = examples("yaml").map((text) => YAML.load(text)) as { resources: object }[];
    expect(yaml.map(({ resources }) => resources)).toEqual([
      {
        web01: {
          type: "billmanager:License",
          properties: { product: "cloudlinux", ip: "192.0.2.10", renewBeforeDays: 7 },
        },
      },
      {
        servers: {
          type: "billmanager:LicenseFleet",
          properties: {
            product: "cloudlinux",
            renewBeforeDays: 7,
            licenses: {
              web01: "192.0.2.10",
              web02: "192.0.2.11",
              db01: { product: "kernelcare", ip: "192.0.2.30" },
            },
          },
        },
      },
    ]);
    const named = (language: string, pattern: RegExp) =>
      examples(language).flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name));
    const snake = inputs.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    const pascal = inputs.map((name) => name.charAt(0).toUpperCase() + name.slice(1));
    const python = named("python", /\b(\w+)=/g);
    const go = named("go", /^\s+(\w+):/gm);
    expect([python.length, go.length]).toEqual([8, 8]);
    expect(snake).toEqual(expect.arrayContaining(python));
    expect(pascal).toEqual(expect.arrayContaining(go));
  });
});
