import type { Account } from "../books/books";
import { type License, stateOf } from "../books/license";
import type { Knobs } from "../knobs";
import { branch, type Element, leaf } from "../render/element";
import { priceOf } from "../tariffs";
import { type Answer, type Call, currencyOf, param } from "./call";
import { autoprolongText, costText, statusWord } from "./words";

/** Documented, in this order; `account` and `processingmodule` belong to staff. */
const columns = [
  ...["licname", "ip", "id", "pricelist", "project", "datacentername", "createdate", "expiredate"],
  ...["autoprolong", "status_msg", "item_status", "cost"],
];

/** `softexternal`: one page of the account's licenses. */
export function list(call: Call): Answer {
  const { knobs } = call.panel;
  const wanted = filtersOf(call);
  const rows: License[] = [];
  for (const booked of call.account.licenses.values()) {
    const license = call.panel.lags.shown(booked);
    if (license === undefined) continue;
    const isShown = knobs.deletedRows === "listed" || stateOf(license) !== "4";
    if (isShown && wanted.every(([field, value]) => matches(license, field, value))) rows.push(license);
  }
  const order = sortOf(call);
  if (order !== undefined) rows.sort(comparison(call, order));

  const size = pageSizeOf(call);
  const number = positive(param(call, "p_num")) ?? 1;
  const page = rows.slice((number - 1) * size, number * size);
  const elements = page.map((license) => rowOf(call, license));
  for (const { id } of page) {
    const booked = call.account.licenses.get(id);
    if (booked !== undefined) call.panel.acts.seen(booked, call.at);
  }
  call.panel.lags.listed();
  return {
    result: "list",
    body: [
      branch("metadata", [branch("coldata", columns.map(columnOf))], { name: call.func, type: "list" }),
      ...elements,
      leaf("p_num", String(number)),
      leaf("p_cnt", String(size)),
      leaf("p_elems", String(rows.length)),
      leaf("p_order", order === undefined ? "" : `${order.descending ? "-" : "+"}${order.field}`),
    ],
  };
}

/** `softexternal.setfilter` and `softexternal.filter`: reads, saves or clears the account's filter. */
export function filter(call: Call): Answer {
  const saved = savedFilterOf(call.account, call.panel.knobs);
  if (!call.performs) {
    return { result: "form", body: [...filterFields].map((field) => leaf(field, saved.get(field) ?? "")) };
  }
  const given = [...call.params].filter(([field, value]) => filterFields.has(field) && value !== "");
  call.account.savedFilter = new Map(given);
  return { result: "ok", body: [{ name: "ok" }] };
}

/** The filter that hides rows from every list of the account until it is cleared. */
export function savedFilterOf(account: Account, knobs: Knobs): ReadonlyMap<string, string> {
  return account.savedFilter ?? new Map(Object.entries(knobs.savedFilter));
}

/** Fields of sibling types (seen in clients), as far as licenses have them. */
const filterFields: ReadonlySet<string> = new Set([
  ...["id", "ip", "licname", "pricelist", "period", "status", "remoteid", "autoprolong", "createdate", "expiredate"],
  ...["orderdatefrom", "orderdateto"],
]);

/** `filter=off` looks past the saved filter; `filter=on` names fields in the call itself. */
function filtersOf(call: Call): [string, string][] {
  const mode = param(call, "filter");
  if (mode === "off") return [];
  const inline = mode === "on" || mode === "yes" ? [...call.params] : [];
  return [...savedFilterOf(call.account, call.panel.knobs), ...inline].filter(
    ([field, value]) => filterFields.has(field) && value !== "",
  );
}

/** Names and addresses match by a part of the text, all else exactly. Inferred. */
function matches(license: License, field: string, value: string): boolean {
  switch (field) {
    case "licname":
    case "ip":
      return license[field].toLowerCase().includes(value.toLowerCase());
    case "pricelist":
      return String(license.tariff.pricelist) === value || license.tariff.name === value;
    case "status":
      return license.status === value || stateOf(license) === value;
    case "orderdatefrom":
      return license.createdate >= value;
    case "orderdateto":
      return license.createdate <= value;
    case "autoprolong":
      return String(license.autoprolong) === value;
    case "id":
    case "remoteid":
    case "createdate":
    case "expiredate":
      return license[field] === value;
    default:
      return String(license.period) === value;
  }
}

interface Sort {
  readonly field: string;
  readonly descending: boolean;
}

/** `p_col=+field` (whose plus arrives as a space when not encoded), or `p_sort=field` with `p_order`. */
function sortOf(call: Call): Sort | undefined {
  const column = /^([ +-]?)([a-z_]+)$/.exec(param(call, "p_col"));
  if (column?.[2] !== undefined) return { field: column[2], descending: column[1] === "-" };
  const field = param(call, "p_sort");
  return field === "" ? undefined : { field, descending: param(call, "p_order") === "desc" };
}

function comparison(call: Call, { field, descending }: Sort): (a: License, b: License) => number {
  const sign = descending ? -1 : 1;
  const currency = currencyOf(call);
  const keyOf = (license: License): string | number | bigint => {
    if (field === "id") return Number(license.id);
    if (field === "cost") return priceOf(license.tariff, license.period, currency);
    if (field === "pricelist") return license.tariff.name;
    if (field === "item_status" || field === "status") return license.status;
    if (field === "ip" || field === "licname" || field === "createdate") return license[field];
    return field === "expiredate" ? (license.expiredate ?? "") : 0;
  };
  const keys = new Map<License, string | number | bigint>();
  const keptKeyOf = (license: License) => {
    const key = keys.get(license) ?? keyOf(license);
    keys.set(license, key);
    return key;
  };
  return (a, b) => {
    const [left, right] = [keptKeyOf(a), keptKeyOf(b)];
    return left < right ? -sign : left > right ? sign : 0;
  };
}

function pageSizeOf(call: Call): number {
  const { pageSize, pageSizeCap } = call.panel.knobs;
  const size = positive(param(call, "p_cnt")) ?? pageSize;
  return pageSizeCap > 0 ? Math.min(size, pageSizeCap) : size;
}

function positive(text: string): number | undefined {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return number > 0 ? number : undefined;
}

function columnOf(name: string): Element {
  return { name: "col", attributes: { name }, inArray: true };
}

function rowOf(call: Call, license: License): Element {
  const { knobs } = call.panel;
  const byPhrase = knobs.listExpiredate === "phrase";
  const word = statusWord(license, knobs);
  const onlyReal = knobs.itemStatus === "real-status-only";
  const extra = new Set<string>(knobs.listColumns);
  if (byPhrase) extra.add("real_expiredate");
  if (onlyReal) extra.add("item_real_status");
  return branch("elem", [
    leaf("id", license.id),
    leaf("licname", license.licname),
    leaf("ip", license.ip),
    leaf("pricelist", license.tariff.name),
    leaf("project", license.project),
    leaf("datacentername", ""),
    leaf("createdate", license.createdate),
    leaf("expiredate", byPhrase ? "Daily charges" : (license.expiredate ?? "")),
    leaf("autoprolong", autoprolongText(license, knobs)),
    leaf("status_msg", word),
    ...(onlyReal ? [] : [leaf("item_status", word, { orig: license.status })]),
    leaf("cost", costText(license, currencyOf(call))),
    ...(extra.has("status") ? [leaf("status", stateOf(license))] : []),
    ...(extra.has("pricelist_id") ? [leaf("pricelist_id", String(license.tariff.pricelist))] : []),
    ...(extra.has("item_real_status") ? [leaf("item_real_status", license.status)] : []),
    // Documented for own licenses: 0 none, 1 a change of status in progress.
    ...(extra.has("special_status") ? [leaf("special_status", license.processing === undefined ? "0" : "1")] : []),
    ...(extra.has("remoteid") ? [leaf("remoteid", license.remoteid ?? "")] : []),
    ...(extra.has("scheduledclose") ? scheduledCloseOf(license) : []),
    ...(extra.has("real_expiredate") ? [leaf("real_expiredate", license.expiredate ?? "")] : []),
  ]);
}

/** Seen in clients: `scheduledclose="on"` and the day in `scheduledclose_prop`. */
export function scheduledCloseOf(license: License): Element[] {
  return license.scheduledclose === undefined
    ? [leaf("scheduledclose", "off")]
    : [leaf("scheduledclose", "on"), leaf("scheduledclose_prop", license.scheduledclose)];
}
