import type { BillmanagerError } from "./errors/BillmanagerError";
import type { Timing } from "./options";
import { longestRetryAfterMs } from "./resend";

/**
 * Lets calls through: one at a time until the panel has accepted one, then `parallel`, and none any more after a refused login.
 *
 * With a wrong password twenty calls that start together are one call to the panel, not twenty steps towards a block.
 */
export class CallGate {
  readonly #parallel: number;
  readonly #waiting: { func: string; enter: () => void; turnAway: (error: BillmanagerError) => void }[] = [];
  #limit = 1;
  #inFlight = 0;
  #shut: ((func: string) => BillmanagerError) | undefined;
  /** Nobody starts before this ends: the server has asked for a pause. */
  #pause: { readonly until: number; readonly over: Promise<void> } | undefined;
  /** Resolves when the gate is shut: nobody needs to wait then for a call that will not start. */
  readonly shutting: Promise<void>;
  #tellShut: () => void = () => undefined;

  constructor(parallel: number) {
    this.#parallel = parallel;
    this.shutting = new Promise((resolve) => {
      this.#tellShut = resolve;
    });
  }

  /** Why no further call starts, as the error of the one asked about; `undefined` while the gate is open. */
  refusal(func: string): BillmanagerError | undefined {
    return this.#shut?.(func);
  }

  /** Resolves when the call may start; rejects with the reason for which the gate was shut. Each entry needs one `leave`. */
  async enter(func: string): Promise<void> {
    while (this.#pause !== undefined && this.#shut === undefined) {
      await Promise.race([this.#pause.over, this.shutting]);
    }
    if (this.#shut !== undefined) throw this.#shut(func);
    if (this.#inFlight < this.#limit && this.#waiting.length === 0) {
      this.#inFlight++;
      return;
    }
    await new Promise<void>((enter, turnAway) => this.#waiting.push({ func, enter, turnAway }));
  }

  leave(): void {
    this.#inFlight--;
    this.#admit();
  }

  /** The panel accepted a call: from now on several may be in flight. */
  widen(): void {
    this.#limit = this.#parallel;
    this.#admit();
  }

  /** The server asked everybody to wait. Longer than anyone would is not waited: each call learns of it by itself. */
  hold(milliseconds: number | undefined, { now, sleep }: Pick<Timing, "now" | "sleep">): void {
    if (milliseconds === undefined || milliseconds > longestRetryAfterMs) return;
    const until = now() + milliseconds;
    // Calls in flight may each be told another time: the latest is the one that satisfies the server.
    if (this.#pause !== undefined && this.#pause.until >= until) return;
    const over = sleep(milliseconds).then(() => {
      if (this.#pause?.over === over) this.#pause = undefined;
      this.#admit();
    });
    this.#pause = { until, over };
  }

  /** No further call starts; those that wait fail, each with an error of its own. The first reason stands. */
  shut(reason: (func: string) => BillmanagerError): void {
    this.#shut ??= reason;
    this.#tellShut();
    for (const { func, turnAway } of this.#waiting.splice(0)) turnAway(this.#shut(func));
  }

  #admit(): void {
    while (this.#pause === undefined && this.#inFlight < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#inFlight++;
      next.enter();
    }
  }
}
