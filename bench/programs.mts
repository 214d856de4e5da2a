import { join } from "node:path";

/** What is compared: this package, the engine with a provider that does nothing, and a provider as one writes it in an hour. */
export type ProgramName = "license" | "floor" | "naive";

export const PROGRAMS = ["license", "floor", "naive"] as const satisfies readonly ProgramName[];

export type Operation = "create" | "unchanged" | "refresh" | "destroy";

/** What is done to a stack, in this order. */
export const OPERATIONS = ["create", "unchanged", "refresh", "destroy"] as const satisfies readonly Operation[];

/** The CLI's arguments. What ought to change nothing fails where it does. */
export const COMMANDS: Readonly<Record<Operation, readonly string[]>> = {
  create: ["up"],
  unchanged: ["up", "--expect-no-changes"],
  refresh: ["refresh", "--expect-no-changes"],
  destroy: ["destroy"],
};

/** The folder of the program's Pulumi project. */
export function projectOf(program: ProgramName): string {
  return join(import.meta.dirname, "programs", program);
}
