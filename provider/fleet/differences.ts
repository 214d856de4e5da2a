import { type Difference, differencesOfLicense } from "../license/differences";
import { type Known, type RawInputs, UNKNOWN } from "../license/inputs";
import type { LicenseDiff } from "../license/update";
import { saysItself } from "./inputs";
import type { Held } from "./outputs";
import { pathOf } from "./paths";

/**
 * The differences between a member and the license that the state has for it. None for what an update does although no input differs,
 * such as a renewal that is due: nobody can have the engine replace a fleet for it.
 */
export function differencesOf(
  news: RawInputs,
  key: string,
  member: Known<RawInputs>,
  old: Held | undefined,
  diff?: LicenseDiff,
): Difference[] {
  const path = pathOf(key);
  if (member === UNKNOWN || old === undefined || diff === undefined) {
    return [{ path, old: old?.outputs, now: member }];
  }
  const found: Difference[] = [];
  if (old.key !== key || old.isLeaving) {
    found.push({ path, old: undefined, now: member });
    if (!old.isLeaving) {
      found.push({ path: pathOf(old.key), old: old.outputs, now: undefined });
    }
  }
  for (const { path: name, ...values } of differencesOfLicense(diff, { ...old.outputs }, member)) {
    found.push({ path: saysItself(news, key, name) ? pathOf(key, name) : name, ...values });
  }
  return found;
}
