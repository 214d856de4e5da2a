import { isLoginRefused } from "../billmanager/errors/LoginRefusedError";
import { isNotFound } from "../billmanager/errors/NotFoundError";
import { isRefused } from "../billmanager/errors/RefusedError";
import { listLicenses } from "../billmanager/listLicenses";
import { Panel } from "../billmanager/panel";
import { readLicense } from "../billmanager/readLicense";
import type { CalendarDate, LicenseId, LicenseRow } from "../billmanager/types";
import { canonicalAddress } from "./address";
import { utcDay } from "./calendar";
import type { Claim } from "./claim";
import { CancelledError, EngineGoneError, NotFinishedError } from "./errors";
import { Forecast } from "./forecast";
import { Funds } from "./funds";
import { type DeletionPolicy, MEMBER_KEY, type OfMember, type Wish, withoutAbsent } from "./inputs";
import type { Listing } from "./listing";
import { Listings } from "./listings";
import { claimOfRow, type Handled, isLive, isOutOfService } from "./match";
import { lacksDate } from "./plan";
import type { Purse } from "./purse";
import type { Settings } from "./settings";
import { type Observed, observedOf } from "./state";
import { takingOver } from "./takingOver";
import { Turns } from "./turns";

/** Where lines for the user go. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
}

/**
 * What all processes of the provider declare that work for one run of the engine: the host of dynamic resources, the plugin, one plugin
 * more for each explicit provider. A license goes from one to another when its resource does, and the old one is told to give it up.
 *
 * A panel, by its host, has one license to a number, whichever of its accounts shows it.
 */
export interface SharedDeclarations {
  declare(panel: string, id: LicenseId, as?: Declared): void;
  /** Takes back what this process has declared. */
  retract(panel: string, id: LicenseId, as?: Declared): void;
  /** Whether any of them declares it. */
  isDeclared(panel: string, id: LicenseId, as?: Declared): boolean;
}

/** What a license is to the resource that tells of it; without a word that resource's own. */
export type Declared = "asked for" | "leaving";

/** What surrounds a process of the provider. */
export interface Surroundings {
  readonly log: Log;
  /** Absent where this process is the only one of its run, or has no way to tell the others. */
  readonly declarations?: SharedDeclarations | undefined;
  /** Whether the engine that asked for the work no longer listens. */
  engineIsGone(): Promise<boolean>;
  now(): Date;
  /** Seconds that the program gives to the operation under way, in place of config `activationTimeout`; `undefined` where it says nothing. */
  patience?(): number | undefined;
}

/** What of a license the vendor shows now; `gone` is its positive word, never a guess. */
export type Sight =
  | { readonly kind: "shown"; readonly row: LicenseRow; readonly observed: Observed }
  | { readonly kind: "gone"; readonly shownAsDeleted?: true };

export type Shown = Extract<Sight, { kind: "shown" }>;

/** How a license is looked at. */
interface Looking {
  /** Set by who knows that a license which the list does not show is gone. */
  readonly absenceProves?: boolean;
  /** What is asked of it: where that includes renewals, a date that the list does not show is looked for in the form. */
  readonly wish?: Partial<Wish>;
}

/** The license that a create is about. */
export interface Obtained {
  readonly id: LicenseId;
  /** What the account held before, where only the order's answer names this license: the answer may name something else. */
  readonly before?: Listing;
  /** It was there before: nothing was ordered. */
  readonly takenOver?: true;
  /** How it was just seen, where nothing has to be awaited or paid before it is changed. */
  readonly sight?: Shown;
  /** What the panel named for paying, where it did not take the price from the balance. */
  readonly payment?: string;
  /** What an order of it was paid from, or would have been; absent for a license that was taken over. */
  readonly purse?: Purse;
}

/** An order of which nobody knows what became. */
export interface LostOrder {
  readonly claim: Claim;
  /** What is known of its answer. */
  readonly why: string;
  /** What the account held before: whatever it has bought is something else. */
  readonly before: Listing;
  /** The bill that the panel wants paid first. */
  readonly payment?: string;
}

/** A renewal that was not refused. */
export interface SentRenewal {
  /** The end of the term that it prolongs. */
  readonly expiresOn: CalendarDate | undefined;
  /** What is known of its answer, where it was lost. */
  readonly lost?: Error;
  /** Its effect was not looked for until `searchTimeout` was over. */
  readonly isCutShort?: true;
}

/** How the engine asks for a check. */
export interface ClaimAsked {
  readonly isNew: boolean;
  readonly isRenamed: boolean;
  readonly isAgain: boolean;
  readonly urn?: string | undefined;
}

/** What tells a license that a resource has from others in the account. */
interface Managed extends OfMember {
  readonly claim?: Claim;
  readonly licenseName: string;
  readonly deletionPolicy: DeletionPolicy;
}

/** How long a waiting observer pauses at first and at most, in ms. */
const PAUSE = { first: 1_000, most: 10_000 };

/** How long a call that changes something may go on for its answer once the run is cancelled, in ms. */
const LAST_ANSWERS = 3_000;

/**
 * One process of one engine operation: the account it works on and what it has learnt and done so far.
 *
 * Everything here lives only as long as the process. What has to outlive it stands in the engine's state or at the vendor.
 */
export class Run {
  readonly listings: Listings;
  readonly funds: Funds;
  readonly forecast: Forecast;
  readonly turns = new Turns();
  /** licenses that the program declares for certain: brought about by this run, or found to stay as they are */
  readonly declared = new Set<LicenseId>();
  readonly handled = { known: new Set<LicenseId>(), replaced: new Set<LicenseId>() } satisfies Handled;
  /** licenses that the state knows as deleted, and that this run orders again */
  readonly gone = new Set<LicenseId>();
  /** claims of resources that the program declares: new ones, those in the state, and those among these that get another product */
  readonly ordering = new Set<Claim>();
  readonly updating = new Set<Claim>();
  /** claims that those in the state keep from a name that they no longer have */
  readonly renamed = new Set<Claim>();
  readonly replacing = new Set<Claim>();
  /**
   * What the operations of this run have led to. A program can have the engine repeat one that failed, up to a hundred times: it goes on
   * from here and charges nothing again, although the vendor may not show yet what was charged.
   */
  readonly obtained = new Map<string, Obtained>();
  readonly lostOrders = new Map<string, LostOrder>();
  readonly sentRenewals = new Map<LicenseId, SentRenewal>();
  /** licenses that the program names in an `adoptId`, and the claims of the resources that shall have them */
  readonly askedFor = new Map<LicenseId, Claim>();
  /** those of them that are there and can be had */
  readonly takenOver = new Map<LicenseId, Claim>();
  readonly #leaving = new Set<LicenseId>();
  readonly #urns = new Map<Claim, Set<string>>();
  readonly #tariffNumbers = new Map<string, Promise<number | undefined>>();
  readonly #log: Log;

  constructor(
    readonly panel: Panel,
    readonly settings: Settings,
    private readonly surroundings: Surroundings,
  ) {
    const list = async () => (await listLicenses(panel)).map(withCanonicalAddress);
    this.listings = new Listings(list, settings.parallel);
    const { log } = surroundings;
    const warned = new Set<string>();
    this.#log = {
      info: (line) => log.info(panel.redact(line)),
      // A refresh both reads and compares, and either has to say it: once is enough.
      warn(line) {
        if (!warned.has(line)) {
          warned.add(line);
          log.warn(panel.redact(line));
        }
      },
    };
    const warn = (line: string) => this.#log.warn(line);
    this.funds = new Funds(panel, settings, warn);
    this.forecast = new Forecast(this.funds, settings, warn);
    panel.beforeChanges(async () => {
      if (await surroundings.engineIsGone()) {
        throw new EngineGoneError(
          "the Pulumi engine of this run is gone: nothing more was changed; the next update goes on",
        );
      }
    });
  }

  /** Lines may show names and prices of the panel's, which may echo the credentials. A warning is told once in a run. */
  get log(): Log {
    return this.#log;
  }

  get account(): string {
    return this.panel.account;
  }

  get #host(): string {
    return new URL(this.settings.endpoint).host;
  }

  /** How long the operation under way waits for the vendor to finish, in seconds; 0: not at all. */
  get activationTimeout(): number {
    return this.surroundings.patience?.() ?? this.settings.activationTimeout;
  }

  /** Has what is under way end within seconds, by saving what is known: nobody waits any more, and no further call starts. */
  cancel(): void {
    this.listings.end(new CancelledError("the run was cancelled; the next update goes on"));
    this.panel.end("the run was cancelled", LAST_ANSWERS);
  }

  today(): CalendarDate {
    return utcDay(this.surroundings.now());
  }

  /** Counts an operation that calls the panel, whose client is loaded while the operation waits for others to list with. */
  operate<T>(operation: () => Promise<T>): Promise<T> {
    this.panel.prepare();
    return this.listings.during(operation);
  }

  /** Remembers that the license is, or stays, a resource that the program declares: nothing in this run may give it up. */
  declare(id: LicenseId): void {
    if (!this.declared.has(id)) {
      this.surroundings.declarations?.declare(this.#host, id);
    }
    this.declared.add(id);
    this.handled.known.add(id);
  }

  /** Whether {@link declare} was called for it, here or in another process of this run. */
  isDeclared(id: LicenseId): boolean {
    return this.declared.has(id) || this.surroundings.declarations?.isDeclared(this.#host, id) === true;
  }

  /** Remembers that a resource of the program is to take the license over: whoever has it now must not give it up before. */
  askFor(id: LicenseId, claim: Claim): void {
    if (!this.askedFor.has(id)) {
      this.surroundings.declarations?.declare(this.#host, id, "asked for");
    }
    this.askedFor.set(id, claim);
  }

  /** Remembers that a fleet of this program is about to give the license up, and that nobody wanted it when that was decided. */
  leave(id: LicenseId): void {
    if (!this.#leaving.has(id)) {
      this.surroundings.declarations?.declare(this.#host, id, "leaving");
    }
    this.#leaving.add(id);
  }

  /** Whether {@link leave} was called for it, here or in another process of this run. */
  isLeaving(id: LicenseId): boolean {
    return this.#leaving.has(id) || this.surroundings.declarations?.isDeclared(this.#host, id, "leaving") === true;
  }

  /**
   * Whether the license is another resource's, or is to be.
   *
   * @param claim of the resource that has it
   */
  isOthers(id: LicenseId, claim: Claim | undefined): boolean {
    return this.isDeclared(id) || this.isAskedFor(id, claim);
  }

  /** Whether another resource than that of the claim is to take it over. */
  isAskedFor(id: LicenseId, claim: Claim | undefined): boolean {
    const asking = this.askedFor.get(id);
    // What this process has told the others it reads again.
    return asking === undefined
      ? this.surroundings.declarations?.isDeclared(this.#host, id, "asked for") === true
      : asking !== claim;
  }

  /** One license as a shared list shows it; a single read only where the list leaves a doubt. */
  async look(
    id: LicenseId,
    listing: Promise<Listing>,
    { absenceProves = false, wish = {} }: Looking = {},
  ): Promise<Sight> {
    const listed = (await listing).get(id);
    const observed = listed === undefined ? undefined : observedOf(listed);
    if (listed !== undefined && observed !== undefined) {
      return lacksDate(observed, wish) ? this.#withDate(listed, observed) : { kind: "shown", row: listed, observed };
    }
    return listed === undefined && absenceProves ? { kind: "gone" } : this.readAlone(id, listed);
  }

  /** A list may show a phrase in place of the date that the license's own form shows. */
  async #withDate(row: LicenseRow, observed: Observed): Promise<Shown> {
    try {
      const { expiresOn } = await readLicense(this.panel, row.id);
      const dated = withoutAbsent({ expiresOn });
      return { kind: "shown", row: { ...row, ...dated }, observed: { ...observed, ...dated } };
    } catch (error) {
      if (isLoginRefused(error) || !isRefused(error)) {
        throw error;
      }
      return { kind: "shown", row, observed };
    }
  }

  /**
   * The row with its tariff's number, which lists show by name only.
   *
   * @param sharing `name`: one single read serves all rows of that tariff's name and price. `nothing`: each row is read by itself, for a
   * decision that costs money: a panel may give two tariffs one name
   */
  async withTariffNumber(row: LicenseRow, sharing: "name" | "nothing"): Promise<LicenseRow> {
    if (row.pricelist !== undefined) {
      return row;
    }
    const key =
      sharing === "name" && row.tariff !== undefined ? `name ${row.tariff} at ${row.cost}` : `license ${row.id}`;
    const reading = this.#tariffNumbers.get(key) ?? readLicense(this.panel, row.id).then(({ pricelist }) => pricelist);
    this.#tariffNumbers.set(key, reading);
    try {
      const pricelist = await reading;
      return pricelist === undefined ? row : { ...row, pricelist };
    } catch (error) {
      // The next one who asks may have better luck.
      this.#tariffNumbers.delete(key);
      throw error;
    }
  }

  async readAlone(id: LicenseId, listed?: LicenseRow): Promise<Sight> {
    try {
      const row = withCanonicalAddress({ ...listed, ...(await readLicense(this.panel, id)) });
      const observed = observedOf(row);
      if (observed === undefined) {
        throw new NotFinishedError(
          `the panel shows license ${id} without a status, so nothing can be decided about it`,
        );
      }
      return observed.status === "deleted" ? { kind: "gone", shownAsDeleted: true } : { kind: "shown", row, observed };
    } catch (error) {
      if (isNotFound(error)) {
        return { kind: "gone" };
      }
      throw error;
    }
  }

  /**
   * Says where the last list showed a second license for what this one is for, and no resource is known to have it.
   *
   * @param isGone the license itself is: the second one may take its place
   */
  warnOfOthers(id: LicenseId, managed: Managed, isGone = false): void {
    const { claim, licenseName, deletionPolicy } = managed;
    const { latest } = this.listings;
    const own = latest?.get(id);
    const { known, replaced } = this.handled;
    const isAnother = (row: LicenseRow) => row.id !== id && isLive(row) && !known.has(row.id) && !replaced.has(row.id);
    const named = (row: LicenseRow) => `${licenseName}: license ${row.id}${row.ip === undefined ? "" : ` (${row.ip})`}`;
    const isSetAside = (row: LicenseRow) =>
      deletionPolicy === "suspend" && isOutOfService(row) && own !== undefined && !isOfSameTariff(row, own);
    // An order that was cut off may have bought it.
    for (const row of (claim === undefined ? [] : (latest?.ofClaim(claim) ?? [])).filter(isAnother)) {
      if (isSetAside(row)) {
        continue;
      }
      const how =
        managed[MEMBER_KEY] === undefined
          ? "pulumi up --replace <urn>"
          : `recreateWhenDeleted: true, ${takingOver(row.id, managed)}`;
      const advice = isGone
        ? `put it in the place of license ${id}, which is gone (${how}), or delete it in the panel`
        : "delete one of the two in the panel";
      this.log.warn(`${named(row)} was bought for this resource, too: ${advice}`);
    }
    // Two stacks that order in the same moment cannot see each other.
    for (const row of (own?.ip === undefined ? [] : (latest?.onAddress(own.ip) ?? [])).filter(isAnother)) {
      const theirs = claimOfRow(row);
      if (own !== undefined && isOfSameTariff(row, own) && (theirs === undefined || theirs !== claim)) {
        const owner = theirs === undefined ? "" : `, bought for another resource (claim ${theirs})`;
        this.log.warn(
          `${named(row)} is a license of the same tariff on this address, too${owner}: one of the two is one too many`,
        );
      }
    }
  }

  /** Another live license of this claim and tariff on the address that this one is to be moved to: to move it there makes two of one. */
  inTheWay(id: LicenseId, { claim, ip }: Wish): LicenseRow | undefined {
    const { latest } = this.listings;
    const own = latest?.get(id);
    return latest
      ?.ofClaim(claim)
      .find((row) => row.id !== id && isLive(row) && row.ip === ip && own !== undefined && isOfSameTariff(row, own));
  }

  /**
   * Waits until the license looks as wanted, by lists that all waiting operations share.
   *
   * @param seconds at most; 0 looks once
   * @param options as for {@link look}
   * @param options.patient lists that fail are asked for again until the time is over, except where no further call is made
   * @returns what was seen last, whether or not it is as wanted
   */
  async waitFor(
    id: LicenseId,
    wanted: (sight: Sight) => boolean,
    seconds: number,
    { patient = false, ...looking }: Looking & { readonly patient?: boolean } = {},
  ): Promise<Sight> {
    const deadline = Date.now() + seconds * 1000;
    let last: { readonly sight: Sight } | { readonly error: unknown } | undefined;
    for (
      let pause: number | undefined;
      ;
      pause = pause === undefined ? PAUSE.first : Math.min(pause * 1.5, PAUSE.most)
    ) {
      if (last !== undefined && Date.now() + (pause ?? 0) > deadline) {
        break;
      }
      try {
        last = { sight: await this.look(id, this.listings.next(pause), looking) };
      } catch (error) {
        if (!patient || endsAllCalls(error)) {
          throw error;
        }
        last = { error };
      }
      if ("sight" in last && wanted(last.sight)) {
        break;
      }
    }
    if ("error" in last) {
      throw last.error;
    }
    return last.sight;
  }

  /**
   * Sends one call that changes something. Reads that follow are not answered from before it.
   *
   * @param only as for {@link Listings.change}
   * @throws EngineGoneError before anything is sent, where nobody is left to save what the call would do when its turn has come
   */
  change<T>(call: () => Promise<T>, only?: LicenseId): Promise<T> {
    return this.listings.change(call, only);
  }

  /**
   * Takes note of a declared resource's claim.
   *
   * @param asked.isNew nothing stands in the state, or the engine asks once more because it is about to replace what does, or has given
   * it up already
   * @param asked.isRenamed it keeps the claim of a name that another resource may have now
   * @param asked.isAgain it was checked with its old inputs before, by which it is known to be a renamed one
   * @param asked.urn where the engine tells it: then two resources are told from one of which it asks twice
   * @returns whether a new resource and one in the state have the same: the new one would take the other's license for its own. Two in
   * the state may: licenses that were bought for one resource, one after the other, can be imported as two
   */
  isClaimedTwice(claim: Claim, { isNew, isRenamed, isAgain, urn }: ClaimAsked): boolean {
    if (urn !== undefined) {
      const urns = this.#urns.get(claim) ?? new Set();
      this.#urns.set(claim, urns.add(urn));
      (isNew ? this.ordering : this.updating).add(claim);
      return urns.size > 1 && this.ordering.has(claim);
    }
    if (isNew && (isAgain || this.replacing.has(claim))) {
      return false;
    }
    (isNew ? this.ordering : this.updating).add(claim);
    if (isRenamed) {
      this.renamed.add(claim);
    }
    return this.ordering.has(claim) && this.renamed.has(claim);
  }

  /** Takes back what {@link declare} has noted: what the state has is about to be brought about anew. */
  withdraw(id: LicenseId): void {
    if (this.declared.delete(id)) {
      this.surroundings.declarations?.retract(this.#host, id);
    }
    this.handled.known.delete(id);
  }

  /** Remembers that a new license takes the place of this one, which is given up afterwards, or before. */
  replace(id: LicenseId, claim: Claim): void {
    this.withdraw(id);
    this.handled.replaced.add(id);
    this.replacing.add(claim);
  }
}

/** A run with a panel of its own. No connection is made yet. */
export function startRun(settings: Settings, surroundings: Surroundings): Run {
  const { endpoint, username, password, auth, timeout, parallel } = settings;
  const panel = new Panel({ endpoint, username, password, auth, timeoutSeconds: timeout, parallel });
  return new Run(panel, settings, surroundings);
}

/** What surrounds a run that only reads: it has nothing to say, and needs nobody to save what it returns. */
export const READING: Surroundings = {
  log: { info: () => undefined, warn: () => undefined },
  engineIsGone: () => Promise.resolve(false),
  now: () => new Date(),
};

/** After it there is nothing to wait for: no further call starts. */
export function endsAllCalls(error: unknown): boolean {
  return isLoginRefused(error) || error instanceof CancelledError;
}

function isOfSameTariff(one: LicenseRow, other: LicenseRow): boolean {
  return one.pricelist === undefined || other.pricelist === undefined
    ? one.tariff !== undefined && one.tariff === other.tariff
    : one.pricelist === other.pricelist;
}

function withCanonicalAddress(row: LicenseRow): LicenseRow {
  const ip = row.ip === undefined ? undefined : (canonicalAddress(row.ip) ?? row.ip);
  return ip === undefined || ip === row.ip ? row : { ...row, ip };
}
