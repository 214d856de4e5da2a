import type { CalendarDate } from "./calendar";
import type { Effect } from "./effect";
import type { FaultKind, Faults } from "./faults";
import type { KnobValues, LiveKnobs } from "./knobs";
import type { Tariff } from "./tariffs";

/** An account of the panel. */
export interface SimulatedAccount {
  readonly username: string;
  readonly password: string;
  /** Default "1000.00". */
  readonly balance?: string;
  /** How far below zero the balance may go. Default "0". */
  readonly credit?: string;
  /** Default "EUR". */
  readonly currency?: string;
}

export interface SimulatorOptions {
  /** Port of the panel on 127.0.0.1. Default 0: any free one. */
  readonly port?: number;
  /** Port of the control address on 127.0.0.1. Default 0: any free one. */
  readonly controlPort?: number;
  /** ISO date or date-time at which the simulator's clock starts. Default: now. */
  readonly now?: string;
  /** "standing" (the default) moves only when told to; "running" keeps pace with real time. */
  readonly clock?: "standing" | "running";
  /** Default: one account, `demo` with password `demo`, 1000.00 EUR. */
  readonly accounts?: readonly SimulatedAccount[];
  /** Added to the default tariffs, or in their place where the code is the same. */
  readonly tariffs?: readonly Tariff[];
  readonly knobs?: KnobValues;
}

/** One request to the panel, in the order of arrival. */
export interface JournalEntry {
  readonly seq: number;
  /** Simulator's clock. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly func: string;
  readonly effect: Effect;
  /** The account that was logged in; absent when the login was refused. */
  readonly account?: string;
  /** The request's parameters; passwords, `authinfo` and session ids are `***`. */
  readonly params: Readonly<Record<string, string>>;
  /** HTTP status; 0 while the answer is under way, and for ever when it is lost. */
  readonly status: number;
  /** What the panel did: `ok`, `form`, `list`, `session`, `error:<type>`, `http:<status>`; `not carried out` where a fault kept the call from it. */
  readonly result: string;
  /** The fault that happened to the call, if one did: the answer may have been another, or none. */
  readonly fault?: FaultKind;
  /** Which TCP connection the request came on, counted from 1. */
  readonly connection: number;
  /** How many requests were being served when this one had been read, this one included. */
  readonly inFlight: number;
}

/** One movement of money. `amount` is positive; `kind` tells its direction. */
export interface LedgerEntry {
  readonly seq: number;
  /** Simulator's clock. */
  readonly at: string;
  readonly account: string;
  readonly kind: "order" | "prolong" | "autoprolong" | "refund" | "deposit";
  readonly amount: string;
  readonly currency: string;
  /** Id of the license; absent for a deposit, as is all that follows. */
  readonly license?: string;
  readonly tariff?: string;
  readonly pricelist?: number;
  readonly ip?: string;
  readonly licname?: string;
  readonly period?: number;
  /** The end of the term that was paid for; absent for a lifetime. */
  readonly paidUntil?: CalendarDate;
}

/** A license as the panel's books hold it. */
export interface SimulatedLicense {
  readonly id: string;
  readonly account: string;
  readonly licname: string;
  /** Empty where the tariff needs none. */
  readonly ip: string;
  readonly pricelist: number;
  readonly tariff: string;
  readonly period: number;
  readonly createdate: CalendarDate;
  /** Absent before payment and for a lifetime. */
  readonly expiredate?: CalendarDate;
  /** Months by which the panel renews, or `null`. */
  readonly autoprolong: number | null;
  /** Raw code: `1`, `2`, `3`, `3_autosuspend`, `4`, `5_open`, … */
  readonly status: string;
  readonly remoteid?: string;
  /** The day on which a scheduled deletion happens. */
  readonly scheduledclose?: CalendarDate;
  readonly lickey: string;
}

/** Who suspended a license: the client, the panel for want of payment, staff, or staff for abuse. */
export type SuspensionCode = "3" | "3_autosuspend" | "3_employeesuspend" | "3_abusesuspend";

/** An order as a person places it in the panel. */
export interface OutsideOrder {
  readonly pricelist: number;
  readonly licname: string;
  readonly ip?: string | undefined;
  /** Default 1. */
  readonly period?: number | undefined;
  /** Default off. */
  readonly autoprolong?: number | null | undefined;
  readonly remoteid?: string | undefined;
  /** Default: the first account. */
  readonly account?: string | undefined;
}

/**
 * Acts of others: staff, or a person in the panel. They are done at once, ask no knob for leave, appear in the ledger
 * where money moves, and never in the journal. An impossible one throws.
 */
export interface Outside {
  /** Orders and pays; returns the id. */
  order(order: OutsideOrder): string;
  edit(id: string, change: { licname?: string | undefined; ip?: string | undefined }): void;
  /** Default code: "3", as if the client had done it. */
  suspend(id: string, code?: SuspensionCode): void;
  resume(id: string): void;
  /** Default period: the license's own. */
  prolong(id: string, period?: number): void;
  delete(id: string): void;
  setAutoprolong(id: string, value: number | null): void;
  /** Default account: the first. */
  deposit(amount: string, username?: string): void;
  setPassword(username: string, password: string): void;
  /** Pays an order that waits in status 1; the panel then opens it with the delay of `processing.open`. */
  pay(id: string): void;
  /** Ends whatever the license is in processing for. */
  finish(id: string): void;
  /** The panel shows what a fault has kept hidden. */
  reveal(): void;
}

/** The simulator's clock. Moving it runs everything that falls due on the way, in order, day by day. */
export interface SimulatorClock {
  now(): Date;
  today(): CalendarDate;
  /** To an ISO date or date-time that is not in the past. */
  set(iso: string): void;
  advance(by: { days?: number; seconds?: number }): void;
}

/** A running simulator. */
export interface Simulator {
  /** `http://127.0.0.1:PORT/billmgr`; `/manager/billmgr` and `/` answer as well. */
  readonly endpoint: string;
  /** The JSON control address, `http://127.0.0.1:PORT`. */
  readonly control: string;
  readonly clock: SimulatorClock;
  readonly knobs: LiveKnobs;
  readonly outside: Outside;
  /** Things that shall happen to calls, each to so many. */
  readonly faults: Faults;
  /** Every request, in the order of arrival. */
  journal(): JournalEntry[];
  clearJournal(): void;
  /** Every movement of money, in order. */
  ledger(): LedgerEntry[];
  /** Every license ever, deleted ones included, in the order of their creation. */
  licenses(): SimulatedLicense[];
  /** Default account: the first. */
  balance(username?: string): string;
  /** Stops both listeners and destroys open connections. */
  close(): Promise<void>;
}
