/** Lets nobody pass before everybody has come, or has gone away. */
export class Barrier {
  #left: number;
  #open: () => void = () => undefined;
  readonly opened: Promise<void>;

  constructor(count: number) {
    this.#left = count;
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** One of them: it passes when all have come; where its job ends before it comes, nobody waits for it. */
  async with<T>(job: (pass: () => Promise<void>) => Promise<T>): Promise<T> {
    let hasCome = false;
    const come = () => {
      if (!hasCome) {
        hasCome = true;
        this.#left -= 1;
        if (this.#left === 0) {
          this.#open();
        }
      }
      return this.opened;
    };
    try {
      return await job(come);
    } finally {
      void come();
    }
  }
}
