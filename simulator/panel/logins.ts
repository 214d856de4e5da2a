import { randomBytes } from "node:crypto";
import type { Account, Books } from "../books/books";
import type { Clock } from "../clock";
import type { Knobs } from "../knobs";
import { PanelError } from "../messages";
import type { Params } from "../request";

/** The code that confirms a login when the knob `secondFactor` is "totp". */
export const totpCode = "000000";

/** How long `blocklogon` lasts (seen in clients: about 20 s). */
const blockMilliseconds = 20_000;

interface Session {
  readonly account: Account;
  lastUsed: number;
  /** False while the second factor is missing. */
  confirmed: boolean;
}

/** Who may come in: passwords, sessions, blocks. */
export class Logins {
  private readonly sessions = new Map<string, Session>();
  private readonly failures = new Map<string, number>();
  private readonly blockedUntil = new Map<string, number>();
  private addressIsBlocked = false;

  constructor(
    private readonly books: Books,
    private readonly clock: Clock,
    private readonly knobs: Knobs,
  ) {}

  /** `func=auth`: opens a session. */
  open(params: Params): { id: string; account: Account } {
    this.admitAddress();
    if (this.knobs.secondFactor === "captcha" && !params.get("g-recaptcha-response")) {
      throw new PanelError("captcha_verification_failed", undefined, "captcha");
    }
    const account = this.checkPassword(params.get("username") ?? "", params.get("password") ?? "");
    const id = randomBytes(16).toString("hex");
    const confirmed = this.knobs.secondFactor !== "totp";
    this.sessions.set(id, { account, lastUsed: this.clock.now().getTime(), confirmed });
    return { id, account };
  }

  /** Finds out who calls, by `authinfo` or by session id. */
  identify(params: Params, cookie: string | undefined): { account: Account; confirmed: boolean } {
    this.admitAddress();
    const authinfo = params.get("authinfo");
    if (authinfo !== undefined) return { account: this.byAuthinfo(authinfo), confirmed: true };
    const session = this.sessions.get(params.get("auth") ?? cookie ?? "");
    const now = this.clock.now().getTime();
    if (session === undefined || now - session.lastUsed > this.knobs.sessionMinutes * 60_000) {
      throw new PanelError(this.knobs.sessionExpired, "session", "noSession");
    }
    session.lastUsed = now;
    return session;
  }

  /** `func=totp.confirm`: the second step of a login. */
  confirm(params: Params): void {
    const session = this.sessions.get(params.get("auth") ?? "");
    if (session === undefined || params.get("qrcode") !== totpCode) throw new PanelError("totp", "qrcode", "totp");
    session.confirmed = true;
  }

  close(id: string): void {
    this.sessions.delete(id);
  }

  private admitAddress(): void {
    if (this.knobs.sourceAddress === "refused") throw new PanelError("auth", "badip", "badip");
    if (this.addressIsBlocked && this.knobs.wrongPassword === "blocked_ip") {
      throw new PanelError("auth", "blocked_ip", "blocked_ip");
    }
  }

  private byAuthinfo(authinfo: string): Account {
    if (this.knobs.authinfo === "forbidden_auth") throw new PanelError("forbidden_auth", undefined, "forbiddenAuth");
    // A colon in a password: undocumented; a username can hold none, so the first one divides.
    const colon = authinfo.indexOf(":");
    const account = this.checkPassword(authinfo.slice(0, Math.max(colon, 0)), authinfo.slice(colon + 1));
    if (this.knobs.secondFactor === "totp") throw new PanelError("totp", undefined, "totp");
    return account;
  }

  private checkPassword(username: string, password: string): Account {
    const now = this.clock.now().getTime();
    if (this.knobs.wrongPassword === "blocklogon" && now < (this.blockedUntil.get(username) ?? 0)) {
      throw new PanelError("auth", "blocklogon", "blocklogon");
    }
    const account = this.books.accounts.get(username);
    if (account === undefined || account.password !== password) {
      this.countFailure(username, now);
      throw new PanelError("auth", "badpassword", "badpassword");
    }
    this.failures.delete(username);
    return account;
  }

  private countFailure(username: string, now: number): void {
    const failures = (this.failures.get(username) ?? 0) + 1;
    this.failures.set(username, failures);
    if (failures < this.knobs.wrongPasswordTries) return;
    this.failures.delete(username);
    if (this.knobs.wrongPassword === "blocklogon") this.blockedUntil.set(username, now + blockMilliseconds);
    if (this.knobs.wrongPassword === "blocked_ip") this.addressIsBlocked = true;
  }
}
