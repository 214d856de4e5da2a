/**
 * One license as its owner would keep the books by hand: what the vendor does by itself, what the pages promise of an update, and what
 * both cost. Written from docs/license.md, docs/renewal.md, docs/suspension.md and docs/simulator.md alone; it shares no code with
 * the provider or the simulator, so that it can disagree with either.
 */

/** `YYYY-MM-DD`; such texts sort in the order of time. */
export type Day = string;

export interface Asked {
  readonly suspended: boolean;
  readonly autoRenew: boolean;
  readonly renewBeforeDays?: number | undefined;
  readonly paidUntil?: Day | undefined;
}

/** What may be wrong with a night. */
export type Weather =
  | "clear"
  /** no connection to the panel */
  | "down"
  /** the list of licenses cannot be read */
  | "no list"
  /** what is asked for is done, and each answer is lost */
  | "answers lost"
  /** the same for renewals, of which the panel shows nothing before the morning */
  | "renewals hidden";

export type Act = "renew" | "suspend" | "resume" | "abuse" | "switch autoRenew";

/** `lapsed`: the vendor took it out of service unpaid; `barred`: the vendor's staff did. */
type Condition = "active" | "suspended" | "lapsed" | "barred" | "gone";

interface Shown {
  readonly condition: Condition;
  readonly paidUntil: Day;
  readonly renewsItself: boolean;
}

/** The vendor deletes what has lapsed for so long. */
const DAYS_UNTIL_GONE = 30;

export class Bookkeeper {
  /** `2027-02-28 prolong 14.00 until 2027-03-28` */
  readonly entries: string[] = [];
  /** In hundredths. */
  total = 0n;
  wasBarred = false;
  /** Renewed in the panel while it was suspended, and so until an earlier day than before. */
  wasShortened = false;
  #now: Shown;
  #lapsedOn: Day = "";
  /** What the stack's state holds: what the last refresh or update was shown. */
  #remembered: Shown;
  /** The last update has failed after it had looked at the license. */
  #isUnfinished = false;

  /** The order, and what the same update goes on to do. */
  constructor(
    private readonly months: number,
    private readonly price: bigint,
    today: Day,
    asked: Asked,
  ) {
    const paidUntil = after(today, months);
    this.#now = { condition: "active", paidUntil, renewsItself: asked.autoRenew };
    this.#remembered = this.#now;
    this.#pay("order", today, paidUntil);
    // The days before expiry are left to the next update.
    this.#update(today, { ...asked, renewBeforeDays: undefined }, "clear");
  }

  get condition(): Condition {
    return this.#now.condition;
  }

  /** A day begins. */
  midnight(today: Day): void {
    const { condition } = this.#now;
    if (condition === "lapsed" && daysFrom(this.#lapsedOn, today) >= DAYS_UNTIL_GONE) {
      this.#become({ condition: "gone" });
    }
    while ((condition === "active" || condition === "suspended") && this.#now.paidUntil <= today) {
      if (!this.#now.renewsItself) {
        this.#become({ condition: "lapsed" });
        this.#lapsedOn = today;
        return;
      }
      const paidUntil = after(this.#now.paidUntil, this.months);
      this.#pay("autoprolong", today, paidUntil);
      this.#become({ paidUntil });
    }
  }

  /** Somebody else does something in the panel. @returns whether the license's condition allows it */
  outside(act: Act, today: Day): boolean {
    const { condition, renewsItself } = this.#now;
    const possible: Record<Act, boolean> = {
      renew: condition !== "gone" && condition !== "barred",
      suspend: condition === "active",
      resume: condition === "suspended" || condition === "barred",
      abuse: condition === "active" || condition === "suspended",
      "switch autoRenew": condition !== "gone",
    };
    if (!possible[act]) {
      return false;
    }
    switch (act) {
      case "renew": {
        const { paidUntil } = this.#now;
        this.#renew(today);
        this.wasShortened ||= this.#now.paidUntil < paidUntil;
        return true;
      }
      case "suspend":
        this.#become({ condition: "suspended" });
        return true;
      case "resume":
        this.#become({ condition: "active" });
        return true;
      case "abuse":
        this.wasBarred = true;
        this.#become({ condition: "barred" });
        return true;
      case "switch autoRenew":
        this.#become({ renewsItself: !renewsItself });
        return true;
    }
  }

  /** The nightly pipeline. @returns whether the update of this license succeeds */
  night(today: Day, asked: Asked, weather: Weather, refreshes: boolean): boolean {
    if (weather === "down" || weather === "no list") {
      return true;
    }
    if (refreshes) {
      this.#remembered = this.#now;
      this.#isUnfinished = false;
    }
    const isNothingToDo = !this.#isUnfinished && !isAnythingToDo(this.#remembered, asked, today, this.months);
    return isNothingToDo || this.#update(today, asked, weather);
  }

  #update(today: Day, asked: Asked, weather: Weather): boolean {
    this.#isUnfinished = false;
    this.#remembered = this.#now;
    if (this.#now.condition === "gone" || this.#now.condition === "barred") {
      return this.#switchRenewal(asked);
    }
    const periods = periodsDue(this.#now, asked, today, this.months);
    if (this.#now.condition === "suspended" && (!asked.suspended || periods > 0)) {
      this.#become({ condition: "active" });
    }
    for (let paid = 0; paid < periods; paid += 1) {
      // Paid by others, or by a longer term than announced: the rest is not needed.
      if (paid > 0 && this.#now.paidUntil >= (asked.paidUntil ?? "")) {
        break;
      }
      this.#remembered = this.#now;
      this.#renew(today);
      if (weather === "renewals hidden") {
        return this.#fails();
      }
    }
    this.#remembered = this.#now;
    if (this.#now.paidUntil < (asked.paidUntil ?? "")) {
      // Less than announced came of it: the next update goes on.
      return this.#fails();
    }
    if (asked.suspended && this.#now.condition === "active") {
      this.#become({ condition: "suspended" });
    }
    return this.#switchRenewal(asked);
  }

  #switchRenewal({ autoRenew }: Asked): true {
    if (this.#now.condition !== "gone") {
      this.#become({ renewsItself: autoRenew });
    }
    this.#remembered = this.#now;
    return true;
  }

  #fails(): false {
    this.#isUnfinished = true;
    return false;
  }

  /** The vendor counts from the end of a license in service, and from today for one out of service. */
  #renew(today: Day): void {
    const { condition } = this.#now;
    const paidUntil = after(condition === "active" ? this.#now.paidUntil : today, this.months);
    this.#pay("prolong", today, paidUntil);
    this.#become({ paidUntil, condition: "active" });
  }

  #pay(kind: string, today: Day, paidUntil: Day): void {
    const amount = this.price * BigInt(this.months);
    this.total += amount;
    this.entries.push(`${today} ${kind} ${amount / 100n}.${String(amount % 100n).padStart(2, "0")} until ${paidUntil}`);
  }

  #become(changes: Partial<Shown>): void {
    this.#now = { ...this.#now, ...changes };
  }
}

function isAnythingToDo(shown: Shown, asked: Asked, today: Day, months: number): boolean {
  if (shown.condition === "gone") {
    return false;
  }
  return (
    periodsDue(shown, asked, today, months) > 0 ||
    (shown.condition === "suspended" && !asked.suspended) ||
    (shown.condition === "active" && asked.suspended) ||
    shown.renewsItself !== asked.autoRenew
  );
}

/** As a preview announces them: one within the days before expiry, and as many as `paidUntil` takes. */
function periodsDue(shown: Shown, asked: Asked, today: Day, months: number): number {
  if (shown.condition === "barred") {
    return 0;
  }
  const isWithinDays = asked.renewBeforeDays !== undefined && daysFrom(today, shown.paidUntil) <= asked.renewBeforeDays;
  let reached = shown.paidUntil;
  let periods = 0;
  if (isWithinDays || reached < (asked.paidUntil ?? "")) {
    reached = after(reached < today ? today : reached, months);
    periods = 1;
  }
  while (reached < (asked.paidUntil ?? "")) {
    reached = after(reached, months);
    periods += 1;
  }
  return periods;
}

const MS_OF_A_DAY = 24 * 60 * 60 * 1000;

export function daysFrom(from: Day, to: Day): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / MS_OF_A_DAY;
}

export function daysAfter(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * MS_OF_A_DAY).toISOString().slice(0, 10);
}

/** The same day some months later, or the last one of a month that is too short. */
function after(day: Day, months: number): Day {
  const [year = "", month = "", date = ""] = day.split("-");
  const count = Number(year) * 12 + Number(month) - 1 + months;
  const first = `${String(Math.floor(count / 12)).padStart(4, "0")}-${String((count % 12) + 1).padStart(2, "0")}`;
  for (let tried = Number(date); ; tried -= 1) {
    const candidate = `${first}-${String(tried).padStart(2, "0")}`;
    if (daysAfter(candidate, 0) === candidate) {
      return candidate;
    }
  }
}
