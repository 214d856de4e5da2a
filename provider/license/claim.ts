import { hash } from "node:crypto";

/**
 * Eight characters that tie a license at the vendor to one resource of one stack.
 *
 * The vendor offers no idempotency key, so the claim is it: it goes out with the order (in the name, and as `remoteid`), and a
 * later run finds by it what an interrupted run has bought. Its last two characters check the first six, so that a word in a
 * name that somebody typed is not taken for a claim.
 */
export type Claim = string & { readonly __claim: unique symbol };

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const BODY = 6;
const CHECK = 2;
export const CLAIM_LENGTH = BODY + CHECK;

/** The vendor's limit for a name, in characters. */
const NAME_LIMIT = 255;
/** What an explicit name may have at most, so that `<name> [<claim>]` still fits. */
export const EXPLICIT_NAME_LIMIT = NAME_LIMIT - CLAIM_LENGTH - " []".length;

const PLUGIN_TYPE = "billmanager:index:License";
const DYNAMIC_TYPE = "pulumi-nodejs:dynamic/billmanager:License";

/**
 * The claim of a resource.
 *
 * @param urn the resource's URN; the tokens of both faces count as the same type, so that a resource keeps its claim when it moves
 * @param owner tells stacks of equal name apart that buy on the same account
 */
export function claimOf(urn: string, owner = ""): Claim {
  return withCheck(digest(`${urn.replaceAll(DYNAMIC_TYPE, PLUGIN_TYPE)}\n${owner}`, BODY));
}

/**
 * The claim of one license of a fleet.
 *
 * @param fleet the fleet's own
 * @param attempt another where a claim is taken: six characters can be equal for two keys
 */
export function claimOfMember(fleet: Claim, key: string, attempt = 0): Claim {
  return withCheck(digest(`${fleet}\n${key}${attempt === 0 ? "" : `\n${attempt}`}`, BODY));
}

/** The claims of an account come again with every list, and those in the state with every call of the engine. */
const claims = new Set<string>();

/** The text as a claim, or `undefined` where its check characters do not fit. */
export function parseClaim(text: string): Claim | undefined {
  if (!claims.has(text)) {
    const body = text.slice(0, BODY);
    if (text.length !== CLAIM_LENGTH || text !== `${body}${digest(body, CHECK)}`) {
      return undefined;
    }
    claims.add(text);
  }
  return text as Claim;
}

/** `<resource name>-<claim>`, the resource name shortened where the vendor's limit asks for it, the claim always whole. */
export function automaticName(resourceName: string, claim: Claim): string {
  const room = NAME_LIMIT - CLAIM_LENGTH - "-".length;
  const plain = resourceName
    .toWellFormed()
    .replace(/\p{Cc}/gu, "")
    .trimStart();
  return `${characters(plain).slice(0, room).join("")}-${claim}`;
}

export function isAutomaticName(name: string, claim: Claim): boolean {
  return name.endsWith(`-${claim}`);
}

/** What an order carries for a license that shall have an explicit name in the end. */
export function nameWithClaim(name: string, claim: Claim): string {
  return `${name} [${claim}]`;
}

/** The explicit name that a license has, or will have when its order is finished. */
export function nameWithoutClaim(name: string): string {
  const claim = claimInName(name);
  const mark = ` [${claim}]`;
  return claim !== undefined && name.endsWith(mark) ? name.slice(0, -mark.length) : name;
}

/** The claim that a name at the vendor carries, in either of the two forms. */
export function claimInName(name: string): Claim | undefined {
  const found = /(?:-([0-9a-z]{8})| \[([0-9a-z]{8})\])$/.exec(name);
  return parseClaim(found?.[1] ?? found?.[2] ?? "");
}

/** Characters as a person counts code points, not UTF-16 units. */
export function characters(text: string): string[] {
  return Array.from(text);
}

function withCheck(body: string): Claim {
  return `${body}${digest(body, CHECK)}` as Claim;
}

function digest(text: string, length: number): string {
  const bytes = hash("sha256", text, "buffer");
  return Array.from(bytes.subarray(0, length), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
}
