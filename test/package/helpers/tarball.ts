import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY, run } from "./shell";

export interface Tarball {
  readonly path: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
  remove(): Promise<void>;
}

/** Packs what was built, as `npm publish` would. */
export async function pack(): Promise<Tarball> {
  const folder = await mkdtemp(join(tmpdir(), "pulumi-billmanager-"));
  const target = ["--pack-destination", folder];
  const [packed] = JSON.parse(await run(REPOSITORY, "npm", "pack", "--ignore-scripts", "--json", ...target)) as {
    filename: string;
    files: { path: string }[];
  }[];
  if (packed === undefined) {
    throw new Error("npm pack named no tarball");
  }
  return {
    path: join(folder, packed.filename),
    files: packed.files.map(({ path }) => path),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
