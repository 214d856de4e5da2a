import { BillmanagerError } from "./BillmanagerError";

/** The panel's error document, read once. */
export interface Refusal {
  /** The API function that was refused, e.g. `softexternal.edit`. */
  readonly func: string;
  /** The vendor's error type. The set is open; `missed`, `access`, `value`, `exists`, `auth` are the common ones. */
  readonly type: string;
  /** What the error is about: a field, an element kind, a cause. */
  readonly object?: string;
  /** The refused value, where the panel names it. */
  readonly value?: string;
  /** The vendor's text, trimmed, with its `__name__` placeholders filled. Its language is the account's: never match on it. */
  readonly vendorMessage: string;
}

/** The panel answered, and said no. What was asked for did not happen, and nothing was charged. */
export class RefusedError extends BillmanagerError implements Refusal {
  override readonly name: string = "RefusedError";
  readonly func: string;
  readonly type: string;
  declare readonly object?: string;
  declare readonly value?: string;
  readonly vendorMessage: string;

  constructor(refusal: Refusal, message = `${describeRefusal(refusal)} Nothing was changed or charged by this call.`) {
    super(message);
    this.func = refusal.func;
    this.type = refusal.type;
    if (refusal.object !== undefined) this.object = refusal.object;
    if (refusal.value !== undefined) this.value = refusal.value;
    this.vendorMessage = refusal.vendorMessage;
  }
}

export function isRefused(error: unknown): error is RefusedError {
  return error instanceof RefusedError;
}

/** One sentence: which function, the vendor's type, object and value, and its own text. */
export function describeRefusal(refusal: Refusal): string {
  const object = refusal.object ? `, object ${refusal.object}` : "";
  const value = refusal.value ? `, value ${refusal.value}` : "";
  const text = refusal.vendorMessage === "" ? "no text given" : refusal.vendorMessage;
  return `BILLmanager refused ${refusal.func} (type ${refusal.type}${object}${value}): ${text.replace(/[.\s]+$/, "")}.`;
}

/**
 * Whether the panel does not know the *function*, as opposed to the license it was asked about.
 *
 * The vendor documents no error type for it. A list of types that may mean it, since a wrong yes lets a renewal be sent under its
 * other name: an error raised inside a function may name that function, too.
 */
export function isUnknownFunction({ func, type, object, value }: Refusal): boolean {
  const names = /^(?:func|function|action)$/.test(object ?? "") || object === func || value === func;
  return names && /^(?:missed|unknown|unknown_?func(?:tion)?|no_?func(?:tion)?|not_?found|value)$/.test(type);
}
