import { type CalendarDate, type LicenseId, licenseId } from "../billmanager/types";
import { lookForAdopted, reserve } from "./adopt";
import { utcDay } from "./calendar";
import { type Claim, isAutomaticName } from "./claim";
import { createLicense } from "./create";
import { giveUpLicense } from "./delete";
import { reasonOf } from "./errors";
import type { Payments } from "./guards";
import { type ImportedLicense, importLicense } from "./import";
import {
  checkInputs,
  hasUnknown,
  type InputFailure,
  type LicenseInputs,
  type RawInputs,
  readAdoptId,
  UNKNOWN,
  type Wish,
  wishOf,
  withoutAbsent,
} from "./inputs";
import { outlookOn, type Prospect } from "./outlook";
import { Patience } from "./patience";
import { Places } from "./places";
import { TooManyPeriodsError } from "./plan";
import { type PlannedOutputs, plannedOrder, plannedUpdate } from "./planned";
import { readLicenseOutputs } from "./read";
import type { Resource } from "./resource";
import { type ClaimAsked, type Run, type Surroundings, startRun } from "./run";
import type { Settings } from "./settings";
import {
  isSuspendedByClient,
  type LicenseOutputs,
  type ManagedLicense,
  type Observed,
  outputsFromState,
} from "./state";
import { adoptionInput } from "./takingOver";
import { diffLicense, givesUp, type LicenseDiff, replacedFor, sharedWith, updateLicense } from "./update";

/** What an operation of the engine has to say about one license before anything is done. */
export interface Told {
  readonly wish: Wish;
  /** phrases that follow "an update" */
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
  readonly notices: readonly string[];
  /** What an update would pay for it; absent where nothing is planned, as in a refresh. */
  readonly payments?: Payments;
  /** False where a preview does not know yet how long a period is, and so what it costs. */
  readonly isPeriodKnown: boolean;
}

/** Takes what there is to say: it is printed line by line, unless somebody gathers it. */
export type Tell = (told: Told) => Promise<void> | void;

/**
 * What the engine can ask of a license, whichever face it asks: each operation with the properties as the engine has them, unknown
 * values as {@link UNKNOWN}. One for each process and account.
 *
 * It says in a preview what an update would do, and remembers from `check` and `diff` what the program declares, which the operations
 * that follow go by.
 */
export class Lifecycle implements Resource {
  readonly run: Run;
  /** What was compared without being replaced: where the program has the engine replace it all the same, its inputs are checked as new. */
  readonly #kept = new Map<
    Claim,
    { readonly id: LicenseId; readonly old: LicenseOutputs; readonly changes: boolean }
  >();
  readonly #patience: Patience;
  readonly #places: Places;
  /** By the claim that the program gives: what the license of a resource that was renamed with an alias carries instead. */
  readonly #naming = new Map<unknown, RawInputs>();

  constructor(
    private readonly settings: Settings,
    private readonly surroundings: Surroundings,
  ) {
    this.run = startRun(settings, surroundings);
    this.#patience = new Patience(settings.timeout);
    this.#places = new Places(settings.pricelists);
  }

  /**
   * Judges the inputs of a program, and says what an order would do and what would be refused of it. Reads prices only.
   *
   * @param olds the inputs recorded before, `undefined` for a new resource, and for one that is to be replaced
   * @param news the program's, with the claim and the name that the license is to have
   * @param urn where the engine tells it
   */
  async check(
    olds: RawInputs | undefined,
    news: RawInputs,
    urn?: string,
    tell: Tell = this.#print,
  ): Promise<{ inputs: LicenseInputs; failures: InputFailure[] }> {
    // About to replace what is in the state, the engine does not tell what that is called: the new license keeps its claim and name.
    const { inputs, failures } = checkInputs(olds ?? this.#naming.get(news.claim), news, this.settings.pricelists);
    const { claim, licenseName } = inputs;
    if (olds !== undefined && claim !== UNKNOWN && claim !== news.claim) {
      const isKept = typeof licenseName === "string" && isAutomaticName(licenseName, claim);
      this.#naming.set(news.claim, isKept ? { claim, licenseName } : { claim });
    }
    if (failures.length === 0) {
      const isAgain = olds === undefined && this.#naming.has(news.claim);
      const isRenamed = olds !== undefined && news.claim !== UNKNOWN && inputs.claim !== news.claim;
      failures.push(...(await this.#announced(inputs, { isNew: olds === undefined, isRenamed, isAgain, urn }, tell)));
    }
    return { inputs, failures };
  }

  /** What {@link check} does for a new license, for one that its recorded inputs make look old: an update could not order it. */
  async announceUnsaved(recorded: RawInputs, tell: Tell): Promise<void> {
    const inputs = this.#recorded(recorded);
    const { claim, adoptId } = inputs;
    if (claim !== UNKNOWN && adoptId !== undefined && adoptId !== UNKNOWN) {
      reserve(this.run, { claim }, adoptId);
    }
    this.#places.note(inputs, true);
    await this.#announceCreate(inputs, tell);
  }

  /** Compares what a program asks for with the state, and says what an update would do. Reads prices only. */
  async diff(id: string, olds: RawInputs, news: RawInputs, tell: Tell = this.#print): Promise<LicenseDiff> {
    const license = licenseId(id);
    const old = stateOf(olds);
    const inputs = this.#recorded(news);
    const wish = wishOf(inputs, this.settings.pricelists, old);
    const { isDeclared, isReplaced } = this.note(license, old, wish);
    const prospect = isReplaced && isDeclared ? await this.#prospect(wish, inputs) : undefined;
    const diff = this.#compared(old, wish, prospect);
    if (isDeclared && !isReplaced) {
      this.#kept.set(wish.claim, { id: license, old, changes: diff.changes || hasUnknown(inputs) });
    }
    const shared = sharedWith(this.run, license, wish);
    const alsoWanted = isDeclared ? this.#places.warningsFor(wish.claim) : [];
    await tell({
      wish,
      steps: diff.steps,
      warnings: [...(shared === undefined ? [] : [shared]), ...alsoWanted, ...diff.warnings],
      notices: isDeclared && !hasUnknown(inputs) ? diff.notices : [],
      isPeriodKnown: inputs.period !== UNKNOWN,
      ...(isDeclared ? { payments: diff.payments } : {}),
    });
    return { ...diff, changes: diff.changes || hasUnknown(inputs) };
  }

  /**
   * Remembers what an update is about to do with the license: it stays, or another takes its place. A refresh compares, too: it says
   * nothing about what the program declares, pays nothing, and is no time for a plan.
   */
  note(id: LicenseId, old: LicenseOutputs, wish: Wish): { isDeclared: boolean; isReplaced: boolean } {
    const isDeclared = this.run.updating.has(wish.claim);
    const isReplaced = replacedFor(old, wish).length > 0;
    if (isReplaced && old.status === "deleted") {
      this.run.gone.add(id);
      this.run.replacing.add(wish.claim);
    } else if (isReplaced) {
      this.run.replace(id, wish.claim);
    } else if (isDeclared) {
      this.run.declare(id);
    }
    return { isDeclared, isReplaced };
  }

  /** A refresh compares, too, and pays nothing: that an update could not be carried out is no reason to fail it. */
  #compared(old: LicenseOutputs, wish: Wish, prospect: Prospect | undefined): LicenseDiff {
    try {
      return diffLicense(old, wish, this.#today(), prospect);
    } catch (error) {
      if (!(error instanceof TooManyPeriodsError) || this.run.updating.has(wish.claim)) {
        throw error;
      }
      return { ...NO_DIFFERENCE, warnings: [error.message] };
    }
  }

  /** The comparison alone. Calls nothing, and says nothing. */
  compare(olds: RawInputs, news: RawInputs): LicenseDiff {
    const old = stateOf(olds);
    return diffLicense(old, wishOf(this.#recorded(news), this.settings.pricelists, old), this.#today());
  }

  /** What the vendor was still at work on when it was saved has to be looked at, too. */
  hasChanges(olds: RawInputs, news: RawInputs): boolean {
    return olds.status === "processing" || this.compare(olds, news).changes;
  }

  /** @param isThere see {@link createLicense} */
  create(inputs: RawInputs, isThere?: () => Promise<unknown>): Promise<ManagedLicense> {
    return createLicense(this.run, this.wish(inputs), isThere);
  }

  /** The outputs of {@link create} as a preview can tell them. Calls nothing. */
  planCreate(inputs: RawInputs): PlannedOutputs {
    return plannedOrder(this.#recorded(inputs), this.settings.pricelists, this.run.account);
  }

  /** The outputs of {@link update} as a preview can tell them. Calls nothing. */
  planUpdate(olds: RawInputs, news: RawInputs): PlannedOutputs {
    return plannedUpdate(this.#recorded(news), this.settings.pricelists, stateOf(olds), this.compare(olds, news));
  }

  /** @param properties none for a license that is only looked up by its number */
  read(id: string, properties: RawInputs): Promise<LicenseOutputs> {
    return this.readAgain(licenseId(id), outputsFromState(properties));
  }

  /**
   * Lists once for licenses that are then read in parts, each of which has to know of the others.
   *
   * @throws Error where they cannot be listed: none of them could be read
   */
  async listForReading(ids: readonly LicenseId[]): Promise<void> {
    const [first] = ids;
    if (first !== undefined) {
      await this.run.listings.recent(first);
    }
    for (const id of ids) {
      this.run.handled.known.add(id);
    }
  }

  /** The same as {@link read}, for who has read the state already. */
  readAgain(id: LicenseId, old: LicenseOutputs | undefined): Promise<LicenseOutputs> {
    return readLicenseOutputs(this.run, id, old);
  }

  /**
   * Reads a license of which no state knows anything, to become a resource.
   *
   * @param own the claim and the name of the resource
   */
  import(id: string, own: { readonly claim: Claim; readonly name: string }): Promise<ImportedLicense> {
    return importLicense(this.run, licenseId(id), own);
  }

  update(id: string, olds: RawInputs, news: RawInputs): Promise<LicenseOutputs> {
    return updateLicense(this.run, licenseId(id), stateOf(olds), this.wish(news));
  }

  delete(id: string, properties: RawInputs): Promise<void> {
    return giveUpLicense(this.run, licenseId(id), stateOf(properties));
  }

  /** Has what is under way end within seconds, by saving what is known. */
  cancel(): void {
    this.run.cancel();
  }

  #today(): CalendarDate {
    return utcDay(this.surroundings.now());
  }

  /** What recorded inputs ask for, every value known. */
  wish(recorded: RawInputs): Wish {
    return wishOf(this.#recorded(recorded), this.settings.pricelists);
  }

  /** Inputs that `check` has recorded, read again as on the first day: what it let pass it lets pass again. */
  #recorded(recorded: RawInputs): LicenseInputs {
    return checkInputs(recorded, recorded, this.settings.pricelists).inputs;
  }

  async #announced(inputs: LicenseInputs, asked: ClaimAsked, tell: Tell): Promise<InputFailure[]> {
    const { claim } = inputs;
    const { isNew, urn } = asked;
    if (claim === UNKNOWN) {
      return [];
    }
    if (this.run.isClaimedTwice(claim, asked)) {
      const reason =
        `claim ${claim} is that of two resources of this program, of which one was renamed with an alias: ` +
        "they would share one license; give the new one another name";
      return [{ property: "claim", reason }];
    }
    this.#places.note(inputs, isNew);
    const isAnnounced = this.run.replacing.has(claim);
    const kept = isNew ? this.#kept.get(claim) : undefined;
    const isReplaced = kept?.changes === true && urn !== undefined;
    if (isReplaced) {
      this.run.replace(kept.id, claim);
    } else if (kept !== undefined) {
      // Nothing differs: the license stays this resource's, unless an earlier run has given it up to replace it.
      this.run.withdraw(kept.id);
    }
    const { adoptId } = inputs;
    const tooLate =
      isNew && adoptId !== undefined && adoptId !== UNKNOWN ? reserve(this.run, { claim }, adoptId) : undefined;
    if (tooLate !== undefined) {
      return [{ property: "adoptId", reason: `${tooLate}. Nothing was ordered or changed` }];
    }
    try {
      if (isNew && !isAnnounced) {
        await this.#announceCreate(inputs, tell);
      }
      if (isReplaced) {
        this.run.log.info(
          `${kept.old.licenseName}: an update then ${givesUp(kept.old)}: the program has it replaced, not changed`,
        );
      }
      return [];
    } catch (error) {
      if (error instanceof TooManyPeriodsError) {
        return [{ property: "paidUntil", reason: error.message }];
      }
      throw error;
    }
  }

  /** Says in a preview what a create will do, for which the engine may call nothing but `check`, and what would be refused of it. */
  async #announceCreate(inputs: LicenseInputs, tell: Tell): Promise<void> {
    const { product, pricelist, period } = inputs;
    if (product === UNKNOWN || pricelist === UNKNOWN) {
      return;
    }
    const { pricelists } = this.settings;
    const wish = wishOf(inputs, pricelists, { licenseName: "a license whose name is not known yet" });
    if (inputs.adoptId === UNKNOWN) {
      // What it costs, and whether a limit is in the way, hangs on what nobody knows yet.
      const [orders] = outlookOn({ kind: "order" }, wish, this.#today()).steps;
      const steps = [`${orders}, or takes over the license that ${adoptionInput(wish)} names`];
      await tell({ wish, steps, warnings: [], notices: [], isPeriodKnown: false });
      return;
    }
    const prospect = await this.#prospect(wish, inputs);
    const there = prospect.kind === "take over" ? prospect.observed : undefined;
    const asked = there === undefined ? wish : wishOf(inputs, pricelists, asItIs(there));
    const { notices, warnings, ...outlook } = outlookOn(prospect, asked, this.#today());
    await tell({
      ...outlook,
      wish,
      warnings: [...this.#places.warningsFor(wish.claim), ...warnings],
      notices: hasUnknown(inputs) ? [] : notices,
      isPeriodKnown: period !== UNKNOWN,
    });
  }

  /** What a create will begin with. Reads the account where a license is to be taken over, and the price where more than one is paid. */
  async #prospect(wish: Wish, { period }: LicenseInputs): Promise<Prospect> {
    const adoption = wish.adoptId === undefined ? undefined : await this.#lookForAdopted(wish, wish.adoptId);
    if (adoption !== undefined && adoption.kind !== "order") {
      return adoption;
    }
    const paysMore = wish.paidUntil !== undefined && period !== UNKNOWN;
    const price = paysMore ? await this.run.forecast.priceOf(wish) : undefined;
    return { kind: "order", ...withoutAbsent({ price, warnings: adoption?.warnings }) };
  }

  async #lookForAdopted(wish: Wish, adoptId: string): Promise<Prospect> {
    const { id } = readAdoptId(adoptId);
    const unread = (why: string): Prospect => {
      this.run.log.warn(
        `the account's licenses cannot be read (${why}): what an update pays for those that ${adoptionInput(wish)} names is not told`,
      );
      return { kind: "take over", id };
    };
    try {
      const looking = this.run.operate(() => lookForAdopted(this.run, wish, adoptId));
      const adoption = await this.#patience.waitFor(looking);
      if (adoption === undefined) {
        return unread(`no answer within ${this.#patience.seconds} seconds`);
      }
      if (adoption.kind === "refused") {
        return adoption;
      }
      const { warnings } = adoption;
      if (adoption.kind === "passed over") {
        return { kind: "order", warnings };
      }
      this.run.takenOver.set(id, wish.claim);
      return { kind: "take over", id, observed: adoption.sight.observed, warnings };
    } catch (error) {
      return unread(reasonOf(error));
    }
  }

  readonly #print: Tell = async ({ wish, steps, warnings, notices, payments, isPeriodKnown }) => {
    const { log, forecast } = this.run;
    const { licenseName } = wish;
    for (const step of steps) {
      log.info(`${licenseName}: an update ${step}`);
    }
    for (const warning of warnings) {
      log.warn(`${licenseName}: ${warning}`);
    }
    for (const notice of notices) {
      log.info(`${licenseName}: ${notice}`);
    }
    if (payments !== undefined) {
      await forecast.foresee({ claim: wish.claim, name: licenseName }, [{ wish, payments, isPeriodKnown }]);
    }
  };
}

/** What a preview assumes of what it does not know yet about a license that is there: that it stays. */
function asItIs(there: Observed): Partial<Wish> {
  const { licenseName, ip, autoRenew = false } = there;
  return { licenseName, autoRenew, suspended: isSuspendedByClient(there), ...withoutAbsent({ ip }) };
}

const NO_DIFFERENCE: LicenseDiff = {
  changes: false,
  changed: [],
  replaces: [],
  steps: [],
  payments: { orders: 0, renewals: 0 },
  warnings: [],
  notices: [],
};

function stateOf(properties: RawInputs): LicenseOutputs {
  const outputs = outputsFromState(properties);
  if (outputs === undefined) {
    throw new TypeError("the state of this license holds no tariff or status; run pulumi refresh. Nothing was changed");
  }
  return outputs;
}
