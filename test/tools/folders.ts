import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that exists for one test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "setup-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an executable shell script. */
export async function script(path: string, ...lines: string[]): Promise<void> {
  await writeFile(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  await chmod(path, 0o755);
}

export const HOSTS: readonly string[] = ["go", "nodejs", "python", "yaml"].map(
  (language) => `pulumi-language-${language}`,
);

/** A `bin` folder as a Pulumi installation has it, where `pulumi version` prints this version. */
export async function fakePulumi(binDir: string, version: string): Promise<void> {
  await mkdir(binDir, { recursive: true });
  await script(join(binDir, "pulumi"), `echo v${version}`);
  await fakeHosts(binDir);
}

export async function fakeHosts(folder: string): Promise<void> {
  await Promise.all(HOSTS.map((host) => script(join(folder, host), "exit 0")));
}
