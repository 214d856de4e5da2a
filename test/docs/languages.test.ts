import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ensureGoProgram } from "../../tools/goProgram.mts";
import { ensurePulumi } from "../../tools/pulumi/ensure.mts";
import type { PulumiResult } from "../../tools/pulumi/workspace.mts";
import { ensurePython } from "../../tools/python.mts";
import { takeCalls } from "../engine/helpers/harness";
import { FIRST, type Language, type LanguageStage, SECOND, setLanguageStage } from "../engine/helpers/languages";
import { fencesOf, REPOSITORY } from "./pages";

const PAGE = "docs/languages.md";
const PLUGIN = "./node_modules/.bin/pulumi-resource-billmanager";
const GENERATOR = "pulumi-billmanager.invalid/tools/pulumi/generate-sdks";
const [PROJECT = "", ...IN_YAML] = fencesOf(PAGE, "yaml").map(({ text }) => text);
const [FIRST_IN_YAML = "", , ACCOUNTS_IN_YAML = ""] = IN_YAML;
const run = promisify(execFile);

let yaml: LanguageStage;
/** The SDKs that `pulumi package add` makes of what the plugin answers, in a folder for each language. */
let sdks: string;
let schema: string;
beforeAll(async () => {
  yaml = await setLanguageStage("yaml", join(REPOSITORY, "examples/yaml"));
  sdks = await mkdtemp(join(tmpdir(), "pulumi-billmanager-sdks-"));
  schema = join(sdks, "schema.json");
  await writeFile(schema, (await yaml.workspace.run(["package", "get-schema", PLUGIN])).stdout);
  await run(await ensureGoProgram("pulumi", GENERATOR), [schema, sdks]);
  const pip = ["-m", "pip", "install", "--no-deps", "--no-build-isolation", "--quiet"];
  await run(join(await ensurePython(), "bin/python"), [...pip, "--target", installed(), join(sdks, "python")]);
});
afterAll(async () => {
  await yaml.close();
  await rm(sdks, { recursive: true });
});

describe("the schema", () => {
  it("is told by the plugin without a warning", async () => {
    const { code, output, stdout } = await yaml.workspace.run(["package", "get-schema", PLUGIN]);
    expect(code, output).toBe(0);
    expect(output).toBe(stdout);
    expect(JSON.parse(stdout)).toMatchObject({ name: "billmanager", version: "0.1.0" });
  });

  it("is what Pulumi's own check has nothing to say about", async () => {
    const { code, output } = await yaml.workspace.run(["schema", "check", schema]);
    expect(output).toBe("");
    expect(code).toBe(0);
  });

  it("would not pass that check with a type that does not exist", async () => {
    const wrong = join(sdks, "wrong.json");
    await writeFile(wrong, (await readFile(schema, "utf8")).replace('"type": "integer"', '"type": "whole"'));
    expect((await yaml.workspace.run(["schema", "check", wrong])).code).not.toBe(0);
  });
});

describe("the engine finds the plugin", () => {
  const withoutPlugins = FIRST_IN_YAML.replace(/^plugins:\n(?: .*\n)+/m, "");
  let engineAlone: string;
  let withCommands: string;
  beforeAll(async () => {
    const { binDir } = await ensurePulumi();
    const commands = join(yaml.workspace.folder, "node_modules/.bin");
    engineAlone = [binDir, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
    withCommands = [commands, engineAlone].join(delimiter);
  });

  it.each([
    ["by `plugins` in Pulumi.yaml", FIRST_IN_YAML, () => engineAlone],
    ["on the PATH", withoutPlugins, () => withCommands],
  ])("%s", async (_, program, path) => {
    await yaml.workspace.write("Pulumi.yaml", program);
    const { code, output } = await yaml.workspace.run(["preview"], { PATH: path() });
    expect(output).toContain("an update orders CloudLinux for 192.0.2.10");
    expect(code, output).toBe(0);
  });

  it("nowhere else: without it nothing is called", async () => {
    await yaml.workspace.write("Pulumi.yaml", withoutPlugins);
    takeCalls(yaml.panel);
    const { code } = await yaml.workspace.run(["up", "--yes"], { PATH: engineAlone });
    expect(code).not.toBe(0);
    expect(takeCalls(yaml.panel)).toEqual([]);
  });
});

/** A project in which the SDK is installed as `pulumi package add` does it. */
const STAGES: Readonly<Record<Language, () => Promise<LanguageStage>>> = {
  yaml: async () => yaml,
  async python() {
    const stage = await setLanguageStage("python", join(REPOSITORY, "examples/python"), { PYTHONPATH: installed() });
    await stage.workspace.write("Pulumi.yaml", PROJECT);
    return stage;
  },
  async go() {
    const stage = await setLanguageStage("go", join(REPOSITORY, "examples/go"));
    const module = await readFile(join(REPOSITORY, "examples/go/go.mod"), "utf8");
    const [used = ""] = /github\.com\/pulumi\/pulumi\/sdk\/v3 v\S+/.exec(module) ?? [];
    const sdk = join(sdks, "go/go.mod");
    const own = await readFile(sdk, "utf8");
    // It asks for an older version at least; that one is not fetched only to find that there is a newer one.
    await writeFile(sdk, own.replace(/github\.com\/pulumi\/pulumi\/sdk\/v3 v\S+/, used));
    const [, path = ""] = /^module (\S+)$/m.exec(own) ?? [];
    await stage.workspace.write(
      "go.mod",
      `${module}\nrequire ${path} v0.0.0\n\nreplace ${path} => ${join(sdks, "go")}\n`,
    );
    await stage.workspace.write("billmanager.go", "package main\n");
    await stage.workspace.write("Pulumi.yaml", PROJECT.replace("runtime: python", "runtime: go"));
    return stage;
  },
};

const FILES: Readonly<Record<Language, string>> = { yaml: "Pulumi.yaml", python: "__main__.py", go: "main.go" };

describe.each<Language>(["yaml", "python", "go"])("the programs in %s", (language) => {
  const programs = fencesOf(PAGE, language).map(({ text }) => text);
  const [first = "", fleet = "", accounts = ""] = language === "yaml" ? IN_YAML : programs;
  let stage: LanguageStage;
  beforeAll(async () => {
    stage = await STAGES[language]();
  });
  afterAll(async () => {
    if (stage !== yaml) {
      await stage.close();
    }
  });

  it("begin with one that orders one license, tells its last day, and calls nothing the second time", async () => {
    const { workspace, panel } = stage;
    await workspace.write(FILES[language], first);
    succeeded(await workspace.up("--skip-preview"));
    expect(bought(stage)).toEqual(["first CloudLinux 192.0.2.10"]);
    expect(await workspace.outputs()).toEqual({ expiresOn: panel.licenses()[0]?.expiredate });
    takeCalls(panel);
    succeeded(await workspace.up("--skip-preview"));
    expect(takeCalls(panel)).toEqual([]);
    succeeded(await workspace.destroy("--skip-preview"));
  });

  it("go on with one that holds a fleet, of which members are given by address and by inputs", async () => {
    const { workspace, panel } = stage;
    await workspace.write(FILES[language], fleet);
    const before = bought(stage).length;
    succeeded(await workspace.up("--skip-preview"));
    expect(bought(stage).slice(before).sort()).toEqual([
      "first CloudLinux 192.0.2.10",
      "first CloudLinux 192.0.2.11",
      "first KernelCare 192.0.2.30",
    ]);
    const expiresSoonest = panel.licenses().at(-1)?.expiredate;
    expect(await workspace.outputs()).toEqual({ database: "database", expiresSoonest });
    takeCalls(panel);
    succeeded(await workspace.up("--skip-preview"));
    expect(takeCalls(panel)).toEqual([]);
    succeeded(await workspace.destroy("--skip-preview"));
  });

  it("end with one that buys on two accounts", async () => {
    const { workspace } = stage;
    await workspace.write(FILES[language], accounts);
    await workspace.setSecret("licenses:firstPassword", FIRST.password);
    await workspace.setSecret("licenses:secondPassword", SECOND.password);
    const before = bought(stage).length;
    succeeded(await workspace.up("--skip-preview"));
    expect(bought(stage).slice(before).sort()).toEqual(["first CloudLinux 192.0.2.10", "second CloudLinux 192.0.2.11"]);
  });
});

describe("a license that is given another account's provider", () => {
  it("does not move: nothing is bought, and a refresh or a change names both accounts", async () => {
    const { workspace, panel } = yaml;
    const moved = ACCOUNTS_IN_YAML.replace(`provider: \${first}`, `provider: \${second}`);
    await workspace.write("Pulumi.yaml", moved);
    const before = bought(yaml);
    const { host } = new URL(panel.endpoint);
    succeeded(await workspace.up("--skip-preview"));
    const refreshed = await workspace.refresh("--skip-preview");
    await workspace.write("Pulumi.yaml", moved.replace("192.0.2.10", "192.0.2.12"));
    const changed = await workspace.up("--skip-preview");
    for (const { code, output } of [refreshed, changed]) {
      expect(code).not.toBe(0);
      expect(output).toContain(`first@${host}`);
      expect(output).toContain(`second@${host}`);
    }
    expect(bought(yaml)).toEqual(before);
  });
});

describe("the example in Python", () => {
  it("runs with the typed SDK once the line is changed that its page names", async () => {
    const example = join(REPOSITORY, "examples/python");
    const { workspace, panel, close } = await setLanguageStage("python", example, { PYTHONPATH: installed() });
    onTestFinished(close);
    const program = await readFile(join(example, "__main__.py"), "utf8");
    const [line = ""] = fencesOf("examples/python/README.md", "python").map(({ text }) => text.trim());
    expect(program).toContain("from billmanager import License, Provider");
    await workspace.write("__main__.py", program.replace("from billmanager import License, Provider", line));
    await rm(join(workspace.folder, "billmanager.py"));
    for (const [place, { username, password }] of Object.entries({ first: FIRST, second: SECOND })) {
      await workspace.configure({ [`licenses:${place}Username`]: username });
      await workspace.setSecret(`licenses:${place}Password`, password);
    }
    const { code, output } = await workspace.preview();
    expect(code, output).toBe(0);
    expect(output).toContain("6 to create");
    expect(panel.ledger()).toEqual([]);
  });
});

/** Where the SDK for Python is. */
function installed(): string {
  return join(sdks, "installed");
}

function succeeded({ code, output }: PulumiResult): void {
  expect(code, output).toBe(0);
}

function bought({ panel }: LanguageStage): string[] {
  return panel.ledger().map(({ account, tariff, ip }) => `${account} ${tariff} ${ip}`);
}
