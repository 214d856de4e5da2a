/** How figures are written. */
import type { Machine } from "./machine.mts";

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** How a target is judged. */
export function mark(met: boolean | undefined): string {
  return met === undefined ? "" : met ? "met" : "**missed**";
}

export function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(0)} GiB`;
}

export function times2(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** How long the panel holds its answers back. */
export function answersAfter(latencyMs: number): string {
  return latencyMs === 0 ? "at once" : `after ${latencyMs} ms`;
}

export function measuredOn(
  { cpu, cores, memoryBytes, system, node, pulumi }: Machine,
  days: readonly string[],
): string {
  const [first, last] = [days.toSorted().at(0), days.toSorted().at(-1)];
  const when = first === last ? `on ${first}` : `from ${first} to ${last}`;
  return `Measured ${when}: ${cpu}, ${plural(cores, "core")}, ${gigabytes(memoryBytes)} of memory, ${system}, Node.js ${node}, Pulumi ${pulumi}.`;
}
