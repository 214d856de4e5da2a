import type { CalendarDate } from "../calendar";
import { formatAmount, type MinorUnits, parseAmount } from "../money";
import type { LedgerEntry, SimulatedAccount } from "../types";
import type { License } from "./license";

/** A customer. Everything in minor units of its currency. */
export interface Account {
  readonly username: string;
  readonly currency: string;
  readonly credit: MinorUnits;
  readonly licenses: Map<string, License>;
  password: string;
  balance: MinorUnits;
  savedFilter: Map<string, string> | undefined;
}

/** What a payment for a license was for. */
export interface Payment {
  readonly kind: "order" | "prolong" | "autoprolong";
  readonly amount: MinorUnits;
  readonly period: number;
  readonly from: CalendarDate;
  readonly paidUntil: CalendarDate | undefined;
}

/** Accounts, licenses and the ledger. It moves money and knows no rule but that a debit must be covered. */
export class Books {
  readonly accounts = new Map<string, Account>();
  readonly licenses = new Map<string, License>();
  /** Those that the panel is busy with, so that time passes for them without a look at all others. */
  readonly processing = new Set<License>();
  readonly ledger: LedgerEntry[] = [];
  private lastLicenseId = 1_000_000;
  private lastBill = 5_000;

  constructor(accounts: readonly SimulatedAccount[]) {
    for (const { username, password, balance = "1000.00", credit = "0", currency = "EUR" } of accounts) {
      if (username === "" || username.includes(":")) throw new RangeError(`"${username}" is no username`);
      if (this.accounts.has(username)) throw new RangeError(`account "${username}" is named twice`);
      this.accounts.set(username, {
        username,
        password,
        currency,
        credit: parseAmount(credit, currency),
        balance: parseAmount(balance, currency),
        licenses: new Map(),
        savedFilter: undefined,
      });
    }
    if (this.accounts.size === 0) throw new RangeError("a panel needs at least one account");
  }

  /** @throws RangeError for a name that is nobody's */
  account(username?: string): Account {
    for (const account of this.accounts.values()) {
      if (username === undefined || account.username === username) return account;
    }
    throw new RangeError(`no account "${username}"`);
  }

  nextLicenseId(): string {
    this.lastLicenseId += 1;
    return String(this.lastLicenseId);
  }

  nextBill(): string {
    this.lastBill += 1;
    return String(this.lastBill);
  }

  add(license: License): void {
    this.licenses.set(license.id, license);
    this.account(license.account).licenses.set(license.id, license);
  }

  canPay(account: Account, amount: MinorUnits): boolean {
    return account.balance + account.credit >= amount;
  }

  /** Debits the account and writes the ledger. Ask {@link canPay} first. */
  charge(license: License, payment: Payment, at: Date): void {
    const account = this.account(license.account);
    if (!this.canPay(account, payment.amount)) {
      throw new RangeError(
        `account "${account.username}" cannot pay ${formatAmount(payment.amount, account.currency)}`,
      );
    }
    account.balance -= payment.amount;
    license.lastPayment = { amount: payment.amount, from: payment.from };
    this.write(account, payment.kind, payment.amount, at, {
      ...ledgerLinesOf(license),
      period: payment.period,
      ...(payment.paidUntil !== undefined && { paidUntil: payment.paidUntil }),
    });
  }

  refund(license: License, amount: MinorUnits, at: Date): void {
    const account = this.account(license.account);
    account.balance += amount;
    this.write(account, "refund", amount, at, { ...ledgerLinesOf(license), period: license.period });
  }

  deposit(account: Account, amount: MinorUnits, at: Date): void {
    if (amount <= 0n) throw new RangeError("a deposit must be more than nothing");
    account.balance += amount;
    this.write(account, "deposit", amount, at, {});
  }

  private write(
    account: Account,
    kind: LedgerEntry["kind"],
    amount: MinorUnits,
    at: Date,
    lines: Partial<LedgerEntry>,
  ): void {
    this.ledger.push({
      seq: this.ledger.length + 1,
      at: at.toISOString(),
      account: account.username,
      kind,
      amount: formatAmount(amount, account.currency),
      currency: account.currency,
      ...lines,
    });
  }
}

function ledgerLinesOf(license: License): Partial<LedgerEntry> {
  return {
    license: license.id,
    tariff: license.tariff.name,
    pricelist: license.tariff.pricelist,
    ip: license.ip,
    licname: license.licname,
  };
}
