import type { LicenseId, LicenseRow } from "../billmanager/types";
import type { Claim } from "./claim";
import { claimOfRow } from "./match";

/** Every license that the account held at one moment. */
export class Listing {
  readonly #rows: ReadonlyMap<LicenseId, LicenseRow>;
  #byClaim: Map<Claim, LicenseRow[]> | undefined;
  #byAddress: Map<string, LicenseRow[]> | undefined;

  constructor(rows: readonly LicenseRow[]) {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }

  get(id: LicenseId): LicenseRow | undefined {
    return this.#rows.get(id);
  }

  rows(): LicenseRow[] {
    return [...this.#rows.values()];
  }

  /** The licenses that were bought for the resource with this claim, as far as they still show it. */
  ofClaim(claim: Claim): readonly LicenseRow[] {
    this.#byClaim ??= groupedBy(this.rows(), claimOfRow);
    return this.#byClaim.get(claim) ?? [];
  }

  onAddress(ip: string): readonly LicenseRow[] {
    this.#byAddress ??= groupedBy(this.rows(), (row) => row.ip);
    return this.#byAddress.get(ip) ?? [];
  }
}

function groupedBy<Key>(
  rows: readonly LicenseRow[],
  keyOf: (row: LicenseRow) => Key | undefined,
): Map<Key, LicenseRow[]> {
  const groups = new Map<Key, LicenseRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key !== undefined) {
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
  }
  return groups;
}

interface Waiter {
  /** When this one has waited long enough, whoever else may come; in ms of `Date.now()`. */
  readonly latest: number;
  /**
   * `gather`: waits only for all others to join, not for time to pass. `stream`: for half of them. `pause`: for its time to pass, and
   * takes a round before that as well.
   */
  readonly kind: "gather" | "stream" | "pause";
  readonly resolve: (listing: Listing) => void;
  readonly reject: (error: unknown) => void;
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
  #waiting: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #listing = false;
  /** A round that waits for the changes under way to end, those, and the changes that wait for the round. */
  #roundIsDue = false;
  #changes = 0;
  #held: (() => void)[] = [];
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

  constructor(fetch: () => Promise<LicenseRow[]>) {
    this.#fetch = fetch;
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
    for (const { reject } of this.#waiting.splice(0)) {
      reject(why);
    }
  }

  #ask(kind: Waiter["kind"], within: number): Promise<Listing> {
    if (this.#ended !== undefined) {
      return Promise.reject(this.#ended);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ latest: Date.now() + within, kind, resolve, reject });
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
  async change<T>(send: () => Promise<T>, only?: LicenseId): Promise<T> {
    while (this.#listing || this.#roundIsDue) {
      await new Promise<void>((resolve) => this.#held.push(resolve));
    }
    this.#changes += 1;
    if (only === undefined) {
      this.#shared = undefined;
    } else {
      this.#shared?.changed.add(only);
    }
    try {
      return await send();
    } finally {
      this.#changes -= 1;
      if (this.#roundIsDue && this.#changes === 0) {
        this.#round();
      }
    }
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
    if (!this.#listing && !this.#roundIsDue && this.#waiting.length > 0) {
      this.#timer = setTimeout(() => this.#round(), Math.max(0, this.#due() - Date.now()));
    }
  }

  #due(): number {
    const latest = Math.min(...this.#waiting.map((waiter) => waiter.latest));
    const enough = this.#enough();
    if (enough === undefined) {
      return latest;
    }
    return this.#waiting.length >= enough ? 0 : Math.min(latest, (this.#begun.at(-1) ?? 0) + this.#quiet());
  }

  /**
   * How long no operation has to have begun for nobody to be expected any more. Of a stream it is known how fast it comes: where all
   * who are under way wait, a pause in which half as many would have begun is its end, and the last ones need not wait for longer.
   */
  #quiet(): number {
    const isAtItsEnd = this.#waiting.length >= this.#operations && this.#waiting.every(({ kind }) => kind === "stream");
    const [first = 0, last = first] = [this.#begun[0], this.#begun.at(-1)];
    return isAtItsEnd ? Math.min(GATHER.quiet, Math.max(SHORTEST_PAUSE, (last - first) / 2)) : GATHER.quiet;
  }

  /** How many have to wait for a round to begin ahead of its time; `undefined` where nobody who waits asks for that. */
  #enough(): number | undefined {
    const kinds = new Set(this.#waiting.map(({ kind }) => kind));
    if (kinds.has("gather")) {
      return this.#hasGathered ? this.#mostOperations : Number.POSITIVE_INFINITY;
    }
    return kinds.has("stream") ? this.#mostOperations / 2 : undefined;
  }

  #round(): void {
    this.#roundIsDue = this.#changes > 0;
    if (this.#roundIsDue) {
      return;
    }
    const served = this.#waiting;
    this.#waiting = [];
    this.#listing = true;
    this.#hasGathered ||= served.some((waiter) => waiter.kind === "gather");
    const listing = this.#fetch().then((rows) => new Listing(rows));
    this.#share(listing);
    const answer = (tell: (waiter: Waiter) => void) => {
      this.#listing = false;
      for (const waiter of served) {
        tell(waiter);
      }
      for (const release of this.#held.splice(0)) {
        release();
      }
      this.#schedule();
    };
    listing.then(
      (found) => {
        this.#latest = found;
        answer((waiter) => waiter.resolve(found));
      },
      (error: unknown) => answer((waiter) => waiter.reject(error)),
    );
  }
}
