import type { Element } from "./element";

/** The answer as XML 1.0 in UTF-8. */
export function renderXml(document: Element): string {
  const parts = ['<?xml version="1.0" encoding="UTF-8"?>\n'];
  write(document, parts);
  parts.push("\n");
  return parts.join("");
}

function write(element: Element, parts: string[]): void {
  // A parameter may be called anything; what is no name in XML cannot be echoed in it.
  if (!/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(element.name)) return;
  parts.push("<", element.name);
  for (const [name, value] of Object.entries(element.attributes ?? {})) {
    parts.push(
      " ",
      name,
      '="',
      escapeXml(value).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;"),
      '"',
    );
  }
  if (element.text === undefined && (element.children ?? []).length === 0) {
    parts.push("/>");
    return;
  }
  parts.push(">", escapeXml(element.text ?? ""));
  for (const child of element.children ?? []) write(child, parts);
  parts.push("</", element.name, ">");
}

/** Escapes markup and drops what XML 1.0 cannot carry: control characters, lone surrogates, non-characters. */
export function escapeXml(text: string): string {
  if (!/[^\x20-\x25\x27-\x3b\x3d\x3f-\ud7ff]/u.test(text)) return text;
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
}
