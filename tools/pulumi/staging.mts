import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ignoreMissing } from "./systemError.mts";
import type { Staging } from "./way.mts";

/**
 * Lets `fill` prepare the contents of a folder beside it, and puts them in place at once when it has succeeded.
 *
 * To be called by one process at a time: what an earlier one that was killed has left behind is removed first.
 */
export async function publish(folder: string, fill: (staging: Staging) => Promise<void>): Promise<void> {
  const parent = dirname(folder);
  const prefix = `.${basename(folder)}-`;
  await removeLeftovers(parent, prefix);
  const root = await mkdtemp(join(parent, prefix));
  try {
    const staging: Staging = {
      bin: join(root, "new", "bin"),
      before: join(folder, "bin"),
      temporary: join(root, "temporary"),
      progress: () => sizeOf(root),
    };
    await mkdir(join(root, "new"));
    await mkdir(staging.temporary);
    await fill(staging);
    // Something unusable may stand there, such as an interrupted download; a folder cannot be renamed onto one that is not empty.
    await rename(folder, join(root, "old")).catch(ignoreMissing);
    await rename(join(root, "new"), folder);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function removeLeftovers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}

async function sizeOf(folder: string): Promise<number> {
  let sum = 0;
  // What is being worked on comes and goes while it is counted.
  for (const name of (await readdir(folder, { recursive: true }).catch(ignoreMissing)) ?? []) {
    sum += (await stat(join(folder, name)).catch(ignoreMissing))?.size ?? 0;
  }
  return sum;
}
