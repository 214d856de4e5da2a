import { isLoginRefused } from "../billmanager/errors/LoginRefusedError";
import { addMoney, compareMoney, type Money, moneyText, multiplyMoney, subtractMoney } from "../billmanager/money";
import type { Claim } from "./claim";
import { reasonOf } from "./errors";
import type { Funds } from "./funds";
import { covers, judgePrice, limitOf, limitOnOrders, type Measure, measure, nothingIn, type Payments } from "./guards";
import { MEMBER_KEY, type Wish } from "./inputs";
import { Patience } from "./patience";
import type { Purse } from "./purse";
import { RunningTotals } from "./runningTotals";
import type { Settings } from "./settings";

/** What is due for one license. */
export interface Due {
  readonly wish: Wish;
  readonly payments: Payments;
  /** False where a preview does not know yet how long a period is, and so what it costs. */
  readonly isPeriodKnown: boolean;
}

/** The resource that something is due for: one license, or a fleet of them. */
export interface Payer {
  readonly claim: Claim;
  readonly name: string;
}

/**
 * What a preview can tell of the limits that an update would keep. The engine asks several times about one resource: what is announced
 * for it takes the place of what was announced before, and is never added to it.
 */
export class Forecast {
  /** How many licenses an update would order for each resource, and what it would spend on it, in the order of their announcement. */
  readonly #ordering = new RunningTotals<Claim, number>(0, (one, other) => one + other);
  readonly #planned = new Map<Claim, readonly Money[]>();
  /** The same by currency. */
  readonly #plannedIn = new Map<string, RunningTotals<Claim, Money>>();
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
   * @returns what an update would spend in all, by currency: nothing where it would refuse to order; `undefined` where that cannot be told
   */
  async foresee({ claim, name }: Payer, licenses: readonly Due[]): Promise<readonly Money[] | undefined> {
    const dues = licenses.filter(({ payments }) => payments.orders + payments.renewals > 0);
    const orders = dues.reduce((sum, { payments }) => sum + payments.orders, 0);
    if (dues.length === 0) {
      this.#ordering.delete(claim);
      this.#note(claim, []);
      return [];
    }
    const refuses = "an update would refuse to";
    const order = `${name}: ${refuses} order${orders > 1 ? ` ${orders} licenses` : ""}`;
    if (orders > 0) {
      this.#ordering.set(claim, orders);
      const limit = limitOnOrders(this.settings, this.#ordering.before(claim) + orders);
      if (limit !== undefined) {
        this.#note(claim, []);
        this.warn(`${order}: ${limit}`);
        return [];
      }
    }
    const spending = new Spending();
    for (const { wish, keys, orders: ordered, count, isPeriodKnown } of alike(dues)) {
      const purse = isPeriodKnown ? await this.#readOrSay(wish) : undefined;
      const refused = purse && judgePrice(purse.quote, limitOf(wish));
      const why = refused && `${refused.reason}; ${refused.advice}`;
      if (why !== undefined && ordered > 0) {
        this.#ordering.delete(claim);
        this.#note(claim, []);
        this.warn(`${order}: ${prefixOf(keys.slice(0, 1))}${why}`);
        return [];
      }
      if (why !== undefined) {
        this.warn(`${name}: ${prefixOf(keys)}${refuses} renew: ${why}`);
        continue;
      }
      const measured = purse && measure(purse.quote, purse.balances);
      if (measured?.kind === "doubt") {
        this.funds.sayDoubt(measured.why);
      }
      spending.add(measured?.kind === "known" ? measured : undefined, count);
    }
    this.#plan({ claim, name }, spending);
    return spending.isComplete ? [...spending.sums.values()].map(({ sum }) => sum) : undefined;
  }

  /** What one period costs. Asks for nothing where an update would refuse to order anyway. */
  async priceOf(wish: Wish): Promise<Money | undefined> {
    const { claim } = wish;
    const ordersUntilIt = this.#ordering.before(claim) + (this.#ordering.get(claim) ?? 1);
    if (limitOnOrders(this.settings, ordersUntilIt) !== undefined) {
      return undefined;
    }
    const quote = (await this.#readOrSay(wish))?.quote;
    return quote?.kind === "priced" ? quote.price : undefined;
  }

  /** Adds up what an update would spend, and warns where the account cannot pay it. */
  #plan({ claim, name }: Payer, { sums }: Spending): void {
    const own = [...sums.values()];
    this.#note(
      claim,
      own.map(({ sum }) => sum),
    );
    for (const { sum, available } of own) {
      const { currency } = sum;
      if (covers(available, nothingIn(currency), this.#sumIn(currency))) {
        continue;
      }
      const before = this.#totalsIn(currency).before(claim);
      if (!covers(available, before, sum)) {
        this.warn(
          `${name}: with it an update would spend ${moneyText(addMoney(before, sum))}, and ${moneyText(available)} are available ` +
            "(balance and credit): it would refuse what they do not cover; top up the account",
        );
      }
    }
  }

  /** What is announced for this resource: one that was announced before keeps its place. */
  #note(claim: Claim, own: readonly Money[]): void {
    const old = this.#planned.get(claim) ?? [];
    for (const sum of old.filter((one) => !own.some((other) => isSame(one, other)))) {
      this.#sums.set(sum.currency, subtractMoney(this.#sumIn(sum.currency), sum));
      if (own.every(({ currency }) => currency !== sum.currency)) {
        this.#totalsIn(sum.currency).delete(claim);
      }
    }
    for (const sum of own.filter((one) => !old.some((other) => isSame(one, other)))) {
      this.#sums.set(sum.currency, addMoney(this.#sumIn(sum.currency), sum));
      this.#totalsIn(sum.currency).set(claim, sum);
    }
    if (own.length === 0) {
      this.#planned.delete(claim);
    } else {
      this.#planned.set(claim, own);
    }
  }

  #totalsIn(currency: string): RunningTotals<Claim, Money> {
    const totals = this.#plannedIn.get(currency) ?? new RunningTotals(nothingIn(currency), addMoney);
    this.#plannedIn.set(currency, totals);
    return totals;
  }

  #sumIn(currency: string): Money {
    return this.#sums.get(currency) ?? nothingIn(currency);
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

function isSame(one: Money, other: Money): boolean {
  return one.currency === other.currency && compareMoney(one, other) === 0;
}

/** What is to be spent, by currency, beside what there is for it. */
class Spending {
  readonly sums = new Map<string, { readonly sum: Money; readonly available: Money }>();
  isComplete = true;

  /** @param measured `undefined` where the price is not known */
  add(measured: Extract<Measure, { kind: "known" }> | undefined, count: number): void {
    if (measured === undefined) {
      this.isComplete = false;
      return;
    }
    const { price, available } = measured;
    const { currency } = price;
    const before = this.sums.get(currency)?.sum ?? nothingIn(currency);
    this.sums.set(currency, { sum: addMoney(before, multiplyMoney(price, count)), available });
  }
}

/** Licenses of one price and one limit. */
interface Alike extends Omit<Due, "payments"> {
  /** those that are members of a fleet */
  readonly keys: readonly string[];
  readonly orders: number;
  /** periods that are paid for them */
  readonly count: number;
}

function alike(dues: readonly Due[]): Alike[] {
  const groups = new Map<string, Alike & { readonly keys: string[] }>();
  for (const { wish, payments, isPeriodKnown } of dues) {
    const { pricelist, period, maxPrice, [MEMBER_KEY]: member } = wish;
    const group = `${pricelist} ${period} ${isPeriodKnown} ${maxPrice}`;
    const before = groups.get(group);
    const keys = before?.keys ?? [];
    if (member !== undefined) {
      keys.push(member);
    }
    const orders = (before?.orders ?? 0) + payments.orders;
    const count = (before?.count ?? 0) + payments.orders + payments.renewals;
    groups.set(group, { wish, isPeriodKnown, keys, orders, count });
  }
  return [...groups.values()];
}

/** The members that something is said of, where it is a fleet's. */
function prefixOf([first, ...others]: readonly string[]): string {
  return first === undefined ? "" : `${first}${others.length === 0 ? "" : ` and ${others.length} more`}: `;
}
