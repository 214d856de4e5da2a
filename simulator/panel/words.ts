import { type License, renewsItself, stateOf } from "../books/license";
import type { Knobs } from "../knobs";
import { formatAmount, type MinorUnits } from "../money";
import { priceOf } from "../tariffs";

const statusWords: Record<string, readonly [english: string, localised: string]> = {
  1: ["Ordered", "Заказан"],
  2: ["Active", "Активен"],
  3: ["Suspended", "Остановлен"],
  4: ["Deleted", "Удален"],
  5: ["Processing", "Обрабатывается"],
};

/** The word for a license's state. */
export function statusWord(license: License, knobs: Knobs): string {
  const [english, localised] = statusWords[stateOf(license)] ?? ["Unknown", "Неизвестно"];
  return knobs.statusWords === "localised" ? localised : english;
}

/** The word for a period, as in "14.00 EUR / Month". */
export function periodWord(period: number): string {
  if (period === 1) return "Month";
  if (period > 1) return `${period} months`;
  if (period === 0) return "Lifetime";
  return period === -100 ? "Trial" : "Day";
}

/** `autoprolong` as a list shows it. */
export function autoprolongText(license: License, knobs: Knobs): string {
  if (renewsItself(license)) {
    return knobs.listAutoprolongOn === "word" ? periodWord(license.period) : String(license.period);
  }
  return knobs.listAutoprolongOff === "empty" ? "" : knobs.listAutoprolongOff;
}

/** "14.00 EUR". */
export function amountText(amount: MinorUnits, currency: string): string {
  return `${formatAmount(amount, currency)} ${currency}`;
}

/** "14.00 EUR / Month". */
export function costText(license: License, currency: string): string {
  return `${amountText(priceOf(license.tariff, license.period, currency), currency)} / ${periodWord(license.period)}`;
}
