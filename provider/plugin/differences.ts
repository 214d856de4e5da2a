import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import { UNKNOWN } from "../license/inputs";
import type { LicenseDiff } from "../license/update";
import type { Properties } from "./values";

const { Kind } = PropertyDiff;

/**
 * The comparison as the engine shows it: old values are those of the state's outputs, new ones those of the program, so that what was
 * changed at the vendor shows as well. What no program sets, such as a date that a renewal will move, is left out: nobody can have the
 * engine replace a license for it, as `replaceOnChanges` for everything would.
 */
export function differences(
  { changes, changed, replaces }: LicenseDiff,
  olds: Properties,
  news: Properties,
): DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = DiffResponse.DiffChanges;
  const unknown = Object.keys(news).filter((name) => news[name] === UNKNOWN);
  const names = [...new Set<string>([...changed, ...unknown])].filter((name) => !NO_INPUTS.has(name));
  const replacing = new Set<string>(replaces);
  const response = new DiffResponse()
    .setChanges(changes ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(names)
    .setReplacesList([...replacing])
    .setHasdetaileddiff(true);
  for (const name of names) {
    const kind = KINDS[howChanged(olds[name], news[name])][replacing.has(name) ? "replacing" : "inPlace"];
    response.getDetaileddiffMap().set(name, new PropertyDiff().setKind(kind));
  }
  return response;
}

const NO_INPUTS: ReadonlySet<string> = new Set(["claim", "expiresOn", "status"]);

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
