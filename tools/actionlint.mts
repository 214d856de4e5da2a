import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandError, command } from "./pulumi/command.mts";
import { interruptible } from "./pulumi/interruptible.mts";
import { withLock } from "./pulumi/lock.mts";
import { publish } from "./pulumi/staging.mts";
import type { Staging } from "./pulumi/way.mts";

const MODULE = fileURLToPath(new URL("go/actionlint/", import.meta.url));
const CACHE = fileURLToPath(new URL("../node_modules/.cache/actionlint/", import.meta.url));

/**
 * Makes actionlint available, which checks workflows of GitHub Actions, and tells where it is.
 *
 * It is built once per checkout from the Go module that `tools/go/actionlint` pins, in a few seconds; `go` checks the sums.
 *
 * @param cache the folder to build into
 * @throws CommandError where Go is missing or the build fails
 */
export function ensureActionlint(cache = CACHE): Promise<string> {
  const [, version = ""] =
    /github\.com\/rhysd\/actionlint v(\S+)/.exec(readFileSync(join(MODULE, "go.mod"), "utf8")) ?? [];
  const folder = join(cache, version);
  const file = join(folder, "bin", process.platform === "win32" ? "actionlint.exe" : "actionlint");
  return interruptible(async (signal) => {
    if (existsSync(file)) {
      return file;
    }
    await mkdir(cache, { recursive: true });
    return withLock(join(cache, ".lock"), { signal, staleAfter: 15_000, onWait: () => undefined }, async () => {
      // The run that held the lock before may have built it.
      if (!existsSync(file)) {
        await publish(folder, (staging) => build(staging, signal));
      }
      return file;
    });
  });
}

async function build(staging: Staging, signal: AbortSignal): Promise<void> {
  const target = ["-o", `${staging.bin}/`, "github.com/rhysd/actionlint/cmd/actionlint"];
  await command("go", ["build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", ...target], {
    cwd: MODULE,
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOTMPDIR: staging.temporary },
    signal,
    silence: 300_000,
    progress: staging.progress,
  });
}

/** What actionlint finds wrong with a workflow, line by line; nothing where it is right. Shell and Python are not looked into. */
export async function complaintsAbout(actionlint: string, workflow: string): Promise<string> {
  try {
    return await command(actionlint, ["-no-color", "-oneline", "-shellcheck=", "-pyflakes=", workflow], {
      env: process.env,
      silence: 60_000,
    });
  } catch (error) {
    if (error instanceof CommandError) {
      return error.message;
    }
    throw error;
  }
}
