import type { XMLParser } from "fast-xml-parser";
import { flawIn, type Places, type Span } from "./wellFormed";

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
  const places: Places = { apart, root: undefined, below: [] };
  const flaw = flawIn(text, places);
  if (flaw !== undefined) return { flaw };
  try {
    return places.root === undefined ? { flaw: "it has no root" } : { root: rootOf(text, places.root, places.below) };
  } catch {
    // The parser refuses a text that is well-formed. Its own words may quote the text, credentials included.
    return { flaw: "it cannot be parsed" };
  }
}

function rootOf(text: string, root: Span, below: readonly Span[]): XmlElement {
  const children: XmlElement[] = [];
  let own = "";
  let position = root.innerStart;
  const readTo = (end: number) => {
    const between = contentOf(text.slice(position, end));
    for (const child of between.children) children.push(neverRead.has(child.name) ? { ...child, ...noContent } : child);
    own += between.text;
  };
  for (const place of below) {
    readTo(place.start);
    const attributes = startAttributes(text, place);
    children.push(
      place.name === "elem" ? new Row(text, place, attributes) : { name: place.name, attributes, ...noContent },
    );
    position = place.end;
  }
  readTo(root.innerEnd);
  return { name: root.name, attributes: startAttributes(text, root), children, text: own.trim() };
}

/** What is between two tags; the text as sent, white space included. */
type Content = Pick<XmlElement, "children" | "text">;

const noContent: Content = { children: [], text: "" };

/** One row of a list. It is read when somebody looks into it: most are as they were in the list before. */
class Row implements XmlElement {
  readonly name = "elem";
  readonly attributes: XmlElement["attributes"];
  /** A text of its own: a part of the answer would keep the whole answer in memory. */
  readonly raw: string;
  #content: Content | undefined;

  constructor(text: string, { innerStart, innerEnd }: Span, attributes: XmlElement["attributes"]) {
    this.attributes = attributes;
    this.raw = Buffer.from(text.slice(innerStart, innerEnd)).toString();
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
    try {
      return contentOf(this.raw);
    } catch {
      return noContent;
    }
  }
}

const cell =
  /\s*<([A-Za-z_][A-Za-z0-9_.-]*)((?:\s+[A-Za-z_][A-Za-z0-9_.-]*="[^"<>&\r]*")*)\s*(?:\/>|>([^<\r]*)<\/\1>)\s*/y;
const cellAttribute = /([A-Za-z_][A-Za-z0-9_.-]*)="([^"]*)"/g;
const noChildren: readonly XmlElement[] = [];
const noAttributes: ReadonlyMap<string, string> = new Map();

/** Answers are mostly flat, a sequence of cells; what is not goes through the parser. */
function contentOf(raw: string): Content {
  if (raw.trim() === "") return { children: [], text: raw };
  const children: XmlElement[] = [];
  let position = 0;
  while (position < raw.length) {
    cell.lastIndex = position;
    const found = cell.exec(raw);
    if (found === null) return parsed(raw);
    const [, name = "", attributes = "", text = ""] = found;
    children.push({ name, attributes: cellAttributes(attributes), children: noChildren, text: decode(text).trim() });
    position = cell.lastIndex;
  }
  return { children, text: "" };
}

function cellAttributes(text: string): ReadonlyMap<string, string> {
  if (text === "") return noAttributes;
  return new Map([...text.matchAll(cellAttribute)].map(([, name = "", value = ""]) => [name, value.trim()]));
}

const plainStartTag = /^<[^\s<>&'"]+((?:\s+[A-Za-z_][A-Za-z0-9_.-]*="[^"<>&\r]*")*)\s*\/?>$/;

function startAttributes(text: string, { name, start, innerStart, end }: Span): ReadonlyMap<string, string> {
  const tag = text.slice(start, innerStart);
  if (!tag.includes("=")) return noAttributes;
  const plain = plainStartTag.exec(tag)?.[1];
  if (plain !== undefined) return cellAttributes(plain);
  return parsed(innerStart === end ? tag : `${tag}</${name}>`).children[0]?.attributes ?? noAttributes;
}

let parser: XMLParser | undefined;

/** @throws Error the parser refuses it */
function parsed(raw: string): Content {
  parser ??= newParser();
  const [whole] = asArray(parser.parse(`<a>${raw}</a>`)).map(asRecord);
  return content(whole?.a);
}

/** Loaded when it is first needed: most answers do without. Well-formedness and entities are settled before and after it, so it is asked for neither. */
function newParser(): XMLParser {
  const { XMLParser: Parser } = require("fast-xml-parser") as typeof import("fast-xml-parser");
  return new Parser({
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
}

/** Turns the parser's ordered form (`[{ name: [...], ":@": { "@attribute": value } }, { "#text": … }]`) into elements. */
function content(nodes: unknown): Content {
  const children: XmlElement[] = [];
  let text = "";
  for (const node of asArray(nodes).map(asRecord)) {
    for (const [name, value] of Object.entries(node)) {
      if (name === "#text") text += decode(String(value));
      else if (name === "#cdata") text += rawText(value);
      else if (name !== ":@") {
        const inner = content(value);
        children.push({
          name,
          attributes: attributesOf(node[":@"]),
          children: inner.children,
          text: inner.text.trim(),
        });
      }
    }
  }
  return { children, text };
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
