/**
 * The time that somebody gives to readings who only wants to know. A panel that does not answer is asked several times: nobody waits for
 * all of them, and after one reading in vain no time is given to another.
 */
export class Patience {
  #hasWaited = false;

  constructor(readonly seconds: number) {}

  /** @returns `undefined` where the reading has not ended in time; it goes on */
  async waitFor<T>(reading: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<undefined>((resolve) => {
      timer = setTimeout(
        () => {
          this.#hasWaited = true;
          resolve(undefined);
        },
        this.#hasWaited ? 0 : this.seconds * 1000,
      );
    });
    return Promise.race([reading, over]).finally(() => clearTimeout(timer));
  }
}
