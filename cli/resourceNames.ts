import type { LicenseId, LicenseRow } from "../provider/billmanager/types";
import { CLAIM_LENGTH, claimInName, isAutomaticName, nameWithoutClaim } from "../provider/license/claim";

type Named = Pick<LicenseRow, "id" | "licenseName">;

/**
 * A resource name for each license: the license's own without its claim, so that a license which was bought for a resource gets the
 * name of that resource again. The same licenses get the same names in each run; where several have one, the oldest keeps it, whatever
 * is bought later.
 */
export function resourceNames(licenses: readonly Named[]): ReadonlyMap<LicenseId, string> {
  const names = new Map<LicenseId, string>();
  const taken = new Set<string>();
  for (const license of licenses.toSorted((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1))) {
    let name = validName(license);
    while (taken.has(name)) {
      name += `-${license.id}`;
    }
    taken.add(name);
    names.set(license.id, name);
  }
  return names;
}

/** Letters without their accents, digits, dots, underscores and hyphens: a name that the languages of Pulumi can all make a variable of. */
function validName({ id, licenseName }: Named): string {
  const name = withoutClaim(licenseName);
  if (/^[a-z][\w.-]*$/i.test(name)) {
    return name;
  }
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+|[.-]+$/g, "");
  return /^[a-z]/i.test(plain) ? plain : `license-${plain === "" ? id : plain}`;
}

function withoutClaim(name: string): string {
  const claim = claimInName(name);
  return claim !== undefined && isAutomaticName(name, claim)
    ? name.slice(0, -"-".length - CLAIM_LENGTH)
    : nameWithoutClaim(name);
}
