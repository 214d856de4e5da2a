import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { calendarDate } from "../../provider/billmanager/types";
import { createFaces } from "../../provider/dynamicProvider";
import { daysBetween } from "../../provider/license/calendar";
import { automaticName, claimInName, claimOf } from "../../provider/license/claim";
import { type SimulatedLicense, type Simulator, startSimulator } from "../../simulator/index";
import {
  type Ending,
  type EngineStack,
  type Goal,
  Killed,
  ModelledStack,
  type Process,
  type UpdateOptions,
} from "./engine";
import type { Act, Declaration, History, Interruption, Name, Run, Stack } from "./history";

const ORDINARY: Circumstances = {
  firstDay: "2026-01-15",
  parallel: 4,
  project: "model",
  engine: async () => new ModelledStack(),
};
export const ACCOUNT = { username: "tester", password: "canary-P4ss%wörd&<>", balance: "100000.00" };
const PROVIDER = "exports.handler=…";

/** What a program declares, and the license by hand that it shall take over. */
type Program = Partial<Record<Name, Declaration & { readonly adoptId?: string }>>;

/** One license that was brought into the account by an order of a stack. */
type Live = SimulatedLicense & { readonly claim: string | undefined };

export interface Circumstances {
  readonly firstDay: string;
  /** Operations of the engine at a time. */
  readonly parallel: number;
  readonly project: string;
  engine(simulator: Simulator): Promise<EngineStack>;
}

/** A stack as the model keeps it, with the program that declares it now. */
interface Declared {
  readonly model: EngineStack;
  program: Program;
  /** Resources that have another name than at first. */
  readonly renamed: Set<string>;
}

/**
 * One account, the stacks that work on it, and what has to hold whatever happens: each act checks it.
 *
 * Everything but the engine is real: the provider's face and all below it, HTTP, and a panel that keeps the books.
 */
export class World {
  readonly #showsRemoteId: boolean;
  readonly #stacks: Readonly<Record<Stack, Declared>>;
  /** Orders placed by hand carry no claim, and are nobody's. */
  readonly #byHand = new Set<string>();
  /** What goes on after its engine has been killed. */
  readonly #leftOver: Promise<unknown>[] = [];
  /** Everything that a user has read, errors included. */
  readonly #printed: string[] = [];
  /** Nothing fails any more: answers that are late are only slow. */
  #isCalm = false;

  private constructor(
    readonly simulator: Simulator,
    { program, showsRemoteId }: History,
    private readonly circumstances: Circumstances,
    engine: EngineStack,
  ) {
    this.#showsRemoteId = showsRemoteId;
    this.#stacks = {
      a: { model: engine, program: { ...program }, renamed: new Set() },
      b: { model: new ModelledStack(), program: {}, renamed: new Set() },
    };
  }

  static async begin(history: History, circumstances = ORDINARY): Promise<World> {
    const simulator = await startSimulator({
      now: circumstances.firstDay,
      accounts: [ACCOUNT],
      knobs: history.showsRemoteId ? { listColumns: ["remoteid"], formFields: ["remoteid"] } : {},
    });
    return new World(simulator, history, circumstances, await circumstances.engine(simulator));
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.#leftOver);
    await this.simulator.close();
  }

  async take(act: Act): Promise<void> {
    switch (act.act) {
      case "declare":
        this.#declare(act.stack, act.name, act.as);
        return;
      case "rename": {
        const { renamed } = this.#stacks[act.stack];
        if (!renamed.delete(act.name)) {
          renamed.add(act.name);
        }
        return;
      }
      case "adopt":
        this.#adopt(act.stack, act.name, act.as, act.which);
        return;
      case "fault":
        this.simulator.faults.arm(act.fault);
        return;
      case "outside":
        this.#outside(act.does, act.which);
        return;
      case "by hand":
        this.#byHand.add(this.#orderByHand(act.product, act.address));
        return;
      case "days":
        this.simulator.clock.advance({ days: act.count });
        return;
      case "preview":
        return this.#preview(act.stack, act.replace);
      case "up":
        if (act.previews) {
          await this.#preview(act.stack, act.replace);
        }
        await this.#up(act, act.replace);
        return;
      case "refresh":
        await this.#run(act, (model, process) => model.refresh(process, this.circumstances.parallel));
        return;
      case "destroy":
        await this.#run(act, (model, process) => model.destroy(process, this.circumstances.parallel));
        return;
    }
  }

  /**
   * After the last act, everything works again. Each stack is brought up until it is done: what was paid for stands in a state or is
   * named, and the second time there is nothing left to buy.
   */
  async finish(): Promise<void> {
    await Promise.allSettled(this.#leftOver);
    this.simulator.faults.clear();
    this.#isCalm = true;
    for (const stack of ["a", "b"] as const) {
      const calm: Run = { stack, interruption: undefined, isRefused: false };
      await this.#up(calm, undefined);
      // An update that finds nothing to do looks at nothing: what somebody did meanwhile is for a refresh to see.
      await this.#run(calm, (model, process) => model.refresh(process, this.circumstances.parallel));
      const { errors } = await this.#up(calm, undefined);
      this.#everythingIsSavedOrNamed(stack, errors.length > 0);
      this.simulator.clearJournal();
      const again = await this.#up(calm, undefined);
      if (errors.length === 0) {
        expect(again.errors).toEqual([]);
        expect(this.#changes(), "an update without a change").toEqual([]);
      }
      expect(again.errors.length, "an update that fails at the same").toBe(errors.length);
    }
  }

  /** What the panel and the state hold, to be compared with another world, where the engine may have begun with another license. */
  books(): unknown {
    const { saved } = this.#stacks.a.model;
    return {
      ledger: this.simulator
        .ledger()
        .map(({ kind, tariff, ip }) => `${kind} ${tariff} ${ip}`)
        .sort(),
      licenses: this.simulator
        .licenses()
        .map(({ tariff, licname, ip, status }) => `${tariff} ${licname} ${ip} ${status}`)
        .sort(),
      saved: saved
        .map(({ name, outputs, hasInitErrors, isToDelete, isToCreate }) =>
          [name, outputs.licenseName, outputs.ip, outputs.status, hasInitErrors, isToDelete, isToCreate].join(" "),
        )
        .sort(),
    };
  }

  #goals(stack: Stack): Goal[] {
    const { program, renamed } = this.#stacks[stack];
    return Object.entries(program).map(([name, declaration]) => {
      const [now, before] = renamed.has(name) ? [secondName(name), name] : [name, secondName(name)];
      return {
        name: now,
        alias: before,
        inputs: { __provider: PROVIDER, ...this.#inputs(stack, now, declaration) },
        deleteBeforeReplace: declaration.deleteBeforeReplace,
      };
    });
  }

  /** What the package's class makes of a declaration. */
  #inputs(stack: Stack, name: string, declaration: NonNullable<Program[Name]>): Record<string, unknown> {
    const { product, address, isNamed, suspended, autoRenew, paidUntil, renewBeforeDays } = declaration;
    const { deletionPolicy, recreateWhenDeleted, adoptId } = declaration;
    const claim = this.#claim(stack, name);
    return {
      claim,
      licenseName: isNamed ? `The ${name} of ${stack}` : automaticName(name, claim),
      product,
      ip: addressOf(address),
      suspended,
      autoRenew,
      deletionPolicy,
      recreateWhenDeleted,
      ...(adoptId === undefined ? {} : { adoptId }),
      ...(paidUntil === undefined ? {} : { paidUntil: this.#dayAfter(paidUntil) }),
      ...(renewBeforeDays === undefined ? {} : { renewBeforeDays }),
    };
  }

  #claim(stack: Stack, name: string) {
    return claimOf(`urn:pulumi:${stack}::${this.circumstances.project}::billmanager:index:License::${name}`);
  }

  /** The claims that a resource may have, whichever of its names it had when it was ordered. */
  #isOf(stack: Stack, name: string, claim: string | undefined): boolean {
    return claim === this.#claim(stack, name) || claim === this.#claim(stack, secondName(name));
  }

  #dayAfter(days: number): string {
    return new Date(Date.parse(this.circumstances.firstDay) + days * 86_400_000).toISOString().slice(0, 10);
  }

  #options(stack: Stack, replace: Name | undefined): UpdateOptions {
    const { parallel } = this.circumstances;
    const isRenamed = replace !== undefined && this.#stacks[stack].renamed.has(replace);
    return { parallel, ...(replace === undefined ? {} : { replace: isRenamed ? secondName(replace) : replace }) };
  }

  #declare(stack: Stack, name: Name, as: Declaration | undefined, adoptId?: string): void {
    if (this.#isLeftNameless(stack, name)) {
      return;
    }
    const declared = this.#stacks[stack];
    const { [name]: _, ...others } = declared.program;
    declared.program = as === undefined ? others : { ...others, [name]: { ...as, adoptId } };
  }

  #adopt(stack: Stack, name: Name, as: Declaration, which: number): void {
    // Whoever names one license in two programs is told by no claim where it has a name of its own.
    const named = Object.values(this.#stacks).flatMap(({ program }) =>
      Object.values(program).map(({ adoptId }) => adoptId),
    );
    const isTaken = (id: string) => this.#holders().has(id) || named.includes(id);
    const free = this.#live().filter(({ id }) => this.#byHand.has(id) && !isTaken(id));
    const license = free[which % Math.max(1, free.length)];
    const product = PRODUCTS.find((one) => PRICELISTS[one] === license?.pricelist);
    if (license !== undefined && product !== undefined) {
      const address = Number(license.ip.split(".").at(-1)) - addressBase;
      this.#declare(stack, name, { ...as, product, address }, license.id);
    }
  }

  /** Bought and not saved, under a name without claim on a panel that shows none beside it: found by its address, which has to stay. */
  #isLeftNameless(stack: Stack, name: Name): boolean {
    const { model, program } = this.#stacks[stack];
    const isNameless = program[name]?.isNamed === true && !this.#showsRemoteId;
    return (
      isNameless &&
      this.#live().some((live) => this.#isOf(stack, name, live.claim) && !model.saved.some(({ id }) => id === live.id))
    );
  }

  async #preview(stack: Stack, replace: Name | undefined): Promise<void> {
    this.simulator.clearJournal();
    const { model } = this.#stacks[stack];
    const process = this.#start({ stack, interruption: undefined, isRefused: false });
    await model.preview(process, this.#goals(stack), this.#options(stack, replace));
    expect(this.#changes(), "changing calls of a preview").toEqual([]);
  }

  #up(run: Run, replace: Name | undefined): Promise<Ending> {
    return this.#run(run, (model, process) =>
      model.update(process, this.#goals(run.stack), this.#options(run.stack, replace)),
    );
  }

  async #run(run: Run, work: (model: EngineStack, process: Process) => Promise<Ending>): Promise<Ending> {
    const { model } = this.#stacks[run.stack];
    // Between two runs the vendor shows what it has booked: where it does not, the promise ends.
    this.simulator.outside.reveal();
    this.simulator.clearJournal();
    const heldBefore = this.#holders();
    const entriesBefore = this.simulator.ledger().length;
    const process = this.#start(run);
    const ending = await work(model, process);
    if (ending.wasKilled) {
      await this.#arrival(process.sent());
    }
    if (run.isRefused) {
      // Counted are refusals that the run was told: an answer that was lost taught it nothing.
      const refused = this.simulator
        .journal()
        .filter(({ result, fault }) => result === "error:auth" && fault === undefined);
      expect(refused.length, "calls with a wrong password").toBeLessThanOrEqual(1);
    }
    this.#printed.push(...ending.errors);
    expect(this.#printed.filter((line) => line.includes(ACCOUNT.password))).toEqual([]);
    this.#nothingIsBoughtTwice();
    this.#nothingIsOrderedTwice(entriesBefore);
    this.#nothingIsRenewedWithoutNeed(run.stack, entriesBefore);
    this.#nothingIsTakenFromOthers(run.stack, heldBefore);
    return ending;
  }

  /** What was on its way when a run was killed arrives before anybody can start another. */
  async #arrival(sent: number): Promise<void> {
    for (let wait = 0; wait < 100 && this.#changes().length < sent; wait += 1) {
      await sleep(10);
    }
  }

  /** A new process of the provider, that knows nothing of the ones before. `sent` counts its calls that change something. */
  #start({ interruption, isRefused }: Run): Process & { sent(): number } {
    let kill: (error: Killed) => void = () => undefined;
    let isKilled = false;
    let isStopping = false;
    let sent = 0;
    const killed = new Promise<never>((_, reject) => {
      kill = reject;
    });
    killed.catch(() => undefined);
    /** Asked before each call that changes something, so that it counts them. */
    const engineIsGone = () => {
      if (isKilled) {
        return Promise.resolve(true);
      }
      if (interruption !== undefined && sent === interruption.afterChanges) {
        interrupt(interruption);
      }
      sent += isKilled ? 0 : 1;
      return Promise.resolve(isKilled);
    };
    const interrupt = ({ how }: Interruption) => {
      isStopping = how === "ctrl-c";
      isKilled = !isStopping;
      if (isKilled) {
        kill(new Killed());
      }
    };
    const { license: face } = createFaces({
      print: (line) => this.#printed.push(line),
      env: {
        BILLMANAGER_ENDPOINT: this.simulator.endpoint,
        BILLMANAGER_USERNAME: ACCOUNT.username,
        BILLMANAGER_PASSWORD: isRefused ? "wrong" : ACCOUNT.password,
      },
      engineIsGone,
      now: () => this.simulator.clock.now(),
    });
    // A refusal that comes too late teaches a run nothing, and on a busy machine any answer may come too late.
    const config = isRefused || this.#isCalm ? { ...CONFIG, ...PATIENT } : CONFIG;
    void face.configure({ config: { get: (key) => config[key] } });
    const leftOver = <T>(work: Promise<T>): Promise<T> => {
      this.#leftOver.push(work.catch(() => undefined));
      return work;
    };
    return {
      face: {
        ...face,
        create: (...given) => leftOver(face.create(...given)),
        update: (...given) => leftOver(face.update(...given)),
        read: (...given) => leftOver(face.read(...given)),
        delete: (...given) => leftOver(face.delete(...given)),
      },
      killed,
      isStopping: () => isStopping,
      sent: () => sent,
    };
  }

  #outside(does: Extract<Act, { act: "outside" }>["does"], which: number): void {
    const place = ({ pricelist, ip }: SimulatedLicense) => `${pricelist} ${ip}`;
    const live = this.simulator
      .licenses()
      .filter(({ status }) => status !== "4")
      .sort((a, b) => place(a).localeCompare(place(b)));
    const license = live[which % Math.max(1, live.length)];
    if (license === undefined) {
      return;
    }
    const { id } = license;
    if ((does === "rename" || does === "move") && !this.#holders().has(id)) {
      // What stands in no state is known by its name and its address alone.
      return;
    }
    const { outside } = this.simulator;
    const deeds: Readonly<Record<typeof does, () => void>> = {
      suspend: () => outside.suspend(id),
      abuse: () => outside.suspend(id, "3_abusesuspend"),
      resume: () => outside.resume(id),
      rename: () => outside.edit(id, { licname: "renamed by hand" }),
      move: () => outside.edit(id, { ip: "198.51.100.99" }),
      prolong: () => outside.prolong(id),
      delete: () => outside.delete(id),
    };
    try {
      deeds[does]();
    } catch (error) {
      // What the license's state does not allow did not happen.
      if (error instanceof TypeError || error instanceof ReferenceError) {
        throw error;
      }
    }
  }

  #orderByHand(product: Declaration["product"], address: number): string {
    return this.simulator.outside.order({
      pricelist: PRICELISTS[product],
      licname: "by hand",
      ip: addressOf(address),
    });
  }

  #live(): Live[] {
    return this.simulator
      .licenses()
      .filter(({ status }) => status !== "4")
      .map((license) => ({ ...license, claim: claimInName(license.licname) ?? license.remoteid }));
  }

  #changes(): string[] {
    return this.simulator
      .journal()
      .filter(({ effect }) => effect === "change" || effect === "charge")
      .map(({ func, result }) => `${func} → ${result}`);
  }

  /** No resource has two licenses of one tariff on one address. */
  #nothingIsBoughtTwice(): void {
    const bought = this.#live().filter(({ id, claim }) => !(this.#byHand.has(id) && claim === undefined));
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
    for (const [index, { kind, license = "", paidUntil = "" }] of ledger.entries()) {
      if (index < since || kind !== "prolong") {
        continue;
      }
      const before = ledger.slice(0, index).findLast((entry) => entry.license === license)?.paidUntil ?? "";
      expect(paidUntil > before, `license ${license}, paid until ${before}, was renewed until ${paidUntil}`).toBe(true);
      const claim = this.#live().find(({ id }) => id === license)?.claim;
      const [, wish] =
        Object.entries(this.#stacks[stack].program).find(
          ([name, { adoptId }]) => this.#isOf(stack, name, claim) || adoptId === license,
        ) ?? [];
      const today = this.simulator.clock.today();
      const isWanted = wish?.paidUntil !== undefined && before < this.#dayAfter(wish.paidUntil);
      const isDue =
        wish?.renewBeforeDays !== undefined &&
        daysBetween(calendarDay(today), calendarDay(before)) <= wish.renewBeforeDays;
      expect(isWanted || isDue, `license ${license}, paid until ${before}, was to be renewed on ${today}`).toBe(true);
    }
  }

  /** Which resource of which stack holds each license. */
  #holders(): ReadonlyMap<string, readonly string[]> {
    const holders = new Map<string, string[]>();
    for (const [stack, { model }] of Object.entries(this.#stacks)) {
      for (const { id, name } of model.saved) {
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
    const { program } = this.#stacks[stack];
    for (const id of takenAway) {
      const holders = new Set([...(before.get(id) ?? []), ...(this.#holders().get(id) ?? [])]);
      const isAdopted = holders.size > 0 || Object.values(program).some(({ adoptId }) => adoptId === id);
      expect(this.#byHand.has(id) && !isAdopted, `license ${id}, ordered by hand, was given up`).toBe(false);
      for (const holder of holders) {
        expect(holder.startsWith(`${stack} `), `license ${id} of ${holder} was given up by ${stack}`).toBe(true);
      }
    }
  }

  #everythingIsSavedOrNamed(stack: Stack, hasFailed: boolean): void {
    const { model, program } = this.#stacks[stack];
    for (const name of Object.keys(program)) {
      const isIts = (one: { name: string }) => one.name === name || one.name === secondName(name);
      const saved = new Set(model.saved.filter(isIts).map(({ id }) => id));
      const own = this.#live().filter((live) => this.#isOf(stack, name, live.claim) && !this.#byHand.has(live.id));
      for (const license of own) {
        const isNamed = this.#printed.some((line) => line.includes(license.id));
        expect(saved.has(license.id) || isNamed, `license ${license.id} of ${stack} ${name} is saved or named`).toBe(
          true,
        );
      }
      expect(saved.size > 0 || hasFailed, `${stack} ${name} is saved, or its update fails`).toBe(true);
    }
  }
}

const PRICELISTS = { cloudlinux: 9203, softaculous: 9204, kernelcare: 11738 } as const;

export const CONFIG: Readonly<Record<string, string>> = {
  "billmanager:timeout": "1",
  "billmanager:activationTimeout": "2",
  "billmanager:searchTimeout": "1",
};

const PATIENT: Readonly<Record<string, string>> = {
  "billmanager:timeout": "60",
  "billmanager:activationTimeout": "60",
  "billmanager:searchTimeout": "60",
};

const PRODUCTS = ["cloudlinux", "softaculous", "kernelcare"] as const;

const addressBase = 10;
const addressOf = (address: number) => `192.0.2.${addressBase + address}`;

const secondName = (name: string) => `${name}-renamed`;

function calendarDay(text: string) {
  const day = calendarDate(text);
  if (day === undefined) {
    throw new TypeError(`"${text}" is no day`);
  }
  return day;
}
