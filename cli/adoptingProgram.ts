import type { LicenseId } from "../provider/billmanager/types";
import { automaticName, claimOf } from "../provider/license/claim";
import { LicenseNotShownError } from "../provider/license/errors";
import { inputsButName, readImportable } from "../provider/license/import";
import { checkInputs, type RawInputs } from "../provider/license/inputs";
import type { Run } from "../provider/license/run";
import type { LicenseOutputs } from "../provider/license/state";

/** A license that is to become a resource of this name. */
export interface Chosen {
  readonly id: LicenseId;
  readonly licenseName: string;
  readonly name: string;
}

/** A license that cannot become one. */
export interface LeftOut {
  readonly id: LicenseId;
  readonly licenseName: string;
  readonly why: string;
}

/**
 * A TypeScript program that takes licenses over by `adoptId` and keeps them as they are. Reads them only.
 *
 * A name that no program may declare is left to the update, which gives an automatic one: a comment says so.
 */
export async function programOf(
  run: Run,
  chosen: readonly Chosen[],
): Promise<{ text: string; count: number; leftOut: readonly LeftOut[] }> {
  const judged = await Promise.all(chosen.map((license) => judge(run, license)));
  const declarations = judged.filter((result) => typeof result === "string");
  return {
    text: ['import { License } from "pulumi-billmanager";\n', ...declarations].join("\n"),
    count: declarations.length,
    leftOut: judged.filter((result) => typeof result !== "string"),
  };
}

/** Stands for the claim that the new resource will have, which depends on its stack. */
const ANY_CLAIM = claimOf("");

/** @returns the license's declaration, or why there can be none */
async function judge(run: Run, { id, name, ...listed }: Chosen): Promise<LeftOut | string> {
  let seen: LicenseOutputs;
  try {
    seen = await readImportable(run, id);
  } catch (error) {
    if (error instanceof LicenseNotShownError) {
      return { id, licenseName: listed.licenseName, why: error.message };
    }
    throw error;
  }
  const { licenseName } = seen;
  const inputs = settled(seen);
  if (inputs === undefined) {
    const reason = seen.statusReason === undefined ? "" : ` (${seen.statusReason})`;
    return {
      id,
      licenseName,
      why: `the vendor is still at work on it${reason}; run this command again when it is done`,
    };
  }
  const { failures } = checkInputs(undefined, { claim: ANY_CLAIM, licenseName, ...inputs }, run.settings.pricelists);
  const others = failures.filter(({ property }) => property !== "licenseName");
  if (others.length > 0) {
    return { id, licenseName, why: `no program may ask for it: ${others.map(({ reason }) => reason).join("; ")}` };
  }
  const isNamed = failures.length === 0;
  const adoptId = seen.claim === undefined ? id : `${id}@${seen.claim}`;
  return isNamed
    ? declaration(name, { ...inputs, licenseName, adoptId })
    : `// An update renames it from ${quoted(licenseName)} to ${quoted(automaticName(name, ANY_CLAIM).replace(ANY_CLAIM, "<claim>"))}.\n` +
        declaration(name, { ...inputs, adoptId });
}

/** What a license is, or will be when the vendor has done what it is at; `undefined` where that cannot be told. */
function settled(seen: LicenseOutputs): RawInputs | undefined {
  const inputs = inputsButName(seen);
  if (seen.status !== "processing" || seen.statusReason === "open" || seen.statusReason === "resume") {
    return inputs;
  }
  return seen.statusReason === "suspend" ? { ...inputs, suspended: true } : undefined;
}

function declaration(name: string, inputs: RawInputs): string {
  const lines = Object.entries(inputs).map(([input, value]) => `  ${input}: ${literal(value)},\n`);
  return `new License(${quoted(name)}, {\n${lines.join("")}});\n`;
}

function literal(value: unknown): string {
  return typeof value === "string" ? quoted(value) : String(value);
}

/** A text in quotes, for a program, a comment of one or a terminal: nothing in it can end a line or hide another sign. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
