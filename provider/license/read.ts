import type { LicenseId, LicenseRow } from "../billmanager/types";
import { type Claim, claimInName } from "./claim";
import { LicenseNotShownError } from "./errors";
import { MEMBER_KEY, withoutAbsent } from "./inputs";
import { claimOfRow } from "./match";
import { refuseWrongNumber } from "./orderedNumber";
import { gone } from "./plan";
import { productOf } from "./products";
import type { Run, Shown, Sight } from "./run";
import { asDeleted, isUnseen, type LicenseOutputs, refreshedOutputs } from "./state";

/**
 * What the vendor shows of a license now. Changes nothing, and never drops a license on doubt: one that is gone stays in the state
 * as `deleted`, to be bought again only on request.
 *
 * Reads that are asked for together share their list calls.
 *
 * @param old what the state remembers; `undefined` for a license that is looked up by its id alone
 * @throws LicenseNotShownError gone from an account that never showed it
 */
export async function readLicenseOutputs(
  run: Run,
  id: LicenseId,
  old: LicenseOutputs | undefined,
): Promise<LicenseOutputs> {
  const sight = await run.look(id, run.listings.recent(id), old && { wish: old });
  run.handled.known.add(id);
  if (old !== undefined) {
    await refuseWrongNumber(run, id, old, sight);
  }
  if (sight.kind === "gone" || sight.observed.status === "deleted") {
    if (old === undefined) {
      throw new LicenseNotShownError(
        isShownAsDeleted(sight)
          ? `the account ${run.account} shows license ${id} as deleted. Nothing was changed`
          : `the account ${run.account} shows no license ${id}. Nothing was changed`,
      );
    }
    if (isUnseen(old) && !isShownAsDeleted(sight)) {
      run.log.warn(`${old.licenseName}: the vendor accepted the order of license ${id} and does not show it yet`);
      return old;
    }
    if (!isUnseen(old)) {
      refuseDoubt(run, id, old);
    }
    run.log.warn(`${old.licenseName}: ${gone(old)}`);
    run.warnOfOthers(id, old, true);
    return asDeleted(old);
  }
  if (old !== undefined) {
    refuseStranger(run, sight.row, old);
    warnOfOtherTariff(run, sight.row, old);
    run.warnOfOthers(id, old);
    return refreshedOutputs(sight.observed, old, run.account);
  }
  return lookedUp(run, sight);
}

/** A license of which no state knows anything. */
async function lookedUp(run: Run, listed: Shown): Promise<LicenseOutputs> {
  const { id } = listed.row;
  const sight = listed.row.ip === undefined ? await run.readAlone(id, listed.row) : listed;
  const row = sight.kind === "shown" ? await run.withTariffNumber(sight.row, "name") : listed.row;
  const { pricelist, licenseName } = row;
  const observed = sight.kind === "shown" ? sight.observed : listed.observed;
  if (pricelist === undefined) {
    throw new LicenseNotShownError(`the panel does not show the tariff number of license ${id}`);
  }
  const seen: LicenseOutputs = {
    licenseName,
    pricelist,
    period: row.autoRenewPeriod ?? 1,
    status: observed.status,
    suspended: false,
    account: run.account,
    deletionPolicy: "delete",
    recreateWhenDeleted: false,
    ...withoutAbsent({ claim: claimOfRow(row), product: productOf(pricelist, run.settings.pricelists) }),
  };
  return refreshedOutputs(observed, seen, run.account);
}

function isShownAsDeleted(sight: Sight): boolean {
  return sight.kind === "shown" || sight.shownAsDeleted === true;
}

/** A license that is gone from the account which showed it is gone; from any other account it may never have been there. */
export function refuseDoubt(run: Run, id: LicenseId, old: LicenseOutputs): void {
  if (old.account !== run.account) {
    throw new LicenseNotShownError(
      `license ${id} was last shown by ${old.account}, and ${run.account} does not show it: nothing was changed; ` +
        "correct billmanager:username and billmanager:endpoint",
    );
  }
}

/** What the vendor sells it as decides what it costs; that the state errs is no reason to order another. */
export function warnOfOtherTariff(run: Run, { id, pricelist }: LicenseRow, old: LicenseOutputs): void {
  if (pricelist !== undefined && pricelist !== old.pricelist) {
    const how =
      old[MEMBER_KEY] === undefined
        ? "remove it there (pulumi state delete <urn>), write that tariff into the program, and take it over by adoptId"
        : "declare it under another key, with that tariff, and take it over by adopt";
    run.log.warn(
      `${old.licenseName}: the panel shows license ${id} as one of tariff ${pricelist}, and the state as one of ${old.pricelist}: it ` +
        `serves and costs what the panel says. To set the state right, ${how}`,
    );
  }
}

/** Another account may have another license under the same number, which must be neither changed nor given up. */
export function refuseStranger(run: Run, row: LicenseRow, old: LicenseOutputs): void {
  if (isUnseen(old) || old.account === run.account) {
    return;
  }
  const named = claimInName(old.licenseName);
  const carries = (claim: Claim | undefined) =>
    claim !== undefined && (claimInName(row.licenseName) === claim || row.remoteId === claim);
  const isOfSameTariff = row.pricelist === old.pricelist || (row.tariff !== undefined && row.tariff === old.tariff);
  const isOfSameDay = row.createdOn !== undefined && row.createdOn === old.createdOn;
  // A license whose name has carried a claim is not known by less: panels count from the same number, and sell the same on one day.
  const isUnmarked = named === undefined && claimInName(row.licenseName) === undefined;
  if (!(carries(old.claim) || carries(named) || (isUnmarked && isOfSameTariff && isOfSameDay))) {
    throw new LicenseNotShownError(
      `license ${row.id} was last shown by ${old.account}, and ${run.account} shows another license under this number: nothing was ` +
        "changed; correct billmanager:username and billmanager:endpoint",
    );
  }
}
