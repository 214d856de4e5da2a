interface Place<Item> {
  readonly item: Item;
  next?: Place<Item>;
}

/**
 * Those who wait, each of one kind: the kinds take turns, and inside a kind the first to come is the first to go. So nobody waits behind
 * all of another kind, however many they are.
 */
export class FairQueue<Kind, Item> {
  /** In the order of their turns; a kind of which nobody waits is not among them. */
  readonly #lines = new Map<Kind, { first: Place<Item>; last: Place<Item> }>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(kind: Kind, item: Item): void {
    const place: Place<Item> = { item };
    const line = this.#lines.get(kind);
    if (line === undefined) {
      this.#lines.set(kind, { first: place, last: place });
    } else {
      line.last.next = place;
      line.last = place;
    }
    this.#size++;
  }

  /** Whose turn it is, who then waits no longer. */
  shift(): Item | undefined {
    for (const [kind, { first, last }] of this.#lines) {
      this.#lines.delete(kind);
      // To the end of the turns.
      if (first.next !== undefined) this.#lines.set(kind, { first: first.next, last });
      this.#size--;
      return first.item;
    }
    return undefined;
  }
}
