/** One way of writing a text down, as panels, proxies, engines and libraries do. */
type Spelling = (text: string) => string | Buffer;

/**
 * Written anew, and wider than what the provider redacts: this list must be able to disagree with it.
 *
 * `escapes` leave letters and digits as they are, which `disguises` do not.
 */
const escapes: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  decomposed: (text) => text.normalize("NFD"),
  URL: encodeURIComponent,
  "URL, few signs": encodeURI,
  "URL, small letters": (text) => small(encodeURIComponent(text)),
  "URL, twice": (text) => encodeURIComponent(encodeURIComponent(text)),
  "URL, Latin-1": (text) => text.replace(/[^\w.-]/g, (sign) => `%${hex(sign.charCodeAt(0), 2).toUpperCase()}`),
  form: (text) => new URLSearchParams([["", text]]).toString().slice(1),
  "form, small letters": (text) => small(new URLSearchParams([["", text]]).toString().slice(1)),
  XML: xml,
  "XML, few signs": (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
  "XML, twice": (text) => xml(xml(text)),
  "XML, numbers": (text) => text.replace(/[^\w .%-]/gu, (sign) => `&#${sign.codePointAt(0)};`),
  "XML, hexadecimal": (text) => text.replace(/[^\w .%-]/gu, (sign) => `&#x${hex(sign.codePointAt(0) ?? 0, 2)};`),
  JSON: json,
  "JSON, twice": (text) => json(json(text)),
  "JSON, ASCII": (text) => json(text).replace(/[^ -~]/g, unicode),
  "JSON, for HTML": (text) => json(text).replace(/[<>&]/g, unicode),
  "JSON, for HTML, twice": (text) => json(json(text).replace(/[<>&]/g, unicode)),
  "JSON, for HTML and ASCII": (text) => json(text).replace(/[<>&]|[^ -~]/g, unicode),
  octal: (text) => text.replace(/[^ -~]/gu, (sign) => bytes(sign, (byte) => `\\${byte.toString(8)}`)),
  "quoted-printable": (text) => text.replace(/[^ -~]|=/gu, (sign) => bytes(sign, (byte) => `=${hex(byte, 2)}`)),
};

const disguises: Readonly<Record<string, Spelling>> = {
  "URL, every sign": (text) => bytes(text, (byte) => `%${hex(byte, 2)}`),
  "URL, every sign, capitals": (text) => bytes(text, (byte) => `%${hex(byte, 2).toUpperCase()}`),
  "XML, numbers for every sign": (text) => [...text].map((sign) => `&#${sign.codePointAt(0)};`).join(""),
  "JSON, every sign": (text) => [...text].map(unicode).join(""),
  hexadecimal: (text) => Buffer.from(text).toString("hex"),
  "hexadecimal, capitals": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "numbers of bytes": (text) => [...Buffer.from(text)].join(","),
  capitals: (text) => text.toUpperCase(),
  "small letters": (text) => text.toLowerCase(),
  reversed: (text) => [...text].reverse().join(""),
  "Latin-1": (text) => Buffer.from(text, "latin1"),
  "UTF-16": (text) => Buffer.from(text, "utf16le"),
  "UTF-16, big end first": (text) => Buffer.from(text, "utf16le").swap16(),
  "base64, first of three": (text) => base64Within(text, 0),
  "base64, second of three": (text) => base64Within(text, 1),
  "base64, third of three": (text) => base64Within(text, 2),
  "base64url, first of three": (text) => forUrl(base64Within(text, 0)),
  "base64url, second of three": (text) => forUrl(base64Within(text, 1)),
  "base64url, third of three": (text) => forUrl(base64Within(text, 2)),
};

/** Every spelling of a text, by its name. */
export function spellingsOf(text: string): Map<string, Buffer> {
  const all = Object.entries<Spelling>({ ...escapes, ...disguises });
  return new Map(all.map(([name, spell]) => [name, Buffer.from(spell(text))]));
}

/** The spellings in which a panel, a proxy or a library may say back what was sent, and in which it has to be hidden. */
const ECHOED = [
  ...["plain", "URL", "URL, few signs", "URL, small letters", "URL, twice", "form", "form, small letters"],
  ...["XML", "XML, few signs", "JSON", "JSON, ASCII", "JSON, for HTML"],
];

export function echoesOf(text: string): string[] {
  const base64 = [text, `x${text}y`, `xx${text}y`].map((longer) => Buffer.from(longer));
  const spelled = spellingsOf(text);
  return [
    ...ECHOED.map((name) => `${spelled.get(name)}`),
    ...base64.flatMap((bytes) => [bytes.toString("base64"), bytes.toString("base64url")]),
  ];
}

/** Something that a run has left, and where. */
export interface Trace {
  readonly where: string;
  readonly what: string | Buffer;
}

/**
 * Finds secrets in whatever spelling, whole or by halves: what cuts a text off leaves one of them. Since the halves hold letters and
 * digits in a row, an encoding that nobody has thought of is still found if it leaves those as they are.
 */
export class SecretNet {
  readonly #meshes = new Map<string, { readonly name: string; readonly spelled: Buffer }>();

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) {
      const middle = Math.ceil(secret.length / 2);
      this.#add(secret, "");
      this.#add(secret.slice(0, middle), ", first half");
      this.#add(secret.slice(middle), ", second half");
    }
  }

  #add(text: string, part: string): void {
    for (const [name, spelled] of spellingsOf(text)) {
      const key = spelled.toString("latin1");
      if (!this.#meshes.has(key)) this.#meshes.set(key, { name: `${name}${part}`, spelled });
    }
  }

  /** The spellings in which a text holds a secret. */
  catch(text: string | Buffer): string[] {
    const bytes = Buffer.from(text);
    return [...this.#meshes.values()].filter(({ spelled }) => bytes.includes(spelled)).map(({ name }) => name);
  }

  /** Where traces hold a secret, and in which spellings; empty where nothing has leaked. */
  catchIn(traces: Iterable<Trace>): string[] {
    return [...traces].flatMap(({ where, what }) => {
      const caught = this.catch(what);
      return caught.length === 0 ? [] : [`${where}: ${caught.slice(0, 4).join("; ")}`];
    });
  }
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function json(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function unicode(sign: string): string {
  return `\\u${hex(sign.charCodeAt(0), 4)}`;
}

function small(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

function bytes(text: string, write: (byte: number) => string): string {
  return [...Buffer.from(text)].map(write).join("");
}

/** The part of a longer text's base64 that this text alone decides, where so many bytes of a group of three come before it. */
function base64Within(text: string, before: number): string {
  const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  const encoded = whole.subarray(0, whole.length - (whole.length % 3)).toString("base64");
  return before === 0 ? encoded : encoded.slice(4);
}

function forUrl(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}
