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
 * @throws LicenseNotShownError the account shows no such license, or none that can be a resource's
 */
export async function importLicense(
  run: Run,
  id: LicenseId,
  own: { readonly claim: Claim; readonly name: string },
): Promise<ImportedLicense> {
  const seen = await readImportable(run, id);
  for (const line of hints(id, seen, own.claim)) {
    run.log.warn(line);
  }
  const { claim = own.claim, licenseName } = seen;
  return {
    outputs: { ...seen, claim, period: periodOf(seen) },
    inputs: {
      claim,
      ...withoutAbsent({ licenseName: licenseName === automaticName(own.name, claim) ? undefined : licenseName }),
      ...inputsButName(seen),
    },
  };
}

/**
 * A license of which no state knows anything, as the vendor shows it.
 *
 * @throws LicenseNotShownError the account does not show it, or nobody has paid for it
 */
export async function readImportable(run: Run, id: LicenseId): Promise<LicenseOutputs> {
  const seen = await readLicenseOutputs(run, id, undefined);
  if (seen.status === "ordered") {
    throw new LicenseNotShownError(
      `license ${id} is ordered but not paid: pay for it in the panel, or delete it there, before it is imported. Nothing was changed`,
    );
  }
  return seen;
}

/** What a program has to say of a license for it to stay as it is, beside its name. */
export function inputsButName(seen: LicenseOutputs): RawInputs {
  const { product, pricelist, ip, suspended, autoRenew } = seen;
  const period = periodOf(seen);
  return withoutAbsent({
    product,
    pricelist: product === undefined ? pricelist : undefined,
    ip,
    period: period === 1 ? undefined : period,
    suspended: suspended || undefined,
    autoRenew: autoRenew === true ? true : undefined,
  });
}

/** The months that the vendor renews for, where a program may ask for them: its documented tariffs are sold for one month alone. */
function periodOf({ product, pricelist, period }: LicenseOutputs): number {
  return isDocumented(product, pricelist) || period < 1 ? 1 : period;
}

/** What the user should know of a license that is about to become a resource's. */
function hints(id: LicenseId, { status, statusReason, claim }: LicenseOutputs, own: Claim): string[] {
  const found: string[] = [];
  if (status === "processing") {
    found.push(
      `license ${id} is still being processed by the vendor${statusReason === undefined ? "" : ` (${statusReason})`}: when it is done, ` +
        "run pulumi refresh, and see in a preview whether the program says what it has become",
    );
  }
  if (claim !== undefined && claim !== own) {
    found.push(
      `license ${id} carries the claim ${claim} of another resource, and keeps it: see that no other stack has it, ` +
        "since each would undo what the other does",
    );
  }
  return found;
}
