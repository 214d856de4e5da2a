import type { LicenseId, LicenseRow } from "../billmanager/types";
import { LicenseNotShownError, WrongNumberError } from "./errors";
import { claimOfRow, isOfOthers, isOrdered } from "./match";
import type { Run, Sight } from "./run";
import { isUnseen, type LicenseOutputs } from "./state";

/**
 * Refuses to go on by the number in the order's answer where it is not the license's: what that number counts is documented nowhere.
 * It is all that is known of a license that no list has shown, and the engine keeps it as the id, whatever an update finds out.
 *
 * @param sight what the account shows under this number
 * @throws WrongNumberError the license is there under another number
 * @throws LicenseNotShownError this one is another license's
 */
export async function refuseWrongNumber(run: Run, id: LicenseId, old: LicenseOutputs, sight: Sight): Promise<void> {
  if (!isUnseen(old) || old.claim === undefined) {
    return;
  }
  const row = sight.kind === "shown" ? sight.row : undefined;
  if (row !== undefined && claimOfRow(row) === old.claim) {
    return;
  }
  const ordered = await underAnotherNumber(run, id, old);
  if (ordered !== undefined) {
    throw new WrongNumberError(
      ordered.id,
      `the order's answer named license ${id}, and it is license ${ordered.id} that carries the claim ${old.claim}: nothing was changed; ` +
        `take this resource out of the state (pulumi state delete <urn>), and set adoptId: "${ordered.id}" in the program`,
    );
  }
  if (row !== undefined && isOfOthers(await run.withTariffNumber(row, "name"), old)) {
    throw new LicenseNotShownError(
      `license ${id}, which the order's answer named, is another one (${row.licenseName}): nothing was changed; ` +
        `wait until the panel shows the license that carries the claim ${old.claim}, then run this again, which names it. ` +
        "To order anew before that would buy it twice",
    );
  }
}

async function underAnotherNumber(run: Run, id: LicenseId, old: LicenseOutputs): Promise<LicenseRow | undefined> {
  const { known, replaced } = run.handled;
  const claimed = old.claim === undefined ? [] : (run.listings.latest?.ofClaim(old.claim) ?? []);
  const others = claimed.filter((row) => row.id !== id && !known.has(row.id) && !replaced.has(row.id));
  // A license of the same claim may be what the resource had before it got another product.
  const numbered = await Promise.all(others.map((row) => run.withTariffNumber(row, "name")));
  return numbered.find((row) => isOrdered(row, old));
}
