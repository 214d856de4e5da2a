import type { LicenseId, LicenseRow } from "../billmanager/types";
import { type Claim, nameWithoutClaim } from "./claim";
import type { Wish } from "./inputs";
import { bearsOn, claimOfRow } from "./match";

/**
 * Every license that the account held at one moment.
 *
 * What an operation looks for it finds by an index, each made when it is first asked for: to look at all rows for each license of a large
 * account would take the square of its number.
 */
export class Listing {
  readonly #rows: ReadonlyMap<LicenseId, LicenseRow>;
  #byClaim: Index<Claim> | undefined;
  #byAddress: Index<string> | undefined;
  #byName: Index<string> | undefined;
  #places: ReadonlyMap<LicenseRow, number> | undefined;

  constructor(rows: readonly LicenseRow[]) {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }

  has(id: LicenseId): boolean {
    return this.#rows.has(id);
  }

  get(id: LicenseId): LicenseRow | undefined {
    return this.#rows.get(id);
  }

  rows(): LicenseRow[] {
    return [...this.#rows.values()];
  }

  /** The licenses that were bought for the resource with this claim, as far as they still show it. */
  ofClaim(claim: Claim): readonly LicenseRow[] {
    this.#byClaim ??= indexOf(this.#rows.values(), claimOfRow);
    return this.#byClaim.get(claim) ?? [];
  }

  onAddress(ip: string): readonly LicenseRow[] {
    this.#byAddress ??= indexOf(this.#rows.values(), (row) => row.ip);
    return this.#byAddress.get(ip) ?? [];
  }

  /** The licenses that have this explicit name, or will have it when their order is finished. */
  ofName(name: string): readonly LicenseRow[] {
    this.#byName ??= indexOf(this.#rows.values(), (row) => nameWithoutClaim(row.licenseName));
    return this.#byName.get(name) ?? [];
  }

  /** The rows that a decision about an order for this wish needs, as {@link bearsOn} has it, in the panel's order. */
  bearingOn(wish: Wish): LicenseRow[] {
    const inItsPlace = wish.ip === undefined ? this.ofName(wish.licenseName) : this.onAddress(wish.ip);
    const candidates = new Set([...this.ofClaim(wish.claim), ...inItsPlace]);
    const rows = [...candidates].filter((row) => bearsOn(row, wish));
    return rows.length < 2 ? rows : rows.sort((one, other) => this.#placeOf(one) - this.#placeOf(other));
  }

  #placeOf(row: LicenseRow): number {
    this.#places ??= new Map([...this.#rows.values()].map((listed, place) => [listed, place]));
    return this.#places.get(row) ?? this.#rows.size;
  }
}

type Index<Key> = ReadonlyMap<Key, readonly LicenseRow[]>;

function indexOf<Key>(rows: Iterable<LicenseRow>, keyOf: (row: LicenseRow) => Key | undefined): Index<Key> {
  const index = new Map<Key, LicenseRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) {
      continue;
    }
    const sharing = index.get(key);
    if (sharing === undefined) {
      index.set(key, [row]);
    } else {
      sharing.push(row);
    }
  }
  return index;
}
