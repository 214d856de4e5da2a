import { children, textOf } from "./envelope";
import { InvalidRequestError } from "./errors/InvalidRequestError";
import { isRefused, isUnknownFunction } from "./errors/RefusedError";
import type { Panel } from "./panel";
import { isDone, isForm, redisplayed } from "./results";
import { type CalendarDate, calendarDate, type LicenseId } from "./types";
import type { XmlElement } from "./xml";

type ProlongFunction = "service.prolong" | "softexternal.prolong";

/** Which of the vendor's two names for the function each panel knows, once one has been refused. */
const knownFunction = new WeakMap<Panel, ProlongFunction>();

/**
 * Renews one license and charges the account for `period` months.
 *
 * Sent once, on a connection of its own. After an `UnknownOutcomeError` read the license: a later expiry date means that it was
 * renewed and paid.
 *
 * @param period months
 * @returns the new expiry date as announced, absent where the panel does not announce one; the license itself shows the true one
 * @throws RefusedError the panel said no; nothing was charged
 * @see https://ispsystem.com/docs/billmanager/reselling/reselling-via-api/reselling-third-party-licenses-via-api "Renew license":
 * the text says `softexternal.prolong`, its example `service.prolong`, as do the vendor's newer pages
 */
export async function prolongLicense(
  panel: Panel,
  id: LicenseId,
  period: number,
): Promise<{ readonly expiresOn?: CalendarDate }> {
  if (!Number.isSafeInteger(period) || period < 1)
    throw new InvalidRequestError("period must be a whole number of months above 0. No call was made.");
  const func = knownFunction.get(panel) ?? "service.prolong";
  try {
    return await prolong(panel, func, id, period);
  } catch (error) {
    const other = "softexternal.prolong";
    if (!isRefused(error) || !isUnknownFunction(error) || func === other) throw error;
    // The panel does not know this name, so nothing was charged under it.
    const renewal = await prolong(panel, other, id, period);
    knownFunction.set(panel, other);
    return renewal;
  }
}

async function prolong(panel: Panel, func: ProlongFunction, id: LicenseId, period: number) {
  const doc = await panel.call({ func, effect: "charge", parameters: { elid: id, period: String(period), sok: "ok" } });
  const announced = newExpiryDate(doc);
  if (announced === undefined && !isDone(doc)) throw redisplayed(func, "charge");
  const expiresOn = calendarDate(announced ?? "");
  return expiresOn === undefined ? {} : { expiresOn };
}

/** `/doc/doc/newexpiredate`, as the vendor's own WHMCS module reads it. A preview of the renewal shows it too, in a form. */
function newExpiryDate(doc: XmlElement): string | undefined {
  return children(doc, "doc")
    .filter((step) => isDone(doc) || !(isForm(step) || textOf(step, "title_name") || textOf(step, "expiredate")))
    .map((step) => textOf(step, "newexpiredate"))
    .find((date) => date !== undefined);
}
