import type { Difference } from "../license/differences";
import { checkInputs, type InputFailure, type RawInputs, UNKNOWN } from "../license/inputs";
import type { Lifecycle } from "../license/lifecycle";
import type { Pricelists } from "../license/products";
import type { Resource } from "../license/resource";
import { givesUp } from "../license/update";
import { Announcement } from "./announcement";
import { bringAboutFleet, giveUpAll, readAll } from "./bringAbout";
import { differencesOf, differencesOfLeft } from "./differences";
import { draftFleet, type FleetInputs, namedMembers, recordedFleet, recordedMembers, saysItself } from "./inputs";
import { claimOfFleet, resourceNameOf } from "./naming";
import { byClaim, type FleetOutputs, fleetOutputs, type Held, heldIn, type MatchedMember } from "./outputs";
import { pathOf } from "./paths";

/** What an update of a fleet would change. */
export interface FleetDiff {
  readonly changes: boolean;
  /** None: every change of a fleet is one of its members. */
  readonly replaces: readonly [];
  readonly differences: readonly Difference[];
}

/**
 * What the engine can ask of a fleet: many licenses that stand in the state as one resource. Each member goes through the same
 * operations as a license of its own, all at the same time; a fleet adds what concerns them together.
 */
export class Fleet implements Resource {
  /** What was last checked, by the name that the program gives: about to replace a fleet, the engine does not tell what it was. */
  readonly #checked = new Map<unknown, FleetInputs>();
  /** What the program calls a fleet, which may have been renamed with an alias, by what it is called in the state. */
  readonly #names = new Map<string, string>();
  /** What `check` has found to say of new members, until the comparison with the state says the rest. */
  readonly #announced = new Map<string, Announcement>();

  /** @param mostLines lines of one kind that a preview shows of a fleet */
  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly pricelists: Pricelists,
    private readonly mostLines: number,
  ) {}

  /**
   * Judges the inputs of a program, and says what an order would do. Reads prices only, and nothing where an input is wrong.
   *
   * @param olds the inputs recorded before, `undefined` for a new resource, and for one that is to be replaced
   * @param news the program's, with the name that the fleet is to have
   * @param urn where the engine tells it
   */
  async check(
    olds: RawInputs | undefined,
    news: RawInputs,
    urn?: string,
  ): Promise<{ inputs: RawInputs; failures: readonly InputFailure[] }> {
    if (news.fleet === UNKNOWN) {
      return { inputs: news, failures: [] };
    }
    const before = (olds ?? this.#checked.get(news.fleet)) as FleetInputs | undefined;
    const draft = draftFleet({ ...news, fleet: before?.fleet ?? news.fleet });
    this.#names.set(draft.fleet, resourceNameOf(String(news.fleet)));
    const named = namedMembers(draft, before, this.pricelists);
    const oldMembers = olds === undefined ? new Map() : membersByClaim(olds);
    const failures = new Failures(this.#sharing(olds, news, draft.fleet, urn), draft.failures, named.failures);
    for (const [key, member] of named.members) {
      failures.ofMember(news, key, checkInputs(oldMembers.get(member.claim), member, this.pricelists).failures);
    }
    if (failures.all.length > 0) {
      return { inputs: recordedFleet(draft, new Map()), failures: failures.all };
    }
    const told = new Announcement();
    const checked = await Promise.all(
      [...named.members].map(async ([key, member]) => {
        const place = urn === undefined ? undefined : `${urn}#${key}`;
        const result = await this.lifecycle.check(oldMembers.get(member.claim), member, place, (of) =>
          told.add(key, of),
        );
        failures.ofMember(news, key, result.failures);
        return [key, { ...result.inputs }] as const;
      }),
    );
    const inputs = recordedFleet(draft, new Map(checked));
    this.#checked.set(news.fleet, inputs);
    if (olds === undefined) {
      await this.#tell(inputs.fleet, told);
    } else {
      this.#announced.set(inputs.fleet, told);
    }
    return { inputs, failures: failures.all };
  }

  /** Compares what a program asks for with the state, and says what an update would do. Reads prices only. */
  async diff(_id: string, olds: RawInputs, news: RawInputs): Promise<FleetDiff> {
    const fleet = String(news.fleet);
    const told = this.#announced.get(fleet);
    this.#announced.delete(fleet);
    const announcement = told ?? new Announcement();
    const held = heldIn(olds);
    const matched = this.#matched(held, news);
    if (told !== undefined) {
      await this.#announceUnsaved(matched, told);
    }
    const differences: Difference[] = [];
    let isDue = false;
    for (const one of matched.members) {
      const { key, member, old } = one;
      if (member === UNKNOWN || old === undefined) {
        differences.push(...differencesOf(news, one));
        continue;
      }
      const diff = await this.lifecycle.diff(old.id, { ...old.outputs }, member, (of) => announcement.add(key, of));
      differences.push(...differencesOf(news, one, diff));
      isDue ||= diff.changes;
      if (diff.replaces.length === 0) {
        announcement.count(diff.changed);
      } else if (old.outputs.status !== "deleted") {
        announcement.countGivenUp();
      }
      if (old.key !== key && !old.isLeaving) {
        announcement.mention(key, `this is ${old.key} under another key: nothing is ordered for it`);
      }
    }
    let isGivenUp = false;
    for (const one of matched.left) {
      differences.push(...differencesOfLeft(news, one));
      const isOthers = this.lifecycle.run.isOthers(one.id, one.outputs.claim);
      if (isOthers) {
        announcement.mention(one.key, `license ${one.id} is left to the resource that takes it over`);
      } else {
        announcement.giveUp(one.key, givesUp(one.outputs));
        isGivenUp = true;
      }
      if (told !== undefined && !isOthers) {
        this.lifecycle.run.leave(one.id);
      }
    }
    for (const { key } of isGivenUp ? matched.members.filter(mayBeRenamed) : []) {
      announcement.mention(
        key,
        "not all of it is known yet: it may be a license that is given up here, under another key; then nothing is ordered, and that one stays",
      );
    }
    if (matched.isUnknown) {
      differences.push({ path: "licenses", old: olds.licenses, now: UNKNOWN });
    }
    await this.#tell(fleet, announcement);
    return { changes: isDue || differences.length > 0, replaces: [], differences };
  }

  /** Whether an update would change anything. Calls nothing, and says nothing. */
  hasChanges(olds: RawInputs, news: RawInputs): boolean {
    const { members, left, isUnknown } = this.#matched(heldIn(olds), news);
    return (
      isUnknown ||
      left.length > 0 ||
      members.some(
        ({ key, member, old }) =>
          member === UNKNOWN ||
          old === undefined ||
          old.key !== key ||
          old.isLeaving ||
          this.lifecycle.hasChanges({ ...old.outputs }, member),
      )
    );
  }

  /** @throws FleetFailure some of the licenses are there and saved, and not all */
  async create(inputs: RawInputs): Promise<{ id: string; outputs: FleetOutputs }> {
    const id = String(inputs.fleet);
    return { id, outputs: await this.#bringAbout(id, [], inputs) };
  }

  /** @throws FleetFailure */
  update(id: string, olds: RawInputs, news: RawInputs): Promise<FleetOutputs> {
    return this.#bringAbout(id, heldIn(olds), news);
  }

  /** The outputs of {@link create} as a preview can tell them. Calls nothing. */
  planCreate(inputs: RawInputs): RawInputs {
    return this.planUpdate({}, inputs);
  }

  /** The outputs of {@link update} as a preview can tell them. Calls nothing. */
  planUpdate(olds: RawInputs, news: RawInputs): RawInputs {
    const { members, isUnknown } = this.#matched(heldIn(olds), news);
    const planned = members.map(({ key, member, old }): [string, unknown] => {
      if (member === UNKNOWN) {
        return [key, UNKNOWN];
      }
      if (old === undefined || this.lifecycle.compare({ ...old.outputs }, member).replaces.length > 0) {
        return [key, { id: UNKNOWN, ...this.lifecycle.planCreate(member) }];
      }
      return [key, { id: old.id, ...this.lifecycle.planUpdate({ ...old.outputs }, member) }];
    });
    const licenses = isUnknown ? UNKNOWN : Object.fromEntries(planned);
    return { fleet: news.fleet, licenses, counts: UNKNOWN, expiresSoonest: UNKNOWN };
  }

  /** What the vendor shows of all licenses now, by lists that they share. Changes nothing, and drops none on doubt: it stays as it was. */
  async read(_id: string, properties: RawInputs): Promise<FleetOutputs> {
    // A lookup comes with what the program says, where it says anything: none of it is of a state.
    if (typeof properties.fleet !== "string" || properties.counts === undefined) {
      throw new TypeError(
        'a LicenseFleet cannot be imported or looked up: declare it with the numbers of its licenses, adopt: { web01: "1234567" }. Nothing was changed',
      );
    }
    return fleetOutputs(
      properties.fleet,
      await readAll(this.lifecycle, resourceNameOf(properties.fleet), heldIn(properties)),
    );
  }

  /** Gives all licenses up, each by its own policy. */
  delete(_id: string, properties: RawInputs): Promise<void> {
    return giveUpAll(this.lifecycle, this.#nameOf(String(properties.fleet)), heldIn(properties));
  }

  #bringAbout(id: string, held: readonly Held[], news: RawInputs): Promise<FleetOutputs> {
    const { members, left, isUnknown } = this.#matched(held, news);
    if (isUnknown) {
      throw new TypeError("licenses is not known yet: nothing was called");
    }
    const known = members.map(({ key, member, old }) => {
      if (member === UNKNOWN) {
        throw new TypeError(`${pathOf(key)} is not known yet: nothing was called`);
      }
      return { key, member, old };
    });
    const fleet = String(news.fleet);
    return bringAboutFleet(this.lifecycle, { id, fleet, name: this.#nameOf(fleet), members: known, left });
  }

  /** The members that the program has, each with the license that the state has for it, and the licenses that no member has. */
  #matched(held: readonly Held[], news: RawInputs): Matched {
    const isUnknown = news.licenses === UNKNOWN;
    const byItsClaim = byClaim(held);
    const byKey = new Map(held.filter(({ isLeaving }) => !isLeaving).map((one) => [one.key, one]));
    const members = [...recordedMembers(news)].map(([key, member]): MatchedMember => {
      const before = byKey.get(key);
      if (member === UNKNOWN) {
        return { key, member, old: before, before };
      }
      const old = byItsClaim.get(member.claim);
      const { adoptId, ...others } = member;
      // What is to be taken over is nothing to a member that has its license.
      return { key, member: old !== undefined && adoptId === UNKNOWN ? others : member, old, before };
    });
    const matched = new Set(members.map(({ old }) => old));
    return { members, left: isUnknown ? [] : held.filter((one) => !matched.has(one)), isUnknown };
  }

  /** What a new fleet would have in common with one that keeps the name by which it was created. */
  #sharing(olds: RawInputs | undefined, news: RawInputs, fleet: string, urn: string | undefined): InputFailure[] {
    const isNew = olds === undefined;
    const isRenamed = fleet !== news.fleet;
    const asked = { isNew, isRenamed: isRenamed && !isNew, isAgain: isRenamed && isNew, urn };
    if (!this.lifecycle.run.isClaimedTwice(claimOfFleet(fleet), asked)) {
      return [];
    }
    const reason =
      `fleet ${fleet} is that of two resources of this program, of which one was renamed with an alias: ` +
      "they would share the licenses of equal keys; give the new one another name";
    return [{ property: "fleet", reason }];
  }

  /** `check` goes by the recorded inputs, and these name members that an update could not order, too. */
  async #announceUnsaved({ members }: Matched, told: Announcement): Promise<void> {
    const unsaved = members.map(async ({ key, member, old }) => {
      if (old === undefined && member !== UNKNOWN && !told.isAbout(key)) {
        await this.lifecycle.announceUnsaved(member, (of) => told.add(key, of));
      }
    });
    await Promise.all(unsaved);
  }

  #nameOf(fleet: string): string {
    return this.#names.get(fleet) ?? resourceNameOf(fleet);
  }

  async #tell(fleet: string, announcement: Announcement): Promise<void> {
    const { log, forecast } = this.lifecycle.run;
    const name = this.#nameOf(fleet);
    const spending = await forecast.foresee({ claim: claimOfFleet(fleet), name }, announcement.dues);
    announcement.tell(log, name, spending, this.mostLines);
  }
}

/** What a program asks for beside what the state has. */
interface Matched {
  readonly members: readonly MatchedMember[];
  /** Licenses that no member has. */
  readonly left: readonly Held[];
  /** A preview does not know the members yet. */
  readonly isUnknown: boolean;
}

/** Whether a preview does not know yet what the license of a new key stands for, and so which key may have had it. */
function mayBeRenamed({ member, old }: Matched["members"][number]): boolean {
  return (
    old === undefined &&
    (member === UNKNOWN || [member.ip, member.product, member.pricelist].some((it) => it === UNKNOWN))
  );
}

/** Everything that is wrong with a fleet's inputs, what is said for all members said once. */
class Failures {
  readonly #all = new Map<string, InputFailure>();

  constructor(...found: (readonly InputFailure[])[]) {
    for (const failure of found.flat()) {
      this.#add(failure);
    }
  }

  get all(): InputFailure[] {
    return [...this.#all.values()];
  }

  ofMember(news: RawInputs, key: string, failures: readonly InputFailure[]): void {
    for (const failure of failures) {
      const { property, reason } = failure;
      const path = property === "adoptId" ? pathOf(key, undefined, "adopt") : pathOf(key, property);
      const told = reason.startsWith(`${property} `) ? `${path}${reason.slice(property.length)}` : `${path}: ${reason}`;
      this.#add(saysItself(news, key, property) ? { property: path, reason: told } : failure);
    }
  }

  #add(failure: InputFailure): void {
    this.#all.set(`${failure.property} ${failure.reason}`, failure);
  }
}

function membersByClaim(inputs: RawInputs): ReadonlyMap<unknown, RawInputs> {
  const members = [...recordedMembers(inputs).values()].flatMap((member) => (member === UNKNOWN ? [] : [member]));
  return new Map(members.map((member) => [member.claim, member]));
}
