import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SystemProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Everything that a process has started, directly or not. It has to be asked before that process ends. */
export async function descendantsOf(pid: number): Promise<SystemProcess[]> {
  const all = await running();
  const found: SystemProcess[] = [];
  for (const queue = [pid]; queue.length > 0; ) {
    const parent = queue.shift();
    const children = all.filter((each) => each.parent === parent);
    found.push(...children);
    queue.push(...children.map((child) => child.pid));
  }
  return found;
}

/** Of these, those that run the provider. For a program in YAML the engine starts the plugin once more, to read its schema. */
export function providersAmong(processes: readonly SystemProcess[]): number[] {
  const hosts = processes.filter(({ command }) =>
    /dynamic-provider\/index\.js|\/pulumi-resource-billmanager /.test(command),
  );
  if (hosts.length === 0) {
    throw new Error("nothing runs the provider");
  }
  return hosts.map(({ pid }) => pid);
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Kills what is still there of these. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids.filter(isRunning)) {
    process.kill(pid, "SIGKILL");
  }
}

async function running(): Promise<SystemProcess[]> {
  const { stdout } = await run("ps", ["-Ao", "pid=,ppid=,args="], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}
