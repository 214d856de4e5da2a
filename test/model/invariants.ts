import { expect } from "vitest";
import { calendarDate } from "../../provider/billmanager/types";
import { daysBetween } from "../../provider/license/calendar";
import { claimInName } from "../../provider/license/claim";
import type { SimulatedLicense, Simulator } from "../../simulator/index";
import type { EngineStack } from "./engine";
import type { Name, Stack } from "./history";
import { addressOf, type Held, PRICELISTS, type Program } from "./program";

/** One license that was brought into the account by an order of a stack. */
export type Live = SimulatedLicense & { readonly claim: string | undefined };

/** A stack as the model keeps it, with the program that declares it now. */
export interface Declared {
  readonly model: EngineStack;
  readonly program: Program;
}

/** How things stood before a run. */
interface Memory {
  readonly held: readonly Held[];
  readonly printed: number;
  readonly holders: ReadonlyMap<string, readonly string[]>;
  readonly entries: number;
}

/** One account and the stacks that work on it, and what has to hold of them after each run, whatever has happened. */
export class Account {
  /** Orders placed by hand carry no claim, and are nobody's. */
  readonly byHand = new Set<string>();
  /** Everything that a user has read, errors included. */
  readonly printed: string[] = [];

  constructor(
    private readonly simulator: Simulator,
    readonly stacks: Readonly<Record<Stack, Declared>>,
  ) {}

  memory(stack: Stack): Memory {
    const { model, program } = this.stacks[stack];
    // What was given up to be created again is no longer there.
    const held = program.heldIn(model.saved.filter(({ isToCreate }) => !isToCreate));
    return { held, printed: this.printed.length, holders: this.holders(), entries: this.simulator.ledger().length };
  }

  check(stack: Stack, before: Memory): void {
    const { holders, entries } = before;
    this.#nothingIsBoughtTwice();
    this.#nothingIsOrderedTwice(entries);
    this.#nothingIsRenewedWithoutNeed(stack, entries);
    this.#nothingIsTakenFromOthers(stack, holders);
    this.#nothingIsForgotten(before);
  }

  /** What leaves a state is gone from the account, or on its way, or stays there as its policy says, or is told. */
  #nothingIsForgotten({ held, printed }: Memory): void {
    const told = this.printed.slice(printed);
    for (const { id, outputs } of held.filter((one) => !this.holders().has(one.id))) {
      const license = this.live().find((one) => one.id === id);
      const isTold = told.some(
        (line) => line.includes(`license ${id} is not given up`) || line.includes(`license ${id} is left in`),
      );
      const isSetAside = outputs.deletionPolicy === "suspend" && license?.status.startsWith("3") === true;
      const isLeft = license !== undefined && license.status !== "5_close" && !isSetAside && !isTold;
      expect(isLeft, `license ${id}, ${license?.status}, is in no state any more`).toBe(false);
    }
  }

  live(): Live[] {
    return this.simulator
      .licenses()
      .filter(({ status }) => status !== "4")
      .map((license) => ({ ...license, claim: claimInName(license.licname) ?? license.remoteid }));
  }

  held(stack: Stack): Held[] {
    const { model, program } = this.stacks[stack];
    return program.heldIn(model.saved);
  }

  /** No resource has two licenses of one tariff on one address. */
  #nothingIsBoughtTwice(): void {
    const bought = this.live().filter(({ id, claim }) => !(this.byHand.has(id) && claim === undefined));
    const places = bought.map(({ claim, pricelist, ip }) => `${claim} ${pricelist} ${ip}`);
    expect(places, "licenses of one claim, tariff and address").toEqual([...new Set(places)]);
  }

  /** Nor does a run order twice for one, whatever it gives up in between: what was paid counts, not what is left of it. */
  #nothingIsOrderedTwice(since: number): void {
    const orders = this.simulator
      .ledger()
      .slice(since)
      .flatMap(({ kind, licname = "" }) => (kind === "order" ? (claimInName(licname) ?? []) : []));
    expect(orders, "claims of the orders of one run").toEqual([...new Set(orders)]);
  }

  /** Each renewal since then was asked for by the declaration, as the license stood before it, and bought a period of its own. */
  #nothingIsRenewedWithoutNeed(stack: Stack, since: number): void {
    const ledger = this.simulator.ledger();
    const { program } = this.stacks[stack];
    for (const [index, { kind, license = "", paidUntil = "" }] of ledger.entries()) {
      if (index < since || kind !== "prolong") {
        continue;
      }
      const before = ledger.slice(0, index).findLast((entry) => entry.license === license)?.paidUntil ?? "";
      expect(paidUntil > before, `license ${license}, paid until ${before}, was renewed until ${paidUntil}`).toBe(true);
      const wishes = this.#wishesFor(stack, license);
      const today = this.simulator.clock.today();
      const isWanted = wishes.some((wish) => wish.paidUntil !== undefined && before < program.dayAfter(wish.paidUntil));
      const daysLeft = daysBetween(calendarDay(today), calendarDay(before));
      const isDue = wishes.some((wish) => wish.renewBeforeDays !== undefined && daysLeft <= wish.renewBeforeDays);
      expect(isWanted || isDue, `license ${license}, paid until ${before}, was to be renewed on ${today}`).toBe(true);
    }
  }

  /** The declarations that a license may be renewed for. A run that was killed leaves a state in which a key may have changed since. */
  #wishesFor(
    stack: Stack,
    license: string,
  ): readonly { paidUntil?: number | undefined; renewBeforeDays?: number | undefined }[] {
    const { program } = this.stacks[stack];
    const holding = this.held(stack).flatMap(({ id, name }) => (id === license ? [name] : []));
    const claim = this.live().find(({ id }) => id === license)?.claim;
    const all = program.entries();
    const its = all.filter(
      ([name, { adoptId }]) =>
        holding.includes(name) || program.isOf(name, claim) || adoptId?.split("@")[0] === license,
    );
    return (its.length > 0 ? its : all.filter(([name]) => program.isMember(name))).map(([, wish]) => wish);
  }

  /** Which resource of which stack holds each license. */
  holders(): ReadonlyMap<string, readonly string[]> {
    const holders = new Map<string, string[]>();
    for (const stack of ["a", "b"] as const) {
      for (const { id, name } of this.held(stack)) {
        holders.set(id, [...(holders.get(id) ?? []), `${stack} ${name}`]);
      }
    }
    return holders;
  }

  #nothingIsTakenFromOthers(stack: Stack, before: ReadonlyMap<string, readonly string[]>): void {
    const takesAway = (func: string) => func === "softexternal.delete" || func === "softexternal.suspend";
    const takenAway = this.simulator
      .journal()
      .filter(({ func, effect, result }) => takesAway(func) && effect === "change" && result === "ok")
      .map(({ params }) => params.elid ?? "");
    const { program } = this.stacks[stack];
    for (const id of takenAway) {
      const holders = new Set([...(before.get(id) ?? []), ...(this.holders().get(id) ?? [])]);
      const isAdopted = holders.size > 0 || program.entries().some(([, { adoptId }]) => adoptId?.split("@")[0] === id);
      expect(this.byHand.has(id) && !isAdopted, `license ${id}, ordered by hand, was given up`).toBe(false);
      for (const holder of holders) {
        expect(holder.startsWith(`${stack} `), `license ${id} of ${holder} was given up by ${stack}`).toBe(true);
      }
    }
  }

  /** What an update has given up is not what it has saved as a license of the program. */
  nothingHeldIsGivenUp(stack: Stack): void {
    const held = new Map(
      this.held(stack).map(({ id, name, outputs }) => [id, outputs.status === "deleted" ? undefined : name]),
    );
    for (const id of this.#deleted()) {
      expect(held.get(id), `what holds license ${id}, which was given up`).toBeUndefined();
    }
  }

  /** Nor is it what a new resource of the program names to be taken over. @param before what the state held before the update */
  nothingAskedForIsGivenUp(stack: Stack, before: readonly Held[]): void {
    const { program } = this.stacks[stack];
    const isNew = (name: Name) => !before.some((one) => one.name === name && one.isMember === program.isMember(name));
    const asked = program.entries().flatMap(([name, { adoptId }]) => (isNew(name) ? [adoptId?.split("@")[0]] : []));
    for (const id of this.#deleted()) {
      expect(asked, `licenses that the program takes over, of which ${id} was given up`).not.toContain(id);
    }
  }

  #deleted(): string[] {
    return this.simulator
      .journal()
      .filter(({ func, effect, result }) => func === "softexternal.delete" && effect === "change" && result === "ok")
      .map(({ params }) => params.elid ?? "");
  }

  everythingIsSavedOrNamed(stack: Stack, hasFailed: boolean): void {
    const { program } = this.stacks[stack];
    const held = this.held(stack);
    const saved = new Set(held.map(({ id }) => id));
    for (const name of program.names.filter((one) => !(hasFailed && program.comesLast(one)))) {
      const own = this.live().filter((live) => program.asksFor(name, live) && !this.byHand.has(live.id));
      for (const license of own) {
        const isNamed = this.printed.some((line) => line.includes(license.id));
        expect(saved.has(license.id) || isNamed, `license ${license.id} of ${stack} ${name} is saved or named`).toBe(
          true,
        );
      }
      const isSaved = held.some((one) => one.name === name);
      expect(isSaved || hasFailed, `${stack} ${name} is saved, or its update fails`).toBe(true);
    }
  }

  /** After an update that had nothing left to do, state and account are what the program says. */
  holdsWhatIsDeclared(stack: Stack): void {
    const { program } = this.stacks[stack];
    const held = this.held(stack);
    const declared = program.entries().map(([name]) => `${name} ${program.isMember(name)}`);
    expect(held.map(({ name, isMember }) => `${name} ${isMember}`).sort(), "what the state holds").toEqual(
      declared.sort(),
    );
    expect(new Set(held.map(({ id }) => id)).size, "licenses that are held once").toBe(held.length);
    for (const [name, { product, address, isNamed, suspended }] of program.entries()) {
      const one = held.find((other) => other.name === name);
      const license = this.live().find(({ id }) => id === one?.id);
      if (license === undefined) {
        expect(one?.outputs.status, `what is saved of ${name}, which is gone`).toBe("deleted");
        continue;
      }
      expect([license.pricelist, license.ip], `tariff and address of ${name}`).toEqual([
        PRICELISTS[product],
        addressOf(address),
      ]);
      const { claim } = one?.outputs ?? {};
      expect(license.licname, `the name of ${name}`).toMatch(
        isNamed ? program.explicitName(name) : new RegExp(`-${claim}$`),
      );
      if (license.status === "2" || license.status === "3") {
        expect(license.status === "3", `whether ${name} is suspended`).toBe(suspended);
      }
    }
  }
}

function calendarDay(text: string) {
  const day = calendarDate(text);
  if (day === undefined) {
    throw new TypeError(`"${text}" is no day`);
  }
  return day;
}
