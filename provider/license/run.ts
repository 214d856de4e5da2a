import { isLoginRefused } from "../billmanager/errors/LoginRefusedError";
import { isNotFound } from "../billmanager/errors/NotFoundError";
import { listLicenses } from "../billmanager/listLicenses";
import type { Panel } from "../billmanager/panel";
import { readLicense } from "../billmanager/readLicense";
import type { CalendarDate, LicenseId, LicenseRow } from "../billmanager/types";
import { canonicalAddress } from "./address";
import { utcDay } from "./calendar";
import type { Claim } from "./claim";
import { EngineGoneError, NotFinishedError, OrderStoppedError } from "./errors";
import { type Listing, Listings } from "./listings";
import { claimOfRow, type Handled, isLive } from "./match";
import type { Settings } from "./settings";
import { type Observed, observedOf } from "./state";
import { Turns } from "./turns";

/** Where lines for the user go. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
}

/** What surrounds a process of the provider. */
export interface Surroundings {
  readonly log: Log;
  /** Whether the engine that asked for the work no longer listens. */
  engineIsGone(): Promise<boolean>;
  now(): Date;
}

/** What of a license the vendor shows now; `gone` is its positive word, never a guess. */
export type Sight =
  | { readonly kind: "shown"; readonly row: LicenseRow; readonly observed: Observed }
  | { readonly kind: "gone"; readonly shownAsDeleted?: true };

/** The license that a create is about. */
export interface Obtained {
  readonly id: LicenseId;
  /** What the panel named for paying, where it did not take the price from the balance. */
  readonly payment?: string;
}

/** An order of which nobody knows what became. */
export interface LostOrder {
  readonly claim: Claim;
  /** What is known of its answer. */
  readonly why: string;
  /** What stood in its place before: whatever it has bought is something else. */
  readonly before: ReadonlySet<LicenseId>;
}

/** A renewal that was not refused. */
export interface SentRenewal {
  /** The end of the term that it prolongs. */
  readonly expiresOn: CalendarDate | undefined;
  /** What is known of its answer, where it was lost. */
  readonly lost?: Error;
}

/** How long a waiting observer pauses at first and at most, in ms. */
const PAUSE = { first: 1_000, most: 10_000 };

/**
 * One process of one engine operation: the account it works on and what it has learnt and done so far.
 *
 * Everything here lives only as long as the process. What has to outlive it stands in the engine's state or at the vendor.
 */
export class Run {
  readonly listings: Listings;
  readonly turns = new Turns();
  /** licenses that the program declares for certain: brought about by this run, or found to stay as they are */
  readonly declared = new Set<LicenseId>();
  readonly handled = { known: new Set<LicenseId>(), replaced: new Set<LicenseId>() } satisfies Handled;
  /** claims of resources in the state that the program declares, and of those among them that get another product */
  readonly updating = new Set<Claim>();
  readonly replacing = new Set<Claim>();
  /**
   * What the operations of this run have led to. A program can have the engine repeat one that failed, up to a hundred times: it goes on
   * from here and charges nothing again, although the vendor may not show yet what was charged.
   */
  readonly obtained = new Map<string, Obtained>();
  readonly lostOrders = new Map<string, LostOrder>();
  readonly sentRenewals = new Map<LicenseId, SentRenewal>();
  readonly #tariffNumbers = new Map<string, Promise<number | undefined>>();
  readonly #planned = new Set<Claim>();
  #orders = 0;

  constructor(
    readonly panel: Panel,
    readonly settings: Settings,
    private readonly surroundings: Surroundings,
  ) {
    this.listings = new Listings(async () => (await listLicenses(panel)).map(withCanonicalAddress));
    panel.beforeChanges(async () => {
      if (await surroundings.engineIsGone()) {
        throw new EngineGoneError(
          "the Pulumi engine of this run is gone: nothing more was changed; the next update goes on",
        );
      }
    });
  }

  get log(): Log {
    return this.surroundings.log;
  }

  get account(): string {
    return this.panel.account;
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
    this.declared.add(id);
    this.handled.known.add(id);
  }

  /**
   * One license as a shared list shows it; a single read only where the list leaves a doubt.
   *
   * @param absenceProves for who knows that a license which the list does not show is gone
   */
  async look(id: LicenseId, listing: Promise<Listing>, absenceProves = false): Promise<Sight> {
    const listed = (await listing).get(id);
    const observed = listed === undefined ? undefined : observedOf(listed);
    if (listed !== undefined && observed !== undefined) {
      return { kind: "shown", row: listed, observed };
    }
    return listed === undefined && absenceProves ? { kind: "gone" } : this.readAlone(id, listed);
  }

  /** The row with its tariff's number, which lists show by name only: one single read per name and run. */
  async withTariffNumber(row: LicenseRow): Promise<LicenseRow> {
    if (row.pricelist !== undefined) {
      return row;
    }
    const read = async () => (await readLicense(this.panel, row.id)).pricelist;
    const number = row.tariff === undefined ? read() : (this.#tariffNumbers.get(row.tariff) ?? read());
    if (row.tariff !== undefined) {
      this.#tariffNumbers.set(row.tariff, number);
    }
    const pricelist = await number.catch((error: unknown) => {
      // Of this license, now: another one of the tariff may show it, or the next try.
      if (row.tariff !== undefined && this.#tariffNumbers.get(row.tariff) === number) {
        this.#tariffNumbers.delete(row.tariff);
      }
      throw error;
    });
    return pricelist === undefined ? row : { ...row, pricelist };
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

  /** Says where the last list showed a second license for what this one is for, and no resource is known to have it. */
  warnOfOthers(id: LicenseId, { claim, licenseName }: { readonly claim?: Claim; readonly licenseName: string }): void {
    const { latest } = this.listings;
    const { known, replaced } = this.handled;
    const isAnother = (row: LicenseRow) => row.id !== id && isLive(row) && !known.has(row.id) && !replaced.has(row.id);
    const named = (row: LicenseRow) => `${licenseName}: license ${row.id}${row.ip === undefined ? "" : ` (${row.ip})`}`;
    // An order that was cut off may have bought it.
    for (const row of (claim === undefined ? [] : (latest?.ofClaim(claim) ?? [])).filter(isAnother)) {
      this.log.warn(
        `${named(row)} was bought for this resource, too: delete it in the panel, or put it in the place of ` +
          `license ${id} (pulumi up --replace <urn>)`,
      );
    }
    // Two stacks that order in the same moment cannot see each other.
    const own = latest?.get(id);
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

  /**
   * Waits until the license looks as wanted, by lists that all waiting operations share.
   *
   * @param seconds at most; 0 looks once
   * @param options.absenceProves as for {@link look}
   * @param options.patient lists that fail are asked for again until the time is over, except after a refused login
   * @returns what was seen last, whether or not it is as wanted
   */
  async waitFor(
    id: LicenseId,
    wanted: (sight: Sight) => boolean,
    seconds: number,
    { absenceProves = false, patient = false } = {},
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
        last = { sight: await this.look(id, this.listings.next(pause), absenceProves) };
      } catch (error) {
        if (!patient || isLoginRefused(error)) {
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
   * @param othersStay as for {@link Listings.change}
   * @throws EngineGoneError before anything is sent, where nobody is left to save what the call would do when its turn has come
   */
  change<T>(call: () => Promise<T>, othersStay = false): Promise<T> {
    return this.listings.change(call, othersStay);
  }

  /** Counts an order that is about to be sent. @throws OrderStoppedError where config forbids it */
  countOrder(): void {
    const refusal = this.#refusalOfOrder(this.#orders + 1);
    if (refusal !== undefined) {
      throw new OrderStoppedError(`${refusal}. Nothing was ordered`);
    }
    this.#orders += 1;
  }

  /** Counts an order that an update would send, however often it is announced. @returns why the update would refuse it */
  planOrder(claim: Claim): string | undefined {
    this.#planned.add(claim);
    return this.#refusalOfOrder(this.#planned.size);
  }

  #refusalOfOrder(count: number): string | undefined {
    const { allowOrders, maxOrders } = this.settings;
    if (!allowOrders) {
      return "orders are switched off (billmanager:allowOrders is false)";
    }
    return maxOrders !== undefined && count > maxOrders
      ? `a run may send no more orders than billmanager:maxOrders allows (${maxOrders})`
      : undefined;
  }
}

function isOfSameTariff(one: LicenseRow, other: LicenseRow): boolean {
  return one.pricelist === undefined || other.pricelist === undefined
    ? one.tariff !== undefined && one.tariff === other.tariff
    : one.pricelist === other.pricelist;
}

function withCanonicalAddress(row: LicenseRow): LicenseRow {
  const ip = row.ip === undefined ? undefined : (canonicalAddress(row.ip) ?? row.ip);
  return ip === undefined ? row : { ...row, ip };
}
