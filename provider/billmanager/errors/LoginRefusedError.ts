import type { Effect } from "./BillmanagerError";
import { describeRefusal, type Refusal, RefusedError } from "./RefusedError";

/**
 * The panel does not let this user in. No further call starts on the same `Panel`: the vendor blocks accounts and
 * addresses that keep trying (objects `blocklogon`, `blocked_ip`).
 */
export class LoginRefusedError extends RefusedError {
  override readonly name = "LoginRefusedError";
  readonly #refusal: Refusal;

  /** @param func the call that this is the error of, where it is another than the one that the panel refused */
  constructor(refusal: Refusal, func = refusal.func) {
    const told = `${describeRefusal(refusal)} ${explain(refusal)} Nothing was changed or charged, and no further call is made with this login.`;
    super({ ...refusal, func }, func === refusal.func ? told : `${func} was not sent: ${told}`);
    this.#refusal = refusal;
  }

  /** The same refusal, as the error of a call that was not sent because of it. */
  of(func: string): LoginRefusedError {
    return new LoginRefusedError(this.#refusal, func);
  }
}

export function isLoginRefused(error: unknown): error is LoginRefusedError {
  return error instanceof LoginRefusedError;
}

/**
 * What the types of errors, and the objects of those of type `auth`, mean for a login and what to do: as seen in captured answers
 * and in the front ends of BILLmanager hosters.
 */
const meanings: readonly (readonly [word: RegExp, meaning: string])[] = [
  [
    /^forbidden_auth$/,
    'The panel does not accept the login with each call (authinfo) from here: use session login (auth "session"), or ask the panel\'s owner to allow authinfo for this address.',
  ],
  [
    /^captcha/,
    "The panel demands a captcha, which a program cannot solve: log in once by hand, or have this address exempted.",
  ],
  [
    /^totp/,
    "The panel demands a second factor: use a separate API user without one, restricted to the address of this machine.",
  ],
  [
    /^extraconfirm$/,
    "The panel demands that a person confirms the login: use a separate API user of whom it demands none, restricted to the address of this machine.",
  ],
  [/^badpassword$/, "The user name or the password is wrong: check both."],
  [/^nouser$/, "The panel knows no such user: check the user name."],
  [
    /^blocklogon$/,
    "Too many failed logins: the panel blocks this user for about 20 seconds. Check the password, wait, then try again.",
  ],
  [
    /^blocked_ip$/,
    "Too many failed logins from this address: the panel blocks the address. Check the password and ask the panel's owner to lift the block.",
  ],
  [
    /^badip$/,
    "This user may log in only from listed addresses: add the address of this machine to the list in the user's settings.",
  ],
  [
    /^blockgeoip$/,
    "The panel does not accept logins from this country: run from another one, or ask the panel's owner to allow the address of this machine.",
  ],
  [
    /^nolink$/,
    "The login is not linked to an account of this panel: check the endpoint, or log in once by hand to link it.",
  ],
];

function explain({ type, object = "" }: Refusal): string {
  return (
    meanings.find(([word]) => word.test(type) || word.test(object))?.[1] ??
    "The login was not accepted: check user name and password, and whether this user may log in from here."
  );
}

/**
 * Whether an error type says that the *login* is refused, not only this function.
 * `access` is not among them: with credentials in each call it concerns the function alone. Nor is a confirmation that is asked for
 * something to be done, a deletion say; nobody has to confirm what only reads, unless it is the login.
 */
export function refusesLogin(type: string, effect: Effect): boolean {
  return /^(?:auth|forbidden_auth|captcha.*|totp.*)$/s.test(type) || (type === "extraconfirm" && effect === "read");
}

/** Whether a new login would be refused as well, and be one more towards a block. */
export function blocksLogin({ object = "" }: Refusal): boolean {
  return /^(?:blocklogon|blocked_ip|badip|blockgeoip)$/.test(object);
}
