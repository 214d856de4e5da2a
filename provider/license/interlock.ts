import { FairQueue } from "../billmanager/fairQueue";

/** An order may bring a license that nobody knows; any other change touches one that is there. */
export type ChangeKind = "order" | "change";

/** How long a list that is due lets those changes go first that were asked for before it, in ms: as long as a poll pauses at most. */
const LONGEST_WAIT = 10_000;

/**
 * Keeps lists and changes apart: a list of several pages shifts under a license that comes or goes.
 *
 * Changes go out as many at a time as the account's calls may, so that those which wait here can be told to let a list go first: behind
 * thousands of orders it would see the first of them only when the last is done. Orders and other changes take turns.
 */
export class Interlock {
  readonly #waiting = new FairQueue<ChangeKind, () => void>();
  #underWay = 0;
  /** The list that is due, or under way, and how many changes may still begin before it. */
  #list: { isUnderWay: boolean; changesAhead: number; readonly begin: () => void } | undefined;

  /** @param parallel changes under way at a time */
  constructor(private readonly parallel: number) {}

  /** Whether a list is due or under way: there is one at a time. */
  get isListing(): boolean {
    return this.#list !== undefined;
  }

  async change<T>(kind: ChangeKind, send: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.#waiting.push(kind, begin);
      this.#goOn();
    });
    try {
      return await send();
    } finally {
      this.#underWay -= 1;
      this.#goOn();
      // Whoever has sent the last change asks for a list as soon as it has gone on from here, and can share the one that is due.
      setImmediate(() => this.#beginList());
    }
  }

  /** Lists once the changes are over that were asked for before, or that are under way when it has waited long enough. */
  async list<T>(fetch: () => Promise<T>): Promise<T> {
    const turn = Promise.withResolvers<void>();
    const list = { isUnderWay: false, changesAhead: this.#waiting.size, begin: turn.resolve };
    this.#list = list;
    const enough = setTimeout(() => {
      list.changesAhead = 0;
    }, LONGEST_WAIT);
    this.#beginList();
    try {
      await turn.promise;
      clearTimeout(enough);
      return await fetch();
    } finally {
      this.#list = undefined;
      this.#goOn();
    }
  }

  #goOn(): void {
    while (this.#underWay < this.parallel && this.#mayChange()) {
      const begin = this.#waiting.shift();
      if (begin === undefined) {
        break;
      }
      if (this.#list !== undefined) {
        this.#list.changesAhead -= 1;
      }
      this.#underWay += 1;
      begin();
    }
  }

  #beginList(): void {
    if (this.#list !== undefined && !this.#list.isUnderWay && this.#underWay === 0) {
      this.#list.isUnderWay = true;
      this.#list.begin();
    }
  }

  #mayChange(): boolean {
    return this.#list === undefined || (!this.#list.isUnderWay && this.#list.changesAhead > 0);
  }
}
