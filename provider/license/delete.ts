import { deleteLicense } from "../billmanager/changeLicense";
import { isNotFound } from "../billmanager/errors/NotFoundError";
import { isUnknownOutcome } from "../billmanager/errors/UnknownOutcomeError";
import type { LicenseId } from "../billmanager/types";
import { claimInName } from "./claim";
import { NotFinishedError, reasonOf } from "./errors";
import { MEMBER_KEY } from "./inputs";
import { refuseWrongNumber } from "./orderedNumber";
import { refuseDoubt, refuseStranger } from "./read";
import type { Run, Sight } from "./run";
import { setAside } from "./setAside";
import { isClosing, isGivenUp, isProcessing } from "./sights";
import { isUnseen, type LicenseOutputs } from "./state";

const STILL_DECLARED = "the program still declares it";

/**
 * Gives one license up at the vendor, and waits until it is gone, closed or about to be. Nothing is refunded that the vendor does not
 * refund by itself. Where its policy says so, it is suspended instead, and stays.
 *
 * Takes nothing from anybody: a license that this run has just brought about, in this process or in another, or that
 * carries another resource's claim, is left alone.
 */
export function giveUpLicense(run: Run, id: LicenseId, old: LicenseOutputs): Promise<void> {
  return run.operate(() => giveUp(run, id, old));
}

async function giveUp(run: Run, id: LicenseId, old: LicenseOutputs): Promise<void> {
  const keep = (why: string) => run.log.warn(`${old.licenseName}: license ${id} is not given up: ${why}`);
  if (run.isOthers(id, old.claim)) {
    return keep(STILL_DECLARED);
  }
  const sight = await run.look(id, run.listings.recent(id));
  // Another resource may have asked for it while the account was read.
  if (run.isOthers(id, old.claim)) {
    return keep(STILL_DECLARED);
  }
  await refuseWrongNumber(run, id, old, sight);
  if (sight.kind === "gone" && isUnseen(old)) {
    return giveUpUnseen(run, id, old);
  }
  if (sight.kind === "shown") {
    refuseStranger(run, sight.row, old);
  }
  if (isGivenUp(sight)) {
    if (sight.kind === "gone" && old.status !== "deleted") {
      refuseDoubt(run, id, old);
    }
    return;
  }
  const claim = sight.kind === "shown" ? claimInName(sight.row.licenseName) : undefined;
  if (claim !== undefined && old.claim !== undefined && claim !== old.claim) {
    return keep(`it carries the claim ${claim} of another resource`);
  }
  if (old.deletionPolicy === "suspend" && sight.kind === "shown" && !isClosing(sight)) {
    return setAside(run, id, old, sight);
  }
  const { activationTimeout } = run;
  const { searchTimeout } = run.settings;
  const lost = isClosing(sight) ? undefined : await send(run, id, sight);
  const seconds = lost === undefined ? activationTimeout : searchTimeout;
  const isGone = await waitUntilGivenUp(run, id, seconds, lost === undefined).catch((error: unknown) => {
    // What became of it is for the next run to see: that nothing was changed is true of the look alone.
    const unseen = `could not be looked at since (${reasonOf(error)}); the next destroy goes on`;
    throw new NotFinishedError(
      lost === undefined
        ? `license ${id}: the vendor accepted to delete it, and it ${unseen}`
        : `${lost.message} License ${id} ${unseen}`,
    );
  });
  if (isGone) {
    return;
  }
  if (lost !== undefined) {
    throw new NotFinishedError(
      `${lost.message} License ${id} is still shown after ${seconds} seconds; the next destroy goes on`,
    );
  }
  if (activationTimeout > 0) {
    throw new NotFinishedError(
      `license ${id} is still shown ${seconds} seconds after the vendor accepted to delete it; the next destroy goes on`,
    );
  }
}

/** Bought, charged, and not shown yet: to forget it would leave it to renew itself unseen. */
async function giveUpUnseen(run: Run, id: LicenseId, old: LicenseOutputs): Promise<void> {
  try {
    await run.change(() => deleteLicense(run.panel, id), id);
  } catch (error) {
    // With a fleet, all its other members would leave the state.
    const leaving =
      old[MEMBER_KEY] === undefined
        ? ", and remove it from the stack with pulumi state delete"
        : " to cancel the order";
    throw new NotFinishedError(
      `license ${id} is ordered, and the vendor does not show it yet, nor delete it (${reasonOf(error)}). Run destroy again later; ` +
        `if it never shows, ask the vendor${leaving}`,
    );
  }
}

async function waitUntilGivenUp(run: Run, id: LicenseId, seconds: number, absenceProves: boolean): Promise<boolean> {
  const first = await run.look(id, run.listings.nextInStream(), { absenceProves });
  return (
    isGivenUp(first) ||
    (await isClosingByItsForm(run, id, first)) ||
    isGivenUp(await run.waitFor(id, isGivenUp, seconds, { absenceProves }))
  );
}

/** @returns the error of a call that does not say what became of the license: it has to be looked for */
async function send(run: Run, id: LicenseId, sight: Sight): Promise<Error | undefined> {
  if (isProcessing(sight)) {
    // The vendor refuses to delete what it is still working on.
    await run.waitFor(id, (now) => !isProcessing(now), run.activationTimeout);
  }
  try {
    await run.change(() => deleteLicense(run.panel, id), id);
  } catch (error) {
    // A license that is not found may be gone since it was looked at.
    if (isUnknownOutcome(error) || isNotFound(error)) {
      return error;
    }
    throw error;
  }
  return undefined;
}

/** A close at the end of the term may show in the license's own form alone, while the list still shows it as active. */
async function isClosingByItsForm(run: Run, id: LicenseId, sight: Sight): Promise<boolean> {
  return !isProcessing(sight) && isGivenUp(await run.readAlone(id));
}
