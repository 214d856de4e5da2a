import { automaticName, type Claim, claimOf, claimOfMember } from "../../provider/license/claim";
import type { Goal, Saved } from "./engine";
import type { Declaration, FleetForm, Name, Stack } from "./history";

export const PRICELISTS = { cloudlinux: 9203, softaculous: 9204, kernelcare: 11738 } as const;

const PROVIDER = "exports.handler=…";
const FLEET = "servers";
const ADDRESS_BASE = 10;
/** Claims of one key that are tried, at most: a member may have that of another key. */
const ATTEMPTS = 4;

/** A declaration, and the license that it shall take over. */
export type Declared = Declaration & { readonly adoptId?: string | undefined };

/** One license that a state holds, whether as a resource of its own or as a member of a fleet. */
export interface Held {
  /** As at first, whatever it is called now; `undefined` for one that no name has any more. */
  readonly name: Name | undefined;
  readonly isMember: boolean;
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Where and when a program runs. */
export interface Setting {
  readonly project: string;
  readonly firstDay: string;
}

/** What one stack declares, in the course of a history. */
export class Program {
  readonly #declared = new Map<Name, Declared>();
  /** Resources, members and fleets that have another name than at first. */
  readonly #renamed = new Set<string>();
  readonly #members: Set<Name>;

  constructor(
    private readonly stack: Stack,
    private readonly fleet: FleetForm | undefined,
    private readonly setting: Setting,
  ) {
    this.#members = new Set(fleet?.members);
  }

  get names(): Name[] {
    return [...this.#declared.keys()];
  }

  entries(): [Name, Declared][] {
    return [...this.#declared];
  }

  get(name: Name): Declared | undefined {
    return this.#declared.get(name);
  }

  declare(name: Name, as: Declared | undefined): void {
    this.#declared.delete(name);
    if (as !== undefined) {
      this.#declared.set(name, as);
    }
  }

  /** Leaves out what a fleet refuses: a second member for one tariff and address. */
  mend(): void {
    const places = new Set<string>();
    for (const [name, { product, address }] of this.entries().filter(([one]) => this.#members.has(one))) {
      const place = `${product} ${address}`;
      if (places.has(place)) {
        this.#declared.delete(name);
      }
      places.add(place);
    }
  }

  /** Gives the other name, or the first one back. */
  rename(name: Name | "fleet"): void {
    if (!this.#renamed.delete(name)) {
      this.#renamed.add(name);
    }
  }

  isMember(name: Name): boolean {
    return this.#members.has(name);
  }

  /** It comes after all that are resources of their own: where one of those fails, the engine does not come to it. */
  comesLast(name: Name): boolean {
    return this.fleet?.waits === true && this.isMember(name) && this.names.some((other) => !this.isMember(other));
  }

  /** From a resource of its own to a member of the fleet, or back. @param license what stands in the state for it */
  move(name: Name, license: string | undefined): void {
    const as = this.#declared.get(name);
    if (this.fleet === undefined || as === undefined) {
      return;
    }
    if (!this.#members.delete(name)) {
      this.#members.add(name);
    }
    this.#declared.set(name, { ...as, adoptId: license ?? as.adoptId });
  }

  /** What the engine knows the license's resource by. */
  resourceOf(name: Name): string {
    return this.#members.has(name) ? this.#nowAndBefore("fleet", FLEET)[0] : this.#nowAndBefore(name, name)[0];
  }

  goals(): Goal[] {
    const single = this.entries().filter(([name]) => !this.#members.has(name));
    const members = this.entries().filter(([name]) => this.#members.has(name));
    const licenses = single.map(([name, declaration]): Goal => {
      const [now, before] = this.#nowAndBefore(name, name);
      const claim = this.#claimOfLicense(now);
      const inputs = { claim, ...this.#inputs(name, declaration), ...adopting(declaration) };
      return {
        kind: "license",
        name: now,
        alias: before,
        inputs: { __provider: PROVIDER, licenseName: automaticName(now, claim), ...inputs },
        deleteBeforeReplace: declaration.deleteBeforeReplace,
      };
    });
    const isDeclared = members.length > 0 || this.fleet?.staysEmpty === true;
    return this.fleet !== undefined && isDeclared ? [...licenses, this.#fleetGoal(this.fleet, members)] : licenses;
  }

  #fleetGoal({ waits }: FleetForm, members: readonly [Name, Declared][]): Goal {
    const [now, before] = this.#nowAndBefore("fleet", FLEET);
    const licenses = members.map(([name, declaration]) => {
      const { product, ...inputs } = this.#inputs(name, declaration);
      return [this.#keyOf(name), product === FOR_ALL.product ? inputs : { product, ...inputs }] as const;
    });
    const adopt = members.flatMap(([name, { adoptId }]) =>
      adoptId === undefined ? [] : [[this.#keyOf(name), adoptId]],
    );
    return {
      kind: "fleet",
      name: now,
      alias: before,
      waits,
      deleteBeforeReplace: members.some(([, { deleteBeforeReplace }]) => deleteBeforeReplace),
      inputs: {
        __provider: PROVIDER,
        fleet: automaticName(now, claimOf(this.#urn("LicenseFleet", now))),
        ...FOR_ALL,
        licenses: Object.fromEntries(licenses),
        ...(adopt.length === 0 ? {} : { adopt: Object.fromEntries(adopt) }),
      },
    };
  }

  /** What a program writes down for one license, however it is declared. */
  #inputs(name: Name, declaration: Declared): Record<string, unknown> {
    const { product, address, isNamed, suspended, autoRenew, paidUntil, renewBeforeDays } = declaration;
    const { deletionPolicy, recreateWhenDeleted } = declaration;
    return {
      ...(isNamed ? { licenseName: this.explicitName(name) } : {}),
      product,
      ip: addressOf(address),
      suspended,
      autoRenew,
      deletionPolicy,
      recreateWhenDeleted,
      ...(paidUntil === undefined ? {} : { paidUntil: this.dayAfter(paidUntil) }),
      ...(renewBeforeDays === undefined ? {} : { renewBeforeDays }),
    };
  }

  explicitName(name: Name): string {
    return `The ${name} of ${this.stack}`;
  }

  dayAfter(days: number): string {
    return new Date(Date.parse(this.setting.firstDay) + days * 86_400_000).toISOString().slice(0, 10);
  }

  /** Whether a license of this claim may have been ordered for it, under whichever of its names. */
  isOf(name: Name, claim: string | undefined): boolean {
    const names = this.#nowAndBefore(name, name);
    const own = [...names.map((one) => this.#claimOfLicense(one)), ...this.#claimsOfMembers(names, BOTH_FLEETS)];
    return own.some((one) => one === claim);
  }

  /** Whether a license that no state has is one that the program still asks for: by what it is now, or at least by its place. */
  asksFor(name: Name, { claim, pricelist, ip }: { claim: string | undefined; pricelist: number; ip: string }): boolean {
    const as = this.#declared.get(name);
    if (as !== undefined && pricelist === PRICELISTS[as.product] && ip === addressOf(as.address)) {
      return this.isOf(name, claim);
    }
    const now = this.#keyOf(name);
    const [fleet] = this.#nowAndBefore("fleet", FLEET);
    const own = this.#members.has(name) ? this.#claimsOfMembers([now], [fleet]) : [this.#claimOfLicense(now)];
    return own.some((one) => one === claim);
  }

  #claimOfLicense(name: string): Claim {
    return claimOf(this.#urn("License", name));
  }

  #claimsOfMembers(keys: readonly string[], fleets: readonly string[]): Claim[] {
    const attempts = Array.from({ length: ATTEMPTS }, (_, attempt) => attempt);
    return fleets.flatMap((fleet) => {
      const own = claimOf(this.#urn("LicenseFleet", fleet));
      return keys.flatMap((key) => attempts.map((attempt) => claimOfMember(own, key, attempt)));
    });
  }

  /** The licenses that a state of this program holds. */
  heldIn(state: readonly Saved[]): Held[] {
    return state.flatMap((saved): Held[] => {
      if (saved.kind === "license") {
        const { id, outputs, isToDelete, isToCreate } = saved;
        return [{ name: isToDelete || isToCreate ? undefined : firstName(saved.name), isMember: false, id, outputs }];
      }
      const isLeaving = saved.isToDelete || saved.isToCreate;
      const members = Object.entries(licensesIn(saved.outputs.licenses)).map(([key, outputs]) =>
        heldAs(isLeaving ? undefined : firstName(key), outputs),
      );
      return [...members, ...Object.values(licensesIn(saved.outputs.leaving)).map((one) => heldAs(undefined, one))];
    });
  }

  #keyOf(name: Name): string {
    return this.#nowAndBefore(name, name)[0];
  }

  #nowAndBefore(which: string, first: string): [string, string] {
    return this.#renamed.has(which) ? [secondName(first), first] : [first, secondName(first)];
  }

  #urn(type: string, name: string): string {
    return `urn:pulumi:${this.stack}::${this.setting.project}::billmanager:index:${type}::${name}`;
  }
}

/** What the fleet says for its members. */
const FOR_ALL = { product: "cloudlinux" };

type Licenses = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function licensesIn(outputs: unknown): Licenses {
  return (outputs ?? {}) as Licenses;
}

function heldAs(name: Name | undefined, outputs: Readonly<Record<string, unknown>>): Held {
  return { name, isMember: true, id: String(outputs.id), outputs };
}

function adopting({ adoptId }: Declared): object {
  return adoptId === undefined ? {} : { adoptId };
}

export function addressOf(address: number): string {
  return `192.0.2.${ADDRESS_BASE + address}`;
}

export function addressIn(ip: string): number {
  return Number(ip.split(".").at(-1)) - ADDRESS_BASE;
}

const SECOND = "-renamed";
const secondName = (name: string) => `${name}${SECOND}`;
const BOTH_FLEETS = [FLEET, secondName(FLEET)];
const firstName = (name: string) => name.replace(SECOND, "") as Name;
