import { PartialFailure, SavedFailure } from "../license/errors";
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

/** What members have in common that cannot be brought about. */
interface Group {
  readonly reason: string;
  readonly keys: string[];
  /** Those of their licenses that are there: what went wrong afterwards may be the same for many. */
  readonly ids: string[];
}

/** One sentence for each reason, with every member that it holds for: none is left out. */
export function reasonsOf(failures: readonly MemberFailure[]): string[] {
  const groups = new Map<string, Group>();
  for (const { key, error } of failures) {
    const isPartial = error instanceof PartialFailure;
    const reason = isPartial ? error.cause.message : messageOf(error);
    const group = groups.get(`${isPartial} ${reason}`) ?? { reason, keys: [], ids: [] };
    groups.set(`${isPartial} ${reason}`, group);
    group.keys.push(key);
    if (isPartial) {
      group.ids.push(error.id);
    }
  }
  return [...groups.values()].map(({ reason, keys, ids }) => {
    const licenses = ids.length === 0 ? "" : `${ids.length === 1 ? "license" : "licenses"} ${ids.join(", ")}: `;
    return `${listOf(keys, keys.length)}: ${licenses}${reason}`;
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
