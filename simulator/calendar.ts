/** A calendar day in UTC, `YYYY-MM-DD`. Such texts sort in the order of time. */
export type CalendarDate = string;

/** Length of a trial (`period=-100`). [inferred]: the vendor names the code, not the length. */
const trialDays = 14;
const millisecondsPerDay = 86_400_000;

/** The UTC day of a moment. */
export function dateOf(moment: Date): CalendarDate {
  return moment.toISOString().slice(0, 10);
}

/** Midnight (UTC) that begins the day. */
export function startOf(date: CalendarDate): Date {
  return new Date(`${date}T00:00:00.000Z`);
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return dateOf(new Date(startOf(date).getTime() + days * millisecondsPerDay));
}

/** Adds months; a day that the target month lacks becomes its last: 31 January + 1 = 28 or 29 February. */
export function addMonths(date: CalendarDate, months: number): CalendarDate {
  const start = startOf(date);
  const target = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months, 1));
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(start.getUTCDate(), lastDay));
  return dateOf(target);
}

export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return Math.round((startOf(to).getTime() - startOf(from).getTime()) / millisecondsPerDay);
}

/**
 * The day on which a period that begins at `from` is over.
 *
 * Codes are the vendor's (documented): months when positive, `0` lifetime, `-50` one day, `-100` trial.
 *
 * @returns `undefined` for a lifetime
 */
export function endOfPeriod(from: CalendarDate, period: number): CalendarDate | undefined {
  if (period > 0) return addMonths(from, period);
  if (period === 0) return undefined;
  return addDays(from, period === -100 ? trialDays : 1);
}

/** Reads an ISO date or date-time; a date alone means its midnight in UTC. */
export function parseMoment(text: string): Date {
  const match = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  const day = match?.[1];
  const zoned = match?.[2] === undefined || match[5] !== undefined ? text : `${text}Z`;
  const moment = new Date(zoned);
  if (day === undefined || Number.isNaN(moment.getTime()) || dateOf(startOf(day)) !== day) {
    throw new RangeError(`"${text}" is no ISO date or date-time, such as 2026-01-31 or 2026-01-31T12:00:00Z`);
  }
  return moment;
}
