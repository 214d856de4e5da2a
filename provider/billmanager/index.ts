/** The API of BILLmanager for licenses of third parties. Knows nothing of Pulumi and can be used alone. */
export { type Balance, type Price, quotePrice, readBalances } from "./account";
export { deleteLicense, editLicense, type LicenseChange, resumeLicense, suspendLicense } from "./changeLicense";
export { BillmanagerError, type Effect, isBillmanagerError } from "./errors/BillmanagerError";
export { InvalidRequestError, isInvalidRequest } from "./errors/InvalidRequestError";
export { isLoginRefused, LoginRefusedError } from "./errors/LoginRefusedError";
export { isNotFound, NotFoundError } from "./errors/NotFoundError";
export { isNotSent, NotSentError, type NotSentReason } from "./errors/NotSentError";
export { isRefused, type Refusal, RefusedError } from "./errors/RefusedError";
export {
  isUnknownOutcome,
  type UnknownOutcome,
  UnknownOutcomeError,
  type UnknownReason,
} from "./errors/UnknownOutcomeError";
export { listLicenses } from "./listLicenses";
export { type Money, parseMoney } from "./money";
export type { PanelOptions, Timing } from "./options";
export { type Order, type OrderReceipt, orderLicense } from "./orderLicense";
export type { Call } from "./outcome";
export { Panel } from "./panel";
export { prolongLicense } from "./prolongLicense";
export { readLicense } from "./readLicense";
export {
  type CalendarDate,
  calendarDate,
  type LicenseId,
  type LicenseRow,
  type LicenseState,
  licenseId,
} from "./types";
export type { XmlElement } from "./xml";
