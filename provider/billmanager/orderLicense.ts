import { children, textOf } from "./envelope";
import { InvalidRequestError } from "./errors/InvalidRequestError";
import type { Panel } from "./panel";
import { damaged, isDone, isForm, redisplayed } from "./results";
import { isLicenseId, type LicenseId } from "./types";
import type { XmlElement } from "./xml";

export interface Order {
  /** Tariff code, e.g. 9203. Codes depend on the panel. */
  readonly pricelist: number;
  /** Months; 0, -50 and -100 mean lifetime, day and trial on tariffs that have them. */
  readonly period: number;
  readonly licenseName: string;
  /** Required by the three documented tariffs. */
  readonly ip?: string;
  /** Whether the vendor renews at expiry, each time for `period`. Not sent when absent; what that means is not documented. */
  readonly autoRenew?: boolean;
  /** A mark of ours (`remoteid`) that panels may show in the license's row. */
  readonly remoteId?: string;
}

export interface OrderReceipt {
  /** Absent where the panel accepted the order without naming the license: find it in the list. */
  readonly id?: LicenseId;
  /** Present when the order waits for a payment instead of having been taken from the balance. */
  readonly unpaid?: { readonly billorder?: string; readonly paymentId?: string; readonly paymentUrl?: string };
}

const func = "softexternal.order.param";

/**
 * Orders one license and charges the account for its first period.
 *
 * Sent once, on a connection of its own. A lost answer is an `UnknownOutcomeError`, never a refusal: look for the license before
 * you order again.
 *
 * @throws RefusedError the panel said no; nothing was bought
 * @throws NotSentError the order did not reach the panel; nothing was bought
 * @throws UnknownOutcomeError the license may have been bought
 * @see https://ispsystem.com/docs/billmanager/reselling/reselling-via-api/reselling-third-party-licenses-via-api "Order license"
 */
export async function orderLicense(panel: Panel, order: Order): Promise<OrderReceipt> {
  if (!Number.isSafeInteger(order.pricelist) || order.pricelist < 1)
    throw new InvalidRequestError("pricelist must be a tariff code, a whole number above 0. No call was made.");
  if (!Number.isSafeInteger(order.period))
    throw new InvalidRequestError("period must be a whole number of months. No call was made.");
  const doc = await panel.call({
    func,
    effect: "charge",
    parameters: {
      pricelist: String(order.pricelist),
      period: String(order.period),
      ip: order.ip,
      licname: order.licenseName,
      // `null` is off; any number other than the period means off too.
      autoprolong: order.autoRenew === undefined ? undefined : order.autoRenew ? String(order.period) : "null",
      remoteid: order.remoteId,
      clicked_button: "finish",
      skipbasket: "on",
      sok: "ok",
    },
  });
  return readReceipt(panel, doc);
}

/** Shapes seen in clients of sibling functions: `id`, `item.id`, neither (with `ok`), `billorder` or `payment_id`. */
function readReceipt(panel: Panel, doc: XmlElement): OrderReceipt {
  const named = [...children(doc, "id"), ...children(doc, "item.id")].filter(({ text }) => text !== "");
  const [id, another] = new Set(named.map(({ text }) => text));
  const billorder = textOf(doc, "billorder");
  const paymentId = textOf(doc, "payment_id");
  const awaitsPayment = billorder !== undefined || paymentId !== undefined;
  if (id === undefined && !awaitsPayment && !isDone(doc)) throw redisplayed(func, "charge");
  if (!isDone(doc) && !awaitsPayment && isForm(doc)) throw redisplayed(func, "charge");
  if (another !== undefined || named.some((element) => element.children.length > 0))
    throw damaged(func, "charge", "it does not name one license");
  if (id !== undefined && (!isLicenseId(id) || /^0+$/.test(id)))
    throw damaged(func, "charge", "the id it names is no license's number");
  return {
    ...(id === undefined ? {} : { id }),
    ...(awaitsPayment ? { unpaid: readPayment(panel, doc, billorder, paymentId) } : {}),
  };
}

function readPayment(panel: Panel, doc: XmlElement, billorder: string | undefined, paymentId: string | undefined) {
  const paymentUrl = textOf(doc, "ok");
  return {
    ...(billorder === undefined ? {} : { billorder: panel.redact(billorder) }),
    ...(paymentId === undefined ? {} : { paymentId: panel.redact(paymentId) }),
    ...(paymentUrl === undefined ? {} : { paymentUrl: panel.redact(paymentUrl) }),
  };
}
