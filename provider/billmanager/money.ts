/** An amount as the panel shows it. Text throughout: money never passes through a floating-point number. */
export interface Money {
  /** Decimal text with a dot, e.g. `12.50`, `-3`, `913.9286`. */
  readonly amount: string;
  /** Three capital letters, as shown. */
  readonly currency: string;
}

/** Far above any amount that is printed; what is longer would only cost time. */
const longest = 100;

const spaces = /[\s\u00a0\u2007\u2009\u202f]/g;
const amountAndCurrency = /^(-?[0-9][0-9.,\s\u00a0\u2007\u2009\u202f]*)\s*([A-Z]{3})(?:\s*\/.*)?$/s;
const currencyAndAmount = /^([A-Z]{3})\s*(-?[0-9][0-9.,\s\u00a0\u2007\u2009\u202f]*)(?:\s*\/.*)?$/s;

/**
 * Reads `12.50 EUR`, `1 234,50 EUR`, `EUR 7` and `14.00 EUR / Month`.
 *
 * @returns `undefined` for anything that could be read in two ways (`1,234 EUR`, `1.234 EUR`) or not at all: a guess about money
 * is worse than none
 */
export function parseMoney(text: string): Money | undefined {
  if (text.length > longest) return undefined;
  const trimmed = text.replace(spaces, " ").trim();
  const forward = amountAndCurrency.exec(trimmed);
  if (forward) return money(forward[1], forward[2]);
  const backward = currencyAndAmount.exec(trimmed);
  return backward ? money(backward[2], backward[1]) : undefined;
}

function money(digits: string | undefined, currency: string | undefined): Money | undefined {
  const amount = parseAmount(digits ?? "");
  return amount === undefined || currency === undefined ? undefined : { amount, currency };
}

/** As a message shows it: `14.00 EUR`. */
export function moneyText({ amount, currency }: Money): string {
  return `${amount} ${currency}`;
}

/** @throws TypeError for two currencies: no rate is ever assumed */
export function addMoney(one: Money, other: Money): Money {
  const decimals = commonDecimals(one, other);
  return { amount: amountOf(unitsOf(one, decimals) + unitsOf(other, decimals), decimals), currency: one.currency };
}

/** @throws TypeError for two currencies */
export function subtractMoney(one: Money, other: Money): Money {
  return addMoney(one, multiplyMoney(other, -1));
}

/** @param count a whole number */
export function multiplyMoney(money: Money, count: number): Money {
  const decimals = decimalsOf(money);
  return { amount: amountOf(unitsOf(money, decimals) * BigInt(count), decimals), currency: money.currency };
}

/**
 * By value, however many decimals are written: `14`, `14.0` and `14.00` are the same.
 *
 * @returns negative where the first is less, 0 where both are the same, positive otherwise
 * @throws TypeError for two currencies
 */
export function compareMoney(one: Money, other: Money): number {
  const decimals = commonDecimals(one, other);
  const [first, second] = [unitsOf(one, decimals), unitsOf(other, decimals)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function commonDecimals(one: Money, other: Money): number {
  if (one.currency !== other.currency) {
    throw new TypeError(`amounts of ${one.currency} and of ${other.currency} cannot be reckoned together`);
  }
  return Math.max(decimalsOf(one), decimalsOf(other));
}

function decimalsOf({ amount }: Money): number {
  return amount.split(".")[1]?.length ?? 0;
}

/** The amount in the unit that so many decimals show. @throws SyntaxError where it is no decimal text */
function unitsOf({ amount }: Money, decimals: number): bigint {
  const [whole, fraction = ""] = amount.split(".");
  return BigInt(`${whole}${fraction.padEnd(decimals, "0")}`);
}

function amountOf(units: bigint, decimals: number): string {
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** A printed number as decimal text: `1 234,50` becomes `1234.50`. `undefined` when it is ambiguous or no number. */
export function parseAmount(text: string): string | undefined {
  if (text.length > longest) return undefined;
  const ungrouped = withoutSpaceGroups(text.replace(spaces, " ").trim());
  if (ungrouped === undefined) return undefined;
  // One separator before three digits: thousands to some, decimals to others.
  if (/^-?[1-9][0-9]{0,2}[.,][0-9]{3}$/.test(ungrouped)) return undefined;
  return withDecimalPoint(ungrouped)?.replace(/^(-?)0+(?=[0-9])/, "$1");
}

/** Without its groups of thousands, and with a dot before the decimals. */
function withDecimalPoint(text: string): string | undefined {
  if (/^-?[0-9]+(?:[.,][0-9]+)?$/.test(text)) return text.replace(",", ".");
  if (/^-?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+$/.test(text)) return text.replaceAll(",", "");
  if (/^-?[0-9]{1,3}(?:,[0-9]{3}){2,}$/.test(text)) return text.replaceAll(",", "");
  if (/^-?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+$/.test(text)) return text.replaceAll(".", "").replace(",", ".");
  return undefined;
}

function withoutSpaceGroups(text: string): string | undefined {
  if (!text.includes(" ")) return text;
  return /^-?[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?$/.test(text) ? text.replaceAll(" ", "") : undefined;
}

/** Digits are taken whole, with a currency or without: a search that starts again within them could take for ever. */
const moneyInText = /-?[0-9][0-9.,\u00a0\u2007\u2009\u202f ]*(\s*[A-Z]{3}\b)?/g;

/**
 * The total named in a sentence such as `Total amount: 14.00 EUR`, HTML included.
 *
 * @returns `undefined` when the text names several different amounts and does not say which is the total
 */
export function moneyIn(text: string): Money | undefined {
  const plain = text.replace(/<[^<>]*>/g, " ").replaceAll("&nbsp;", " ");
  const total = /total amount(.*)/is.exec(plain)?.[1];
  const amounts = total === undefined ? amountsIn(plain) : amountsIn(total).slice(0, 1);
  const [only, another] = new Map(amounts.map((found) => [found.replace(spaces, ""), found])).values();
  return only === undefined || another !== undefined ? undefined : parseMoney(only);
}

function amountsIn(text: string): string[] {
  return [...text.matchAll(moneyInText)].flatMap(([found, currency]) => (currency === undefined ? [] : [found]));
}
