import { type License, stateOf } from "../books/license";
import { PanelError } from "../messages";
import { type Call, param } from "./call";

/** Names no function of the vendor: the object of a `missed` license is unknown. */
const licenseObject = "softexternal";

/** The one license that `elid` names. */
export function licenseNamed(call: Call, elid = param(call, "elid")): License {
  const { books, knobs } = call.panel;
  const license = books.licenses.get(elid);
  if (license === undefined) throw new PanelError(knobs.wrongElid, licenseObject, "missed", elid);
  if (license.account !== call.account.username) {
    throw new PanelError(knobs.foreignElid, licenseObject, "missed", elid);
  }
  return license;
}

/** The license as the panel shows it now: one that it does not show yet is missed. */
export function shownNow(call: Call, license: License): License {
  const shown = call.panel.lags.shown(license);
  if (shown === undefined) throw new PanelError(call.panel.knobs.wrongElid, licenseObject, "missed", license.id);
  return shown;
}

/** The licenses that `elid` names, one or several as `1, 2, 3` (documented). None is acted on unless all exist. */
export function licensesNamed(call: Call): License[] {
  return [...new Set(param(call, "elid").split(/\s*,\s*/))].map((elid) => actionable(call, licenseNamed(call, elid)));
}

/** Refuses a license that is deleted, or that the panel is busy with. */
export function actionable(call: Call, license: License): License {
  const { knobs } = call.panel;
  if (stateOf(license) === "4") throw new PanelError("missed", licenseObject, "missed", license.id);
  if (stateOf(license) === "5") {
    if (knobs.whileProcessing === "refused") {
      throw new PanelError(knobs.whileProcessingType, licenseObject, "processing", license.id);
    }
    call.panel.acts.finish(license, call.at);
  }
  return license;
}

/** Refuses an action for which the license is in no state. */
export function wrongState(license: License): PanelError {
  return new PanelError("value", "status", "wrongState", license.id);
}
