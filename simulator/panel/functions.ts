import type { Account } from "../books/books";
import type { Effect } from "../effect";
import type { Knobs } from "../knobs";
import { PanelError } from "../messages";
import { leaf, ok } from "../render/element";
import type { Params } from "../request";
import { basket, credit, dashboardInfo, pricelistExport, subaccount, whoami } from "./account";
import type { Answer, Call, Panel } from "./call";
import { edit, prolong, remove, resume, suspend } from "./licenses";
import { filter, list } from "./list";
import { orderParam, orderPricelist } from "./orders";

/** One function of the panel, for accounts that are logged in. */
interface PanelFunction {
  readonly run: (call: Call) => Answer;
  /** What it does when carried out. */
  readonly effect: Effect;
  /** Whether it is carried out without `sok` as well. */
  readonly always?: true;
}

const functions: Readonly<Record<string, PanelFunction>> = {
  softexternal: { run: list, effect: "read" },
  "softexternal.filter": { run: filter, effect: "change" },
  "softexternal.setfilter": { run: filter, effect: "change" },
  "softexternal.order.pricelist": { run: orderPricelist, effect: "read" },
  "softexternal.order.param": { run: orderParam, effect: "charge" },
  "softexternal.edit": { run: edit, effect: "change" },
  "softexternal.suspend": { run: suspend, effect: "change", always: true },
  "softexternal.resume": { run: resume, effect: "change", always: true },
  "softexternal.delete": { run: remove, effect: "change" },
  "service.prolong": { run: prolong, effect: "charge" },
  "softexternal.prolong": { run: prolong, effect: "charge" },
  subaccount: { run: subaccount, effect: "read" },
  "dashboard.info": { run: dashboardInfo, effect: "read" },
  "dashboard.subaccount_credit": { run: credit, effect: "read" },
  basket: { run: basket, effect: "change" },
  whoami: { run: whoami, effect: "read" },
};

/** What a call does, as the journal counts it. */
export function effectOf(params: Params): Effect {
  const func = params.get("func") ?? "";
  if (func === "auth" || func === "totp.confirm" || func === "logout") return "login";
  const known = Object.hasOwn(functions, func) ? functions[func] : undefined;
  if (known === undefined || (!known.always && !asksToPerform(params))) return "read";
  const goesToBasket = func === "softexternal.order.param" && params.get("skipbasket") !== "on";
  return goesToBasket ? "change" : known.effect;
}

/**
 * Carries out one call.
 *
 * @param onLogin told who calls, as soon as that is known
 * @throws PanelError for every refusal
 */
export function perform(
  panel: Panel,
  params: Params,
  cookie: string | undefined,
  onLogin: (account: Account) => void,
): Answer {
  const func = params.get("func") ?? "";
  if (func === "auth") return openSession(panel, params, onLogin);
  if (func === "totp.confirm") {
    panel.logins.confirm(params);
    return { result: "ok", body: [ok] };
  }
  if (func === "pricelist.export" && !params.has("authinfo") && !params.has("auth")) {
    return pricelistExport(panel, params.get("itemtype") ?? "", panel.books.account().currency);
  }
  const { account, confirmed } = panel.logins.identify(params, cookie);
  onLogin(account);
  if (!confirmed) {
    // Seen in clients: a login without its second factor is told so by `whoami` alone.
    if (func === "whoami") return { result: "ok", body: [leaf("ok", "func=totp.confirm")] };
    throw new PanelError("totp", undefined, "totp");
  }
  if (func === "pricelist.export") return pricelistExport(panel, params.get("itemtype") ?? "", account.currency);
  if (func === "logout") {
    panel.logins.close(params.get("auth") ?? cookie ?? "");
    return { result: "ok", body: [ok] };
  }
  const known = Object.hasOwn(functions, func) ? functions[func] : undefined;
  if (known === undefined || isMissingRenewal(func, panel.knobs)) {
    throw new PanelError(panel.knobs.unknownFunctionType, "func", "missedFunction", func);
  }
  if (panel.knobs.deniedFunctions.includes(func)) throw new PanelError("access", func, "access");
  const at = panel.clock.now();
  return known.run({ panel, account, func, params, performs: asksToPerform(params), at });
}

function openSession(panel: Panel, params: Params, onLogin: (account: Account) => void): Answer {
  const { id, account } = panel.logins.open(params);
  onLogin(account);
  return { result: "session", body: [leaf("auth", id, { id, level: String(panel.knobs.level) })] };
}

/** Documented: any value that is not empty. */
function asksToPerform(params: Params): boolean {
  return (params.get("sok") ?? "") !== "";
}

function isMissingRenewal(func: string, knobs: Knobs): boolean {
  return func.endsWith(".prolong") && knobs.renewalFunctions !== "both" && knobs.renewalFunctions !== func;
}
