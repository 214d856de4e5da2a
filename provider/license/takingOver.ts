import { MEMBER_KEY, type OfMember } from "./inputs";

/** What a program writes to take a license over: `adoptId: "1000001"`, in a fleet `adopt: { web01: "1000001" }`. */
export function takingOver(license: string, { [MEMBER_KEY]: key }: OfMember): string {
  if (key === undefined) {
    return `adoptId: "${license}"`;
  }
  return `adopt: { ${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: "${license}" }`;
}

/** The input that names it. */
export function adoptionInput({ [MEMBER_KEY]: key }: OfMember): string {
  return key === undefined ? "adoptId" : "adopt";
}
