import { XMLParser } from "fast-xml-parser";
import { outlineOf, type Span } from "./wellFormed";

/** One XML element. All values are text as sent, without surrounding white space: `007` stays `007`. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The element's own text, without that of its children. */
  readonly text: string;
  /** What stands between its tags, as sent; of a list's rows alone. */
  readonly raw?: string;
}

type XmlReading = { readonly root: XmlElement } | { readonly flaw: string };

/** Parts that nobody may read: `tparams` echoes the request, and a value found there is our own. */
const neverRead = new Set(["tparams", "metadata", "messages", "saved_filters"]);

/** What is read apart from the rest of an answer, if at all. */
const apart = new Set([...neverRead, "elem"]);

/** Reads one well-formed XML document, or says in a clause why it is none. */
export function readXml(text: string): XmlReading {
  const outline = outlineOf(text, apart);
  if ("flaw" in outline) return outline;
  try {
    return { root: rootOf(text, outline.root, outline.below) };
  } catch {
    // The parser refuses a text that is well-formed. Its own words may quote the text, credentials included.
    return { flaw: "it cannot be parsed" };
  }
}

function rootOf(text: string, root: Span, below: readonly Span[]): XmlElement {
  const readApart = below.map((place) =>
    place.name === "elem"
      ? new Row(text, place)
      : { name: place.name, attributes: startAttributes(text, place), ...noContent },
  );
  const starts = [root.innerStart, ...below.map(({ end }) => end)];
  const gaps = starts.map((start, index) => text.slice(start, below[index]?.start ?? root.innerEnd));
  const { children, text: own } = flatAround(gaps, readApart) ?? parsedAround(gaps, readApart);
  // A part that nobody may read and that is a leaf (`<tparams>12</tparams>`) has no place of its own: it stands in a gap.
  const shown = children.map((child) => (neverRead.has(child.name) ? { ...child, ...noContent } : child));
  return { name: root.name, attributes: startAttributes(text, root), children: shown, text: own };
}

type Content = Pick<XmlElement, "children" | "text">;

const noContent: Content = { children: [], text: "" };

/** What stands in the gaps between the elements that are read apart, with these in their places; `undefined` where not all gaps are flat. */
function flatAround(gaps: readonly string[], readApart: readonly XmlElement[]): Content | undefined {
  const children: XmlElement[] = [];
  for (const [index, gap] of gaps.entries()) {
    const cells = cellsIn(gap);
    if (cells === undefined) return undefined;
    for (const element of cells) children.push(element);
    const next = readApart[index];
    if (next !== undefined) children.push(next);
  }
  return { children, text: "" };
}

/** The same by the parser, which is shown an empty row in each of these places. */
function parsedAround(gaps: readonly string[], readApart: readonly XmlElement[]): Content {
  const next = readApart.values();
  const { children, text } = parsed(gaps.join("<elem/>"));
  return { children: children.map((child) => (child.name === "elem" ? (next.next().value ?? child) : child)), text };
}

/** One row of a list. It is read when somebody looks into it: most are as they were in the list before. */
class Row implements XmlElement {
  readonly name = "elem";
  readonly attributes: XmlElement["attributes"];
  /** A text of its own: a part of the answer would keep the whole answer in memory. */
  readonly raw: string;
  #content: Content | undefined;

  constructor(text: string, place: Span) {
    this.attributes = startAttributes(text, place);
    this.raw = Buffer.from(text.slice(place.innerStart, place.innerEnd)).toString();
  }

  get children(): readonly XmlElement[] {
    return this.#read().children;
  }

  get text(): string {
    return this.#read().text;
  }

  #read(): Content {
    this.#content ??= this.#readOnce();
    return this.#content;
  }

  /** A row that the parser refuses although it is well-formed shows nothing, hence no id: the list is damaged. */
  #readOnce(): Content {
    const cells = cellsIn(this.raw);
    if (cells !== undefined) return { children: cells, text: "" };
    try {
      return parsed(this.raw);
    } catch {
      return noContent;
    }
  }
}

const cell =
  /<([A-Za-z_][A-Za-z0-9_.-]*)((?:\s+[A-Za-z_][A-Za-z0-9_.-]*="[^"<>&\r]*")*)\s*(?:\/>|>([^<\r]*)<\/\1>)\s*/y;
const attribute = /([^\s<=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const noChildren: readonly XmlElement[] = [];
const noAttributes: ReadonlyMap<string, string> = new Map();

/** The elements of a text that is flat, as answers mostly are: a sequence of cells with nothing between them; `undefined` where it is not. */
function cellsIn(text: string): XmlElement[] | undefined {
  const cells: XmlElement[] = [];
  for (let position = text.length - text.trimStart().length; position < text.length; position = cell.lastIndex) {
    cell.lastIndex = position;
    const found = cell.exec(text);
    if (found === null) return undefined;
    const [, name = "", attributes = "", own = ""] = found;
    cells.push({ name, attributes: attributesIn(attributes), children: noChildren, text: decode(own).trim() });
  }
  return cells;
}

function startAttributes(text: string, { name, start, innerStart }: Span): ReadonlyMap<string, string> {
  return attributesIn(text.slice(start + "<".length + name.length, innerStart));
}

/** @param tag what of a start tag follows the name: names there are the attributes' alone */
function attributesIn(tag: string): ReadonlyMap<string, string> {
  if (!tag.includes("=")) return noAttributes;
  return new Map(
    Array.from(tag.matchAll(attribute), ([, name = "", double, single = ""]) => [
      name,
      decode(double ?? single).trim(),
    ]),
  );
}

/** Well-formedness and entities are settled before and after the parser, so it is asked for neither. */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  textNodeName: "#text",
  cdataPropName: "#cdata",
  parseTagValue: false,
  // It would trim each piece of a text: `12 <![CDATA[34]]>` is not `1234`.
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  jPath: false,
  // The parser throws at these names; the panel's documents may hold any.
  transformTagName: (name) => (/^(__proto__|constructor|prototype)$/.test(name) ? `_${name}` : name),
});

/**
 * What stands between two tags.
 *
 * @throws Error the parser refuses it
 */
function parsed(text: string): Content {
  const [whole] = content(parser.parse(`<a>${text}</a>`)).children;
  return whole ?? noContent;
}

/** Turns the parser's ordered form (`[{ name: [...], ":@": { "@attribute": value } }, { "#text": … }]`) into elements. */
function content(nodes: unknown): Content {
  const children: XmlElement[] = [];
  let text = "";
  for (const node of asArray(nodes).map(asRecord)) {
    for (const [name, value] of Object.entries(node)) {
      if (name === "#text") text += decode(String(value));
      else if (name === "#cdata") text += rawText(value);
      else if (name !== ":@") children.push({ name, attributes: attributesOf(node[":@"]), ...content(value) });
    }
  }
  return { children, text: text.trim() };
}

function attributesOf(attributes: unknown): ReadonlyMap<string, string> {
  if (attributes === undefined) return noAttributes;
  return new Map(
    Object.entries(asRecord(attributes)).map(([name, value]) => [name.slice(1), decode(String(value)).trim()]),
  );
}

function rawText(nodes: unknown): string {
  return asArray(nodes)
    .map((node) => String(asRecord(node)["#text"] ?? ""))
    .join("");
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

const predefined: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** The five entities of XML and character numbers; `outlineOf` has let no other pass. One pass: `&amp;lt;` is `&lt;`. */
function decode(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|([a-z]+));/g, (whole, hexadecimal, decimal, name) => {
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number.parseInt(decimal, 10));
    return predefined.get(name) ?? whole;
  });
}
