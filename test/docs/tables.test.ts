import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import * as client from "../../provider/billmanager";
import { draftFleet } from "../../provider/fleet/inputs";
import { checkInputs, wishOf } from "../../provider/license/inputs";
import { readSettings, type Settings } from "../../provider/license/settings";
import { namesIn, REPOSITORY, tableOf } from "./pages";

const CLAIM = "3aywehbv";
const named = (rows: readonly string[][], column = 0) => rows.flatMap((cells) => namesIn(cells[column] ?? ""));

function membersOf(file: string, name: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(REPOSITORY, file), "utf8"), ts.ScriptTarget.Latest);
  const found = source.statements.find(
    (statement): statement is ts.ClassDeclaration | ts.InterfaceDeclaration =>
      (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) && statement.name?.text === name,
  );
  const members: readonly (ts.ClassElement | ts.TypeElement)[] = found?.members ?? [];
  return members
    .filter((member) => ts.isPropertyDeclaration(member) || ts.isPropertySignature(member))
    .map((member) => (member.name as ts.Identifier).text);
}

describe("README.md lists", () => {
  it("the inputs that the check accepts, and no other", () => {
    const { failures } = checkInputs(undefined, { noSuchInput: 1 }, {});
    const accepted = /the inputs are (.*)$/.exec(
      failures.find(({ property }) => property === "noSuchInput")?.reason ?? "",
    );
    expect(named(tableOf("README.md", "input")).sort()).toEqual(accepted?.[1]?.split(", ").sort());
    expect(membersOf("sdk/license.ts", "LicenseArgs").sort()).toEqual(accepted?.[1]?.split(", ").sort());
  });

  it("the defaults of the inputs", () => {
    const { inputs } = checkInputs(
      undefined,
      { product: "cloudlinux", ip: "192.0.2.10", claim: CLAIM, licenseName: "a" },
      {},
    );
    const wish: Readonly<Record<string, unknown>> = { ...wishOf(inputs, {}) };
    for (const [input = "", , standard = ""] of tableOf("README.md", "input")) {
      const name = namesIn(input)[0] ?? "";
      if (standard.startsWith("`") || standard === "none") {
        expect(standard, name).toBe(wish[name] === undefined ? "none" : `\`${wish[name]}\``);
      }
    }
  });

  it("the outputs of a license", () => {
    const listed = named(tableOf("README.md", "output"));
    expect(listed.sort()).toEqual(["id", ...membersOf("sdk/license.ts", "License")].sort());
  });

  it("the keys that are asked for, with their defaults", () => {
    const asked = new Set<string>();
    const settings: Readonly<Record<string, unknown>> = readSettings(
      (key) => {
        asked.add(key);
        return undefined;
      },
      { BILLMANAGER_USERNAME: "demo", BILLMANAGER_PASSWORD: "demo" },
    ) satisfies Settings as never;
    const rows = tableOf("README.md", "key");
    expect(named(rows).sort()).toEqual([...asked].sort());
    for (const [key = "", standard = ""] of rows) {
      const name = namesIn(key)[0] ?? "";
      const value = settings[name];
      const shown =
        value === undefined
          ? "none"
          : value === ""
            ? "empty"
            : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
      expect(["username", "password"].includes(name) ? "" : shown, name).toBe(standard);
    }
  });

  it("the variables that are read, each with its key", () => {
    const read: string[] = [];
    const env = new Proxy<NodeJS.ProcessEnv>(
      {},
      {
        get(_, name) {
          read.push(String(name));
          return name === "BILLMANAGER_ENDPOINT" ? `https://${name.toLowerCase()}.example` : String(name).toLowerCase();
        },
      },
    );
    const settings = readSettings(() => undefined, env);
    const rows = tableOf("README.md", "variable");
    expect(named(rows).sort()).toEqual(read.sort());
    for (const [variable = "", key = ""] of rows) {
      const value = { ...settings }[namesIn(key)[0] as "username"];
      expect(value, key).toContain(namesIn(variable)[0]?.toLowerCase());
    }
  });
});

describe("docs/fleets.md lists", () => {
  it("the inputs that the check accepts, and no other", () => {
    const { failures } = draftFleet({ fleet: `servers-${CLAIM}`, licenses: {}, noSuchInput: 1 });
    const accepted = /the inputs are (.*)$/.exec(failures[0]?.reason ?? "")?.[1]?.split(", ");
    expect(named(tableOf("docs/fleets.md", "input")).sort()).toEqual(accepted?.sort());
    const ofMembers = membersOf("sdk/license.ts", "LicenseArgs").filter((name) => name !== "adoptId");
    expect([...ofMembers, ...membersOf("sdk/fleet.ts", "LicenseFleetArgs")].sort()).toEqual(accepted);
  });

  it("the outputs of a fleet, and what there is to know of a member", () => {
    expect(named(tableOf("docs/fleets.md", "output")).sort()).toEqual(membersOf("sdk/fleet.ts", "LicenseFleet").sort());
    expect(named(tableOf("docs/fleets.md", "member")).sort()).toEqual(membersOf("sdk/fleet.ts", "FleetLicense").sort());
  });
});

describe("docs/functions.md lists", () => {
  it("the arguments that getLicenses takes, and no other", () => {
    const listed = named(tableOf("docs/functions.md", "argument")).filter((name) => /^\w+$/.test(name));
    expect(listed.sort()).toEqual(membersOf("sdk/functions.ts", "GetLicensesArgs").sort());
  });

  it("what there is to know of a license", () => {
    expect(named(tableOf("docs/functions.md", "member")).sort()).toEqual(
      membersOf("provider/license/functions.ts", "LicenseInfo").sort(),
    );
  });

  it("every function", () => {
    const exported = readFileSync(join(REPOSITORY, "sdk/index.ts"), "utf8").match(/\bget\w+(?=,)/g) ?? [];
    const plain = exported.filter((name) => !name.endsWith("Output"));
    expect(named(tableOf("docs/functions.md", "function")).sort()).toEqual(plain.sort());
    expect(exported.sort()).toEqual(plain.flatMap((name) => [name, `${name}Output`]).sort());
  });
});

describe("docs/client.md lists", () => {
  it("the options of a Panel", () => {
    expect(named(tableOf("docs/client.md", "option")).sort()).toEqual(
      membersOf("provider/billmanager/options.ts", "PanelOptions").sort(),
    );
  });

  it("every function and every error that the client exports, and no other", () => {
    const functions = named(tableOf("docs/client.md", "function")).map((call) => call.replace(/\(.*$/s, ""));
    const errors = tableOf("docs/client.md", "class");
    const helpers = ["Panel", "BillmanagerError", "licenseId", "calendarDate", "parseMoney"];
    const listed = [...functions, ...named(errors), ...named(errors, 1), ...helpers];
    expect(listed.filter((name) => name !== "panel.call").sort()).toEqual(Object.keys(client).sort());
  });
});

describe("CONTRIBUTING.md lists", () => {
  const manifest = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));

  it("every npm script", () => {
    const commands = named(tableOf("CONTRIBUTING.md", "command"));
    const scripts = commands.flatMap((command) => /^npm (?:run )?(\w[\w:-]*)$/.exec(command)?.[1] ?? []);
    const called = Object.keys(manifest.scripts).filter((script) => !/^(?:pre|post)/.test(script));
    expect(scripts.filter((script) => script !== "ci").sort()).toEqual(called.sort());
  });

  it.each([
    ["at run time", "dependencies"],
    ["for development", "devDependencies"],
  ])("every dependency %s", (header, key) => {
    expect(named(tableOf("CONTRIBUTING.md", header)).sort()).toEqual(Object.keys(manifest[key]).sort());
  });
});
