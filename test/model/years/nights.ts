import { expect } from "vitest";
import { createFaces } from "../../../provider/dynamicProvider";
import { automaticName, claimOf } from "../../../provider/license/claim";
import { type Fault, type Simulator, startSimulator } from "../../../simulator/index";
import { type Goal, ModelledStack, type Process } from "../engine";
import { ACCOUNT } from "../world";
import { type Asked, Bookkeeper, type Day, daysAfter, type Weather } from "./bookkeeper";
import { type Fleet, type Member, PRICES, QUARTERLY } from "./fleet";

/** A port on which nobody listens. */
const NOWHERE = "http://127.0.0.1:1/billmgr";

const CONFIG: Readonly<Record<string, string>> = {
  "billmanager:timeout": "5",
  "billmanager:activationTimeout": "0",
  "billmanager:searchTimeout": "0",
  "billmanager:pricelists": JSON.stringify({ quarterly: QUARTERLY.pricelist }),
};

const FAULTS: Readonly<Record<Weather, readonly Fault[]>> = {
  clear: [],
  down: [],
  "no list": [{ func: "softexternal", kind: "http", status: 403, times: "always" }],
  "answers lost": [
    { effect: "charge", kind: "closed", times: "always" },
    { effect: "change", kind: "closed", times: "always" },
  ],
  "renewals hidden": [{ func: "service.prolong", kind: "closed", hiddenFor: 1_000_000, times: "always" }],
};

/** A fleet on an account of its own, and beside it the books that its owner keeps. */
export class Nights {
  readonly #stack = new ModelledStack();
  readonly #books = new Map<Member, Bookkeeper>();
  /** How often each weather has met an update with something to do, so that a test can tell that it did. */
  readonly met = new Map<Weather, number>();

  private constructor(
    private readonly simulator: Simulator,
    private readonly fleet: Fleet,
    private readonly firstDay: Day,
    private readonly refreshes: boolean,
  ) {}

  /** @param refreshes each night runs `pulumi up --refresh`, in place of `pulumi up` */
  static async begin(fleet: Fleet, firstDay: Day, refreshes: boolean): Promise<Nights> {
    const simulator = await startSimulator({
      now: firstDay,
      accounts: [ACCOUNT],
      tariffs: [QUARTERLY],
      // Otherwise each refresh asks for each deleted one alone.
      knobs: { deletedRows: "listed" },
    });
    return new Nights(simulator, fleet, firstDay, refreshes);
  }

  end(): Promise<void> {
    return this.simulator.close();
  }

  async live(day: number): Promise<void> {
    const today = daysAfter(this.firstDay, day);
    if (day > 0) {
      this.simulator.faults.clear();
      this.simulator.outside.reveal();
      this.simulator.clock.advance({ days: 1 });
      for (const books of this.#books.values()) {
        books.midnight(today);
      }
    }
    this.#othersAct(day, today);
    await this.#night(day, today);
    this.#check(day, today);
  }

  /** What was spent, by the vendor's ledger and by the owner's books; in hundredths. */
  totals(): { charged: bigint; expected: bigint } {
    const charged = this.simulator.ledger().map(({ amount }) => BigInt(amount.replace(".", "")));
    const left = BigInt(this.simulator.balance().replace(".", ""));
    expect(charged.reduce((sum, amount) => sum + amount, 0n)).toBe(BigInt(ACCOUNT.balance.replace(".", "")) - left);
    return {
      charged: charged.reduce((sum, amount) => sum + amount, 0n),
      expected: [...this.#books.values()].reduce((sum, { total }) => sum + total, 0n),
    };
  }

  #othersAct(day: number, today: Day): void {
    const { outside } = this.simulator;
    for (const [member, books] of this.#books) {
      for (const { act } of member.acts.filter(({ on }) => on === day)) {
        const id = this.#idOf(member);
        const before = this.simulator.licenses().find((license) => license.id === id);
        if (!books.outside(act, today)) {
          continue;
        }
        switch (act) {
          case "renew":
            outside.prolong(id);
            break;
          case "suspend":
            outside.suspend(id);
            break;
          case "resume":
            outside.resume(id);
            break;
          case "abuse":
            outside.suspend(id, "3_abusesuspend");
            break;
          case "switch autoRenew":
            outside.setAutoprolong(id, before?.autoprolong === null ? before.period : null);
            break;
        }
      }
    }
  }

  async #night(day: number, today: Day): Promise<void> {
    const weather = this.fleet.weather.get(day) ?? "clear";
    for (const fault of FAULTS[weather]) {
      this.simulator.faults.arm(fault);
    }
    this.simulator.clearJournal();
    const process = this.#start(weather === "down" ? NOWHERE : this.simulator.endpoint);
    const goals = this.fleet.members.filter(({ startsOn }) => startsOn <= day).map((member) => goalOf(member, day));
    const options = { parallel: 100 };
    const refreshed = this.refreshes ? await this.#stack.refresh(process, options.parallel) : { errors: [] };
    // A pipeline ends where a step of it fails.
    const { errors } = refreshed.errors.length > 0 ? refreshed : await this.#stack.update(process, goals, options);
    const outcomes = this.#bookNight(day, today, weather);
    if (weather === "clear" || weather === "answers lost" || weather === "renewals hidden") {
      expect(errors.length, `failed on ${today}, ${weather}: ${errors.join("\n")}`).toBe(
        outcomes.filter((succeeds) => !succeeds).length,
      );
    } else {
      const charges = this.simulator.journal().filter(({ effect }) => effect === "charge" || effect === "change");
      expect(charges, `${today}, ${weather}`).toEqual([]);
    }
    const touched = this.simulator.journal().some(({ effect, fault }) => effect === "charge" && fault !== undefined);
    if (touched || (errors.length > 0 && weather !== "clear")) {
      this.met.set(weather, (this.met.get(weather) ?? 0) + 1);
    }
  }

  /** @returns for each license whether its update succeeds */
  #bookNight(day: number, today: Day, weather: Weather): boolean[] {
    const before = [...this.#books].map(([member, books]) =>
      books.night(today, askedOn(member, day), weather, this.refreshes),
    );
    for (const member of this.fleet.members.filter(({ startsOn }) => startsOn === day)) {
      const months = member.sold === "quarterly" ? 3 : 1;
      this.#books.set(member, new Bookkeeper(months, PRICES[member.sold], today, askedOn(member, day)));
    }
    return before;
  }

  #check(day: number, today: Day): void {
    const ledger = this.simulator.ledger();
    const licenses = this.simulator.licenses();
    for (const [member, books] of this.#books) {
      const id = this.#idOf(member);
      const about = `${member.name} on ${today}: ${JSON.stringify(askedOn(member, day))}`;
      const booked = ledger
        .filter(({ license }) => license === id)
        .map(({ at, kind, amount, paidUntil }) => `${at.slice(0, 10)} ${kind} ${amount} until ${paidUntil}`);
      expect(booked, about).toEqual(books.entries);
      const status = licenses.find((license) => license.id === id)?.status ?? "";
      expect(status, about).toBe(STATUS[books.condition]);
      // What is shortened in the panel is seen by a refresh alone.
      const isSeen = this.refreshes || !books.wasShortened;
      if (isSeen && isToBeKept(member, books, day, today, this.firstDay)) {
        expect(status, `${about} is not to lapse`).not.toMatch(/autosuspend|4/);
      }
    }
  }

  #idOf({ name }: Member): string {
    return this.#stack.saved.find((saved) => saved.name === name)?.id ?? "";
  }

  /** Each night is a process of its own, with the day that the vendor has. */
  #start(endpoint: string): Process {
    const faces = createFaces({
      print: () => undefined,
      env: {
        BILLMANAGER_ENDPOINT: endpoint,
        BILLMANAGER_USERNAME: ACCOUNT.username,
        BILLMANAGER_PASSWORD: ACCOUNT.password,
      },
      engineIsGone: () => Promise.resolve(false),
      now: () => this.simulator.clock.now(),
    });
    void faces.license.configure({ config: { get: (key) => CONFIG[key] } });
    return { faces, killed: new Promise<never>(() => undefined), isStopping: () => false };
  }
}

const STATUS = { active: "2", suspended: "3", lapsed: "3_autosuspend", barred: "3_abusesuspend", gone: "4" } as const;

function askedOn({ asked, later }: Member, day: number): Asked {
  return later !== undefined && day >= later.on ? later.asked : asked;
}

function goalOf(member: Member, day: number): Goal {
  const { suspended, autoRenew, renewBeforeDays, paidUntil } = askedOn(member, day);
  const claim = claimOf(`urn:pulumi:prod::years::billmanager:index:License::${member.name}`);
  return {
    kind: "license",
    name: member.name,
    inputs: {
      __provider: "exports.handler=…",
      claim,
      licenseName: automaticName(member.name, claim),
      product: member.sold,
      period: member.sold === "quarterly" ? 3 : 1,
      ip: addressOf(Number(member.name.slice(1))),
      suspended,
      autoRenew,
      ...(renewBeforeDays === undefined ? {} : { renewBeforeDays }),
      ...(paidUntil === undefined ? {} : { paidUntil }),
    },
  };
}

/**
 * Whether the program asks for a license that does not lapse, for more nights than are ever bad in a row. Staff that have barred one, and
 * somebody who switches the vendor's own renewal off in the panel, are stronger than a program.
 */
function isToBeKept(member: Member, books: Bookkeeper, day: number, today: Day, firstDay: Day): boolean {
  const { asked, acts, later } = member;
  if (books.wasBarred || acts.some(({ act }) => act === "switch autoRenew")) {
    return false;
  }
  const hasSettled = later === undefined || day < later.on || day > later.on + 2;
  const { paidUntil = "" } = askedOn(member, day);
  const wasLost = later !== undefined && day >= later.on && (asked.paidUntil ?? "") < daysAfter(firstDay, later.on);
  const isPaid = hasSettled && today < paidUntil && !wasLost;
  return isPaid || asked.autoRenew || (asked.renewBeforeDays ?? 0) >= 3;
}

function addressOf(index: number): string {
  return `198.18.${Math.floor(index / 250)}.${(index % 250) + 1}`;
}
