import { editLicense, suspendLicense } from "../billmanager/changeLicense";
import { isBillmanagerError } from "../billmanager/errors/BillmanagerError";
import { isUnknownOutcome } from "../billmanager/errors/UnknownOutcomeError";
import type { LicenseId } from "../billmanager/types";
import { NotFinishedError, reasonOf } from "./errors";
import { withoutAbsent } from "./inputs";
import type { Run, Shown, Sight } from "./run";
import { isClosing, isGivenUp, isProcessing } from "./sights";
import type { LicenseOutputs } from "./state";

/**
 * Takes one license out of service and leaves it in the account: first the vendor's own renewal is switched off, which would go on
 * charging for a license that no stack knows any more, then it is suspended. Charges nothing.
 *
 * Either is seen before the next is done, and neither is done where it is so already: the next destroy goes on where this one stopped.
 */
export async function setAside(run: Run, id: LicenseId, old: LicenseOutputs, first: Shown): Promise<void> {
  const { activationTimeout } = run;
  const settled = isProcessing(first)
    ? await run.waitFor(id, (now) => !isProcessing(now) || isClosing(now), activationTimeout)
    : first;
  if (!isThere(settled)) {
    return;
  }
  if (settled.observed.status === "ordered") {
    run.log.warn(
      `${old.licenseName}: license ${id} is left in the account, ordered but not paid: if nobody shall pay for it, delete it in the panel`,
    );
    return;
  }
  const renewal = await endRenewal(run, id, old, settled);
  const now = renewal.sight;
  if (!isThere(now)) {
    return;
  }
  // Whoever has suspended it: it is out of service.
  const suspends = now.observed.status !== "suspended";
  const last = suspends ? await suspend(run, id, renewal.ended === "now") : now;
  if (isThere(last)) {
    report(run, id, old, last, suspends, renewal.ended);
  }
}

/** What keeps the vendor from charging for it: nothing was to be done, this run, or nobody. */
type Ended = "before" | "now" | "never" | "nobody can see";

function isThere(sight: Sight): sight is Shown {
  return sight.kind === "shown" && !isGivenUp(sight) && !isClosing(sight);
}

async function endRenewal(
  run: Run,
  id: LicenseId,
  old: LicenseOutputs,
  listed: Shown,
): Promise<{ readonly sight: Sight; readonly ended: Ended }> {
  if (listed.observed.autoRenew === false) {
    return { sight: listed, ended: "before" };
  }
  const form = await run.readAlone(id, listed.row);
  if (!isThere(form)) {
    return { sight: form, ended: "before" };
  }
  const { autoRenew, ip } = form.observed;
  if (autoRenew === false) {
    return { sight: form, ended: "before" };
  }
  if (form.row.autoRenewEditable !== true) {
    return { sight: form, ended: autoRenew === true ? "never" : "nobody can see" };
  }
  const licenseName = form.row.licenseName || listed.row.licenseName || old.licenseName;
  const sight = await take(run, id, {
    send: () => editLicense(run.panel, id, { licenseName, autoRenew: false, ...withoutAbsent({ ip: ip ?? old.ip }) }),
    isShown: ({ observed }) => observed.autoRenew !== true,
    what: "that the vendor's own renewal was switched off",
  });
  return { sight, ended: "now" };
}

/** @param afterEdit the vendor's own renewal was switched off by this run: what fails now must not hide it */
function suspend(run: Run, id: LicenseId, afterEdit: boolean): Promise<Sight> {
  const act: Act = {
    send: () => suspendLicense(run.panel, id),
    isShown: ({ observed }) => observed.status === "suspended",
    what: "that it was suspended",
  };
  return take(run, id, act, afterEdit ? "the vendor's own renewal was switched off, but then " : "");
}

interface Act {
  readonly send: () => Promise<void>;
  readonly isShown: (now: Shown) => boolean;
  /** follows "does not show" */
  readonly what: string;
}

/**
 * Sends one call that charges nothing, and waits for its effect. A lost answer is judged by what the vendor shows.
 *
 * @param before what this run has done already
 */
async function take(run: Run, id: LicenseId, { send, isShown, what }: Act, before = ""): Promise<Sight> {
  const unfinished = (how: string) => new NotFinishedError(`license ${id}: ${before}${how}; the next destroy goes on`);
  let lost: Error | undefined;
  try {
    await run.change(send, id);
  } catch (error) {
    if (!isUnknownOutcome(error)) {
      throw before !== "" && isBillmanagerError(error) ? unfinished(reasonOf(error)) : error;
    }
    lost = error;
  }
  const { activationTimeout } = run;
  const { searchTimeout } = run.settings;
  const seconds = lost === undefined ? activationTimeout : searchTimeout;
  const sent = lost === undefined ? "the vendor accepted the call, but the license" : `${lost.message} The license`;
  const isDone = (sight: Sight) => !isThere(sight) || (!isProcessing(sight) && isShown(sight));
  const sight = await run.waitFor(id, isDone, seconds, { patient: lost !== undefined }).catch((error: unknown) => {
    throw unfinished(`${sent} could not be looked at since (${reasonOf(error)})`);
  });
  if (isDone(sight) || (lost === undefined && activationTimeout === 0)) {
    return sight;
  }
  throw unfinished(`${sent} does not show after ${seconds} seconds ${what}`);
}

function report(run: Run, id: LicenseId, old: LicenseOutputs, last: Shown, suspends: boolean, ended: Ended): void {
  const { expiresOn } = last.observed;
  const left = `${old.licenseName}: license ${id} was suspended${suspends ? "" : " already"} and is left in the account`;
  const paid = expiresOn === undefined ? "" : `, paid until ${expiresOn}`;
  if (ended === "never") {
    const next = expiresOn === undefined ? "" : `, and charges for it next on ${expiresOn}`;
    run.log.warn(
      `${left}, but the vendor goes on renewing it${next}: the panel's form does not let that be changed; ` +
        "have it switched off, or delete the license in the panel",
    );
  } else if (ended === "nobody can see") {
    const next = expiresOn === undefined ? "" : `, perhaps on ${expiresOn}`;
    run.log.warn(
      `${left}, but the panel does not show whether the vendor goes on renewing it and charges for it${next}: ` +
        "look there, and switch it off",
    );
  } else {
    run.log.info(
      `${left}${paid}; ${ended === "now" ? "the vendor's own renewal was switched off" : "nothing renews it"}`,
    );
  }
}
