import { licenseFromForm, withoutCredentials } from "./licenseRow";
import type { Panel } from "./panel";
import { damaged } from "./results";
import type { LicenseId, LicenseRow } from "./types";

const func = "softexternal.edit";

/**
 * Reads one license from its form.
 *
 * @throws NotFoundError the panel's positive word that this account has no such license
 * @throws RefusedError the panel does not show it; that says nothing about whether it exists
 * @see https://ispsystem.com/docs/b6c/developer-section/billmanager-api/other-software-softexternal
 */
export async function readLicense(panel: Panel, id: LicenseId): Promise<LicenseRow> {
  const doc = await panel.call({ func, effect: "read", parameters: { elid: id } });
  const license = licenseFromForm(doc, id);
  if (license === undefined) throw damaged(func, "read", "it is not the form of the license asked for");
  return withoutCredentials(license, (text) => panel.redact(text));
}
