import { type CalendarDate, dateOf } from "./calendar";

/**
 * The simulator's own time. It stands still until it is moved, so that a test decides what day it is; a running one
 * keeps pace with real time from wherever it was put.
 */
export class Clock {
  private base: number;
  private baseReal = Date.now();

  constructor(
    start: Date,
    private readonly running: boolean,
  ) {
    this.base = start.getTime();
  }

  now(): Date {
    return new Date(this.running ? this.base + (Date.now() - this.baseReal) : this.base);
  }

  today(): CalendarDate {
    return dateOf(this.now());
  }

  /** @throws RangeError for a moment in the past: what has been booked cannot be unbooked by turning the clock back */
  moveTo(moment: Date): void {
    const now = this.now();
    if (Number.isNaN(moment.getTime())) throw new RangeError("the clock cannot be moved that far");
    if (moment < now) {
      throw new RangeError(
        `the clock stands at ${now.toISOString()} and cannot go back to ${moment.toISOString()}; start a new simulator instead`,
      );
    }
    this.base = moment.getTime();
    this.baseReal = Date.now();
  }
}
