import type { LicenseId } from "../billmanager/types";
import { automaticName, type Claim } from "./claim";
import { LicenseNotShownError } from "./errors";
import { type RawInputs, withoutAbsent } from "./inputs";
import { isDocumented } from "./products";
import { readLicenseOutputs } from "./read";
import type { Run } from "./run";
import type { LicenseOutputs } from "./state";

/** A license that no program has declared so far, as a resource. */
export interface ImportedLicense {
  /** What a program has to say for the license to stay as it is; what it may leave out is left out. */
  readonly inputs: RawInputs;
  readonly outputs: LicenseOutputs;
}

/**
 * Takes a license that exists into the state, as it is. Changes nothing. A license that carries the claim of another resource keeps it,
 * so that it is found again under it.
 *
 * @param own the claim and the name of the resource that it becomes
 * @throws LicenseNotShownError the account shows no such license
 */
export async function importLicense(
  run: Run,
  id: LicenseId,
  own: { readonly claim: Claim; readonly name: string },
): Promise<ImportedLicense> {
  const seen = await readLicenseOutputs(run, id, undefined);
  const { claim = own.claim, product, pricelist, licenseName, ip, suspended, autoRenew } = seen;
  // What the vendor's documented tariffs are renewed for is no choice of a program's.
  const period = isDocumented(product, pricelist) ? 1 : seen.period;
  return {
    outputs: { ...seen, claim, period },
    inputs: {
      claim,
      ...withoutAbsent({
        licenseName: licenseName === automaticName(own.name, claim) ? undefined : licenseName,
        product,
        pricelist: product === undefined ? pricelist : undefined,
        ip,
        period: period === 1 ? undefined : period,
        suspended: suspended || undefined,
        autoRenew: autoRenew === true ? true : undefined,
      }),
    },
  };
}

/**
 * Judges a license that is about to become a resource's.
 *
 * @param own the claim of the resource
 * @returns what the user should know of it
 * @throws LicenseNotShownError nothing can be said of one that is not paid for
 */
export function judgeImport(id: LicenseId, { status, claim }: LicenseOutputs, own: Claim): string[] {
  if (status === "ordered") {
    throw new LicenseNotShownError(
      `license ${id} is ordered but not paid: pay for it in the panel, or delete it there, before it is imported. Nothing was changed`,
    );
  }
  return claim === undefined || claim === own
    ? []
    : [
        `license ${id} carries the claim ${claim} of another resource, and keeps it: see that no other stack has it, ` +
          "since each would undo what the other does",
      ];
}
