import { isIPv4, isIPv6 } from "node:net";

/**
 * The one spelling in which addresses are stored and compared, or `undefined` for what is no single address.
 *
 * IPv4 as dotted quad; IPv6 in lower case with the longest run of zeros left out.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) {
    return text;
  }
  // A zone (`fe80::1%eth0`) names an interface of one machine and cannot be licensed; the URL parser would refuse it too.
  return isIPv6(text) && !text.includes("%") ? new URL(`http://[${text}]`).hostname.slice(1, -1) : undefined;
}
