import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import { UNKNOWN } from "../license/inputs";
import type { LicenseDiff } from "../license/update";
import type { Properties } from "./values";

const { Kind } = PropertyDiff;

/**
 * The comparison as the engine shows it: old values are those of the state's outputs, new ones those of the program, so that what was
 * changed at the vendor shows as well. What no program sets, such as a date that a renewal will move, is only named.
 */
export function differences(
  { changes, changed, replaces }: LicenseDiff,
  olds: Properties,
  news: Properties,
): DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = DiffResponse.DiffChanges;
  const unknown = Object.keys(news).filter((name) => news[name] === UNKNOWN);
  // The claim is no property of a program's.
  const names = [...new Set<string>([...changed, ...unknown])].filter((name) => name !== "claim");
  const replacing = new Set<string>(replaces);
  const response = new DiffResponse()
    .setChanges(changes ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(names)
    .setReplacesList([...replacing])
    .setHasdetaileddiff(true);
  for (const name of names.filter((changing) => !OBSERVED.has(changing))) {
    const kind = KINDS[howChanged(olds[name], news[name])][replacing.has(name) ? "replacing" : "inPlace"];
    response.getDetaileddiffMap().set(name, new PropertyDiff().setKind(kind));
  }
  return response;
}

const OBSERVED: ReadonlySet<string> = new Set(["expiresOn", "status"]);

const KINDS = {
  add: { inPlace: Kind.ADD, replacing: Kind.ADD_REPLACE },
  update: { inPlace: Kind.UPDATE, replacing: Kind.UPDATE_REPLACE },
  delete: { inPlace: Kind.DELETE, replacing: Kind.DELETE_REPLACE },
};

function howChanged(old: unknown, now: unknown): keyof typeof KINDS {
  if (old === undefined) {
    return "add";
  }
  return now === undefined ? "delete" : "update";
}
