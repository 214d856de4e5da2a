import type { Exchange } from "./http";

/**
 * A slow call may be answered by an HTML page whose `long…billmgr` link is to be fetched until the real answer arrives (seen in
 * a hoster's front end). The link belongs to the call already made: fetching it does not repeat the call.
 *
 * @returns `undefined` when the answer is no such page or names several links, `"foreign"` when the link leads to another server
 */
export function longCallLink(exchange: Exchange, page: URL): URL | "foreign" | undefined {
  if (exchange.kind !== "answer" || exchange.status !== 200) return undefined;
  // Most answers are XML: their beginning tells, and no more of them is looked at.
  if (!/^\s*<(?:!--|!doctype html|html|head|body|script|meta)/i.test(textOf(exchange.body, 200))) return undefined;
  const text = textOf(exchange.body, largestPage).replace(comment, "");
  if (!/^\s*<(?:!doctype html|html|head|body|script|meta)/i.test(text)) return undefined;
  const addresses = (text.match(link) ?? []).map((found) => found.replaceAll("&amp;", "&"));
  const [address, another] = new Set(
    addresses.flatMap((found) => (URL.canParse(found, page.href) ? [new URL(found, page).href] : [])),
  );
  if (address === undefined || another !== undefined) return undefined;
  const url = new URL(address);
  return url.origin === page.origin && url.username === "" && url.password === "" ? url : "foreign";
}

const largestPage = 256 * 1024;

/** One that does not end reaches to the end. */
const comment = /<!--[\s\S]*?(?:-->|$)/g;

/**
 * An attribute's or a script's value, whose path has a segment that begins with `long` and ends in `billmgr`. Words and pictures
 * with such names are no links: `title="long billmgr"`, `/billmgr/longer.png`, `/billmgr?back=long`.
 */
const link =
  /(?<=["']|\b(?:href|url|location)=)(?:[^"'\s<>=?#]{0,500}\/)?long[^"'\s<>=?#]{0,500}billmgr(?:\?[^"'\s<>#]{0,2000})?(?=["'\s>]|$)/gi;

function textOf(bytes: Uint8Array, longest: number): string {
  return new TextDecoder().decode(bytes.subarray(0, longest));
}
