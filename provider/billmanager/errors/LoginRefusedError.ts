import { describeRefusal, type Refusal, RefusedError } from "./RefusedError";

/**
 * The panel does not let this user in. No further call starts on the same `Panel`: the vendor blocks accounts and
 * addresses that keep trying (objects `blocklogon`, `blocked_ip`).
 */
export class LoginRefusedError extends RefusedError {
  override readonly name = "LoginRefusedError";

  constructor(refusal: Refusal) {
    super(
      refusal,
      `${describeRefusal(refusal)} ${explain(refusal)} Nothing was changed or charged, and no further call is made with this login.`,
    );
  }
}

export function isLoginRefused(error: unknown): error is LoginRefusedError {
  return error instanceof LoginRefusedError;
}

/** The objects of error type `auth`, as seen in captured answers and in the front ends of BILLmanager hosters. */
const meaningOfObject: ReadonlyMap<string, string> = new Map([
  ["badpassword", "The user name or the password is wrong: check both."],
  ["nouser", "The panel knows no such user: check the user name."],
  [
    "blocklogon",
    "Too many failed logins: the panel blocks this user for about 20 seconds. Check the password, wait, then try again.",
  ],
  [
    "blocked_ip",
    "Too many failed logins from this address: the panel blocks the address. Check the password and ask the panel's owner to lift the block.",
  ],
  [
    "badip",
    "This user may log in only from listed addresses: add the address of this machine to the list in the user's settings.",
  ],
  ["blockgeoip", "The panel does not accept logins from this country."],
  ["nolink", "The login is not linked to an account of this panel."],
]);

function explain({ type, object }: Refusal): string {
  if (type === "forbidden_auth") {
    return "The panel does not accept the login with each call (authinfo) from here: use session login, or ask the panel's owner to allow authinfo for this address.";
  }
  if (type.startsWith("captcha")) {
    return "The panel demands a captcha, which a program cannot solve: log in once by hand, or have this address exempted.";
  }
  if (isSecondFactor(type)) {
    return "The panel demands a second factor: use a separate API user without one, restricted to the address of this machine.";
  }
  return (
    meaningOfObject.get(object ?? "") ??
    "The login was not accepted: check user name and password, and whether this user may log in from here."
  );
}

function isSecondFactor(type: string): boolean {
  return type.startsWith("totp") || type === "extraconfirm";
}

/**
 * Whether an error type says that the *login* is refused, not only this function.
 * `access` is not among them: with credentials in each call it concerns the function alone.
 */
export function refusesLogin(type: string): boolean {
  return type === "auth" || type === "forbidden_auth" || type.startsWith("captcha") || type.startsWith("totp");
}
