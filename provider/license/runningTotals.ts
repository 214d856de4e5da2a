/**
 * Amounts in the order in which their keys came first, and what those before a key come to. A large program asks that for each of its
 * resources, so it is not added up anew each time.
 */
export class RunningTotals<Key, Amount> {
  readonly #places = new Map<Key, number>();
  /** Nothing stands where a key was taken out. */
  readonly #amounts: (Amount | undefined)[] = [];
  /** The sums of all amounts before a place, as far as they are known. */
  readonly #before: Amount[];

  constructor(
    nothing: Amount,
    private readonly add: (one: Amount, other: Amount) => Amount,
  ) {
    this.#before = [nothing];
  }

  get(key: Key): Amount | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#amounts[place];
  }

  /** A key that is there keeps its place. */
  set(key: Key, amount: Amount): void {
    const place = this.#places.get(key);
    if (place === undefined) {
      this.#places.set(key, this.#amounts.length);
      this.#amounts.push(amount);
    } else {
      this.#change(place, amount);
    }
  }

  delete(key: Key): void {
    const place = this.#places.get(key);
    if (place !== undefined) {
      this.#places.delete(key);
      this.#change(place, undefined);
    }
  }

  /** What all before this key come to; what all come to where it is not there. */
  before(key: Key): Amount {
    const place = this.#places.get(key) ?? this.#amounts.length;
    let sum = this.#before.at(-1) as Amount;
    for (let known = this.#before.length - 1; known < place; known++) {
      const amount = this.#amounts[known];
      sum = amount === undefined ? sum : this.add(sum, amount);
      this.#before.push(sum);
    }
    return this.#before[place] as Amount;
  }

  #change(place: number, amount: Amount | undefined): void {
    if (this.#amounts[place] !== amount) {
      this.#amounts[place] = amount;
      this.#before.length = Math.min(this.#before.length, place + 1);
    }
  }
}
