import { execFile, execFileSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { devNull } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSimulator } from "../../../simulator/index";
import { GO_BUILD_FLAGS, GO_LINK_FLAGS } from "../../../tools/goBuild.mts";
import { ensurePulumi } from "../../../tools/pulumi/ensure.mts";
import { PulumiWorkspace, type WorkspaceOptions } from "../../../tools/pulumi/workspace.mts";
import { ensurePython } from "../../../tools/python.mts";
import type { Stage } from "./harness";

export type Language = "yaml" | "python" | "go";
export type LanguageStage = Omit<Stage, "declare">;

export const FIRST = { username: "first", password: "canary-F1rst%wörd&<>" };
export const SECOND = { username: "second", password: "canary-S3cond%wörd&<>" };

/** A simulator with two accounts, the first of them in the environment, and a project in one of the languages that works on it. */
export async function setLanguageStage(
  language: Language,
  project: string,
  env: NodeJS.ProcessEnv = {},
): Promise<LanguageStage> {
  const cli = await ensurePulumi({ report: () => undefined });
  const { path = [], env: tools = {} } = await NEEDS[language]();
  const panel = await startSimulator({ accounts: [FIRST, SECOND] });
  const workspace = await PulumiWorkspace.create({
    cli,
    project,
    path,
    env: {
      BILLMANAGER_ENDPOINT: panel.endpoint,
      BILLMANAGER_USERNAME: FIRST.username,
      BILLMANAGER_PASSWORD: FIRST.password,
      ...tools,
      ...env,
    },
  });
  if (language === "python") {
    // Where the project says that it is; a host that is older than that option takes the `python3` that is first on the PATH.
    await symlink(await ensurePython(), join(workspace.folder, "venv"), "dir");
  }
  if (language === "go") {
    // With cold caches it compiles for minutes: here, and not in the first run of a test.
    const options = { cwd: workspace.folder, env: { ...process.env, ...tools } };
    await promisify(execFile)("go", ["build", "-o", devNull, "."], options);
  }
  return {
    panel,
    workspace,
    async close() {
      await workspace.remove();
      await panel.close();
    },
  };
}

/** What programs of each language need beside the engine. */
const NEEDS: Readonly<Record<Language, () => Promise<Pick<WorkspaceOptions, "path" | "env">>>> = {
  yaml: async () => ({}),
  python: async () => ({ path: [join(await ensurePython(), "bin")] }),
  go: async () => ({ env: goEnvironment() }),
};

/**
 * The caches and settings of Go, which it would else look for in the workspace's own home, and the flags with which the CLI is built:
 * `examples/go/go.mod` names the same versions as `tools/go/pulumi/go.mod`, so that nothing is compiled twice.
 */
function goEnvironment(): NodeJS.ProcessEnv {
  const names = ["GOENV", "GOCACHE", "GOMODCACHE", "GOPATH"];
  const settings = JSON.parse(execFileSync("go", ["env", "-json", ...names], { encoding: "utf8" }));
  const flags = [...GO_BUILD_FLAGS, `'-ldflags=${GO_LINK_FLAGS}'`].join(" ");
  return { ...settings, CGO_ENABLED: "0", GOFLAGS: flags, GOWORK: "off" };
}
