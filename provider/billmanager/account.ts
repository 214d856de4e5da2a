import { children, textOf } from "./envelope";
import { isLoginRefused } from "./errors/LoginRefusedError";
import { isRefused } from "./errors/RefusedError";
import { type Money, moneyIn, parseAmount, parseMoney } from "./money";
import type { Panel } from "./panel";
import { damaged, listRows } from "./results";
import type { XmlElement } from "./xml";

export interface Balance extends Money {
  /** How far the account may go below zero, in the same currency; absent where not shown. */
  readonly credit?: string;
  /** What stands in its place where that is no clear amount in this currency. */
  readonly unreadCredit?: string;
}

export interface Price extends Money {
  /** Months that the amount pays for. */
  readonly period: number;
}

/**
 * Reads the account's balances, one per currency or legal entity.
 *
 * @throws RefusedError type `access` where the account may not read it
 */
export async function readBalances(panel: Panel): Promise<Balance[]> {
  const func = "subaccount";
  const doc = await panel.call({ func, effect: "read", parameters: {} });
  const rows = listRows(doc, func);
  if (rows === undefined) throw damaged(func, "read", "it is not a list");
  const balances = rows.flatMap((row) => balanceOf(panel, row) ?? []);
  if (balances.length < rows.length) throw damaged(func, "read", "it shows a balance that cannot be read");
  return balances;
}

function balanceOf(panel: Panel, row: XmlElement): Balance | undefined {
  const currency = textOf(row, "currency") ?? textOf(row, "currency_str") ?? "";
  const shown = textOf(row, "balance") ?? "";
  const balance = parseMoney(shown) ?? parseMoney(`${shown} ${currency}`);
  if (balance === undefined) return undefined;
  const shownCredit = textOf(row, "credit") ?? textOf(row, "available_credit") ?? "";
  if (shownCredit === "") return balance;
  const credit = parseAmount(shownCredit) ?? sameCurrency(parseMoney(shownCredit), balance.currency);
  return { ...balance, ...(credit === undefined ? { unreadCredit: panel.redact(shownCredit) } : { credit }) };
}

function sameCurrency(money: Money | undefined, currency: string): string | undefined {
  return money?.currency === currency ? money.amount : undefined;
}

/**
 * What one period of a tariff costs this account: asked from the order form, which orders nothing without `sok`, otherwise from
 * the public price list.
 *
 * @param wish.period months; 0, -50 and -100 mean lifetime, day and trial
 * @returns `undefined` where neither names one clear price
 */
export async function quotePrice(
  panel: Panel,
  wish: { readonly pricelist: number; readonly period: number },
): Promise<Price | undefined> {
  const price =
    (await refusalAsNothing(quoteFromOrderForm(panel, wish))) ??
    (await refusalAsNothing(quoteFromPriceList(panel, wish)));
  return price === undefined ? undefined : { ...price, period: wish.period };
}

async function refusalAsNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isRefused(error) && !isLoginRefused(error)) return undefined;
    throw error;
  }
}

async function quoteFromOrderForm(
  panel: Panel,
  { pricelist, period }: { pricelist: number; period: number },
): Promise<Money | undefined> {
  const doc = await panel.call({
    func: "softexternal.order.param",
    effect: "read",
    parameters: { pricelist: String(pricelist), period: String(period) },
  });
  // Wizards nest the step as a document of its own (seen in a hoster's front end).
  const forms = [doc, ...children(doc, "doc")];
  return forms.map((form) => priceOf(moneyIn(textOf(form, "orderinfo") ?? ""))).find((total) => total !== undefined);
}

/** @see https://docs.ispsystem.com/billmanager/reselling/reselling-via-api/reselling-ispsystem-modules-via-api "pricelist.export" */
async function quoteFromPriceList(
  panel: Panel,
  { pricelist, period }: { pricelist: number; period: number },
): Promise<Money | undefined> {
  const doc = await panel.call({ func: "pricelist.export", effect: "read", parameters: { itemtype: "softexternal" } });
  const tariff = children(doc, "pricelist").find((candidate) => textOf(candidate, "id") === String(pricelist));
  const prices = tariff === undefined ? [] : children(tariff, "price");
  const [price] = prices;
  // Which of several currencies the account pays in is not said.
  if (price === undefined || prices.length > 1) return undefined;
  const cost = children(price, "period")
    .find((candidate) => monthsOf(candidate) === period)
    ?.attributes.get("cost");
  return priceOf(parseMoney(`${cost ?? ""} ${price.attributes.get("currency") ?? ""}`));
}

/** Nobody is paid for buying: an amount below zero is something else, a discount perhaps, and names no price. */
function priceOf(money: Money | undefined): Money | undefined {
  return money?.amount.startsWith("-") ? undefined : money;
}

function monthsOf(period: XmlElement): number | undefined {
  const length = Number(period.attributes.get("length") ?? "1");
  switch (period.attributes.get("type")) {
    case "month":
      return length;
    case "year":
      return length * 12;
    case "day":
      return length === 1 ? -50 : undefined;
    case "lifetime":
      return 0;
    case "trial":
      return -100;
    default:
      return undefined;
  }
}
