import type { LicenseId, LicenseRow } from "../billmanager/types";

/** Every license that the account held at one moment. */
export type Listing = ReadonlyMap<LicenseId, LicenseRow>;

interface Waiter {
  readonly due: number;
  readonly resolve: (listing: Listing) => void;
  readonly reject: (error: unknown) => void;
}

interface Shared {
  readonly listing: Promise<Listing>;
  usedAt: number;
}

/** How long the first of several askers waits for the others, in ms, and how long where a round itself takes long. */
const GATHER = { least: 25, most: 250 };
/** A listing answers reads for as long as they keep coming with pauses no longer than this, in ms. */
const READ_PAUSE = 10_000;

/**
 * The account's licenses, listed for many askers at once: one round of list calls at a time, each for all who ask before it begins.
 */
export class Listings {
  readonly #fetch: () => Promise<LicenseRow[]>;
  #waiting: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<Listing> | undefined;
  #lastDuration = 0;
  /** The listing that reads may share: nothing was changed by this process since it was asked for. */
  #shared: Shared | undefined;

  constructor(fetch: () => Promise<LicenseRow[]>) {
    this.#fetch = fetch;
  }

  /** A listing that is asked for after this call and at the latest `within` ms from now (by default as soon as others have joined). */
  next(within?: number): Promise<Listing> {
    const wait = within ?? Math.min(Math.max(2 * this.#lastDuration, GATHER.least), GATHER.most);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ due: Date.now() + wait, resolve, reject });
      this.#schedule();
    });
  }

  /** A listing for reading only: one that this run's earlier reads have used, as long as this run has changed nothing since. */
  recent(): Promise<Listing> {
    const current = this.#shared;
    const shared =
      current === undefined || Date.now() - current.usedAt > READ_PAUSE ? this.#share(this.next()) : current;
    shared.usedAt = Date.now();
    return shared.listing;
  }

  /** To be called around every change that this process sends: no read may be answered from before it. */
  changed(): void {
    this.#shared = undefined;
  }

  #share(listing: Promise<Listing>): Shared {
    const shared: Shared = { listing, usedAt: Date.now() };
    this.#shared = shared;
    listing.catch(() => {
      if (this.#shared === shared) {
        this.#shared = undefined;
      }
    });
    return shared;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#running !== undefined || this.#waiting.length === 0) {
      return;
    }
    const due = Math.min(...this.#waiting.map((waiter) => waiter.due));
    this.#timer = setTimeout(() => this.#round(), Math.max(0, due - Date.now()));
  }

  #round(): void {
    const served = this.#waiting;
    this.#waiting = [];
    const begun = performance.now();
    const listing = this.#fetch().then((rows): Listing => new Map(rows.map((row) => [row.id, row])));
    this.#running = listing;
    this.#share(listing);
    const end = () => {
      this.#running = undefined;
      this.#lastDuration = performance.now() - begun;
      this.#schedule();
    };
    listing.then(
      (found) => {
        end();
        for (const waiter of served) {
          waiter.resolve(found);
        }
      },
      (error: unknown) => {
        end();
        for (const waiter of served) {
          waiter.reject(error);
        }
      },
    );
  }
}
