import { type MinorUnits, parseAmount } from "./money";

/** One line of the panel's price list. */
export interface Tariff {
  /** The tariff code that orders name, e.g. 9203. */
  readonly pricelist: number;
  /** What lists show in place of the code, e.g. "CloudLinux". */
  readonly name: string;
  /** Price of one month, e.g. "14.00". Longer periods cost so many times as much unless `prices` says otherwise. */
  readonly price: string;
  /** Currency of the price. Default: the currency of the account that looks at it. */
  readonly currency?: string;
  /** Whether an order must name an IP address. Default true. */
  readonly ipRequired?: boolean;
  /** Periods that can be ordered: months, `0` lifetime, `-50` day, `-100` trial. Default `[1]`. */
  readonly periods?: readonly number[];
  /** Prices of single periods, keyed by period. Lifetime and day have no price without one; a trial is free. */
  readonly prices?: Readonly<Record<number, string>>;
}

/** Codes: documented. Prices and names: the simulator's choice. */
export const defaultTariffs: readonly Tariff[] = [
  { pricelist: 9203, name: "CloudLinux", price: "14.00" },
  { pricelist: 9204, name: "Softaculous", price: "2.50" },
  { pricelist: 11738, name: "KernelCare", price: "3.50" },
];

/** Periods of newer products (documented for BitNinja), which the knob `otherPeriods` opens for every tariff. */
const widerPeriods: readonly number[] = [1, 3, 6, 12, -100];

/** The price list: defaults, overridden and extended by code. */
export class Tariffs {
  private readonly byCode = new Map<number, Tariff>();

  constructor(extra: readonly Tariff[]) {
    for (const tariff of [...defaultTariffs, ...extra]) {
      this.byCode.set(tariff.pricelist, tariff);
    }
    for (const tariff of this.byCode.values()) {
      const currency = tariff.currency ?? "EUR";
      parseAmount(tariff.price, currency);
      for (const period of periodsOf(tariff, false)) priceOf(tariff, period, currency);
    }
  }

  get(pricelist: number): Tariff | undefined {
    return this.byCode.get(pricelist);
  }

  all(): Tariff[] {
    return [...this.byCode.values()];
  }
}

export function periodsOf(tariff: Tariff, wider: boolean): number[] {
  const own = tariff.periods ?? [1];
  return wider ? [...new Set([...own, ...widerPeriods])] : [...own];
}

/** @throws RangeError where a lifetime or day price is asked for and the tariff names none */
export function priceOf(tariff: Tariff, period: number, currency: string): MinorUnits {
  const known = prices.get(tariff) ?? new Map<string, MinorUnits>();
  prices.set(tariff, known);
  const price = known.get(`${period} ${currency}`) ?? computedPrice(tariff, period, currency);
  known.set(`${period} ${currency}`, price);
  return price;
}

/** A list shows the price of every row, and rows are many. */
const prices = new WeakMap<Tariff, Map<string, MinorUnits>>();

function computedPrice(tariff: Tariff, period: number, currency: string): MinorUnits {
  const named = tariff.prices?.[period];
  if (named !== undefined) return parseAmount(named, currency);
  if (period > 0) return parseAmount(tariff.price, currency) * BigInt(period);
  if (period === -100) return 0n;
  throw new RangeError(`tariff ${tariff.pricelist} offers period ${period}; give it a price in \`prices\``);
}
