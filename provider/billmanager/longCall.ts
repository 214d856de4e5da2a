/**
 * A slow call may be answered by an HTML page whose `long…billmgr` link is to be fetched until the real answer arrives (seen in
 * a hoster's front end). The link belongs to the call already made: fetching it does not repeat the call.
 *
 * @returns `undefined` when the body is no such page, `"foreign"` when the link leads to another server
 */
export function longCallLink(body: Uint8Array, page: URL): URL | "foreign" | undefined {
  const text = new TextDecoder().decode(body.subarray(0, largestPage));
  if (!/^\s*(?:<!doctype html|<html|<head|<body|<script|<meta)/i.test(text)) return undefined;
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
