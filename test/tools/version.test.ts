import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isOlderGo, judgeVersion, PULUMI_VERSION } from "../../tools/pulumi/version.mts";

describe("the pinned version", () => {
  it.each([
    ["package.json", '"pulumi": "'],
    ["tools/go/pulumi/go.mod", "github.com/pulumi/pulumi/pkg/v3 v"],
    ["tools/python/requirements.txt", "pulumi=="],
    ["examples/python/requirements.txt", "pulumi=="],
    ["examples/go/go.mod", "github.com/pulumi/pulumi/sdk/v3 v"],
  ])("is the one in %s", (file, before) => {
    expect(`${readFileSync(file, "utf8")}\n`).toContain(`${before}${PULUMI_VERSION}`);
  });
});

describe("the example in Go", () => {
  it("names the versions of modules that the CLI is built from, so that tests compile none of them twice", () => {
    const versions = (file: string) =>
      new Map(
        [...readFileSync(file, "utf8").matchAll(/^\t(\S+) (v\S+)/gm)].map(([, path, version]) => [path, version]),
      );
    const cli = versions("tools/go/pulumi/go.mod");
    const shared = [...versions("examples/go/go.mod")].filter(([path]) => cli.has(path));
    expect(shared.length).toBeGreaterThan(50);
    expect(shared.filter(([path, version]) => cli.get(path) !== version)).toEqual([]);
  });
});

describe("judgeVersion", () => {
  it.each(["v3.259.0\n", "3.259.7", "v3.300.0-alpha.1+dirty"])("accepts %j", (answer) => {
    expect(judgeVersion(answer)).toEqual({ version: answer.trim().replace("v", "") });
  });

  it.each([
    ["v3.258.9", "it is version 3.258.9; 3.259 or a later 3.x is needed"],
    ["v4.0.0", "it is version 4.0.0; 3.259 or a later 3.x is needed"],
    ["command not found", 'it answers "command not found" when asked for its version'],
    ["", 'it answers "" when asked for its version'],
  ])("refuses %j", (answer, reason) => {
    expect(judgeVersion(answer)).toEqual({ reason });
  });
});

describe("isOlderGo", () => {
  it.each([
    ["go version go1.25.11 linux/amd64", false],
    ["go version go1.26 linux/amd64", false],
    ["go version go2.0.1 darwin/arm64", false],
    ["go version go1.25.10 linux/amd64", true],
    ["go version go1.9.7 linux/amd64", true],
    ["no Go at all", true],
  ])("compares the parts as numbers: %s", (answer, older) => {
    expect(isOlderGo(answer, "1.25.11")).toBe(older);
  });
});
