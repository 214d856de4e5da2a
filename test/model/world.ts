import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { createFaces, type DynamicFace } from "../../provider/dynamicProvider";
import { type SimulatedLicense, type Simulator, startSimulator } from "../../simulator/index";
import { type Ending, type EngineStack, Killed, ModelledStack, type Process, type UpdateOptions } from "./engine";
import type { Act, Declaration, History, Interruption, Name, Run, Stack } from "./history";
import { Account, type Live } from "./invariants";
import { addressIn, addressOf, PRICELISTS, Program } from "./program";

const ORDINARY: Circumstances = {
  firstDay: "2026-01-15",
  parallel: 4,
  project: "model",
  engine: async () => new ModelledStack(),
};
export const ACCOUNT = { username: "tester", password: "canary-P4ss%wörd&<>", balance: "100000.00" };

export interface Circumstances {
  readonly firstDay: string;
  /** Operations of the engine at a time. */
  readonly parallel: number;
  readonly project: string;
  engine(simulator: Simulator): Promise<EngineStack>;
}

/**
 * One account, the stacks that work on it, and what has to hold whatever happens: each act checks it.
 *
 * Everything but the engine is real: the provider's face and all below it, HTTP, and a panel that keeps the books.
 */
export class World {
  readonly #showsRemoteId: boolean;
  readonly #account: Account;
  /** What goes on after its engine has been killed. */
  readonly #leftOver: Promise<unknown>[] = [];
  /** Nothing fails any more: answers that are late are only slow. */
  #isCalm = false;

  private constructor(
    readonly simulator: Simulator,
    { program, showsRemoteId, fleet }: History,
    private readonly circumstances: Circumstances,
    engine: EngineStack,
  ) {
    this.#showsRemoteId = showsRemoteId;
    this.#account = new Account(simulator, {
      a: { model: engine, program: new Program("a", fleet, circumstances) },
      b: { model: new ModelledStack(), program: new Program("b", fleet, circumstances) },
    });
    for (const [name, declaration] of Object.entries(program)) {
      this.#stacks.a.program.declare(name as Name, declaration);
    }
  }

  static async begin(history: History, circumstances = ORDINARY): Promise<World> {
    const simulator = await startSimulator({
      now: circumstances.firstDay,
      accounts: [ACCOUNT],
      knobs: history.showsRemoteId ? { listColumns: ["remoteid"], formFields: ["remoteid"] } : {},
    });
    return new World(simulator, history, circumstances, await circumstances.engine(simulator));
  }

  get #stacks() {
    return this.#account.stacks;
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
      case "rename":
        this.#stacks[act.stack].program.rename(act.name);
        return;
      case "move":
        this.#move(act.stack, act.name);
        return;
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
        this.#account.byHand.add(this.#orderByHand(act.product, act.address));
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
      this.#stacks[stack].program.mend();
      const calm: Run = { stack, interruption: undefined, isRefused: false };
      await this.#up(calm, undefined);
      // An update that finds nothing to do looks at nothing: what somebody did meanwhile is for a refresh to see.
      await this.#run(calm, (model, process) => model.refresh(process, this.circumstances.parallel));
      const { errors } = await this.#up(calm, undefined);
      this.#account.everythingIsSavedOrNamed(stack, errors.length > 0);
      this.simulator.clearJournal();
      const again = await this.#up(calm, undefined);
      if (errors.length === 0) {
        expect(again.errors).toEqual([]);
        expect(this.#changes(), "an update without a change").toEqual([]);
        this.#account.holdsWhatIsDeclared(stack);
      }
      expect(again.errors.length, "an update that fails at the same").toBe(errors.length);
    }
  }

  /** What the panel and the state hold, to be compared with another world, where the engine may have begun with another license. */
  books(): unknown {
    const { model, program } = this.#stacks.a;
    return {
      ledger: this.simulator
        .ledger()
        .map(({ kind, tariff, ip }) => `${kind} ${tariff} ${ip}`)
        .sort(),
      licenses: this.simulator
        .licenses()
        .map(({ tariff, licname, ip, status }) => `${tariff} ${licname} ${ip} ${status}`)
        .sort(),
      saved: model.saved
        .map(({ name, hasInitErrors, isToDelete, isToCreate }) =>
          [name, hasInitErrors, isToDelete, isToCreate].join(" "),
        )
        .sort(),
      held: program
        .heldIn(model.saved)
        .map(({ name, outputs }) => [name, outputs.licenseName, outputs.ip, outputs.status].join(" "))
        .sort(),
    };
  }

  #options(stack: Stack, replace: Name | undefined): UpdateOptions {
    const { parallel } = this.circumstances;
    return { parallel, ...(replace === undefined ? {} : { replace: this.#stacks[stack].program.resourceOf(replace) }) };
  }

  #declare(stack: Stack, name: Name, as: Declaration | undefined, adoptId?: string): void {
    if (!this.#isLeftNameless(stack, name)) {
      this.#stacks[stack].program.declare(name, as && { ...as, adoptId });
    }
  }

  #adopt(stack: Stack, name: Name, as: Declaration, which: number): void {
    // Whoever names one license in two programs is told by no claim where it has a name of its own.
    const named = Object.values(this.#stacks).flatMap(({ program }) =>
      program.entries().map(([, { adoptId }]) => adoptId),
    );
    const isTaken = (id: string) => this.#account.holders().has(id) || named.includes(id);
    const free = this.#account.live().filter(({ id }) => this.#account.byHand.has(id) && !isTaken(id));
    const license = free[which % Math.max(1, free.length)];
    const product = PRODUCTS.find((one) => PRICELISTS[one] === license?.pricelist);
    if (license !== undefined && product !== undefined) {
      this.#declare(stack, name, { ...as, product, address: addressIn(license.ip) }, license.id);
    }
  }

  /** The license goes with it, as the pages say: by its number, with the claim that it carries. */
  #move(stack: Stack, name: Name): void {
    const { model, program } = this.#stacks[stack];
    const held = program
      .heldIn(model.saved)
      .find((one) => one.name === name && one.isMember === program.isMember(name));
    const license = this.#account.live().find(({ id }) => id === held?.id);
    if (license !== undefined || !this.#isLeftNameless(stack, name)) {
      program.move(name, license && `${license.id}${license.claim === undefined ? "" : `@${license.claim}`}`);
    }
  }

  /** Bought and not saved, under a name without claim on a panel that shows none beside it: found by its address, which has to stay. */
  #isLeftNameless(stack: Stack, name: Name): boolean {
    const { model, program } = this.#stacks[stack];
    const isNameless = program.get(name)?.isNamed === true && !this.#showsRemoteId;
    const saved = new Set(program.heldIn(model.saved).map(({ id }) => id));
    const isLeft = ({ id, claim }: Live) => program.isOf(name, claim) && !saved.has(id);
    return isNameless && this.#account.live().some(isLeft);
  }

  async #preview(stack: Stack, replace: Name | undefined): Promise<void> {
    this.simulator.clearJournal();
    const process = this.#start({ stack, interruption: undefined, isRefused: false });
    const { model, program } = this.#stacks[stack];
    await model.preview(process, program.goals(), this.#options(stack, replace));
    expect(this.#changes(), "changing calls of a preview").toEqual([]);
  }

  async #up(run: Run, replace: Name | undefined): Promise<Ending> {
    const held = this.#account.held(run.stack);
    const ending = await this.#run(run, (model, process) =>
      model.update(process, this.#stacks[run.stack].program.goals(), this.#options(run.stack, replace)),
    );
    this.#account.nothingAskedForIsGivenUp(run.stack, held);
    // What is to be given up first, and fails halfway, the engine keeps as it was.
    if (!ending.wasKilled && replace === undefined) {
      this.#account.nothingHeldIsGivenUp(run.stack);
    }
    return ending;
  }

  async #run(run: Run, work: (model: EngineStack, process: Process) => Promise<Ending>): Promise<Ending> {
    const { model } = this.#stacks[run.stack];
    // Between two runs the vendor shows what it has booked: where it does not, the promise ends.
    this.simulator.outside.reveal();
    this.simulator.clearJournal();
    const before = this.#account.memory(run.stack);
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
    const { printed } = this.#account;
    printed.push(...ending.errors);
    expect(printed.filter((line) => line.includes(ACCOUNT.password))).toEqual([]);
    this.#account.check(run.stack, before);
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
    const faces = createFaces({
      print: (line) => this.#account.printed.push(line),
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
    void faces.license.configure({ config: { get: (key) => config[key] } });
    const leftOver = <T>(work: Promise<T>): Promise<T> => {
      this.#leftOver.push(work.catch(() => undefined));
      return work;
    };
    const remembering = (face: DynamicFace): DynamicFace => ({
      ...face,
      create: (...given) => leftOver(face.create(...given)),
      update: (...given) => leftOver(face.update(...given)),
      read: (...given) => leftOver(face.read(...given)),
      delete: (...given) => leftOver(face.delete(...given)),
    });
    return {
      faces: { license: remembering(faces.license), fleet: remembering(faces.fleet) },
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
    if ((does === "rename" || does === "move") && !this.#account.holders().has(id)) {
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

  #changes(): string[] {
    return this.simulator
      .journal()
      .filter(({ effect }) => effect === "change" || effect === "charge")
      .map(({ func, result }) => `${func} → ${result}`);
  }
}

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
