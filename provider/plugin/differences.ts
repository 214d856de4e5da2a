import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import type { Difference } from "../license/differences";

const { Kind } = PropertyDiff;

/** A comparison as the engine shows it. */
export function differences({
  changes,
  replaces,
  differences,
}: {
  readonly changes: boolean;
  readonly replaces: readonly string[];
  readonly differences: readonly Difference[];
}): DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = DiffResponse.DiffChanges;
  const replacing = new Set<string>(replaces);
  const response = new DiffResponse()
    .setChanges(changes ? DIFF_SOME : DIFF_NONE)
    .setDiffsList([...new Set(differences.map(({ path }) => rootOf(path)))])
    .setReplacesList([...replacing])
    .setHasdetaileddiff(true);
  for (const { path, old, now } of differences) {
    const kind = KINDS[howChanged(old, now)][replacing.has(path) ? "replacing" : "inPlace"];
    response.getDetaileddiffMap().set(path, new PropertyDiff().setKind(kind));
  }
  return response;
}

/** The property of the resource itself. */
function rootOf(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}

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
