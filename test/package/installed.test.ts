import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PASSWORD } from "../engine/helpers/harness";
import { itServesOneLicense } from "./helpers/oneLicense";
import { REPOSITORY, run, runTool } from "./helpers/shell";
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
    const needed = [
      /^dist\/(cli|provider|sdk|simulator)\/[\w/]+(\.js|\.js\.map|\.d\.ts)$/,
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
    ];
    expect(tarball.files.filter((file) => !needed.some((pattern) => pattern.test(file)))).toEqual([]);
  });

  it("brings its first page, its licence and its changes", () => {
    expect(tarball.files).toEqual(expect.arrayContaining(["README.md", "LICENSE", "CHANGELOG.md"]));
  });

  it("holds whatever its manifest points at", async () => {
    const { main, types, bin, exports } = JSON.parse(
      await readFile(join(REPOSITORY, "package.json"), "utf8"),
    ) as Record<string, unknown>;
    const files = leaves([main, types, bin, exports]).map((file) => file.replace(/^\.\//, ""));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !tarball.files.includes(file))).toEqual([]);
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

  itServesOneLicense({ project: join(PROGRAMS, "plain"), install: "none" }, async (project) => {
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
      face: "function",
      PROVIDER_TEXT: "string",
      declared: ["web01"],
      licenses: ["web01", "web01"],
    });
  });

  it("brings its command", async () => {
    const help = await run(monorepo, "npx", "--no", "pulumi-billmanager", "simulate", "--help");
    expect(help).toContain("Usage: pulumi-billmanager simulate");
  });
});

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
