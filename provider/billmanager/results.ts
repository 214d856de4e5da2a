import { child } from "./envelope";
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
