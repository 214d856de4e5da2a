import { existsSync } from "node:fs";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ensurePulumi } from "../../tools/pulumi/ensure.mts";
import { PULUMI_VERSION } from "../../tools/pulumi/version.mts";
import type { Way } from "../../tools/pulumi/way.mts";
import { fakeHosts, fakePulumi, HOSTS, script, temporaryFolder } from "./folders";

describe("ensurePulumi", () => {
  it("uses a suitable installation on PATH and installs nothing", async () => {
    const { env, path, home } = await machine();
    await fakePulumi(path, "3.301.2");

    const cli = await ensurePulumi({ env, ways: [neverAsked] });

    expect(cli).toEqual({ command: join(path, "pulumi"), binDir: path, version: "3.301.2", source: "path" });
    expect(existsSync(join(home, "versions"))).toBe(false);
  });

  it("passes over an older installation on PATH and uses the next one", async () => {
    const { env, path, root } = await machine();
    await fakePulumi(path, "3.100.0");
    await fakePulumi(join(root, "later"), PULUMI_VERSION);

    const cli = await ensurePulumi({ env: { ...env, PATH: `${env.PATH}:${join(root, "later")}` }, ways: [neverAsked] });

    expect(cli.binDir).toBe(join(root, "later"));
  });

  it.each(HOSTS)("passes over an installation without %s", async (host) => {
    const { env, path } = await machine();
    await fakePulumi(path, PULUMI_VERSION);
    await rm(join(path, host));

    const failure = ensurePulumi({ env, ways: [neverAsked], report: () => undefined });

    await expect(failure).rejects.toThrow(`the language host \`${host}\` is neither beside it nor on PATH`);
  });

  it("takes a language host from elsewhere on PATH", async () => {
    const { env, path, root } = await machine();
    await fakePulumi(path, PULUMI_VERSION);
    await rm(join(path, "pulumi-language-go"));
    await mkdir(join(root, "elsewhere"));
    await fakeHosts(join(root, "elsewhere"));

    const cli = await ensurePulumi({ env: { ...env, PATH: `${env.PATH}:${join(root, "elsewhere")}` }, ways: [] });

    expect(cli.binDir).toBe(path);
  });

  it("does not take the npm package's launcher for an installation", async () => {
    const { env, path, root } = await machine();
    const launched = join(root, "launched");
    await mkdir(join(root, "node_modules", "pulumi"), { recursive: true });
    await script(join(root, "node_modules", "pulumi", "run.js"), `touch ${launched}`, "echo v3.259.0");
    await symlink(join(root, "node_modules", "pulumi", "run.js"), join(path, "pulumi"));
    await fakeHosts(path);

    const cli = await ensurePulumi({ env, ways: [fills("npm")], report: () => undefined });

    expect(cli.source).toBe("npm");
    expect(existsSync(launched)).toBe(false);
  });

  it("installs into the folder in which the npm package looks, and leaves nothing else there", async () => {
    const { env, home } = await machine();

    const cli = await ensurePulumi({ env, ways: [fills("npm")], report: () => undefined });

    const binDir = join(home, "versions", PULUMI_VERSION, "bin");
    expect(cli).toEqual({ command: join(binDir, "pulumi"), binDir, version: PULUMI_VERSION, source: "npm" });
    expect(await readdir(join(home, "versions"))).toEqual([PULUMI_VERSION]);
  });

  it("says nothing and asks no way when everything is there already", async () => {
    const { env } = await machine();
    const first = await ensurePulumi({ env, ways: [fills("npm")], report: () => undefined });

    const lines: string[] = [];
    const second = await ensurePulumi({ env, ways: [neverAsked], report: (line) => lines.push(line) });

    expect(second).toEqual(first);
    expect(lines).toEqual([]);
  });

  it("tries the next way where one fails, and tells so", async () => {
    const { env } = await machine();
    const lines: string[] = [];

    const cli = await ensurePulumi({
      env,
      ways: [fails("no network"), fills("go")],
      report: (line) => lines.push(line),
    });

    expect(cli.version).toBe(PULUMI_VERSION);
    expect(lines.join("\n")).toMatch(/no network.*set up in \d+ s/s);
  });

  it("names each way that was tried, its reason and what helps, where all fail", async () => {
    const { env, path, home } = await machine();
    await fakePulumi(path, "3.1.0");

    const failure = ensurePulumi({ env, ways: [fails("no network"), fails("Go is missing")], report: () => undefined });

    await expect(failure).rejects.toThrow(
      /1\. on PATH:\s+\S+\/pulumi: it is version 3\.1\.0.*2\. .*no network.*3\. .*Go is missing.*npm run setup/s,
    );
    expect(await readdir(join(home, "versions"))).toEqual([]);
  });

  it("does not publish what does not run", async () => {
    const { env, home } = await machine();
    const broken: Way = {
      source: "go",
      title: "a broken build",
      async install(staging) {
        await fakePulumi(staging.bin, PULUMI_VERSION);
        await script(join(staging.bin, "pulumi"), "echo cannot execute >&2; exit 126");
      },
    };

    await expect(ensurePulumi({ env, ways: [broken], report: () => undefined })).rejects.toThrow("cannot execute");
    expect(await readdir(join(home, "versions"))).toEqual([]);
  });

  it("replaces a half-filled folder and removes what a killed run has left", async () => {
    const { env, home } = await machine();
    const versions = join(home, "versions");
    await mkdir(join(versions, PULUMI_VERSION, "bin"), { recursive: true });
    await writeFile(join(versions, PULUMI_VERSION, "bin", "half"), "");
    await mkdir(join(versions, `.${PULUMI_VERSION}-killed`, "new"), { recursive: true });

    const cli = await ensurePulumi({ env, ways: [fills("npm")], report: () => undefined });

    expect(await readdir(versions)).toEqual([PULUMI_VERSION]);
    expect(existsSync(join(cli.binDir, "half"))).toBe(false);
  });

  it("installs once where two runs meet", async () => {
    const { env } = await machine();
    let installs = 0;
    const slow: Way = {
      ...fills("npm"),
      async install(staging, context) {
        installs += 1;
        await sleep(300);
        await fills("npm").install(staging, context);
      },
    };
    const lines: string[] = [];
    const options = { env, ways: [slow], report: (line: string) => lines.push(line), staleAfter: 1_000 };

    const [one, other] = await Promise.all([ensurePulumi(options), ensurePulumi(options)]);

    expect(one).toEqual(other);
    expect(installs).toBe(1);
    expect(lines.filter((line) => line.includes("another run"))).toHaveLength(1);
  });

  it("takes over the lock of a run that died", async () => {
    const { env, home } = await machine();
    await mkdir(join(home, "versions"), { recursive: true });
    await writeFile(join(home, "versions", `.${PULUMI_VERSION}.lock`), "");

    await ensurePulumi({ env, ways: [fills("npm")], report: () => undefined, staleAfter: 200 });

    expect(await readdir(join(home, "versions"))).toEqual([PULUMI_VERSION]);
  });

  it("installs again after the folder was deleted", async () => {
    const { env, home } = await machine();
    await ensurePulumi({ env, ways: [fills("npm")], report: () => undefined });
    await rm(home, { recursive: true });

    const cli = await ensurePulumi({ env, ways: [fills("npm")], report: () => undefined });

    expect(existsSync(cli.command)).toBe(true);
  });
});

/** A machine where `pulumi` is nowhere: an own home, and a PATH of one empty folder beside the system's shell. */
async function machine(): Promise<{ env: NodeJS.ProcessEnv; root: string; path: string; home: string }> {
  const root = await temporaryFolder();
  const path = join(root, "path");
  const home = join(root, "home");
  await mkdir(path);
  return { env: { PATH: `${path}:/usr/bin:/bin`, PULUMI_HOME: home }, root, path, home };
}

function fills(source: Way["source"]): Way {
  return { source, title: "a way that works", install: (staging) => fakePulumi(staging.bin, PULUMI_VERSION) };
}

function fails(reason: string): Way {
  return {
    source: "npm",
    title: "a way that fails",
    install: () => Promise.reject(new Error(reason)),
  };
}

const neverAsked: Way = fails("nobody should have asked");
