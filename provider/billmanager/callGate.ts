import type { BillmanagerError, Effect } from "./errors/BillmanagerError";
import { NotSentError } from "./errors/NotSentError";
import { FairQueue } from "./fairQueue";
import type { Timing } from "./options";
import { longestRetryAfterMs, pauseOfAll } from "./resend";

interface Waiter {
  readonly func: string;
  readonly enter: (passage: Passage) => void;
  readonly turnAway: (error: BillmanagerError) => void;
}

/** What the gate has to know again of a call that it let through. */
export interface Passage {
  /** How many pauses the panel had asked for before: what comes of the call says nothing of those that came later. */
  readonly pauses: number;
}

/**
 * Lets calls through: one at a time until the panel has accepted one, then `parallel`, and none any more after a refused login. Calls that
 * read, that change and that charge take turns, so that none waits behind hundreds of another kind.
 *
 * With a wrong password twenty calls that start together are one call to the panel, not twenty steps towards a block. And where the panel
 * asks one call to slow down, nobody starts before that pause is over, and then one at a time again, one more with each that it accepts:
 * all together would be turned away again.
 */
export class CallGate {
  readonly #parallel: number;
  readonly #timing: Timing;
  readonly #waiting = new FairQueue<Effect, Waiter>();
  #limit = 1;
  #inFlight = 0;
  #shut: ((func: string) => BillmanagerError) | undefined;
  /** Nobody starts before this ends: the panel has asked for a pause. */
  #pause: { readonly until: number; readonly over: Promise<void> } | undefined;
  #pauses = 0;
  /** Pauses since the panel has last accepted a call. */
  #pausesInVain = 0;
  /** Nobody starts, or waits, before this: the panel has asked for a longer pause than anybody would wait for. */
  #closedUntil = Number.NEGATIVE_INFINITY;
  /** Resolves when the gate is shut: nobody needs to wait then for a call that will not start. */
  readonly shutting: Promise<void>;
  #tellShut: () => void = () => undefined;

  constructor(parallel: number, timing: Timing) {
    this.#parallel = parallel;
    this.#timing = timing;
    this.shutting = new Promise((resolve) => {
      this.#tellShut = resolve;
    });
  }

  /** Why the call may not start, nor wait to; `undefined` where it may. */
  refusal(func: string): BillmanagerError | undefined {
    if (this.#shut !== undefined) return this.#shut(func);
    const left = this.#closedUntil - this.#timing.now();
    return left > 0 ? tooSoon(func, left) : undefined;
  }

  get isPaused(): boolean {
    return this.#pause !== undefined;
  }

  /** Resolves when the pause that the panel has asked for is over, or the gate is shut. */
  async rest(): Promise<void> {
    while (this.#pause !== undefined && this.#shut === undefined) {
      await Promise.race([this.#pause.over, this.shutting]);
    }
  }

  /** Resolves after this time, or when the gate is shut. */
  async sleep(milliseconds: number): Promise<void> {
    const end = new AbortController();
    await Promise.race([this.#timing.sleep(milliseconds, end.signal), this.shutting]);
    end.abort();
  }

  /** Resolves when the call may start; rejects with the reason for which it may not. Each entry needs one `leave`. */
  async enter(func: string, effect: Effect): Promise<Passage> {
    const refusal = this.refusal(func);
    if (refusal !== undefined) throw refusal;
    return new Promise<Passage>((enter, turnAway) => {
      this.#waiting.push(effect, { func, enter, turnAway });
      this.#admit();
    });
  }

  leave(): void {
    this.#inFlight--;
    this.#admit();
  }

  /** The panel accepted a call: from now on several may be in flight. */
  accepted({ pauses }: Passage): void {
    if (pauses !== this.#pauses) return;
    this.#pausesInVain = 0;
    this.#limit = pauses === 0 ? this.#parallel : Math.min(this.#parallel, this.#limit + 1);
    this.#admit();
  }

  /** The panel asked a call to slow down, and that goes for everybody. */
  slowDown({ pauses }: Passage, retryAfterMs = 0): void {
    // Calls in flight may each be told, and speak of the same moment.
    if (pauses === this.#pauses) {
      this.#pauses++;
      this.#pausesInVain++;
      this.#limit = 1;
    }
    if (retryAfterMs > longestRetryAfterMs) {
      this.#closedUntil = Math.max(this.#closedUntil, this.#timing.now() + retryAfterMs);
      this.#turnAllAway((func) => tooSoon(func, retryAfterMs));
    } else {
      this.#pauseFor(pauseOfAll(this.#pausesInVain, this.#timing.random(), retryAfterMs));
    }
  }

  /** No further call starts; those that wait fail, each with an error of its own. The first reason stands. */
  shut(reason: (func: string) => BillmanagerError): void {
    this.#shut ??= reason;
    this.#tellShut();
    this.#turnAllAway(this.#shut);
  }

  #pauseFor(milliseconds: number): void {
    const until = this.#timing.now() + milliseconds;
    // The latest end is the one that satisfies the server.
    if (this.#pause !== undefined && this.#pause.until >= until) return;
    const over = this.sleep(milliseconds).then(() => {
      if (this.#pause?.over === over) this.#pause = undefined;
      this.#admit();
    });
    this.#pause = { until, over };
  }

  #turnAllAway(reason: (func: string) => BillmanagerError): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.turnAway(reason(next.func));
    }
  }

  #admit(): void {
    while (this.#pause === undefined && this.#inFlight < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#inFlight++;
      next.enter({ pauses: this.#pauses });
    }
  }
}

function tooSoon(func: string, milliseconds: number): NotSentError {
  const seconds = Math.ceil(milliseconds / 1000);
  return new NotSentError(
    func,
    "rate-limited",
    `the server has asked for a pause of ${seconds} seconds more, which is longer than a call waits`,
    milliseconds,
  );
}
