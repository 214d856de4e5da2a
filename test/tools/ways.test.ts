import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ensurePulumi } from "../../tools/pulumi/ensure.mts";
import { goWay } from "../../tools/pulumi/goWay.mts";
import { npmWay } from "../../tools/pulumi/npmWay.mts";
import { PULUMI_VERSION } from "../../tools/pulumi/version.mts";
import { HOSTS, script, temporaryFolder } from "./folders";

const report = (): void => undefined;

describe("the npm package", () => {
  it("fills the folder in which it looks for its download", async () => {
    const root = await temporaryFolder();
    const env = await networkThatAnswers(root, [
      "while [ $# -gt 0 ]; do",
      '  case "$1" in --install-root) root=$2; shift;; --version) version=$2; shift;; esac; shift',
      "done",
      'mkdir -p "$root/bin"',
      `printf '#!/bin/sh\\necho v%s\\n' "$version" > "$root/bin/pulumi"`,
      ...HOSTS.map((host) => `cp "$root/bin/pulumi" "$root/bin/${host}"`),
      'chmod +x "$root"/bin/*',
    ]);

    const cli = await ensurePulumi({ env, ways: [npmWay], report });

    expect(cli).toMatchObject({ version: PULUMI_VERSION, source: "npm" });
    expect(await readdir(join(root, "home", "versions"))).toEqual([PULUMI_VERSION]);
  });

  it("leaves nothing of a download that broke off", async () => {
    const root = await temporaryFolder();
    const env = await networkThatAnswers(root, ['mkdir -p "$3/bin"', "echo 'broken off' >&2", "exit 1"]);

    await expect(ensurePulumi({ env, ways: [npmWay], report })).rejects.toThrow("broken off");
    expect(await readdir(join(root, "home", "versions"))).toEqual([]);
  });
});

describe("the build from Go modules", () => {
  it("lays out what a distribution has, with the scripts of the hosts", async () => {
    const root = await temporaryFolder();
    const env = await machineWithGo(root, "1.26.0");

    const cli = await ensurePulumi({ env, ways: [goWay], report });

    expect(cli).toMatchObject({ version: PULUMI_VERSION, source: "go" });
    expect(await readdir(cli.binDir)).toEqual([
      "BUILT-FROM-GO-MODULES.txt",
      "pulumi",
      "pulumi-analyzer-policy",
      "pulumi-analyzer-policy-python",
      "pulumi-language-go",
      "pulumi-language-nodejs",
      "pulumi-language-python",
      "pulumi-language-python-exec",
      "pulumi-language-yaml",
      "pulumi-resource-pulumi-nodejs",
      "pulumi-resource-pulumi-python",
    ]);
    expect(await ensurePulumi({ env, ways: [] })).toEqual(cli);
  });

  it("adds a language host that an earlier build did not know, and builds nothing else again", async () => {
    const root = await temporaryFolder();
    const env = await machineWithGo(root, "1.26.0");
    const { binDir } = await ensurePulumi({ env, ways: [goWay], report });
    await rm(join(binDir, "pulumi-language-go"));
    await rm(join(root, "built"));

    const cli = await ensurePulumi({ env, ways: [goWay], report });

    expect(cli).toMatchObject({ binDir, source: "go" });
    expect(await readdir(binDir)).toEqual(expect.arrayContaining(["pulumi", ...HOSTS]));
    expect(await readFile(join(root, "built"), "utf8")).toBe("pulumi-language-go\n");
  });

  it("builds everything again where what an earlier build left does not run", async () => {
    const root = await temporaryFolder();
    const env = await machineWithGo(root, "1.26.0");
    const { binDir } = await ensurePulumi({ env, ways: [goWay], report });
    await writeFile(join(binDir, "pulumi"), "for another machine");

    const cli = await ensurePulumi({ env, ways: [goWay], report });

    expect(cli).toMatchObject({ version: PULUMI_VERSION, source: "go" });
  });

  it("says why a download fails, and builds nothing more then", async () => {
    const root = await temporaryFolder();
    const [downloading, building] = ["echo no answer from the mirror >&2; exit 1", "sleep 60"];
    const env = await machineWithGo(root, "1.26.0", { downloading, building });

    await expect(ensurePulumi({ env, ways: [goWay], report })).rejects.toThrow(/no answer from the mirror$/m);

    expect(await readdir(root)).not.toContain("built");
    expect(await readdir(join(root, "home", "versions"))).toEqual([]);
  });

  it("builds one module after the other, the CLI last, by no flags but its own", async () => {
    const root = await temporaryFolder();
    const env = await machineWithGo(root, "1.26.0", { building: `echo "flags: $GOFLAGS" >> "${root}/built"` });

    await ensurePulumi({ env: { ...env, GOFLAGS: "-mod=mod" }, ways: [goWay], report });

    expect((await readFile(join(root, "built"), "utf8")).trim().split("\n")).toEqual([
      "flags: -mod=readonly",
      "pulumi-language-nodejs",
      "pulumi-language-python",
      "flags: -mod=readonly",
      "pulumi-language-go",
      "flags: -mod=readonly",
      "pulumi",
      "pulumi-language-yaml",
    ]);
  });

  it("says which Go is needed where there is an older one", async () => {
    const env = await machineWithGo(await temporaryFolder(), "1.22.3");

    await expect(ensurePulumi({ env, ways: [goWay], report })).rejects.toThrow(
      /Go 1\.\d+\.\d+ or newer is needed; here is go version go1\.22\.3/,
    );
  });

  it("says which Go is needed where there is none", async () => {
    const env = { PATH: "/nowhere", PULUMI_HOME: await temporaryFolder() };

    await expect(ensurePulumi({ env, ways: [goWay], report })).rejects.toThrow(
      /Go 1\.\d+\.\d+ or newer is needed: there is no `go`/,
    );
  });
});

/** A machine on which whatever is fetched is this shell script; the package takes it for Pulumi's installer. */
async function networkThatAnswers(root: string, lines: readonly string[]): Promise<NodeJS.ProcessEnv> {
  const preload = join(root, "network.cjs");
  await writeFile(preload, `globalThis.fetch = async () => new Response(${JSON.stringify(lines.join("\n"))});`);
  return { PATH: "/usr/bin:/bin", PULUMI_HOME: join(root, "home"), NODE_OPTIONS: `--require=${preload}` };
}

/**
 * A machine with a `go` that makes a script of each program it is to build, and an SDK that has the hosts' scripts.
 *
 * @param commands what `go` does for a download, and before it builds
 */
async function machineWithGo(
  root: string,
  version: string,
  { downloading = ":", building = ":" } = {},
): Promise<NodeJS.ProcessEnv> {
  const sdk = join(root, "sdk");
  for (const name of [
    "nodejs/dist/pulumi-analyzer-policy",
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-analyzer-policy-python",
    "python/dist/pulumi-resource-pulumi-python",
  ]) {
    await mkdir(join(sdk, name, ".."), { recursive: true });
    await writeFile(join(sdk, name), "");
  }
  await mkdir(join(root, "go"));
  await script(
    join(root, "go", "go"),
    `case "$1" in`,
    `version) echo "go version go${version} linux/amd64";;`,
    `list) if [ "$2" = -deps ]; then ${downloading}; else echo "${sdk}"; fi;;`,
    `build) ${building}`,
    '  while [ "$1" != -o ]; do shift; done',
    "  out=$2; shift 2",
    `  for program; do echo "\${program##*/}" >> "${root}/built"; printf '#!/bin/sh\\necho v${PULUMI_VERSION}\\n' > "$out/\${program##*/}"; chmod +x "$out/\${program##*/}"; done;;`,
    "esac",
  );
  return { PATH: `${join(root, "go")}:/usr/bin:/bin`, PULUMI_HOME: join(root, "home") };
}
