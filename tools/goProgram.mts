import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GO_LINK_FLAGS, GO_MODULES, goBuild } from "./goBuild.mts";
import { interruptible } from "./pulumi/interruptible.mts";
import { withLock } from "./pulumi/lock.mts";
import { publish } from "./pulumi/staging.mts";

const CACHE = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));

/**
 * Makes a program of one of the modules in `tools/go` available, and tells where it is.
 *
 * It is built once per checkout for each content of its module; `go` checks the sums of what it depends on.
 *
 * @param module a folder of `tools/go`
 * @param path the program's package; what it ends with is its name, and that of its folder among what is built
 * @throws CommandError where Go is missing or the build fails
 */
export function ensureGoProgram(module: string, path: string): Promise<string> {
  const source = join(GO_MODULES, module);
  const name = basename(path);
  const cache = join(CACHE, name);
  return interruptible(async (signal) => {
    const folder = join(cache, await contentOf(source));
    const file = join(folder, "bin", process.platform === "win32" ? `${name}.exe` : name);
    if (existsSync(file)) {
      return file;
    }
    await mkdir(cache, { recursive: true });
    return withLock(join(cache, ".lock"), { signal, staleAfter: 15_000, onWait: () => undefined }, async () => {
      // The run that held the lock before may have built it.
      if (!existsSync(file)) {
        const build = { module, ldflags: GO_LINK_FLAGS, packages: [path] };
        await publish(folder, (staging) => goBuild(build, staging, { env: process.env, signal }));
      }
      return file;
    });
  });
}

async function contentOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    if (/\.(?:go|mod|sum)$/.test(name)) {
      hash.update(name).update(await readFile(join(folder, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
