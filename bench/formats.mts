/** How figures are written. */
import type { Machine } from "./machine.mts";

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
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

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function measuredOn({ cpu, cores, memoryBytes, system, node, pulumi }: Machine, day: string): string {
  return `Measured on ${day}: ${cpu}, ${plural(cores, "core")}, ${gigabytes(memoryBytes)} of memory, ${system}, Node.js ${node}, Pulumi ${pulumi}.`;
}
