import type { Element } from "./element";

/** The answer as XML 1.0 in UTF-8. */
export function renderXml(document: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementText(document)}\n`;
}

function elementText({ name, attributes, text, children = [] }: Element): string {
  // A parameter may be called anything; what is no name in XML cannot be echoed in it.
  if (!/^[A-Za-z_][\w.-]*$/.test(name)) return "";
  let start = `<${name}`;
  for (const attribute in attributes) start += ` ${attribute}="${escapeAttribute(attributes[attribute] ?? "")}"`;
  if (text === undefined && children.length === 0) return `${start}/>`;
  let content = escapeXml(text ?? "");
  for (const child of children) content += elementText(child);
  return `${start}>${content}</${name}>`;
}

function escapeAttribute(text: string): string {
  return escapeXml(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
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
