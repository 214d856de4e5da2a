import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARROWS, type Cruise, followImports, LIGHT_PLUGIN, LIGHT_START, SHIPPED } from "./arrows";

const REPOSITORY = join(__dirname, "../..");
const FOLDERS = [...SHIPPED, "tools"];

describe("the sources", () => {
  let seen: Cruise;
  beforeAll(async () => {
    seen = await followImports({ root: REPOSITORY, folders: FOLDERS, rules: ARROWS, types: true, lazy: true });
  });

  it("import only along the arrows", () => {
    expect(seen.violations).toEqual([]);
  });

  it("have all been looked at", () => {
    const files = globSync(`{${FOLDERS.join(",")}}/**/*.{ts,mts}`, { cwd: REPOSITORY });
    expect(files.length).toBeGreaterThan(50);
    const sources = new Set(seen.modules.map(({ source }) => source));
    expect(files.filter((file) => !sources.has(file))).toEqual([]);
  });

  it.each([
    ["sdk/license.ts", "provider/dynamic.ts"],
    ["sdk/functions.ts", "provider/functions.ts"],
    ["provider/functions.ts", "provider/license/functions.ts"],
    ["provider/dynamic.ts", "provider/dynamicProvider.ts"],
    ["provider/dynamicProvider.ts", "provider/license/lifecycle.ts"],
    ["provider/plugin/provider.ts", "provider/license/lifecycle.ts"],
    ["provider/license/lifecycle.ts", "provider/license/create.ts"],
    ["provider/license/create.ts", "provider/billmanager/orderLicense.ts"],
    ["provider/billmanager/http.ts", "node_modules/undici/index.js"],
    ["cli/simulate.ts", "simulator/index.ts"],
  ])("were followed from %s to %s", (from, to) => {
    const followed = seen.modules.find(({ source }) => source === from)?.dependencies.map(({ resolved }) => resolved);
    expect(followed).toContain(to);
  });
});

describe("a start of a program", () => {
  it("is led by no import to the HTTP client or the XML parser", async () => {
    const { modules, violations } = await followImports({
      root: REPOSITORY,
      folders: ["sdk"],
      rules: [LIGHT_START],
      types: false,
      lazy: false,
    });
    expect(violations).toEqual([]);
    expect(modules.map(({ source }) => source)).toContain("provider/dynamic.ts");
  });

  it.each(["pulumi-billmanager", "pulumi-billmanager/dynamic"])("loads neither by %s", async (entryPoint) => {
    const program = `require(${JSON.stringify(entryPoint)}); console.log(Object.keys(require.cache).join("\\n"))`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", program], { cwd: REPOSITORY });
    const loaded = stdout.trim().split("\n");
    expect(loaded).toContain(join(REPOSITORY, "dist/provider/dynamic.js"));
    expect(loaded.filter((file) => /node_modules\/(undici|fast-xml-parser)\//.test(file))).toEqual([]);
  });
});

describe("a start of the plugin", () => {
  it("is led by no import to the HTTP client", async () => {
    const options = { root: REPOSITORY, folders: ["provider"], rules: [LIGHT_PLUGIN], types: false };
    const { modules, violations } = await followImports({ ...options, lazy: false });
    expect(violations).toEqual([]);
    expect(modules.map(({ source }) => source)).toContain("provider/plugin/main.ts");
    // The rule would see it: an import that waits for its first use leads there.
    expect((await followImports({ ...options, lazy: true })).violations.join()).toContain(LIGHT_PLUGIN.name);
  });
});

describe("a first call", () => {
  it("loads of undici the pool alone", async () => {
    const program = `
      const { Panel, listLicenses } = require("pulumi-billmanager/client");
      const panel = new Panel({ endpoint: "http://127.0.0.1:9", username: "demo", password: "demo", retries: 0 });
      listLicenses(panel).catch(() => console.log(Object.keys(require.cache).join("\\n")));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", program], { cwd: REPOSITORY });
    const loaded = stdout.trim().split("\n");
    expect(loaded).toContain(join(REPOSITORY, "node_modules/undici/lib/dispatcher/pool.js"));
    expect(loaded).not.toContain(join(REPOSITORY, "node_modules/undici/index.js"));
  });
});

/** Imports that go against the arrows, each with the rule that is there to find it. */
const TRESPASSES: readonly [rule: string, from: string, to: string][] = [
  ["the API client stands alone", "provider/billmanager/a.ts", "../license/plain"],
  ["the API client stands alone", "provider/billmanager/b.ts", "@pulumi/pulumi"],
  ["the lifecycle knows", "provider/license/a.ts", "@pulumi/pulumi"],
  ["the lifecycle knows", "provider/license/b.ts", "../dynamicProvider"],
  ["the lifecycle knows", "provider/license/c.ts", "undici"],
  ["a fleet is made of licenses", "provider/fleet/a.ts", "@pulumi/pulumi"],
  ["the shim passes on", "provider/dynamic.ts", "./license/plain"],
  ["the shim loads the provider", "provider/dynamic.ts", "./dynamicProvider"],
  ["the plugin adapts", "provider/plugin/a.ts", "../billmanager/plain"],
  ["the functions pass on", "provider/functions.ts", "@pulumi/pulumi"],
  ["a program's side", "sdk/a.ts", "../provider/billmanager/plain"],
  ["a program's side", "sdk/b.ts", "../provider/dynamicProvider"],
  ["the simulator shares nothing", "simulator/a.ts", "../provider/billmanager/plain"],
  ["the simulator shares nothing", "simulator/b.ts", "undici"],
  ["the commands know", "cli/a.ts", "../sdk/plain"],
  ["the provider knows no one", "provider/a.ts", "../simulator/plain"],
  ["the provider knows no one", "provider/b.ts", "../sdk/plain"],
  ["what users install", "provider/c.ts", "only-for-developers"],
  ["what users install", "provider/d.ts", "of-nobody"],
  ["tools serve developers alone", "cli/b.ts", "../tools/plain"],
  ["no import goes round", "simulator/round.ts", "./trip"],
  ["every import leads somewhere", "cli/c.ts", "./nowhere"],
  ["a program starts without", "sdk/index.ts", "../provider/functions"],
];

/** The watchman is watched: a tree in which every rule is broken. */
describe("an import against the arrows is found", () => {
  let root: string;
  let found: readonly string[];
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "pulumi-billmanager-"));
    await writeTree(root);
    const all = await followImports({ root, folders: FOLDERS, rules: ARROWS, types: true, lazy: true });
    const start = await followImports({ root, folders: ["sdk"], rules: [LIGHT_START], types: false, lazy: false });
    found = [...all.violations, ...start.violations];
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it.each(TRESPASSES)("%s: %s imports %s", (rule, from) => {
    expect(found.filter((line) => line.startsWith(rule) && line.includes(`: ${from} → `))).not.toEqual([]);
  });

  it("by every rule", () => {
    const tried = TRESPASSES.map(([start]) => start);
    const untried = [...ARROWS, LIGHT_START].filter(({ name }) => !tried.some((start) => name?.startsWith(start)));
    expect(untried).toEqual([]);
  });

  it("and no other", () => {
    expect(found.filter((line) => line.includes("/plain.ts →"))).toEqual([]);
  });
});

async function writeTree(root: string): Promise<void> {
  const files: Record<string, string> = {
    "package.json": JSON.stringify({
      name: "tree",
      dependencies: { "@pulumi/pulumi": "1.0.0", undici: "1.0.0", "fast-xml-parser": "1.0.0" },
      devDependencies: { "only-for-developers": "1.0.0" },
    }),
    "provider/dynamicProvider.ts": 'import "node:net";\nexport {};\n',
    "provider/functions.ts": 'import "./license/heavy";\n',
    "provider/license/heavy.ts": 'import "../billmanager/plain";\n',
    "provider/billmanager/plain.ts": 'import "undici";\n',
    "simulator/trip.ts": 'import "./round";\n',
  };
  for (const name of ["@pulumi/pulumi", "undici", "fast-xml-parser", "only-for-developers", "of-nobody"]) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({ name, version: "1.0.0", main: "index.js" });
    files[`node_modules/${name}/index.js`] = "";
  }
  for (const folder of ["provider/license", "sdk", "simulator", "tools"]) {
    files[`${folder}/plain.ts`] = "export {};\n";
  }
  for (const [, from, to] of TRESPASSES) {
    files[from] = `${files[from] ?? ""}import "${to}";\n`;
  }
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), content);
  }
}
