import type { Wish } from "../books/acts";
import type { License } from "../books/license";
import { PanelError } from "../messages";
import { branch, choices, type Element, leaf, ok } from "../render/element";
import { periodsOf, priceOf, type Tariff } from "../tariffs";
import { type Answer, type Call, currencyOf, param } from "./call";
import { autoprolongNamed, checkIp, checkName, periodNamed, refuseDuplicate, tariffNamed } from "./fields";
import { amountText, periodWord } from "./words";

/** `softexternal.order.param`: a quote without `sok`, an order with it. */
export function orderParam(call: Call): Answer {
  const tariff = tariffNamed(call);
  if (!call.performs) return quote(call, tariff);
  const wish = wishOf(call, tariff);
  refuseDuplicate(call, tariff, wish.ip);
  return param(call, "skipbasket") === "on" ? buy(call, wish) : putInBasket(call, wish);
}

/** `softexternal.order.pricelist`: the step of the order wizard that lists the tariffs. */
export function orderPricelist(call: Call): Answer {
  const currency = currencyOf(call);
  const tariffs = call.panel.tariffs.all().filter((tariff) => (tariff.currency ?? currency) === currency);
  const rows = tariffs.map((tariff) => {
    const period = periodsOf(tariff, false)[0] ?? 1;
    const price = `${amountText(priceOf(tariff, period, currency), currency)} / ${periodWord(period)}`;
    return branch("elem", [
      leaf("pricelist", String(tariff.pricelist)),
      leaf("desc", tariff.name),
      leaf("price", `<b>${price}</b>`),
      leaf("order_available", "on"),
    ]);
  });
  const periods = [...new Set(tariffs.flatMap((tariff) => periodsOf(tariff, false)))];
  return {
    result: "form",
    body: [{ ...branch("list", rows, { name: "tariflist" }), inArray: true }, periodChoices("period", periods)],
  };
}

export function periodChoices(name: string, periods: readonly number[]): Element {
  return choices(
    name,
    periods.map((period) => [String(period), periodWord(period)]),
  );
}

export function autoprolongChoices(period: number): Element {
  const renewable = period > 0 ? [[String(period), periodWord(period)] as const] : [];
  return choices("autoprolong", [["null", "No"], ...renewable]);
}

function quote(call: Call, tariff: Tariff): Answer {
  const periods = periodsOf(tariff, call.panel.knobs.otherPeriods === "accepted");
  const period = periodNamed(call, tariff, periods[0]);
  const total = amountText(priceOf(tariff, period, currencyOf(call)), currencyOf(call));
  return {
    result: "form",
    body: [
      leaf("pricelist", String(tariff.pricelist)),
      leaf("period", String(period)),
      leaf("licname", param(call, "licname")),
      leaf("ip", param(call, "ip")),
      leaf("autoprolong", param(call, "autoprolong") || "null"),
      ...(call.panel.knobs.quote === "shown" ? [leaf("orderinfo", `Total amount: ${total}`)] : []),
      autoprolongChoices(period),
      periodChoices("period", periods),
    ],
  };
}

function wishOf(call: Call, tariff: Tariff): Wish {
  const { knobs } = call.panel;
  const period = periodNamed(call, tariff);
  const autoprolong = call.params.get("autoprolong");
  const byDefault = knobs.autoprolongDefault === "period" && period > 0 ? period : null;
  return {
    tariff,
    period,
    licname: checkName(param(call, "licname")),
    ip: checkIp(call, tariff, param(call, "ip")),
    autoprolong: autoprolong === undefined ? byDefault : autoprolongNamed(autoprolong),
    remoteid: knobs.remoteid === "kept" ? call.params.get("remoteid") : undefined,
    project: call.params.get("project") ?? "",
  };
}

function buy(call: Call, wish: Wish): Answer {
  const { acts, books, knobs } = call.panel;
  if (knobs.orderAnswer === "billorder" || knobs.orderAnswer === "payment_id") {
    return billed(call, acts.place(call.account, wish, call.at), knobs.orderAnswer);
  }
  const price = priceOf(wish.tariff, wish.period, currencyOf(call));
  if (!books.canPay(call.account, price)) {
    if (knobs.insufficientFunds === "error") throw insufficientFunds(call, price);
    const unpaid = acts.place(call.account, wish, call.at);
    return knobs.insufficientFunds === "billorder" ? billed(call, unpaid, "billorder") : ordered(call, unpaid);
  }
  const license = acts.place(call.account, wish, call.at);
  acts.pay(license, call.at);
  return ordered(call, license);
}

/** Documented: without `skipbasket` an order waits in the cart. */
function putInBasket(call: Call, wish: Wish): Answer {
  const license = call.panel.acts.place(call.account, wish, call.at);
  return call.panel.knobs.basketId === "at-once" ? ordered(call, license) : { result: "ok", body: [ok] };
}

function ordered(call: Call, license: License): Answer {
  const { orderAnswer } = call.panel.knobs;
  const id = orderAnswer === "none" ? [] : [leaf(orderAnswer === "item.id" ? "item.id" : "id", license.id)];
  return { result: "ok", body: [...id, ok] };
}

/** Seen in clients: a bill in place of a debit, its payment page in `ok`. */
function billed(call: Call, license: License, field: "billorder" | "payment_id"): Answer {
  const bill = call.panel.books.nextBill();
  license.billorder = bill;
  return { result: "ok", body: [leaf(field, bill), leaf("ok", `func=payment.add&${field}=${bill}`)] };
}

/** The refusal of a debit; its text belongs to a family seen on another paid function. */
export function insufficientFunds(call: Call, required: bigint): PanelError {
  const [needs, has, credit] = [required, call.account.balance, call.account.credit].map((amount) =>
    amountText(amount, currencyOf(call)),
  );
  const detail = `Required amount ${needs}. Your current balance: ${has}, credit limit ${credit}`;
  return new PanelError(call.panel.knobs.insufficientFundsType, "balance", "money", detail);
}
