import { SavedFailure } from "../license/errors";
import { listOf } from "./announcement";
import type { FleetOutputs } from "./outputs";

/** Why something could not be done with one member. */
export interface MemberFailure {
  readonly key: string;
  readonly error: unknown;
}

/** Not every member of a fleet is as the program says; all that are, and what is known of the others, must be saved. */
export class FleetFailure extends SavedFailure {
  override readonly name = "FleetFailure";
  readonly reasons: readonly string[];

  constructor(
    readonly id: string,
    readonly outputs: FleetOutputs,
    failures: readonly MemberFailure[],
  ) {
    const reasons = reasonsOf(failures);
    super(reasons.join("\n"));
    this.reasons = reasons;
  }
}

/** One sentence for each reason, with every member that it holds for: none is left out. */
export function reasonsOf(failures: readonly MemberFailure[]): string[] {
  const keys = new Map<string, string[]>();
  for (const { key, error } of failures) {
    const reason = error instanceof Error ? error.message : String(error);
    const members = keys.get(reason);
    if (members === undefined) {
      keys.set(reason, [key]);
    } else {
      members.push(key);
    }
  }
  return [...keys].map(([reason, members]) => `${listOf(members, members.length)}: ${reason}`);
}
