import { isLoginRefused } from "../billmanager/errors/LoginRefusedError";
import { addMoney, type Money, moneyText, multiplyMoney, subtractMoney } from "../billmanager/money";
import type { Claim } from "./claim";
import { reasonOf } from "./errors";
import type { Funds } from "./funds";
import { covers, judgePrice, limitOf, limitOnOrders, measure, nothingIn, type Payments } from "./guards";
import type { Wish } from "./inputs";
import { Patience } from "./patience";
import type { Purse } from "./purse";
import type { Settings } from "./settings";

/**
 * What a preview can tell of the limits that an update would keep. The engine asks several times about one license: what is announced
 * for it takes the place of what was announced before, and is never added to it.
 */
export class Forecast {
  /** Resources that an update would order for, and what it would spend on each, in the order in which they were announced. */
  readonly #ordering = new Set<Claim>();
  readonly #planned = new Map<Claim, Money>();
  /** Of all that is planned, by currency: kept, so that a large program does not add it up for each license. */
  readonly #sums = new Map<string, Money>();
  readonly #patience: Patience;

  constructor(
    private readonly funds: Funds,
    private readonly settings: Pick<Settings, "allowOrders" | "maxOrders" | "timeout">,
    private readonly warn: (line: string) => void,
  ) {
    this.#patience = new Patience(settings.timeout);
  }

  /**
   * Warns of what an update would refuse to pay for. Reads only, and only where something is due; a read that fails is a warning, too.
   *
   * @param isPeriodKnown false where a preview does not know yet how long a period is, and so what it costs
   */
  async foresee(wish: Wish, payments: Payments, isPeriodKnown = true): Promise<void> {
    const { orders, renewals } = payments;
    const { claim, licenseName } = wish;
    if (orders + renewals === 0) {
      this.#forget(claim);
      return;
    }
    const refuses = `${licenseName}: an update would refuse to ${orders > 0 ? "order" : "renew"}`;
    if (orders > 0) {
      this.#ordering.add(claim);
      const limit = limitOnOrders(this.settings, placeOf(claim, this.#ordering));
      if (limit !== undefined) {
        this.#note(claim, undefined);
        this.warn(`${refuses}: ${limit}`);
        return;
      }
    }
    const purse = isPeriodKnown ? await this.#readOrSay(wish) : undefined;
    if (purse === undefined) {
      this.#note(claim, undefined);
      return;
    }
    const refused = judgePrice(purse.quote, limitOf(wish));
    if (refused !== undefined) {
      this.#forget(claim);
      this.warn(`${refuses}: ${refused.reason}; ${refused.advice}`);
      return;
    }
    this.#plan(wish, purse, orders + renewals);
  }

  /** What one period costs. Asks for nothing where an update would refuse to order anyway. */
  async priceOf(wish: Wish): Promise<Money | undefined> {
    const { claim } = wish;
    const place = this.#ordering.has(claim) ? placeOf(claim, this.#ordering) : this.#ordering.size + 1;
    if (limitOnOrders(this.settings, place) !== undefined) {
      return undefined;
    }
    const quote = (await this.#readOrSay(wish))?.quote;
    return quote?.kind === "priced" ? quote.price : undefined;
  }

  /** Adds up what an update would spend, and warns where the account cannot pay it. */
  #plan({ claim, licenseName }: Wish, purse: Purse, count: number): void {
    const measured = measure(purse.quote, purse.balances);
    if (measured.kind === "doubt") {
      this.#note(claim, undefined);
      this.funds.sayDoubt(measured.why);
      return;
    }
    const { price, available } = measured;
    const own = multiplyMoney(price, count);
    this.#note(claim, own);
    if (covers(available, nothingIn(price.currency), this.#sumIn(price.currency))) {
      return;
    }
    const before = [...this.#planned.values()]
      .slice(0, placeOf(claim, this.#planned) - 1)
      .filter(({ currency }) => currency === price.currency)
      .reduce(addMoney, nothingIn(price.currency));
    if (!covers(available, before, own)) {
      this.warn(
        `${licenseName}: with it an update would spend ${moneyText(addMoney(before, own))}, and ${moneyText(available)} are available ` +
          "(balance and credit): it would refuse what they do not cover; top up the account",
      );
    }
  }

  #note(claim: Claim, own: Money | undefined): void {
    const old = this.#planned.get(claim);
    if (old !== undefined) {
      this.#sums.set(old.currency, subtractMoney(this.#sumIn(old.currency), old));
    }
    if (own === undefined) {
      this.#planned.delete(claim);
    } else {
      this.#planned.set(claim, own);
      this.#sums.set(own.currency, addMoney(this.#sumIn(own.currency), own));
    }
  }

  #sumIn(currency: string): Money {
    return this.#sums.get(currency) ?? nothingIn(currency);
  }

  #forget(claim: Claim): void {
    this.#ordering.delete(claim);
    this.#note(claim, undefined);
  }

  /** @returns `undefined` where one line has told all that can be said */
  async #readOrSay(wish: Wish): Promise<Purse | undefined> {
    let purse: Purse | undefined;
    try {
      purse = await this.#patience.waitFor(this.funds.read(wish));
    } catch (error) {
      if (!isLoginRefused(error)) {
        throw error;
      }
      this.warn(
        `neither the account's balance nor prices can be read: ${reasonOf(error)}. No further call is made with this login`,
      );
      return undefined;
    }
    if (purse === undefined) {
      this.warn(
        `the account's balance and prices cannot be read within ${this.#patience.seconds} seconds, so nothing is told of what they allow`,
      );
      return undefined;
    }
    const { quote } = purse;
    if (quote.kind === "unread" && wish.maxPrice !== undefined) {
      this.warn(`the vendor's price cannot be read (${quote.why}): an update would pay nothing that has a maxPrice`);
      return undefined;
    }
    return purse;
  }
}

/** The how manyth it is of those that were announced. */
function placeOf(claim: Claim, announced: ReadonlyMap<Claim, unknown> | ReadonlySet<Claim>): number {
  return 1 + [...announced.keys()].indexOf(claim);
}
