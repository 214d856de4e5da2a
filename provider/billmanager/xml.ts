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
    const runs = runsOf(text, rows);
    const [root] = content(envelopeParser.parse(withoutRows(text, runs)), rootElement(text, runs)).children;
    return root === undefined ? { flaw: "it has no root" } : { root };
  } catch {
    // The parser refuses a text that is well-formed. Its own words may quote the text, credentials included.
    return { flaw: "it cannot be parsed" };
  }
}

/** Rows that follow each other with nothing between them. */
type RunOfRows = readonly Span[];

function runsOf(text: string, rows: readonly Span[]): RunOfRows[] {
  const runs: Span[][] = [];
  let end = -1;
  for (const row of rows) {
    const last = runs.at(-1);
    if (last !== undefined && text.slice(end, row.start).trim() === "") last.push(row);
    else runs.push([row]);
    end = row.end;
  }
  return runs;
}

/** The document with one empty row for each run. With 300 whole ones the parser would take two megabytes, and 300 lists make an update. */
function withoutRows(text: string, runs: readonly RunOfRows[]): string {
  let position = 0;
  const parts = runs.map((run) => {
    const [start = 0, end = 0] = [run[0]?.start, run.at(-1)?.end];
    const part = text.slice(position, start);
    position = end;
    return `${part}<elem/>`;
  });
  return parts.join("") + text.slice(position);
}

type Content = Pick<XmlElement, "children" | "text">;
type ElementsOf = (name: string, attributes: XmlElement["attributes"], nodes: unknown) => readonly XmlElement[];

const noContent: Content = { children: [], text: "" };

const anyElement: ElementsOf = (name, attributes, nodes) => [{ name, attributes, ...content(nodes, anyElement) }];

function rootElement(text: string, runs: readonly RunOfRows[]): ElementsOf {
  const places = runs.values();
  const partOfDocument: ElementsOf = (name, attributes, nodes) => {
    if (name === "elem") return (places.next().value ?? []).map((row) => new Row(text, row));
    return neverRead.has(name) ? [{ name, attributes, ...noContent }] : anyElement(name, attributes, nodes);
  };
  return (name, attributes, nodes) => [{ name, attributes, ...content(nodes, partOfDocument) }];
}

/** One row of a list. It is read when somebody looks into it: most are as they were in the list before. */
class Row implements XmlElement {
  readonly name = "elem";
  readonly attributes: XmlElement["attributes"];
  /** A text of its own: a part of the answer would keep the whole answer in memory. */
  readonly raw: string;
  #content: Content | undefined;

  constructor(text: string, { start, innerStart, innerEnd, end }: Span) {
    this.attributes = rowAttributes(text.slice(start, innerStart), innerStart === end);
    this.raw = Buffer.from(text.slice(innerStart, innerEnd)).toString();
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
function content(nodes: unknown, elementsOf: ElementsOf): Content {
  const children: XmlElement[] = [];
  let text = "";
  for (const node of asArray(nodes).map(asRecord)) {
    for (const [name, value] of Object.entries(node)) {
      if (name === "#text") text += decode(String(value));
      else if (name === "#cdata") text += rawText(value);
      else if (name !== ":@")
        for (const element of elementsOf(name, attributesOf(node[":@"]), value)) children.push(element);
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

/** Rows have none, as far as was seen. */
function rowAttributes(startTag: string, isEmpty: boolean): ReadonlyMap<string, string> {
  if (!startTag.includes("=")) return noAttributes;
  const [row] = content(rowParser.parse(isEmpty ? startTag : `${startTag}</elem>`), anyElement).children;
  return row?.attributes ?? noAttributes;
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
