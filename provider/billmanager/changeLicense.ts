import type { Panel } from "./panel";
import { isDone, redisplayed } from "./results";
import type { LicenseId } from "./types";

export interface LicenseChange {
  readonly licenseName: string;
  /** Absent only for a license that has no address. */
  readonly ip?: string;
  /** Months per automatic renewal, or `false` to switch it off. Not sent when absent. */
  readonly autoRenew?: number | false;
}

/**
 * Sets a license's name and address. Both go out each time: what the panel makes of an omitted field is not documented.
 *
 * @throws RefusedError the panel said no; the license is as it was
 * @throws UnknownOutcomeError read the license to find out
 * @see https://ispsystem.com/docs/billmanager/reselling/reselling-via-api/reselling-third-party-licenses-via-api "Edit license parameters"
 */
export async function editLicense(panel: Panel, id: LicenseId, change: LicenseChange): Promise<void> {
  const autoprolong =
    change.autoRenew === undefined ? undefined : change.autoRenew === false ? "null" : String(change.autoRenew);
  await perform(panel, "softexternal.edit", {
    elid: id,
    licname: change.licenseName,
    ip: change.ip,
    autoprolong,
    sok: "ok",
  });
}

/**
 * Suspends a license. The panel may work on it for a while after it has said yes.
 *
 * @throws RefusedError the panel said no; type `access` where customers may not suspend
 */
export async function suspendLicense(panel: Panel, id: LicenseId): Promise<void> {
  await perform(panel, "softexternal.suspend", { elid: id });
}

/**
 * Resumes a suspended license. What the vendor's staff suspended only they resume.
 *
 * @throws RefusedError the panel said no; type `access` where customers may not resume
 */
export async function resumeLicense(panel: Panel, id: LicenseId): Promise<void> {
  await perform(panel, "softexternal.resume", { elid: id });
}

/**
 * Gives a license up. No refund is promised for the time left. It may be gone at once, later, or at the end of the paid term.
 *
 * @throws NotFoundError there is no such license (any more) on this account
 * @throws RefusedError the panel said no; the license is still there
 */
export async function deleteLicense(panel: Panel, id: LicenseId): Promise<void> {
  await perform(panel, "softexternal.delete", { elid: id, sok: "ok" });
}

async function perform(
  panel: Panel,
  func: string,
  parameters: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const doc = await panel.call({ func, effect: "change", parameters });
  if (!isDone(doc)) throw redisplayed(func, "change");
}
