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

/**
 * The rows of a list. None is a fact only where the answer shows itself to be a list: a page that does not (a login form, say) is
 * no proof of an empty account.
 *
 * @returns `undefined` when the answer is no list
 */
export function listRows(doc: XmlElement, func: string): XmlElement[] | undefined {
  const rows = children(doc, "elem");
  const isList = rows.length > 0 || child(doc, "p_elems") !== undefined || child(doc, "p_cnt") !== undefined;
  return isList || doc.attributes.get("func") === func ? rows : undefined;
}
