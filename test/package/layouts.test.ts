import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { version as pulumiVersion } from "@pulumi/pulumi/package.json";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROVIDER_TEXT } from "../../provider/dynamic";
import { itServesOneLicense } from "./helpers/oneLicense";
import { runTool } from "./helpers/shell";
import { pack, type Tarball } from "./helpers/tarball";

const PROGRAMS = join(__dirname, "programs");

it("the text that is stored with each license is short", () => {
  expect(PROVIDER_TEXT.length).toBeLessThan(150);
});

describe("a symlink to the package, as npm link makes it", () => {
  itServesOneLicense({ project: join(PROGRAMS, "plain"), install: "link" });
});

describe("a program that is compiled to an ES module", () => {
  itServesOneLicense({ project: join(PROGRAMS, "esm") }, async (folder) => {
    await writeManifest(folder, { type: "module", main: "bin/index.js" });
    await runTool(folder, "typescript/bin/tsc");
  });
});

describe("a program in a subfolder, which has the packages", () => {
  itServesOneLicense({ project: join(PROGRAMS, "main-elsewhere") }, (folder) =>
    rename(join(folder, "node_modules"), join(folder, "app/node_modules")),
  );
});

describe("the layout of pnpm", () => {
  let tarball: Tarball;
  beforeAll(async () => {
    tarball = await pack();
  });
  afterAll(() => tarball.remove());

  const needed = () => ({ "@pulumi/pulumi": pulumiVersion, "pulumi-billmanager": `file:${tarball.path}` });
  const install = (folder: string) => {
    const options = ["--prefer-offline", "--ignore-scripts", "--ignore-workspace", "--no-frozen-lockfile"];
    return runTool(folder, "pnpm/bin/pnpm.mjs", "install", ...options);
  };

  describe("with the package as a dependency of the project", () => {
    itServesOneLicense({ project: join(PROGRAMS, "plain"), install: "none" }, async (folder) => {
      await writeManifest(folder, { main: "index.js", dependencies: needed() });
      await install(folder);
    });
  });

  describe("with the package as a dependency of a library alone", () => {
    itServesOneLicense({ project: join(PROGRAMS, "library"), install: "none" }, async (folder) => {
      const { "@pulumi/pulumi": pulumi } = needed();
      const library = { name: "our-servers", version: "1.0.0", main: "index.js", dependencies: needed() };
      await writeManifest(join(folder, "our-servers"), library);
      await writeManifest(folder, {
        main: "index.js",
        dependencies: { "@pulumi/pulumi": pulumi, "our-servers": "file:./our-servers" },
      });
      await install(folder);
    });
  });
});

function writeManifest(folder: string, manifest: object): Promise<void> {
  return writeFile(join(folder, "package.json"), JSON.stringify({ name: "project", private: true, ...manifest }));
}
