import type { Acts } from "../books/acts";
import type { Account, Books } from "../books/books";
import type { Lags } from "../books/lags";
import type { Clock } from "../clock";
import type { LiveKnobs } from "../knobs";
import type { Element } from "../render/element";
import type { Params } from "../request";
import type { Tariffs } from "../tariffs";
import type { Logins } from "./logins";

/** Everything that a panel is made of. */
export interface Panel {
  readonly knobs: LiveKnobs;
  readonly clock: Clock;
  readonly books: Books;
  readonly acts: Acts;
  readonly lags: Lags;
  readonly tariffs: Tariffs;
  readonly logins: Logins;
}

/** One call by an account that is logged in. */
export interface Call {
  readonly panel: Panel;
  readonly account: Account;
  readonly func: string;
  readonly params: Params;
  /** Whether `sok` asks to carry the call out; without it a form is only displayed (documented). */
  readonly performs: boolean;
  readonly at: Date;
}

/** An answer other than a refusal. */
export interface Answer {
  readonly result: "ok" | "form" | "list" | "session";
  readonly body: readonly Element[];
}

export function param(call: Call, name: string): string {
  return call.params.get(name) ?? "";
}

export function currencyOf(call: Call): string {
  return call.account.currency;
}
