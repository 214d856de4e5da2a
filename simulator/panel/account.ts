import { type License, stateOf } from "../books/license";
import { PanelError } from "../messages";
import { formatAmount } from "../money";
import { branch, type Element, leaf, ok } from "../render/element";
import { periodsOf, priceOf, type Tariff } from "../tariffs";
import { type Answer, type Call, currencyOf, type Panel, param } from "./call";
import { amountText, costText, periodWord } from "./words";

/** `subaccount`: the balance, as "12.50 EUR" (seen in clients). */
export function subaccount(call: Call): Answer {
  refuseBalance(call);
  const row = branch("elem", [
    leaf("id", "1"),
    leaf("name", call.account.username),
    leaf("balance", amountText(call.account.balance, currencyOf(call))),
    leaf("credit", amountText(call.account.credit, currencyOf(call))),
  ]);
  const paging = [leaf("p_num", "1"), leaf("p_cnt", "10"), leaf("p_elems", "1"), leaf("p_order", "")];
  return { result: "list", body: [row, ...paging] };
}

/** `dashboard.info`: the balance with and without credit (seen in clients). */
export function dashboardInfo(call: Call): Answer {
  refuseBalance(call);
  const { balance } = call.account;
  const row = branch("elem", [
    leaf("realbalance", amountText(balance, currencyOf(call))),
    leaf("balance", amountText(balance, currencyOf(call))),
  ]);
  return { result: "list", body: [row] };
}

/** `dashboard.subaccount_credit`: the credit limit (seen in clients). */
export function credit(call: Call): Answer {
  refuseBalance(call);
  const { account } = call;
  return {
    result: "form",
    body: [
      leaf("available_credit", amountText(account.balance + account.credit, currencyOf(call))),
      leaf("credit", amountText(account.credit, currencyOf(call))),
    ],
  };
}

/** `whoami`. The element is inferred. */
export function whoami(call: Call): Answer {
  const { username } = call.account;
  return {
    result: "form",
    body: [{ name: "user", attributes: { name: username, level: String(call.panel.knobs.level) } }],
  };
}

/** `basket`: the orders that wait for payment, and their removal. */
export function basket(call: Call): Answer {
  const waiting = [...call.account.licenses.values()].filter((license) => stateOf(license) === "1");
  const button = param(call, "clicked_button");
  if (call.performs && (button === "delete" || button === "clearbasket")) {
    const gone = button === "clearbasket" ? waiting : waiting.filter(({ id }) => id === param(call, "id"));
    if (button === "delete" && gone.length === 0) throw new PanelError("missed", "basket", "missed", param(call, "id"));
    for (const license of gone) call.panel.acts.close(license, call.at, true);
    return { result: "ok", body: [ok] };
  }
  const currency = currencyOf(call);
  const total = waiting.reduce((sum, license) => sum + priceOf(license.tariff, license.period, currency), 0n);
  const bill = waiting.findLast(({ billorder }) => billorder !== undefined)?.billorder;
  return {
    result: "form",
    body: [
      leaf("total_sum", amountText(total, currency)),
      leaf("tax", amountText(0n, currency)),
      leaf("full_discount", amountText(0n, currency)),
      ...(bill === undefined ? [] : [leaf("billorder", bill)]),
      {
        ...branch(
          "list",
          waiting.map((license) => basketRow(license, currency)),
          { name: "itemlist" },
        ),
        inArray: true,
      },
    ],
  };
}

/**
 * `pricelist.export`: the price list (documented for another type, open to everyone as seen in a client).
 *
 * @param currency the currency of whoever asks; prices in others are not shown
 */
export function pricelistExport(panel: Panel, itemtype: string, currency: string): Answer {
  if (panel.knobs.pricelistExport === "access") throw new PanelError("access", "pricelist.export", "access");
  const tariffs = itemtype === "softexternal" ? panel.tariffs.all() : [];
  return { result: "list", body: tariffs.map((tariff) => exportOf(tariff, tariff.currency ?? currency)) };
}

function exportOf(tariff: Tariff, currency: string): Element {
  const periods = periodsOf(tariff, false).map((period) => {
    const cost = formatAmount(priceOf(tariff, period, currency), currency, 4);
    return { ...leaf("period", periodWord(period), { cost, ...lengthOf(period) }), inArray: true };
  });
  return {
    ...branch("pricelist", [
      leaf("id", String(tariff.pricelist)),
      leaf("name", tariff.name),
      leaf("itemtype", "softexternal"),
      branch("price", periods, { currency }),
    ]),
    inArray: true,
  };
}

/** Only `month` is documented. */
function lengthOf(period: number): { type: string; length: string } {
  if (period > 0) return { type: "month", length: String(period) };
  return { type: period === 0 ? "lifetime" : period === -100 ? "trial" : "day", length: "1" };
}

function basketRow(license: License, currency: string): Element {
  return branch("elem", [
    leaf("id", license.id),
    leaf("item.id", license.id),
    leaf("item.type", "softexternal"),
    leaf("cost", costText(license, currency)),
    leaf("item.period", String(license.period)),
    leaf("item.autoprolong", license.autoprolong === null ? "null" : String(license.autoprolong)),
  ]);
}

function refuseBalance(call: Call): void {
  if (call.panel.knobs.subaccount === "access") throw new PanelError("access", call.func, "access");
}
