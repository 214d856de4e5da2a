import { isUnknownOutcome } from "../billmanager/errors/UnknownOutcomeError";
import { addMoney, type Money, moneyText, multiplyMoney, subtractMoney } from "../billmanager/money";
import type { Panel } from "../billmanager/panel";
import type { Claim } from "./claim";
import { OrderStoppedError, RenewalStoppedError } from "./errors";
import { covers, judgePrice, limitOf, limitOnOrders, measure, nothingIn, type Payments, type Refusal } from "./guards";
import { MEMBER_KEY, type Wish } from "./inputs";
import { type Purse, Purses } from "./purse";
import type { Settings } from "./settings";

/** What is to be paid for one license. */
export interface Payment {
  readonly purse: Purse;
  readonly wish: Wish;
  readonly payments: Payments;
}

/**
 * The limits that one run keeps when it orders and renews: the vendor's price against `maxPrice`, the account's money against all that
 * the run pays, and the orders that config allows.
 *
 * Prices and balance are read once, and only for what is due. What concurrent operations pay is set aside before anything is sent.
 */
export class Funds {
  readonly #purses: Purses;
  /** What the balance that was read no longer holds, or may no longer hold, by currency. */
  readonly #spokenFor = new Map<string, Money>();
  #orders = 0;
  /** Of orders that were judged together and are not sent yet. */
  readonly #reserved = new Map<Claim, { readonly purse: Purse; readonly count: number }>();

  constructor(
    panel: Panel,
    private readonly settings: Pick<Settings, "allowOrders" | "maxOrders">,
    private readonly warn: (line: string) => void,
  ) {
    this.#purses = new Purses(panel);
  }

  /** Reads what is not known yet of price and balance. @throws LoginRefusedError */
  read(wish: Wish): Promise<Purse> {
    return this.#purses.read(wish);
  }

  /**
   * Sends an order if it and the renewals that follow it at once are allowed and can be paid: what cannot be paid to its end is not
   * begun. Decides, and sets the money aside, before its first await. Whoever orders has to {@link settle} in the end.
   *
   * @throws OrderStoppedError nothing was sent
   */
  async order<T>(purse: Purse, wish: Wish, renewals: number, send: () => Promise<T>): Promise<T> {
    this.release(wish.claim);
    const limit = limitOnOrders(this.settings, this.#orders + 1);
    if (limit !== undefined) {
      throw new OrderStoppedError(`${limit}. Nothing was ordered`);
    }
    const refused = this.#refusal(purse, wish, 1 + renewals);
    if (refused !== undefined) {
      throw new OrderStoppedError(`${refused.reason}. Nothing was ordered; ${refused.advice}`);
    }
    this.#orders += 1;
    this.#setAside(purse, renewals);
    purse.renewalsAhead = renewals;
    return this.#pay(purse, send);
  }

  /**
   * Sets aside what orders that belong together need, where all of them are allowed and can be paid beside the renewals that are due:
   * whoever is to pay for many licenses begins with none where the last one would be refused. Decides before its first await. Whoever
   * reserves has to {@link release} each claim in the end.
   *
   * @returns why it cannot be; nothing is set aside then
   */
  reserve(dues: readonly Payment[]): string | undefined {
    const orders = dues.filter(({ payments }) => payments.orders > 0);
    const limit = orders.length > 0 ? limitOnOrders(this.settings, this.#orders + orders.length) : undefined;
    if (limit !== undefined) {
      return `${orders.length} are to be ordered, and ${limit}`;
    }
    const needed = new Map<string, { readonly sum: Money; readonly available: Money }>();
    for (const { purse, wish, payments } of dues) {
      const refused = judgePrice(purse.quote, limitOf(wish));
      if (refused !== undefined && payments.orders > 0) {
        return `${wish[MEMBER_KEY] ?? wish.licenseName}: ${refused.reason}; ${refused.advice}`;
      }
      const measured = measure(purse.quote, purse.balances);
      // A renewal that is too dear is refused by itself, and needs no money.
      if (measured.kind === "known" && refused === undefined) {
        const { price, available } = measured;
        const { sum } = needed.get(price.currency) ?? { sum: nothingIn(price.currency) };
        needed.set(price.currency, { sum: addMoney(sum, multiplyMoney(price, countOf(payments))), available });
      }
    }
    for (const { sum, available } of needed.values()) {
      const spokenFor = this.#spokenFor.get(sum.currency) ?? nothingIn(sum.currency);
      if (!covers(available, spokenFor, sum)) {
        return `${moneyText(sum)} are needed in all, and ${moneyText(subtractMoney(available, spokenFor))} are available (balance and credit, less what this run spends); top up the account`;
      }
    }
    for (const { purse, wish, payments } of orders) {
      this.#orders += 1;
      this.#setAside(purse, countOf(payments));
      this.#reserved.set(wish.claim, { purse, count: countOf(payments) });
    }
    return undefined;
  }

  /** Frees what {@link reserve} has set aside for one order: it is about to be sent, or it is not sent any more. */
  release(claim: Claim): void {
    const reserved = this.#reserved.get(claim);
    if (reserved !== undefined) {
      this.#reserved.delete(claim);
      this.#orders -= 1;
      this.#setAside(reserved.purse, -reserved.count);
    }
  }

  /** Why a renewal of one period would not be sent, as things stand. */
  refusedRenewal(purse: Purse, wish: Wish): Refusal | undefined {
    return this.#refusal(purse, wish, purse.renewalsAhead > 0 ? 0 : 1);
  }

  /** Sends a renewal of one period, as {@link order} does an order. @throws RenewalStoppedError nothing was sent */
  async renew<T>(purse: Purse, wish: Wish, send: () => Promise<T>): Promise<T> {
    const refused = this.refusedRenewal(purse, wish);
    if (refused !== undefined) {
      throw new RenewalStoppedError(refused);
    }
    if (purse.renewalsAhead > 0) {
      this.#setAside(purse, -1);
      purse.renewalsAhead -= 1;
    }
    return this.#pay(purse, send);
  }

  /** The operation is over: renewals that it did not come to need no money. */
  settle(purse: Purse): void {
    this.#setAside(purse, -purse.renewalsAhead);
    purse.renewalsAhead = 0;
  }

  /** @param count periods to be paid for that no money was set aside for yet */
  #refusal(purse: Purse, wish: Wish, count: number): Refusal | undefined {
    const refused = judgePrice(purse.quote, limitOf(wish));
    if (refused !== undefined) {
      return refused;
    }
    const measured = measure(purse.quote, purse.balances);
    if (measured.kind === "doubt") {
      this.sayDoubt(measured.why);
      return undefined;
    }
    const { price, available } = measured;
    const spokenFor = this.#spokenFor.get(price.currency) ?? nothingIn(price.currency);
    const needed = multiplyMoney(price, count);
    return covers(available, spokenFor, needed)
      ? undefined
      : {
          reason:
            `${moneyText(needed)} are needed${count > 1 ? " for it and its renewals" : ""}, and ` +
            `${moneyText(subtractMoney(available, spokenFor))} are available (balance and credit, less what this run spends)`,
          advice: "top up the account",
        };
  }

  /** Sends what costs one period. The money is free again where the vendor provably did not take it. */
  async #pay<T>(purse: Purse, send: () => Promise<T>): Promise<T> {
    this.#setAside(purse, 1);
    try {
      return await send();
    } catch (error) {
      if (!isUnknownOutcome(error)) {
        this.#setAside(purse, -1);
      }
      throw error;
    }
  }

  #setAside(purse: Purse, count: number): void {
    const measured = measure(purse.quote, purse.balances);
    if (measured.kind === "known") {
      const { price } = measured;
      const before = this.#spokenFor.get(price.currency) ?? nothingIn(price.currency);
      this.#spokenFor.set(price.currency, addMoney(before, multiplyMoney(price, count)));
    }
  }

  sayDoubt(why: string): void {
    this.warn(`${why}: whether the account can pay is left to the vendor`);
  }
}

function countOf({ orders, renewals }: Payments): number {
  return orders + renewals;
}
