import type { License } from "./license";

interface Lag {
  /** What is shown meanwhile; nothing for a license that has just been ordered. */
  readonly shown: License | undefined;
  listsLeft: number;
}

/** What the books hold already and the panel does not show yet. */
export class Lags {
  private readonly lags = new Map<string, Lag>();

  /** Carries something out whose effects on these licenses do not show for so many lists. */
  during<Result>(licenses: ReadonlyMap<string, License>, lists: number, act: () => Result): Result {
    const before = new Map([...licenses.values()].map((license) => [license.id, { ...license }]));
    try {
      return act();
    } finally {
      for (const license of licenses.values()) {
        const shown = before.get(license.id);
        if (shown === undefined || isChanged(shown, license)) this.lags.set(license.id, { shown, listsLeft: lists });
      }
    }
  }

  /** The license as the panel shows it now, if it does. */
  shown(license: License): License | undefined {
    const lag = this.lags.get(license.id);
    return lag === undefined ? license : lag.shown;
  }

  /** Counts one list, after it has been shown. */
  listed(): void {
    for (const [id, lag] of this.lags) {
      lag.listsLeft -= 1;
      if (lag.listsLeft <= 0) this.lags.delete(id);
    }
  }
}

function isChanged(before: License, now: License): boolean {
  return (Object.keys(now) as (keyof License)[]).some((field) => before[field] !== now[field]);
}
