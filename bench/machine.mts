import { cpus, release, totalmem, type } from "node:os";
import type { PulumiCli } from "../tools/pulumi/installation.mts";

/** Where figures were measured, as far as it matters for them. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly pulumi: string;
}

/** @throws Error elsewhere */
export function requireLinux(): void {
  if (process.platform !== "linux") {
    throw new Error("The benchmark reads Linux's /proc and runs on Linux only.");
  }
}

export function thisMachine(cli: PulumiCli): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() || "unknown CPU",
    cores: all.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    pulumi: cli.version,
  };
}
