import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const REPOSITORY = join(__dirname, "../..");

/** As the host of dynamic providers loads the provider, with the engine's address. */
const HOST = 'require("./dist/provider/dynamicProvider.js"); console.log("loaded"); setInterval(() => {}, 1000);';
const PROCESSES = {
  plugin: ["dist/provider/plugin/main.js"],
  "host of dynamic providers": ["-e", HOST, "host", "127.0.0.1:1"],
};

describe.each(Object.entries(PROCESSES))("the %s", (_name, args) => {
  let root: string;
  let folder: string;
  let running: ChildProcess | undefined;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "pulumi-billmanager-compiled-"));
    folder = join(root, "pulumi-billmanager");
    await symlink(join(REPOSITORY, "node_modules"), join(root, "node_modules"), "dir");
    await cp(join(REPOSITORY, "dist"), join(folder, "dist"), { recursive: true });
    await cp(join(REPOSITORY, "package.json"), join(folder, "package.json"));
  });
  afterEach(async () => {
    running?.kill("SIGKILL");
    await rm(root, { recursive: true, force: true });
  });

  /** Runs it until it is ready, and ends it the way the engine does. */
  async function lifeOfOne(env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { NODE_V8_COVERAGE: _, NODE_COMPILE_CACHE: __, NODE_DISABLE_COMPILE_CACHE: ___, ...usual } = process.env;
    const child = spawn(process.execPath, args, { cwd: folder, env: { ...usual, ...env }, stdio: "pipe" });
    running = child;
    let output = "";
    child.stderr.on("data", (text) => {
      output += text;
    });
    const ended = once(child, "exit");
    await Promise.race([once(child.stdout, "data"), ended]);
    child.kill("SIGINT");
    await ended;
    return output;
  }

  const cache = () => join(folder, "node_modules/.cache/pulumi-billmanager");

  it("keeps what it has compiled in the folder of its package", async () => {
    expect(await lifeOfOne()).toBe("");
    const kept = await readdir(cache(), { recursive: true });
    expect(kept.length).toBeGreaterThan(20);
    expect(await lifeOfOne()).toBe("");
    expect(await readdir(cache(), { recursive: true })).toEqual(kept);
  });

  it("works where nothing can be written", async () => {
    await writeFile(join(folder, "node_modules"), "no folder");
    expect(await lifeOfOne()).toBe("");
  });

  it("keeps nothing where Node.js is told not to", async () => {
    expect(await lifeOfOne({ NODE_DISABLE_COMPILE_CACHE: "1" })).toBe("");
    expect(existsSync(cache())).toBe(false);
  });
});
