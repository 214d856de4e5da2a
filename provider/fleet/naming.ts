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
 * The claims of a fleet's members, by key. One that was there keeps its own, and so does one that stands under another key now for the
 * same tariff and address; a new one has that of its key, or the next where another member, old or new, has that.
 *
 * @param placed the keys that the program has, each with what its license stands for, as far as that is known
 */
export function claimsOfMembers(
  fleet: string,
  placed: ReadonlyMap<string, string | undefined>,
  olds: ReadonlyMap<string, OldMember>,
): Map<string, Claim> {
  const left = new Map<string, Claim>();
  for (const [key, { claim, place }] of olds) {
    if (!placed.has(key) && place !== undefined) {
      left.set(place, claim);
    }
  }
  const taken = new Set([...olds.values()].map(({ claim }) => claim));
  const claims = new Map<string, Claim>();
  for (const [key, place] of placed) {
    const kept = olds.get(key)?.claim ?? (place === undefined ? undefined : left.get(place));
    const claim = kept ?? freeClaim(claimOfFleet(fleet), key, taken);
    taken.add(claim);
    claims.set(key, claim);
  }
  return claims;
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
