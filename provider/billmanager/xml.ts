import { XMLParser } from "fast-xml-parser";
import { flawIn, type Span } from "./wellFormed";

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

/** Well-formedness and entities are settled before and after the parser, so it is asked for neither. */
const envelopeParser = parser([...neverRead].map((name) => `doc.${name}`));
const rowParser = parser([]);

function parser(stopNodes: string[]): XMLParser {
  return new XMLParser({
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
    stopNodes,
    // The parser throws at these names; the panel's documents may hold any.
    transformTagName: (name) => (/^(__proto__|constructor|prototype)$/.test(name) ? `_${name}` : name),
  });
}

/** Reads one well-formed XML document, or says in a clause why it is none. */
export function readXml(text: string): XmlReading {
  const rows: Span[] = [];
  const flaw = flawIn(text, rows);
  if (flaw !== undefined) return { flaw };
  try {
    const [root] = content(envelopeParser.parse(withoutRows(text, rows)), rootElement(text, rows)).children;
    return root === undefined ? { flaw: "it has no root" } : { root };
  } catch {
    // The parser refuses a text that is well-formed. Its own words may quote the text, credentials included.
    return { flaw: "it cannot be parsed" };
  }
}

/** The document with its rows empty. With 300 of them the parser would take two megabytes, and 300 lists make a run. */
function withoutRows(text: string, rows: readonly Span[]): string {
  let position = 0;
  const parts = rows.map(({ innerStart, innerEnd }) => {
    const part = text.slice(position, innerStart);
    position = innerEnd;
    return part;
  });
  return parts.join("") + text.slice(position);
}

type Content = Pick<XmlElement, "children" | "text">;
type ElementOf = (name: string, attributes: XmlElement["attributes"], nodes: unknown) => XmlElement;

const noContent: Content = { children: [], text: "" };

const anyElement: ElementOf = (name, attributes, nodes) => ({ name, attributes, ...content(nodes, anyElement) });

function rootElement(text: string, rows: readonly Span[]): ElementOf {
  const places = rows.values();
  const partOfDocument: ElementOf = (name, attributes, nodes) => {
    if (neverRead.has(name)) return { name, attributes, ...noContent };
    if (name !== "elem") return anyElement(name, attributes, nodes);
    const { innerStart, innerEnd } = places.next().value ?? { innerStart: 0, innerEnd: 0 };
    return new Row(attributes, text.slice(innerStart, innerEnd));
  };
  return (name, attributes, nodes) => ({
    name,
    attributes,
    ...content(nodes, name === "doc" ? partOfDocument : anyElement),
  });
}

/** One row of a list. It is read when somebody looks into it: most are as they were in the list before. */
class Row implements XmlElement {
  readonly name = "elem";
  /** A text of its own: a part of the answer would keep the whole answer in memory. */
  readonly raw: string;
  #content: Content | undefined;

  constructor(
    readonly attributes: XmlElement["attributes"],
    raw: string,
  ) {
    this.raw = Buffer.from(raw).toString();
  }

  get children(): readonly XmlElement[] {
    return this.#read().children;
  }

  get text(): string {
    return this.#read().text;
  }

  #read(): Content {
    this.#content ??= rowContent(this.raw);
    return this.#content;
  }
}

/** Turns the parser's ordered form (`[{ name: [...], ":@": { "@attribute": value } }, { "#text": … }]`) into elements. */
function content(nodes: unknown, elementOf: ElementOf): Content {
  const children: XmlElement[] = [];
  let text = "";
  for (const node of asArray(nodes).map(asRecord)) {
    for (const [name, value] of Object.entries(node)) {
      if (name === "#text") text += decode(String(value));
      else if (name === "#cdata") text += rawText(value);
      else if (name !== ":@") children.push(elementOf(name, attributesOf(node[":@"]), value));
    }
  }
  return { children, text: text.trim() };
}

const cell =
  /\s*<([A-Za-z_][A-Za-z0-9_.-]*)((?:\s+[A-Za-z_][A-Za-z0-9_.-]*="[^"<>&\r]*")*)\s*(?:\/>|>([^<\r]*)<\/\1>)\s*/y;
const cellAttribute = /([A-Za-z_][A-Za-z0-9_.-]*)="([^"]*)"/g;
const noChildren: readonly XmlElement[] = [];
const noAttributes: ReadonlyMap<string, string> = new Map();

/** A row is a flat sequence of cells; one that is not goes through the parser. */
function rowContent(raw: string): Content {
  const children: XmlElement[] = [];
  let position = 0;
  while (position < raw.length) {
    cell.lastIndex = position;
    const found = cell.exec(raw);
    if (found === null) return parsedRow(raw);
    const [, name = "", attributes = "", text = ""] = found;
    children.push({ name, attributes: cellAttributes(attributes), children: noChildren, text: decode(text).trim() });
    position = cell.lastIndex;
  }
  return { children, text: "" };
}

/** A row that the parser refuses although it is well-formed shows nothing, hence no id: the list is damaged. */
function parsedRow(raw: string): Content {
  try {
    return content(rowParser.parse(raw), anyElement);
  } catch {
    return noContent;
  }
}

function cellAttributes(text: string): ReadonlyMap<string, string> {
  if (text === "") return noAttributes;
  return new Map([...text.matchAll(cellAttribute)].map(([, name = "", value = ""]) => [name, value.trim()]));
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

/** The five entities of XML and character numbers; `flawIn` has let no other pass. One pass: `&amp;lt;` is `&lt;`. */
function decode(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|([a-z]+));/g, (whole, hexadecimal, decimal, name) => {
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number.parseInt(decimal, 10));
    return predefined.get(name) ?? whole;
  });
}
