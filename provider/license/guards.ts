import type { Balance } from "../billmanager/account";
import { addMoney, compareMoney, type Money, moneyText } from "../billmanager/money";
import { maxPriceOf, type Wish } from "./inputs";
import type { Step } from "./plan";
import type { Settings } from "./settings";

/** What is known of a tariff's price for one period. */
export type Quote =
  | { readonly kind: "priced"; readonly price: Money }
  /** The vendor answers, and names no price. */
  | { readonly kind: "none" }
  | { readonly kind: "unread"; readonly why: string };

/** What is known of the account's money. */
export type Balances =
  | { readonly kind: "read"; readonly all: readonly Balance[] }
  | { readonly kind: "unread"; readonly why: string };

/** Why something is not paid for, and what the user can do about it. Either is a clause without a full stop. */
export interface Refusal {
  readonly reason: string;
  readonly advice: string;
}

/** How often one operation pays the price of a period. */
export interface Payments {
  readonly orders: number;
  readonly renewals: number;
}

export function paymentsOf(steps: readonly Step[]): Payments {
  return {
    orders: steps.filter(({ kind }) => kind === "order").length,
    renewals: steps.reduce((sum, step) => sum + (step.kind === "renew" ? step.periods : 0), 0),
  };
}

/**
 * Whether a period may be paid for at the vendor's price. Without a price that is known for certain a limit is not kept, so that
 * nothing passes it in silence: a wrong yes pays more than the user has allowed.
 *
 * @param maxPrice `undefined` for no limit, which anything keeps
 */
export function judgePrice(quote: Quote, maxPrice: Money | undefined): Refusal | undefined {
  if (maxPrice === undefined) {
    return undefined;
  }
  const limit = `maxPrice (${moneyText(maxPrice)})`;
  switch (quote.kind) {
    case "unread":
      return {
        reason: `the price cannot be read (${quote.why}), so it cannot be held against ${limit}`,
        advice: "run the update again when the panel answers",
      };
    case "none":
      return {
        reason: `the vendor names no price, so there is nothing to hold against ${limit}`,
        advice: "remove maxPrice to pay whatever the vendor asks",
      };
    case "priced": {
      const price = `one period costs ${moneyText(quote.price)}`;
      if (quote.price.currency !== maxPrice.currency) {
        return {
          reason: `${price}, which is not the currency of ${limit}`,
          advice: `give maxPrice in ${quote.price.currency}`,
        };
      }
      return compareMoney(quote.price, maxPrice) > 0
        ? { reason: `${price}, more than ${limit}`, advice: "set a higher maxPrice if that price is right" }
        : undefined;
    }
  }
}

/**
 * What the account can pay with in a currency: balance and credit. Which of several balances of one currency pays is not said, so
 * they count together: nothing is refused that the vendor might accept.
 *
 * @returns `undefined` where it shows no balance in this currency
 */
export function availableIn(balances: readonly Balance[], currency: string): Money | undefined {
  let available: Money | undefined;
  for (const balance of balances.filter((one) => one.currency === currency)) {
    const own = addMoney(balance, { amount: balance.credit ?? "0", currency });
    available = available === undefined ? own : addMoney(available, own);
  }
  return available;
}

/**
 * Whether the account can pay this price on top of what is spoken for already. What costs nothing needs no money, not even where the
 * balance is below zero.
 */
export function covers(available: Money, spokenFor: Money, price: Money): boolean {
  return (
    compareMoney(price, nothingIn(price.currency)) <= 0 || compareMoney(addMoney(spokenFor, price), available) <= 0
  );
}

/** A price beside the money that there is for it, or why the two cannot be held against each other. */
export type Measure =
  | { readonly kind: "known"; readonly price: Money; readonly available: Money }
  | { readonly kind: "doubt"; readonly why: string };

export function measure(quote: Quote, balances: Balances): Measure {
  if (balances.kind === "unread") {
    return doubt(`the account's balance cannot be read (${balances.why})`);
  }
  switch (quote.kind) {
    case "unread":
      return doubt(`the vendor's price cannot be read (${quote.why})`);
    case "none":
      return doubt("the vendor names no price");
    case "priced": {
      const { price } = quote;
      const unread = balances.all.find((balance) => balance.currency === price.currency && balance.unreadCredit);
      if (unread !== undefined) {
        return doubt(`the account's credit cannot be read ("${unread.unreadCredit}")`);
      }
      const available = availableIn(balances.all, price.currency);
      return available === undefined
        ? doubt(`the account shows no balance in ${price.currency}`)
        : { kind: "known", price, available };
    }
  }
}

function doubt(why: string): Measure {
  return { kind: "doubt", why };
}

export function nothingIn(currency: string): Money {
  return { amount: "0", currency };
}

/** A limit that cannot be read is an error, never no limit. */
export function limitOf({ maxPrice }: Wish): Money | undefined {
  if (maxPrice === undefined) {
    return undefined;
  }
  const limit = maxPriceOf(maxPrice);
  if (limit === undefined) {
    throw new TypeError(`maxPrice "${maxPrice}" is no amount of money: nothing was sent`);
  }
  return limit;
}

/** Why config forbids the order that would be the run's so manyth. */
export function limitOnOrders(
  { allowOrders, maxOrders }: Pick<Settings, "allowOrders" | "maxOrders">,
  count: number,
): string | undefined {
  if (!allowOrders) {
    return "orders are switched off (billmanager:allowOrders is false)";
  }
  return maxOrders !== undefined && count > maxOrders
    ? `a run may send no more orders than billmanager:maxOrders allows (${maxOrders})`
    : undefined;
}
