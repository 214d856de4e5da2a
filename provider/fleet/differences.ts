import { type Difference, differencesOfLicense } from "../license/differences";
import { type RawInputs, UNKNOWN } from "../license/inputs";
import type { LicenseDiff } from "../license/update";
import { hasMember, saysItself } from "./inputs";
import type { Held, MatchedMember } from "./outputs";
import { pathOf } from "./paths";

/**
 * The differences between a member and the license that the state has for it. None for what an update does although no input differs,
 * such as a renewal that is due: nobody can have the engine replace a fleet for it.
 */
export function differencesOf(
  news: RawInputs,
  { key, member, old, before }: MatchedMember,
  diff?: LicenseDiff,
): Difference[] {
  const path = pathOf(key);
  if (member === UNKNOWN || old === undefined || diff === undefined) {
    return [{ path, old: before?.outputs, now: member }];
  }
  const found: Difference[] = [];
  if (old.key !== key || old.isLeaving) {
    found.push({ path, old: before?.outputs, now: member }, ...differencesOfLeft(news, old));
  }
  for (const { path: name, ...values } of differencesOfLicense(diff, { ...old.outputs }, member)) {
    found.push({ path: saysItself(news, key, name) ? pathOf(key, name) : name, ...values });
  }
  return found;
}

/** What goes from its place in the state; where the program has another license under the same key, that is the difference. */
export function differencesOfLeft(news: RawInputs, { key, id, outputs, isLeaving }: Held): Difference[] {
  if (isLeaving) {
    return [{ path: pathOf(id, undefined, "leaving"), old: outputs, now: undefined }];
  }
  return hasMember(news, key) ? [] : [{ path: pathOf(key), old: outputs, now: undefined }];
}
