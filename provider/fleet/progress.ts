/** How often somebody who waits is told how far it is, in ms. */
const PAUSE = 5_000;

/** Says every few seconds how many members of a fleet are done, while it is at work on them. */
export class Progress {
  #done = 0;
  #failed = 0;
  #ordered = 0;
  readonly #timer: NodeJS.Timeout;

  /** @param name the fleet's */
  constructor(
    private readonly name: string,
    private readonly total: number,
    say: (line: string) => void,
  ) {
    this.#timer = setInterval(() => say(this.#line()), PAUSE).unref();
  }

  /** Takes note of how a member's work ends. */
  async of<T extends { readonly error?: unknown }>(work: Promise<T>): Promise<T> {
    const result = await work;
    if (result.error === undefined) {
      this.#done += 1;
    } else {
      this.#failed += 1;
    }
    return result;
  }

  /** Takes note that a member's license is there, although its work may go on. */
  ordered(): void {
    this.#ordered += 1;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #line(): string {
    const failed = this.#failed === 0 ? "" : `, ${this.#failed} failed`;
    const ordered = this.#ordered === 0 ? "" : `, ${this.#ordered} ordered`;
    return `${this.name}: ${this.#done} of ${this.total} licenses done${ordered}${failed}`;
  }
}
