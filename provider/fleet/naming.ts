import { CLAIM_LENGTH, type Claim, claimOfMember, parseClaim } from "../license/claim";

/** A member as it was recorded, as far as it tells which license it is. */
export interface OldMember {
  readonly claim: Claim;
  readonly licenseName: string | undefined;
  /** what its license stands for: a tariff and an address, or a name; `undefined` where that is not known */
  readonly place: string | undefined;
}

/** The claim of the fleet: what it is called, `<resource name>-<claim>`, ends with it. */
export function claimOfFleet(fleet: string): Claim {
  const claim = parseClaim(fleet.slice(-CLAIM_LENGTH));
  if (claim === undefined) {
    throw new TypeError(`fleet is set by the package, not "${fleet}": nothing was called`);
  }
  return claim;
}

/**
 * The claims of a fleet's members, by key. A license goes by its place first: the key that now stands for the tariff and address of an
 * old member has that one's claim. A key that stands for a new place keeps the license that it had; where that has gone to another key,
 * it takes over what that one had, so that addresses can be passed on from key to key without an order. A new key has the claim that is
 * made of it, or the next where another member, old or new, has that.
 *
 * @param placed the keys that the program has, each with what its license stands for, as far as that is known
 */
export function claimsOfMembers(
  fleet: string,
  placed: ReadonlyMap<string, string | undefined>,
  olds: ReadonlyMap<string, OldMember>,
): Map<string, Claim> {
  const takers = keysByOldKey(placed, olds);
  const kept = new Map<string, Claim>();
  for (const [oldKey, key] of takers) {
    const claim = olds.get(oldKey)?.claim;
    if (claim !== undefined) {
      kept.set(key, claim);
    }
  }
  const taken = new Set([...olds.values()].map(({ claim }) => claim));
  const claims = new Map<string, Claim>();
  for (const key of placed.keys()) {
    const claim = kept.get(key) ?? leftBy(key, takers, olds) ?? freeClaim(claimOfFleet(fleet), key, taken);
    taken.add(claim);
    claims.set(key, claim);
  }
  return claims;
}

/** The keys that now stand for the place of an old member, by that one's key. */
function keysByOldKey(
  placed: ReadonlyMap<string, string | undefined>,
  olds: ReadonlyMap<string, OldMember>,
): ReadonlyMap<string, string> {
  const oldKeys = new Map([...olds].map(([oldKey, { place }]) => [place, oldKey]));
  const found = new Map<string, string>();
  for (const [key, place] of placed) {
    const oldKey = olds.get(key)?.place === place ? key : oldKeys.get(place);
    if (place !== undefined && oldKey !== undefined) {
      found.set(oldKey, key);
    }
  }
  return found;
}

/** The claim that a key had, or that which the key had to which its own has gone, and so on. */
function leftBy(
  key: string,
  takers: ReadonlyMap<string, string>,
  olds: ReadonlyMap<string, OldMember>,
): Claim | undefined {
  let had = key;
  for (let taker = takers.get(had); taker !== undefined; taker = takers.get(had)) {
    had = taker;
  }
  return olds.get(had)?.claim;
}

function freeClaim(fleet: Claim, key: string, taken: ReadonlySet<Claim>): Claim {
  for (let attempt = 0; ; attempt += 1) {
    const claim = claimOfMember(fleet, key, attempt);
    if (!taken.has(claim)) {
      return claim;
    }
  }
}

/** The name that the program gives to the fleet. */
export function resourceNameOf(fleet: string): string {
  return fleet.slice(0, -`-${claimOfFleet(fleet)}`.length);
}
