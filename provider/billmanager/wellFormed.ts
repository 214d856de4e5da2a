/** Deeper than any answer of the panel; the reader that follows would otherwise build whatever it is sent. */
const deepest = 64;

/** Elements and attributes; a list of 1,000 licenses has some 20,000. The reader that follows takes half a kilobyte for each. */
const mostParts = 500_000;

/** As in XML, but for U+1680 and U+FEFF: JavaScript takes them for white space, and a name for one that ends before them. */
const nameStart =
  ":A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u167F\\u1681-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFEFE\\uFF00-\\uFFFD";
const name = `[${nameStart}][${nameStart}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040]*`;
const startName = new RegExp(`<(${name})`, "y");
const attribute = new RegExp(`[ \\t\\r\\n]+(${name})[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"([^<"]*)"|'([^<']*)')`, "y");
const startEnd = /[ \t\r\n]*(\/?)>/y;
/** What answers mostly consist of, checked in one step: `<id>12</id>`, `<item_status orig="2">Active</item_status>`, `<ok/>`. */
const leaf = /<([A-Za-z_][A-Za-z0-9_.-]*)(?: [A-Za-z_][A-Za-z0-9_.-]*="[^"<&]*")?(?:\/>|>[^<&]*<\/\1>)/y;
const endTag = new RegExp(`</(${name})[ \\t\\r\\n]*>`, "y");
const declaration =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z0-9._-]+)"|'([A-Za-z0-9._-]+)'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML excludes
const excludedCharacter = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;
const reference = /&(?:amp|lt|gt|quot|apos|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));/y;

/** Where an element stands, and what is between its tags. */
export interface Span {
  readonly name: string;
  readonly start: number;
  readonly innerStart: number;
  readonly innerEnd: number;
  readonly end: number;
}

/** Where the root of a document stands, and those right below it that were asked for. */
interface Outline {
  readonly root: Span;
  readonly below: readonly Span[];
}

/**
 * Where the parts of one complete, well-formed XML document stand, or in a clause why it is none.
 *
 * Checked before any value is read: an answer that was cut off may still look like an answer (`<id>12</id>` cut from
 * `<id>1234567</id>` in a reader that forgives), and the id of a paid license would be lost. Stricter than XML where the panel
 * never goes: no document type, hence no entities but the five of XML and character numbers; at most 64 levels and half a
 * million parts.
 *
 * @param names of elements right below the root that are asked for: `elem`, and others where they are not leaves
 */
export function outlineOf(text: string, names: ReadonlySet<string>): Outline | { readonly flaw: string } {
  const found: { root?: Span } = {};
  const below: Span[] = [];
  const flaw = flawIn(text, (depth, tag, innerEnd, end) => {
    if (depth === 0) found.root = { ...tag, innerEnd, end };
    else if (depth === 1 && names.has(tag.name)) below.push({ ...tag, innerEnd, end });
  });
  if (flaw !== undefined) return { flaw };
  return found.root === undefined ? { flaw: "it is empty" } : { root: found.root, below };
}

type StartOfSpan = Pick<Span, "name" | "start" | "innerStart">;

/** @param onEnd is told of each element that is no leaf, and of each `elem`; depth 0 is the root's */
function flawIn(
  text: string,
  onEnd: (depth: number, element: StartOfSpan, innerEnd: number, end: number) => void,
): string | undefined {
  if (excludedCharacter.test(text)) return "it holds characters that XML excludes";
  const declared = declaration.exec(text);
  const encoding = declared?.[1] ?? declared?.[2];
  if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding))
    return "it declares an encoding other than UTF-8";

  const open: StartOfSpan[] = [];
  let rootSeen = false;
  let parts = 0;
  // The short cut for leaves does not look for the end of a character-data section that nobody began.
  const hasLeaves = !text.includes("]]>");
  let position = declared?.[0].length ?? 0;
  for (;;) {
    const tag = text.indexOf("<", position);
    const flaw = flawInText(text, position, tag === -1 ? text.length : tag, open.length > 0);
    if (flaw !== undefined) return flaw;
    if (tag === -1) break;

    leaf.lastIndex = tag;
    const next = text[tag + 1];
    const mayBeRow = open.length === 1 && text.startsWith("<elem", tag);
    if (hasLeaves && !mayBeRow && open.length > 0 && open.length < deepest && leaf.test(text)) {
      parts += 2;
      position = leaf.lastIndex;
    } else if (next === "/") {
      endTag.lastIndex = tag;
      const end = endTag.exec(text);
      const start = open.pop();
      if (end === null || start === undefined || start.name !== end[1]) return "an end tag does not match its start";
      position = endTag.lastIndex;
      onEnd(open.length, start, tag, position);
    } else if (next === "!" || next === "?") {
      const end = endOfMarkup(text, tag, open.length > 0);
      if (end === undefined) return "it holds a document type, or markup that does not end";
      position = end;
    } else {
      if (open.length === 0 && rootSeen) return "something follows its end";
      if (open.length === deepest) return `it is nested deeper than ${deepest} levels`;
      const start = readStartTag(text, tag);
      if (typeof start === "string") return start;
      rootSeen = true;
      parts += 1 + start.attributes;
      position = start.end;
      const opened = { name: start.name, start: tag, innerStart: position };
      if (start.empty) onEnd(open.length, opened, position, position);
      else open.push(opened);
    }
    if (parts > mostParts) return "it has more parts than any answer";
  }
  return open.length > 0 ? "it ends before its end" : undefined;
}

function flawInText(text: string, from: number, to: number, inside: boolean): string | undefined {
  if (from === to) return undefined;
  const part = text.slice(from, to);
  if (!inside) return /^[ \t\r\n]*$/.test(part) ? undefined : "text stands outside its root";
  if (part.includes("]]>")) return "character data ends that did not begin";
  return hasStrayReference(part) ? "it holds an unknown entity" : undefined;
}

function hasStrayReference(text: string): boolean {
  for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) {
    reference.lastIndex = at;
    const found = reference.exec(text);
    if (found === null || !isCharacter(found[1], found[2])) return true;
  }
  return false;
}

/** @see https://www.w3.org/TR/xml/#charsets */
function isCharacter(decimal: string | undefined, hexadecimal: string | undefined): boolean {
  if (decimal === undefined && hexadecimal === undefined) return true;
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number.parseInt(decimal, 10);
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) && !excludedCharacter.test(String.fromCodePoint(code));
}

/**
 * Where a comment or a character-data section ends; nothing else may begin so. Panels send no processing instructions after the
 * declaration, and parsers disagree about where one ends.
 */
function endOfMarkup(text: string, tag: number, inside: boolean): number | undefined {
  if (text.startsWith("<!--", tag)) {
    // Two hyphens end a comment: where they do not, readers disagree about what does.
    const end = text.indexOf("--", tag + "<!--".length);
    return end !== -1 && text[end + 2] === ">" ? end + "-->".length : undefined;
  }
  if (!inside || !text.startsWith("<![CDATA[", tag)) return undefined;
  const end = text.indexOf("]]>", tag + "<![CDATA[".length);
  return end === -1 ? undefined : end + "]]>".length;
}

interface StartTag {
  readonly name: string;
  readonly attributes: number;
  readonly end: number;
  readonly empty: boolean;
}

function readStartTag(text: string, tag: number): StartTag | string {
  startName.lastIndex = tag;
  const start = startName.exec(text)?.[1];
  if (start === undefined) return "a tag has no name";
  let end = startName.lastIndex;
  const seen = new Set<string>();
  for (;;) {
    attribute.lastIndex = end;
    const found = attribute.exec(text);
    if (found === null) break;
    const [whole, attributeName = ""] = found;
    if (seen.has(attributeName)) return "a tag repeats an attribute";
    if (seen.size === mostParts) return "it has more parts than any answer";
    seen.add(attributeName);
    if (hasStrayReference(whole)) return "it holds an unknown entity";
    end = attribute.lastIndex;
  }
  startEnd.lastIndex = end;
  const closing = startEnd.exec(text);
  return closing === null
    ? "a tag does not end"
    : { name: start, attributes: seen.size, end: startEnd.lastIndex, empty: closing[1] === "/" };
}
