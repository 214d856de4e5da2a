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

/** A printed number as decimal text: `1 234,50` becomes `1234.50`. `undefined` when it is ambiguous or no number. */
export function parseAmount(text: string): string | undefined {
  if (text.length > longest) return undefined;
  const ungrouped = withoutSpaceGroups(text.replace(spaces, " ").trim());
  if (ungrouped === undefined) return undefined;
  // One separator before three digits: thousands to some, decimals to others.
  if (/^-?[1-9][0-9]{0,2}[.,][0-9]{3}$/.test(ungrouped)) return undefined;
  const plain =
    /^(-?[0-9]+(?:[.,][0-9]+)?)$/.exec(ungrouped)?.[1]?.replace(",", ".") ??
    /^(-?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+)$/.exec(ungrouped)?.[1]?.replaceAll(",", "") ??
    /^(-?[0-9]{1,3}(?:,[0-9]{3}){2,})$/.exec(ungrouped)?.[1]?.replaceAll(",", "") ??
    /^(-?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+)$/.exec(ungrouped)?.[1]?.replaceAll(".", "").replace(",", ".");
  return plain?.replace(/^(-?)0+(?=[0-9])/, "$1");
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
  const total = /total amount[^0-9A-Z-]*(.*)/is.exec(plain)?.[1];
  if (total !== undefined) return parseMoney(amountsIn(total)[0] ?? "");
  const amounts = new Map(amountsIn(plain).map((found) => [found.replace(spaces, ""), found]));
  const [only] = amounts.values();
  return amounts.size === 1 ? parseMoney(only ?? "") : undefined;
}

function amountsIn(text: string): string[] {
  return [...text.matchAll(moneyInText)].flatMap(([found, currency]) => (currency === undefined ? [] : [found]));
}
