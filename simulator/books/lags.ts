import { performance } from "node:perf_hooks";
import type { Hiding } from "../faults";
import type { License } from "./license";

interface Lag {
  /** What is shown meanwhile; nothing for a license that has just been ordered. */
  readonly shown: License | undefined;
  listsLeft: number;
  /** Real time in milliseconds. */
  readonly until: number;
}

/** What the books hold already and the panel does not show yet. */
export class Lags {
  private readonly lags = new Map<string, Lag>();

  /** Carries something out whose effects on these licenses do not show for so long. */
  during<Result>(licenses: ReadonlyMap<string, License>, hiding: Hiding, act: () => Result): Result {
    const before = new Map([...licenses.values()].map((license) => [license.id, { ...license }]));
    try {
      return act();
    } finally {
      for (const license of licenses.values()) {
        const old = before.get(license.id);
        // What an earlier lag hides stays hidden.
        const shown = old && this.shown(old);
        if (old === undefined || isChanged(old, license)) this.lags.set(license.id, lagOf(shown, hiding));
      }
    }
  }

  /** The license as the panel shows it now, if it does. */
  shown(license: License): License | undefined {
    const lag = this.lags.get(license.id);
    return lag === undefined || isOver(lag) ? license : lag.shown;
  }

  /** Counts one list, after it has been shown. */
  listed(): void {
    for (const [id, lag] of this.lags) {
      lag.listsLeft -= 1;
      if (isOver(lag)) this.lags.delete(id);
    }
  }

  /** Everything shows. */
  clear(): void {
    this.lags.clear();
  }
}

function lagOf(shown: License | undefined, hiding: Hiding): Lag {
  return typeof hiding === "number"
    ? { shown, listsLeft: hiding, until: Number.POSITIVE_INFINITY }
    : { shown, listsLeft: Number.POSITIVE_INFINITY, until: performance.now() + hiding.seconds * 1000 };
}

function isOver({ listsLeft, until }: Lag): boolean {
  return listsLeft <= 0 || performance.now() >= until;
}

function isChanged(before: License, now: License): boolean {
  return (Object.keys(now) as (keyof License)[]).some((field) => before[field] !== now[field]);
}
