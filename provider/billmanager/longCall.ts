import type { Exchange } from "./http";

/**
 * A slow call may be answered by an HTML page whose `long…billmgr` link is to be fetched until the real answer arrives (seen in
 * a hoster's front end). The link belongs to the call already made: fetching it does not repeat the call.
 *
 * @returns `undefined` when the answer is no such page, `"foreign"` when the link leads to another server
 */
export function longCallLink(exchange: Exchange, page: URL): URL | "foreign" | undefined {
  if (exchange.kind !== "answer" || exchange.status !== 200) return undefined;
  const { body } = exchange;
  if (!/^\s*<(?:!doctype html|html|head|body|script|meta)/i.test(textOf(body.subarray(0, 200)))) return undefined;
  const text = textOf(body.subarray(0, largestPage));
  const links = [...text.matchAll(/["']([^"'\s<>]{1,2000})["']|=([^"'\s<>]{1,2000})/g)].map(
    (found) => found[1] ?? found[2] ?? "",
  );
  const address = links
    .find((link) => /(?:^|\/)long[^/]*/i.test(link) && link.includes("billmgr"))
    ?.replaceAll("&amp;", "&");
  if (address === undefined || !URL.canParse(address, page.href)) return undefined;
  const url = new URL(address, page);
  return url.origin === page.origin && url.username === "" && url.password === "" ? url : "foreign";
}

const largestPage = 256 * 1024;

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
