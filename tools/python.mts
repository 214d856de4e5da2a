import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { command } from "./pulumi/command.mts";
import { interruptible } from "./pulumi/interruptible.mts";
import { withLock } from "./pulumi/lock.mts";
import { publish } from "./pulumi/staging.mts";

const REQUIREMENTS = fileURLToPath(new URL("python/requirements.txt", import.meta.url));
const CACHE = fileURLToPath(new URL("../node_modules/.cache/python/", import.meta.url));

/**
 * Makes a virtual environment with the packages of `tools/python/requirements.txt` and tells its folder.
 *
 * It is made once per checkout for each content of that file.
 *
 * @throws CommandError where Python 3.10 or later is missing, or PyPI cannot be reached
 */
export function ensurePython(): Promise<string> {
  return interruptible(async (signal) => {
    const content = createHash("sha256").update(await readFile(REQUIREMENTS));
    const folder = join(CACHE, content.digest("hex").slice(0, 16));
    const isThere = () => existsSync(join(folder, "bin/python"));
    if (isThere()) {
      return folder;
    }
    await mkdir(CACHE, { recursive: true });
    return withLock(join(CACHE, ".lock"), { signal, staleAfter: 15_000, onWait: () => undefined }, async () => {
      // The run that held the lock before may have made it.
      if (!isThere()) {
        await publish(folder, async ({ bin, progress }) => {
          const root = dirname(bin);
          const options = { env: process.env, signal, silence: 120_000, progress };
          await command("python3", ["-m", "venv", root], options);
          const install = ["-m", "pip", "install", "--disable-pip-version-check", "-r", REQUIREMENTS];
          await command(join(bin, "python"), install, options);
        });
      }
      return folder;
    });
  });
}
