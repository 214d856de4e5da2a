import { automaticName, isAutomaticName, parseClaim } from "../license/claim";
import {
  type Fail,
  INTERNAL,
  type InputFailure,
  Invalid,
  isGiven,
  type Known,
  MEMBER_KEY,
  type RawInputs,
  READERS,
  UNKNOWN,
  withoutAbsent,
} from "../license/inputs";
import { type Pricelists, pricelistOf } from "../license/products";
import { claimsOfMembers, type OldMember } from "./naming";
import { pathOf } from "./paths";

/**
 * What a program asks for, as recorded in the state: the members as they were given, in canonical form and with their claims and names,
 * and beside them what holds for all that say nothing else.
 */
export type FleetInputs = Readonly<Record<string, unknown>> & {
  /** `<resource name>-<claim>`, kept once set: the fleet's id */
  readonly fleet: string;
  readonly licenses: Known<Readonly<Record<string, Known<RawInputs>>>>;
  readonly adopt?: Known<RawInputs>;
};

/** Inputs that are of one license alone. */
const OF_ONE = new Set(["claim", "adoptId"]);
const OF_MEMBERS = Object.keys(READERS).filter((name) => !OF_ONE.has(name)) as (keyof typeof READERS)[];
const OF_FLEET = ["licenses", "adopt"];

/** A program's fleet, read and not yet judged member by member. */
export interface DraftedFleet {
  readonly fleet: string;
  readonly defaults: RawInputs;
  /** what was given of each member; one that a preview does not know yet is `UNKNOWN`, and so is a map that is not known */
  readonly members: Known<ReadonlyMap<string, Known<RawInputs>>>;
  readonly adopt: Known<RawInputs> | undefined;
  readonly failures: InputFailure[];
}

/** Reads the shape of a fleet's inputs: every problem at once. What is wrong with the inputs of one member is judged with that member. */
export function draftFleet(news: RawInputs): DraftedFleet {
  const failures: InputFailure[] = [];
  const fail: Fail = (property, reason) => failures.push({ property, reason: `${property} ${reason}` });
  const known = new Set<string>([...OF_MEMBERS, ...OF_FLEET, "fleet"]);
  for (const name of Object.keys(news).filter((key) => !known.has(key) && !INTERNAL.has(key))) {
    const instead = name === "adoptId" ? "; give the numbers of licenses to take over by key: adopt" : "";
    fail(name, `is no input of LicenseFleet; the inputs are ${[...OF_FLEET, ...OF_MEMBERS].join(", ")}${instead}`);
  }
  const members = readMembers(news.licenses, fail);
  return {
    fleet: String(news.fleet),
    defaults: readDefaults(news, fail),
    members,
    adopt: readAdopt(news.adopt, members, fail),
    failures,
  };
}

function readDefaults(news: RawInputs, fail: Fail): RawInputs {
  const read = (name: keyof typeof READERS) => {
    const value = news[name];
    if (!isGiven(news, name) || value === UNKNOWN) {
      return value ?? undefined;
    }
    const result: unknown = READERS[name](value);
    if (result instanceof Invalid) {
      fail(name, result.reason);
      return undefined;
    }
    return result;
  };
  if (isGiven(news, "product") && isGiven(news, "pricelist")) {
    fail("product", "and pricelist are both given: give exactly one, a product's name or a tariff's number");
  }
  return withoutAbsent(Object.fromEntries(OF_MEMBERS.map((name) => [name, read(name)])));
}

function readMembers(given: unknown, fail: Fail): DraftedFleet["members"] {
  if (given === UNKNOWN) {
    return UNKNOWN;
  }
  if (!isMap(given)) {
    fail("licenses", 'must be a map from a key to an address or to inputs, such as { web01: "192.0.2.10" }');
    return new Map();
  }
  const members = new Map<string, Known<RawInputs>>();
  for (const key of Object.keys(given).sort()) {
    const value = given[key];
    if (key === "" || /\p{Cc}/u.test(key)) {
      fail("licenses", "has a key without a character, or with one that cannot be printed");
    } else if (typeof value === "string") {
      members.set(key, { ip: value });
    } else if (value === UNKNOWN) {
      members.set(key, UNKNOWN);
    } else if (isMap(value)) {
      members.set(key, knownInputs(key, value, fail));
    } else {
      fail(pathOf(key), 'must be an address such as "192.0.2.10", or the inputs of one license');
    }
  }
  return members;
}

function knownInputs(key: string, member: RawInputs, fail: Fail): RawInputs {
  const known = new Set<string>(OF_MEMBERS);
  for (const name of Object.keys(member).filter((given) => !known.has(given))) {
    const instead = name === "adoptId" ? `; give it as ${pathOf(key, undefined, "adopt")}` : "";
    fail(pathOf(key, name), `is no input of a fleet's license; the inputs are ${OF_MEMBERS.join(", ")}${instead}`);
  }
  return Object.fromEntries(Object.entries(member).filter(([name]) => known.has(name)));
}

function readAdopt(given: unknown, members: DraftedFleet["members"], fail: Fail): DraftedFleet["adopt"] {
  if (given === undefined || given === null) {
    return undefined;
  }
  if (given === UNKNOWN) {
    return UNKNOWN;
  }
  if (!isMap(given)) {
    fail("adopt", 'must be a map from a key of licenses to a license\'s number, such as { web01: "1234567" }');
    return undefined;
  }
  for (const key of Object.keys(given).filter((named) => members !== UNKNOWN && !members.has(named))) {
    fail(pathOf(key, undefined, "adopt"), "names no member: the same key has to stand in licenses");
  }
  return given;
}

/** The inputs of one member as those of a license: what it does not say itself is as the fleet says. */
function mergedMember(key: string, defaults: RawInputs, member: RawInputs, adoptId?: unknown): RawInputs {
  const { product: _, pricelist: __, ...others } = defaults;
  const namesTariff = isGiven(member, "product") || isGiven(member, "pricelist");
  return { ...(namesTariff ? others : defaults), ...withoutAbsent({ ...member, adoptId }), [MEMBER_KEY]: key };
}

/** The license that a member is to take over, as far as a preview knows it. */
function adoptIdOf(adopt: unknown, key: string): unknown {
  if (adopt === UNKNOWN) {
    return UNKNOWN;
  }
  return isMap(adopt) ? adopt[key] : undefined;
}

/** Members with their claims and names, as the lifecycle checks them; a member that is not known yet is left out. */
export function namedMembers(
  draft: DraftedFleet,
  olds: FleetInputs | undefined,
  pricelists: Pricelists,
): { readonly members: ReadonlyMap<string, RawInputs>; readonly failures: readonly InputFailure[] } {
  const failures: InputFailure[] = [];
  if (draft.members === UNKNOWN) {
    return { members: new Map(), failures };
  }
  const placed = new Map<string, string | undefined>();
  const owners = new Map<string, string>();
  for (const [key, member] of draft.members) {
    const place = member === UNKNOWN ? undefined : placeOf(mergedMember(key, draft.defaults, member), pricelists);
    placed.set(key, place);
    const owner = place === undefined ? undefined : owners.get(place);
    if (place !== undefined && owner !== undefined) {
      const path = pathOf(key);
      const reason = `${path} is for the same tariff and the same address or name as ${pathOf(owner)}: leave one of the two out`;
      failures.push({ property: path, reason });
    } else if (place !== undefined) {
      owners.set(place, key);
    }
  }
  const old = oldMembers(olds, pricelists);
  const claims = claimsOfMembers(draft.fleet, placed, old);
  const oldNames = new Map([...old.values()].map(({ claim, licenseName }) => [claim, licenseName]));
  const members = new Map<string, RawInputs>();
  for (const [key, claim] of claims) {
    const member = draft.members.get(key);
    if (member !== undefined && member !== UNKNOWN) {
      const merged = mergedMember(key, draft.defaults, member, adoptIdOf(draft.adopt, key));
      const kept = oldNames.get(claim);
      const automatic = kept !== undefined && isAutomaticName(kept, claim) ? kept : automaticName(key, claim);
      members.set(key, { ...merged, claim, licenseName: merged.licenseName ?? automatic });
    }
  }
  return { members, failures };
}

function oldMembers(olds: FleetInputs | undefined, pricelists: Pricelists): Map<string, OldMember> {
  const found = new Map<string, OldMember>();
  for (const [key, merged] of olds === undefined ? [] : recordedMembers(olds)) {
    const claim = merged === UNKNOWN ? undefined : parseClaim(String(merged.claim));
    if (merged !== UNKNOWN && claim !== undefined) {
      const licenseName = typeof merged.licenseName === "string" ? merged.licenseName : undefined;
      found.set(key, { claim, licenseName, place: placeOf(merged, pricelists) });
    }
  }
  return found;
}

/** What a license stands for whatever it is called here: its tariff and address, or its tariff and name where it has no address. */
function placeOf(merged: RawInputs, pricelists: Pricelists): string | undefined {
  const { product, pricelist, ip, licenseName, claim } = merged;
  const tariff = typeof product === "string" ? pricelistOf(product, pricelists) : pricelist;
  const address = typeof ip === "string" ? READERS.ip(ip) : undefined;
  if (typeof tariff !== "number" || address instanceof Invalid) {
    return undefined;
  }
  if (address !== undefined) {
    return `${tariff} ${address}`;
  }
  const own = parseClaim(String(claim));
  const isAutomatic = own !== undefined && isAutomaticName(String(licenseName), own);
  return typeof licenseName === "string" && ip === undefined && !isAutomatic
    ? `${tariff} named ${licenseName}`
    : undefined;
}

/** The inputs to record, from what the lifecycle has made of each member: of that what the member itself says. */
export function recordedFleet(
  { fleet, defaults, members, adopt }: DraftedFleet,
  checked: ReadonlyMap<string, RawInputs>,
): FleetInputs {
  if (members === UNKNOWN) {
    return { ...defaults, fleet, licenses: UNKNOWN, ...withoutAbsent({ adopt }) } as FleetInputs;
  }
  const recorded = (member: Known<RawInputs>, inputs: RawInputs | undefined): Known<RawInputs> => {
    if (member === UNKNOWN || inputs === undefined) {
      return member;
    }
    const own = ["claim", "licenseName", ...Object.keys(member)].filter((name) => inputs[name] !== undefined);
    return Object.fromEntries(own.map((name) => [name, inputs[name]]));
  };
  const licenses = Object.fromEntries([...members].map(([key, member]) => [key, recorded(member, checked.get(key))]));
  return { ...defaults, fleet, licenses, ...withoutAbsent({ adopt }) } as FleetInputs;
}

/** The members of recorded inputs, each as the inputs of one license. */
export function recordedMembers(inputs: RawInputs): ReadonlyMap<string, Known<RawInputs>> {
  const { licenses, adopt } = inputs;
  const defaults = Object.fromEntries(Object.entries(inputs).filter(([name]) => name in READERS));
  const members = new Map<string, Known<RawInputs>>();
  for (const [key, member] of Object.entries(isMap(licenses) ? licenses : {})) {
    members.set(key, isMap(member) ? mergedMember(key, defaults, member, adoptIdOf(adopt, key)) : UNKNOWN);
  }
  return members;
}

/** Whether the program has a member under this key. */
export function hasMember({ licenses }: RawInputs, key: string): boolean {
  return isMap(licenses) && Object.hasOwn(licenses, key);
}

/** Whether the member itself says what this input is, rather than the fleet for all. */
export function saysItself(inputs: RawInputs, key: string, name: string): boolean {
  const member = isMap(inputs.licenses) ? inputs.licenses[key] : undefined;
  return !(name in READERS) || !isGiven(inputs, name) || (isMap(member) && isGiven(member, name));
}

function isMap(value: unknown): value is RawInputs {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
