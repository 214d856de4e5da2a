import { quotePrice, readBalances } from "../billmanager/account";
import { isBillmanagerError } from "../billmanager/errors/BillmanagerError";
import { isLoginRefused } from "../billmanager/errors/LoginRefusedError";
import type { Panel } from "../billmanager/panel";
import { reasonOf } from "./errors";
import type { Balances, Quote } from "./guards";
import type { Wish } from "./inputs";

/** What one operation goes by when it pays: read before it looks at what it pays for, so that it can pay right after that look. */
export interface Purse {
  readonly quote: Quote;
  readonly balances: Balances;
  /** Renewals that follow an order, for which money was set aside together with it. */
  renewalsAhead: number;
}

/**
 * Prices and balance as one run reads them: once each, whoever asks, and whatever comes of it. Only a price that `maxPrice` depends on
 * is asked for again where it could not be read, since without it nothing is paid.
 */
export class Purses {
  #balances: Promise<Balances> | undefined;
  readonly #quotes = new Map<string, Promise<Quote>>();
  readonly #unread = new Map<string, Quote>();

  constructor(private readonly panel: Panel) {}

  /** @throws LoginRefusedError; any other failure is told by what is returned */
  async read(wish: Wish): Promise<Purse> {
    const [balances, quote] = await Promise.all([this.#readBalances(), this.#readQuote(wish)]);
    return { quote, balances, renewalsAhead: 0 };
  }

  #readBalances(): Promise<Balances> {
    this.#balances ??= readBalances(this.panel).then((all) => ({ kind: "read", all }), unread);
    return this.#balances;
  }

  async #readQuote({ pricelist, period, maxPrice }: Wish): Promise<Quote> {
    const key = `${pricelist} ${period}`;
    const known = maxPrice === undefined ? this.#unread.get(key) : undefined;
    return known ?? this.#quotes.get(key) ?? this.#ask(key, { pricelist, period });
  }

  #ask(key: string, tariff: { readonly pricelist: number; readonly period: number }): Promise<Quote> {
    const quote = quotePrice(this.panel, tariff).then(
      (price): Quote => (price === undefined ? { kind: "none" } : { kind: "priced", price }),
      (error: unknown) => {
        const failure = unread(error);
        this.#quotes.delete(key);
        this.#unread.set(key, failure);
        return failure;
      },
    );
    this.#quotes.set(key, quote);
    return quote;
  }
}

/** A login that is refused ends everything, so it is no matter of what can be read. */
function unread(error: unknown): { readonly kind: "unread"; readonly why: string } {
  if (isLoginRefused(error) || !isBillmanagerError(error)) {
    throw error;
  }
  return { kind: "unread", why: reasonOf(error) };
}
