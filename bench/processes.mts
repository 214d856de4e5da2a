/** What the processes of one Pulumi run took, read from Linux's /proc while they lived. */
import { readdirSync, readFileSync } from "node:fs";

export interface Usage {
  /** CPU seconds by the part that the process has in the run. */
  readonly cpu: Readonly<Record<Part, number>>;
  /** The most memory that the process that runs the provider held at once, in bytes; 0 where none ran. */
  readonly hostMemory: number;
}

/** `engine` is the CLI itself, `host` runs the provider, `program` is the user's program with its language host. */
export type Part = "engine" | "host" | "program";

interface Seen {
  readonly part: Part;
  readonly cpu: number;
}

/** What a process does after its last sample is not seen, so the pause is short; a sample takes about a millisecond. */
const PAUSE = 50;
/** Linux reports CPU times in hundredths of a second, whatever the kernel's own clock is. */
const TICKS_PER_SECOND = 100;

/**
 * Watches all processes of a session until it is told to stop. All that a CLI starts stays in its session, also what outlives it.
 *
 * @param leader the process that began the session
 */
export function watchSession(leader: number): { stop(): Usage } {
  const members = new Map<number, Seen>();
  const others = new Set<string>();
  let hostMemory = 0;

  function sample(): void {
    for (const name of readdirSync("/proc")) {
      if (!/^\d/.test(name) || others.has(name)) {
        continue;
      }
      const stat = readStat(name);
      if (stat === undefined) {
        continue;
      }
      if (stat.session !== leader) {
        others.add(name);
        continue;
      }
      const command = readProc(name, "cmdline") ?? "";
      members.set(Number(name), { part: partOf(Number(name), command), cpu: stat.cpu });
      if (isHost(command)) {
        hostMemory = Math.max(hostMemory, peakMemory(name));
      }
    }
  }

  function partOf(pid: number, command: string): Part {
    if (pid === leader) {
      return "engine";
    }
    if (command === "") {
      // A process that is ending has no command line any more.
      return members.get(pid)?.part ?? "program";
    }
    return /dynamic-provider|pulumi-resource-/.test(command) ? "host" : "program";
  }

  sample();
  const timer = setInterval(sample, PAUSE);
  return {
    stop() {
      clearInterval(timer);
      const cpu = { engine: 0, host: 0, program: 0 };
      for (const seen of members.values()) {
        cpu[seen.part] += seen.cpu;
      }
      return { cpu, hostMemory };
    },
  };
}

/** CPU seconds that a process has taken so far, its children not counted. */
export function cpuSeconds(pid: number): number {
  return readStat(String(pid))?.cpu ?? 0;
}

/** The process itself, not the shell that starts it nor what that shell runs to find it. */
function isHost(commandLine: string): boolean {
  return /(dynamic-provider(\/index\.js)?|pulumi-resource-billmanager)$/.test(commandLine.split("\0")[1] ?? "");
}

function readStat(pid: string): { session: number; cpu: number } | undefined {
  const stat = readProc(pid, "stat");
  // The second field is the command in parentheses, and may hold blanks and parentheses itself.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields && { session: Number(fields[3]), cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
}

/** The most memory that a process has held at once, in bytes. */
export function peakMemory(pid: string): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(pid, "status") ?? "")?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** `undefined` where the process has ended. */
function readProc(pid: string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}
