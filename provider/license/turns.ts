/** Lets jobs that share a key go one after the other, in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(keys: readonly string[], job: () => Promise<T>): Promise<T> {
    const before = keys.map((key) => this.#last.get(key));
    const turn = Promise.allSettled(before).then(job);
    const ended = turn.catch(() => undefined);
    for (const key of keys) {
      this.#last.set(key, ended);
    }
    void ended.then(() => {
      for (const key of keys.filter((taken) => this.#last.get(taken) === ended)) {
        this.#last.delete(key);
      }
    });
    return turn;
  }
}
