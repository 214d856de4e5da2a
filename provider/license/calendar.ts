import type { CalendarDate } from "../billmanager/types";

const DAY = 86_400_000;

/** Today as the vendor counts: UTC calendar days. */
export function utcDay(now: Date): CalendarDate {
  return now.toISOString().slice(0, 10) as CalendarDate;
}

/** Negative where `to` lies before `from`. */
export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY);
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return utcDay(new Date(Date.parse(date) + days * DAY));
}

/** The same day of a later month, or that month's last day: 31 January and one month is 28 or 29 February. */
export function addMonths(date: CalendarDate, months: number): CalendarDate {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const lastDay = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return utcDay(new Date(Date.UTC(year, month - 1 + months, Math.min(day, lastDay))));
}
