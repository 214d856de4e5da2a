import type { Claim } from "./claim";
import { type LicenseInputs, UNKNOWN } from "./inputs";
import { type Pricelists, pricelistOf } from "./products";

/** A resource of the program that asks for a license on an address. */
interface Asker {
  readonly name: string;
  /** There is no license for it yet, and none that it takes over. */
  readonly isOrdered: boolean;
}

/** Which resources of the program ask for which tariff on which address: no order is sent where another has the license. */
export class Places {
  readonly #askers = new Map<string, Map<Claim, Asker>>();
  readonly #warnings = new Map<Claim, string>();

  constructor(private readonly pricelists: Pricelists) {}

  /** Remembers what a resource asks for. What stands in each other's way, and is there all the same, is nobody's concern. */
  note(inputs: LicenseInputs, isNew: boolean): void {
    const { claim, licenseName, product, pricelist, ip, adoptId } = inputs;
    const tariff = product === undefined || product === UNKNOWN ? pricelist : pricelistOf(product, this.pricelists);
    if (claim === UNKNOWN || typeof tariff !== "number" || typeof ip !== "string") {
      return;
    }
    const place = `${tariff} ${ip}`;
    const askers = this.#askers.get(place) ?? new Map<Claim, Asker>();
    const isOrdered = isNew && adoptId === undefined;
    const other = [...askers].find(([theirs, asker]) => theirs !== claim && (isOrdered || asker.isOrdered));
    const name = licenseName === UNKNOWN ? `the license with the claim ${claim}` : licenseName;
    this.#askers.set(place, askers.set(claim, { name, isOrdered }));
    if (other !== undefined) {
      const [, { name: theirName }] = other;
      this.#warnings.set(
        claim,
        `${theirName}, another resource of this program, is for the same tariff and address: an update would refuse to order for both; ` +
          "remove one of the two",
      );
    }
  }

  warningsFor(claim: Claim): string[] {
    const warning = this.#warnings.get(claim);
    return warning === undefined ? [] : [warning];
  }
}
