import { globSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { CheckRequest, ConfigureRequest, ProviderHandshakeRequest } from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { version } from "../../package.json";
import { RunningPlugin } from "../../tools/runningPlugin.mts";
import { PASSWORD } from "../engine/helpers/harness";
import { Engine } from "./helpers/engine";
import { itServesOneLicense } from "./helpers/oneLicense";
import { ownEnv, REPOSITORY, run, runTool } from "./helpers/shell";
import { pack, type Tarball } from "./helpers/tarball";

const PROGRAMS = join(__dirname, "programs");

let tarball: Tarball;
beforeAll(async () => {
  tarball = await pack();
});
afterAll(() => tarball.remove());

describe("the packed package", () => {
  const contents = () => Promise.all(tarball.files.map((file) => readFile(join(REPOSITORY, file), "utf8")));

  it("holds what users need, and nothing else", () => {
    const modules = globSync("{cli,provider,sdk,simulator}/**/*.ts", { cwd: REPOSITORY }).map((file) =>
      join("dist", file.replace(/\.ts$/, "")),
    );
    expect(modules.length).toBeGreaterThan(100);
    const compiled = modules.flatMap((file) => [`${file}.js`, `${file}.js.map`, `${file}.d.ts`]);
    const pages = ["README.md", "LICENSE", "CHANGELOG.md"];
    const needed = ["package.json", "PulumiPlugin.yaml", "dist/provider/schema.json", ...pages, ...compiled];
    expect([...tarball.files].sort()).toEqual(needed.sort());
  });

  it("holds whatever its manifest points at", async () => {
    const { main, types, bin, exports } = JSON.parse(
      await readFile(join(REPOSITORY, "package.json"), "utf8"),
    ) as Record<string, unknown>;
    const files = leaves([main, types, bin, exports]).map((file) => file.replace(/^\.\//, ""));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !tarball.files.includes(file))).toEqual([]);
  });

  it("passes publint", async () => {
    expect(await runTool(REPOSITORY, "publint/src/cli.js", "run", tarball.path, "--strict")).toContain("All good!");
  });

  // The profile leaves out `node10`, TypeScript's name for how Node.js resolved before it knew `exports`: no Node.js that the package
  // runs on does so, and what does knows nothing but `main`, which is the plugin's.
  it("has types that are right wherever Node.js 22 and bundlers find them", async () => {
    const told = await runTool(REPOSITORY, "@arethetypeswrong/cli/dist/index.js", tarball.path, "--profile", "node16");
    expect(told).toContain('"pulumi-billmanager/simulator"');
  });

  // With an entry `pulumi.resource` the language host asks the engine for the plugin wherever the package is installed: programs that
  // use the dynamic face alone would fail for want of a download that does not exist.
  it("asks for no plugin where a program uses none", async () => {
    const manifest: unknown = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8"));
    expect(manifest).not.toHaveProperty("pulumi");
  });

  it("holds no password of a test", async () => {
    expect((await contents()).filter((text) => text.includes(PASSWORD))).toEqual([]);
  });

  it("tells nothing of the machine that it was built on", async () => {
    expect((await contents()).filter((text) => text.includes(REPOSITORY))).toEqual([]);
  });
});

describe("installed by npm into a monorepo of workspaces, one of which is the Pulumi project", () => {
  const MODES = [
    { mode: "an ES module", workspace: "esm", type: "module" },
    { mode: "CommonJS", workspace: "commonjs", type: "commonjs" },
  ];
  let monorepo: string;
  let pulumiProject: string;

  itServesOneLicense({ project: join(PROGRAMS, "plain"), install: "none" }, async (project) => {
    pulumiProject = project;
    monorepo = dirname(project);
    for (const { workspace, type } of MODES) {
      await mkdir(join(monorepo, workspace));
      await cp(join(PROGRAMS, "everyEntryPoint.ts"), join(monorepo, workspace, "index.ts"));
      await writeJson(join(monorepo, workspace, "package.json"), { name: workspace, version: "1.0.0", type });
    }
    const workspaces = ["project", ...MODES.map(({ workspace }) => workspace)];
    await writeJson(join(monorepo, "package.json"), { private: true, workspaces });
    const options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
    await run(monorepo, "npm", "install", tarball.path, "--workspaces", ...options);
  });

  it("passes the compiler's strictest checks, declarations and all", async () => {
    await writeJson(join(monorepo, "tsconfig.json"), {
      compilerOptions: {
        target: "ES2024",
        module: "nodenext",
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        types: ["node"],
      },
      files: MODES.map(({ workspace }) => `${workspace}/index.ts`),
    });
    await runTool(monorepo, "typescript/bin/tsc", "--project", monorepo);
  });

  it.each(MODES)("serves a program that is compiled to $mode by every entry point", async ({ workspace, type }) => {
    const compiled = join(monorepo, workspace, "index.js");
    expect((await readFile(compiled, "utf8")).includes("require(")).toBe(type === "commonjs");
    expect(JSON.parse(await run(monorepo, process.execPath, compiled))).toEqual({
      License: "function",
      Provider: "function",
      LicenseFleet: "function",
      faces: ["function", "function"],
      PROVIDER_TEXT: "string",
      declared: ["web01", "web01", "web02"],
      licenses: ["web01", "web01"],
    });
  });

  it("brings its command", async () => {
    const help = await run(monorepo, "npx", "--no", "--", "pulumi-billmanager", "--help");
    expect(help).toContain("Usage: pulumi-billmanager");
  });

  it("brings the plugin as a command", async () => {
    const plugin = await RunningPlugin.start("npx", ["--no", "pulumi-resource-billmanager"], {
      cwd: monorepo,
      env: ownEnv(),
    });
    onTestFinished(() => plugin.stop());
    await plugin.ask((client, answered) => client.handshake(new ProviderHandshakeRequest(), answered));
    expect(await versionOf(plugin)).toBe(version);
  });

  it("is a plugin by its folder, as a language host starts one, and talks to the engine at its address", async () => {
    const engine = await Engine.start();
    onTestFinished(() => engine.stop());
    const modules = join(monorepo, "node_modules");
    // Nobody listens there: a license that is to be taken over is looked for in a preview, too.
    const account = {
      BILLMANAGER_ENDPOINT: "http://127.0.0.1:9/billmgr",
      BILLMANAGER_USERNAME: "user",
      BILLMANAGER_PASSWORD: "pass",
    };
    const plugin = await RunningPlugin.start(
      process.execPath,
      [join(modules, "@pulumi/pulumi/cmd/run-plugin"), join(modules, "pulumi-billmanager"), engine.address],
      { cwd: pulumiProject, env: { ...ownEnv(), ...account } },
    );
    onTestFinished(() => plugin.stop());
    expect(await versionOf(plugin)).toBe(version);

    const adopted = Struct.fromJavaScript({ product: "cloudlinux", ip: "192.0.2.10", adoptId: "1234567" });
    const check = new CheckRequest().setUrn(URN).setOlds(new Struct()).setNews(adopted);
    await plugin.ask((client, answered) => client.configure(new ConfigureRequest().setArgs(new Struct()), answered));
    await plugin.ask((client, answered) => client.check(check, answered));
    expect(engine.told).toEqual([
      [URN, expect.stringContaining("the account's licenses cannot be read")],
      [URN, expect.stringContaining("an update takes over license 1234567")],
    ]);
  });
});

const URN = "urn:pulumi:dev::licenses::billmanager:index:License::web01";

async function versionOf(plugin: RunningPlugin): Promise<string> {
  const info = await plugin.ask<PluginInfo>((client, answered) => client.getPluginInfo(new Empty(), answered));
  return info.getVersion();
}

function writeJson(file: string, value: object): Promise<void> {
  return writeFile(file, JSON.stringify(value));
}

/** The texts in a tree of objects. */
function leaves(tree: unknown): string[] {
  if (typeof tree === "string") {
    return [tree];
  }
  return typeof tree === "object" && tree !== null ? Object.values(tree).flatMap(leaves) : [];
}
