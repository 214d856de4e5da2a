import { type RawInputs, UNKNOWN } from "./inputs";
import type { LicenseDiff } from "./update";

/** One property that an update would change. */
export interface Difference {
  /** as Pulumi writes it: `ip`, `licenses.web01.ip` */
  readonly path: string;
  /** as in the state's outputs, so that what was changed at the vendor shows as well; `undefined` for what is new */
  readonly old: unknown;
  /** as in the program; `undefined` for what is gone */
  readonly now: unknown;
}

/**
 * The properties of a license that an update would change. What no program sets, such as a date that a renewal will move, is left out:
 * nobody can have the engine replace a license for it, as `replaceOnChanges` for everything would.
 */
export function differencesOfLicense(
  { changed }: Pick<LicenseDiff, "changed">,
  olds: RawInputs,
  news: RawInputs,
): Difference[] {
  const unknown = Object.keys(news).filter((name) => news[name] === UNKNOWN);
  const names = [...new Set<string>([...changed, ...unknown])].filter((name) => !NO_INPUTS.has(name));
  return names.map((name) => ({ path: name, old: olds[name], now: news[name] }));
}

const NO_INPUTS: ReadonlySet<string> = new Set(["claim", "expiresOn", "status"]);
