import type { CalendarDate, LicenseId } from "../billmanager/types";
import { licenseId } from "../billmanager/types";
import { type Known, MEMBER_KEY, type RawInputs, withoutAbsent } from "../license/inputs";
import { type LicenseOutputs, outputsFromState, STATUSES } from "../license/state";

/** One license of a fleet, as it stands in the fleet's outputs. */
export type MemberOutputs = LicenseOutputs & { readonly id: LicenseId };

/** The outputs of a fleet, as they stand in the state. */
export interface FleetOutputs {
  readonly fleet: string;
  readonly licenses: Readonly<Record<string, MemberOutputs>>;
  /** Licenses that no key has any more, and that could not be given up yet, by number. */
  readonly leaving?: Readonly<Record<string, MemberOutputs>>;
  /** The first day on which one of the licenses runs out. */
  readonly expiresSoonest?: CalendarDate;
  /** How many licenses there are of each status. */
  readonly counts: Readonly<Record<LicenseOutputs["status"], number>>;
}

/** One license that the state knows. */
export interface Held {
  /** The member's, or that which it had. */
  readonly key: string;
  readonly id: LicenseId;
  readonly outputs: LicenseOutputs;
  readonly isLeaving: boolean;
}

/** A member that the program has, and what the state has for it. */
export interface MatchedMember {
  readonly key: string;
  readonly member: Known<RawInputs>;
  readonly old: Held | undefined;
  /** What the state has under the key, which may be another member's now. */
  readonly before: Held | undefined;
}

/** What is saved of a fleet. */
export function fleetOutputs(fleet: string, held: readonly Held[]): FleetOutputs {
  const staying = held.filter(({ isLeaving }) => !isLeaving).sort((one, other) => (one.key < other.key ? -1 : 1));
  const leaving = held.filter(({ isLeaving }) => isLeaving);
  const shown = ({ id, outputs: { [MEMBER_KEY]: _, ...outputs } }: Held): MemberOutputs => ({ id, ...outputs });
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<LicenseOutputs["status"], number>;
  let expiresSoonest: CalendarDate | undefined;
  for (const { outputs } of staying) {
    counts[outputs.status] += 1;
    const { expiresOn, status } = outputs;
    if (status !== "deleted" && expiresOn !== undefined && (expiresSoonest ?? expiresOn) >= expiresOn) {
      expiresSoonest = expiresOn;
    }
  }
  return {
    fleet,
    licenses: Object.fromEntries(staying.map((one) => [one.key, shown(one)])),
    ...(leaving.length === 0 ? {} : { leaving: Object.fromEntries(leaving.map((one) => [one.id, shown(one)])) }),
    counts,
    ...withoutAbsent({ expiresSoonest }),
  };
}

/** The licenses of a fleet as the engine hands them back from the state. */
export function heldIn(properties: RawInputs): Held[] {
  return [...entriesOf(properties.licenses, false), ...entriesOf(properties.leaving, true)];
}

function entriesOf(map: unknown, isLeaving: boolean): Held[] {
  return Object.entries(isObject(map) ? map : {}).map(([key, member]) => {
    const outputs = isObject(member) ? outputsFromState({ ...member, [MEMBER_KEY]: key }) : undefined;
    if (!isObject(member) || outputs === undefined || typeof member.id !== "string") {
      throw new TypeError(
        `the state of member ${key} holds no number, tariff or status; run pulumi refresh. Nothing was changed`,
      );
    }
    return { key: isLeaving ? outputs.licenseName : key, id: licenseId(member.id), outputs, isLeaving };
  });
}

/** The licenses by what ties them to their members, whatever key they stand under. */
export function byClaim(held: readonly Held[]): ReadonlyMap<unknown, Held> {
  const found = new Map<unknown, Held>();
  // A member's own license comes before one that it is about to lose.
  for (const one of [...held].reverse()) {
    if (one.outputs.claim !== undefined) {
      found.set(one.outputs.claim, one);
    }
  }
  return found;
}

function isObject(value: unknown): value is RawInputs {
  return typeof value === "object" && value !== null;
}
