import type { LicenseId, LicenseRow } from "../billmanager/types";
import { Interlock } from "./interlock";
import { Listing } from "./listing";

interface Waiter {
  readonly resolve: (listing: Listing) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * How one waits. `gather`: only for all others to join, not for time to pass. `stream`: for half of them. `pause`: for its time to pass,
 * and takes a round before that as well.
 */
type Waiting = "gather" | "stream" | "pause";

/** Those who wait for the next round. */
class Round {
  readonly waiters: Waiter[] = [];
  readonly #kinds = new Set<Waiting>();
  /** When the first of them has waited long enough, whoever else may come; in ms of `Date.now()`. */
  latest = Number.POSITIVE_INFINITY;

  join(kind: Waiting, latest: number, waiter: Waiter): void {
    this.waiters.push(waiter);
    this.#kinds.add(kind);
    this.latest = Math.min(this.latest, latest);
  }

  has(kind: Waiting): boolean {
    return this.#kinds.has(kind);
  }

  hasOnly(kind: Waiting): boolean {
    return this.#kinds.size === 1 && this.#kinds.has(kind);
  }
}

interface Shared {
  readonly listing: Promise<Listing>;
  /** Licenses that this process has changed since: of these the listing proves nothing any more. */
  readonly changed: Set<LicenseId>;
  usedAt: number;
}

/**
 * How long askers wait for others, in ms: until no operation has begun for a while, and no longer than `most`. The engine starts
 * the operations of an update one by one, and writes the whole state between two of them.
 */
const GATHER = { quiet: 100, most: 500 };
/** How long a stream has to pause at least before it counts as ended, in ms. */
const SHORTEST_PAUSE = 25;
/** A listing answers reads for as long as they keep coming with pauses no longer than this, in ms. */
const READ_PAUSE = 10_000;

/**
 * The account's licenses, listed for many askers at once: one round of list calls at a time, each for all who ask before it begins.
 */
export class Listings {
  readonly #fetch: () => Promise<LicenseRow[]>;
  readonly #interlock: Interlock;
  #next = new Round();
  #timer: NodeJS.Timeout | undefined;
  #operations = 0;
  #mostOperations = 0;
  /** When the latest operations began, as many as have been under way together; in ms of `Date.now()`. */
  readonly #begun: number[] = [];
  /** Whether a round has waited for others: only then it is known how many operations the engine starts together. */
  #hasGathered = false;
  /** The listing that reads may share: of what this process has changed since, `changed` tells. */
  #shared: Shared | undefined;
  #latest: Listing | undefined;
  /** Why nothing is listed any more. */
  #ended: Error | undefined;

  /** @param parallel the account's calls at a time */
  constructor(fetch: () => Promise<LicenseRow[]>, parallel: number) {
    this.#fetch = fetch;
    this.#interlock = new Interlock(parallel);
  }

  /** What was listed last, however long ago. */
  get latest(): Listing | undefined {
    return this.#latest;
  }

  /** Counts an operation that may ask for listings while it is under way. */
  async during<T>(operation: () => Promise<T>): Promise<T> {
    this.#operations += 1;
    this.#mostOperations = Math.max(this.#mostOperations, this.#operations);
    this.#begun.push(Date.now());
    if (this.#begun.length > this.#mostOperations) {
      this.#begun.shift();
    }
    try {
      return await operation();
    } finally {
      this.#operations -= 1;
      this.#schedule();
    }
  }

  /** A listing that is asked for after this call: as soon as others have joined, or at the latest `within` ms from now. */
  next(within?: number): Promise<Listing> {
    return within === undefined ? this.#ask("gather", GATHER.most) : this.#ask("pause", within);
  }

  /**
   * The same for operations that ask once, at their end: half of them wait for it while the engine, which saves the state after each
   * one before it starts another, is busy with the other half.
   */
  nextInStream(): Promise<Listing> {
    return this.#ask("stream", GATHER.most);
  }

  /** Nothing is listed any more: whoever waits for a listing, or asks for one, is told why. */
  end(why: Error): void {
    this.#ended = why;
    const { waiters } = this.#next;
    this.#next = new Round();
    for (const { reject } of waiters) {
      reject(why);
    }
  }

  #ask(kind: Waiting, within: number): Promise<Listing> {
    if (this.#ended !== undefined) {
      return Promise.reject(this.#ended);
    }
    return new Promise((resolve, reject) => {
      this.#next.join(kind, Date.now() + within, { resolve, reject });
      this.#schedule();
    });
  }

  /** A listing to read one license from: one that this run's earlier reads have used, unless this run has changed that license since. */
  recent(id: LicenseId): Promise<Listing> {
    const current = this.#shared;
    const isOld = current === undefined || Date.now() - current.usedAt > READ_PAUSE || current.changed.has(id);
    const shared = isOld ? this.#share(this.next(0)) : current;
    shared.usedAt = Date.now();
    return shared.listing;
  }

  /**
   * Sends a change while nothing is listed: a list of several pages shifts under a license that comes or goes. No later read is
   * answered from before it.
   *
   * @param only the one license that is touched; absent where the change may bring others, as an order does
   */
  change<T>(send: () => Promise<T>, only?: LicenseId): Promise<T> {
    return this.#interlock.change(only === undefined ? "order" : "change", () => {
      if (only === undefined) {
        this.#shared = undefined;
      } else {
        this.#shared?.changed.add(only);
      }
      return send();
    });
  }

  #share(listing: Promise<Listing>): Shared {
    const shared: Shared = { listing, changed: new Set(), usedAt: Date.now() };
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
    if (!this.#interlock.isListing && this.#next.waiters.length > 0) {
      this.#timer = setTimeout(() => this.#round(), Math.max(0, this.#due() - Date.now()));
    }
  }

  #due(): number {
    const { latest, waiters } = this.#next;
    const enough = this.#enough();
    if (enough === undefined) {
      return latest;
    }
    return waiters.length >= enough ? 0 : Math.min(latest, (this.#begun.at(-1) ?? 0) + this.#quiet());
  }

  /**
   * How long no operation has to have begun for nobody to be expected any more. Of a stream it is known how fast it comes: where all
   * who are under way wait, a pause in which half as many would have begun is its end, and the last ones need not wait for longer.
   */
  #quiet(): number {
    const isAtItsEnd = this.#next.waiters.length >= this.#operations && this.#next.hasOnly("stream");
    const [first = 0, last = first] = [this.#begun[0], this.#begun.at(-1)];
    return isAtItsEnd ? Math.min(GATHER.quiet, Math.max(SHORTEST_PAUSE, (last - first) / 2)) : GATHER.quiet;
  }

  /** How many have to wait for a round to begin ahead of its time; `undefined` where nobody who waits asks for that. */
  #enough(): number | undefined {
    if (this.#next.has("gather")) {
      return this.#hasGathered ? this.#mostOperations : Number.POSITIVE_INFINITY;
    }
    return this.#next.has("stream") ? this.#mostOperations / 2 : undefined;
  }

  /** Lists for all who have asked until the list begins, which may have to wait for changes. */
  #round(): void {
    let served: Round | undefined;
    const begin = () => {
      served = this.#next;
      this.#next = new Round();
      this.#hasGathered ||= served.has("gather");
      const listing = this.#fetch().then((rows) => new Listing(rows));
      this.#share(listing);
      return listing;
    };
    const answer = (tell: (waiter: Waiter) => void) => {
      served?.waiters.forEach(tell);
      this.#schedule();
    };
    this.#interlock.list(begin).then(
      (found) => {
        this.#latest = found;
        answer(({ resolve }) => resolve(found));
      },
      (error: unknown) => answer(({ reject }) => reject(error)),
    );
  }
}
