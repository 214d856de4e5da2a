import { child, children } from "./envelope";
import type { Effect } from "./errors/BillmanagerError";
import { UnknownOutcomeError } from "./errors/UnknownOutcomeError";
import type { XmlElement } from "./xml";

/** An accepted answer that is not what the call should have brought. */
export function damaged(func: string, effect: Effect, detail: string): UnknownOutcomeError {
  return new UnknownOutcomeError({ func, effect, reason: "malformed", detail: `the answer is damaged: ${detail}` });
}

/** Neither an error nor a result: the form is shown again. */
export function redisplayed(func: string, effect: Effect): UnknownOutcomeError {
  return new UnknownOutcomeError({
    func,
    effect,
    reason: "form-redisplayed",
    detail: "the panel showed the form again, with neither an error nor a result",
  });
}

/** Whether the panel says that it did what was asked: `<ok/>`. Its text is a follow-up for the panel's own pages. */
export function isDone(doc: XmlElement): boolean {
  return child(doc, "ok") !== undefined;
}

/** Whether the answer is a form to fill in, which shows values of its own: an `id` in it is not a result. */
export function isForm(doc: XmlElement): boolean {
  return child(doc, "slist") !== undefined || child(doc, "metadata")?.attributes.get("type") === "form";
}

/** What stands beside the rows of a list. */
const besideRows = new Set([
  "metadata",
  "messages",
  "tparams",
  "saved_filters",
  "p_num",
  "p_cnt",
  "p_elems",
  "p_order",
  "p_sort",
  "p_col",
  "plid",
]);

/**
 * The rows of a list. None is a fact only where the answer shows itself to be an empty list: a page that does not (a login form,
 * say, or one with a total that cannot be read) is no proof of an empty account, on which an order would follow.
 *
 * @returns `undefined` when the answer is no list
 */
export function listRows(doc: XmlElement, func: string): XmlElement[] | undefined {
  const rows = children(doc, "elem");
  const total = child(doc, "p_elems")?.text;
  if (total !== undefined && !/^[0-9]{1,9}$/.test(total)) return undefined;
  if (rows.length > 0 || total !== undefined) return rows;
  const isBare = doc.attributes.get("func") === func && doc.children.length > 0;
  return isBare && doc.children.every(({ name }) => besideRows.has(name)) ? rows : undefined;
}
