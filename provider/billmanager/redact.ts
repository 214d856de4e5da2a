const hidden = "[hidden]";

/**
 * Replaces secrets in foreign text, in each of `encodingsOf`, in which a panel, a proxy, a shell or a library may echo them.
 *
 * Redact before a text is shortened: half a secret matches nothing.
 */
export class Redactor {
  readonly #secrets = new Set<string>();
  #expression: RegExp | undefined;

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) this.add(secret);
  }

  add(secret: string): void {
    if (secret === "" || this.#secrets.has(secret)) return;
    this.#secrets.add(secret);
    this.#expression = undefined;
  }

  redact(text: string): string {
    return this.#secrets.size === 0 ? text : text.replace(this.prepare(), hidden);
  }

  /** Makes ready what the first text would have to wait for. */
  prepare(): RegExp {
    this.#expression ??= expressionFor(this.#secrets);
    return this.#expression;
  }

  /**
   * A library's error as a cause that is safe to print: name, message, code and cause, nothing else. The original may carry
   * raw bytes of an answer (undici's HTTPParserError does).
   */
  cause(error: unknown): Error {
    if (!(error instanceof Error)) return new Error(this.redact(String(error)));
    const safe = new Error(
      this.redact(error.message),
      error.cause === undefined ? undefined : { cause: this.cause(error.cause) },
    );
    safe.name = error.name;
    safe.stack = this.redact(error.stack ?? "");
    return Object.assign(safe, "code" in error && typeof error.code === "string" ? { code: error.code } : {});
  }
}

/** The one made last: to make one takes milliseconds, and the panels of a process mostly have one login. */
let latest: { readonly secrets: string; readonly expression: RegExp } | undefined;

function expressionFor(secrets: ReadonlySet<string>): RegExp {
  const key = JSON.stringify([...secrets].sort());
  if (latest?.secrets !== key) latest = { secrets: key, expression: expressionOf(secrets) };
  return latest.expression;
}

function expressionOf(secrets: Iterable<string>): RegExp {
  const encoded = new Set([...secrets].flatMap(encodingsOf));
  const longestFirst = [...encoded].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map(escapeExpression).join("|"), "g");
}

/**
 * The one list of what a secret may look like: what messages hide, and what tests search a run's traces for.
 *
 * Everything but the plain text either has signs of its own (`%`, `&`, `\`) or is long enough not to stand in other text by
 * chance.
 */
export function encodingsOf(secret: string): string[] {
  const forms = new Set([secret, secret.normalize("NFC"), secret.normalize("NFD")]);
  return [...new Set([...forms].flatMap((form) => [form, ...encodings.flatMap((encode) => encode(form))]))];
}

type Encoding = (text: string) => readonly string[];

const encodings: readonly Encoding[] = [
  percent,
  twice(percent),
  xml,
  twice(xml),
  json,
  twice(json),
  quoted,
  everySign,
  hexadecimal,
  base64,
];

function twice(encode: Encoding): Encoding {
  return (text) => [...new Set(encode(text))].flatMap(encode);
}

/** Addresses and forms: which signs stay differs from writer to writer, and so does the case of the digits. */
function percent(text: string): string[] {
  const well = text.toWellFormed();
  const form = new URLSearchParams([["", well]]).toString().slice(1);
  const strict = percentBytes(Buffer.from(well), /[A-Za-z0-9]/);
  const latin1 = isLatin1(text)
    ? [/[A-Za-z0-9]/, /[\w.-]/, /[\w.~-]/].map((kept) => percentBytes(Buffer.from(text, "latin1"), kept))
    : [];
  const latin1Form = latin1.map((written) => written.replaceAll("%20", "+"));
  return inBothCases(
    [encodeURI(well), encodeURIComponent(well), form, strict, ...latin1, ...latin1Form],
    /%[0-9A-F]{2}/g,
  );
}

function percentBytes(bytes: Uint8Array, kept: RegExp): string {
  return eachByte(bytes, (byte) => {
    const sign = String.fromCharCode(byte);
    return byte < 0x80 && kept.test(sign) ? sign : `%${hex(byte, 2).toUpperCase()}`;
  });
}

function isLatin1(text: string): boolean {
  return [...text].every((sign) => sign <= "\u00ff");
}

function xml(text: string): string[] {
  const minimal = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const usual = minimal.replaceAll(">", "&gt;");
  const quotes = usual.replaceAll('"', "&quot;");
  const apostrophes = ["&apos;", "&#39;", "&#039;", "&#x27;"].map((apostrophe) => quotes.replaceAll("'", apostrophe));
  const inAscii = [minimal, usual, quotes, ...apostrophes].flatMap((written) => [
    written.replace(/[^ -~]/gu, (sign) => `&#${codeOf(sign)};`),
    ...inBothCases([written.replace(/[^ -~]/gu, (sign) => `&#x${hex(codeOf(sign), 1).toUpperCase()};`)], /[0-9A-F]+;/g),
  ]);
  const numbers = [/[<>&"']/g, /[^\w .%-]/gu].flatMap((signs) => [
    text.replace(signs, (sign) => `&#${codeOf(sign)};`),
    ...inBothCases([text.replace(signs, (sign) => `&#x${hex(codeOf(sign), 2).toUpperCase()};`)], /[0-9A-F]+;/g),
  ]);
  return [minimal, usual, quotes, ...apostrophes, ...inAscii, ...numbers];
}

function json(text: string): string[] {
  const written = JSON.stringify(text).slice(1, -1);
  const sets = [/[<>&']/g, /[^ -~]/g, /[<>&']|[^ -~]/g, /[<>&]/g, /[<>&]|[^ -~]/g];
  const escaped = inBothCases(
    sets.map((signs) => written.replace(signs, (unit) => `\\u${hex(unit.charCodeAt(0), 4).toUpperCase()}`)),
    /\\u[0-9A-F]{4}/g,
  );
  return [written, ...escaped].flatMap((line) => [line, line.replaceAll("/", "\\/")]);
}

/** Shells, SQL, CSV, and the literals and logs of programming languages. */
function quoted(text: string): string[] {
  const backslashes = text.replaceAll("\\", "\\\\");
  const bytes = (signs: RegExp, from: string, write: (byte: number) => string) =>
    from.replace(signs, (sign) => eachByte(Buffer.from(sign), write));
  const sources = [text, backslashes, backslashes.replaceAll('"', '\\"'), backslashes.replaceAll("'", "\\'")];
  return [
    ...sources,
    backslashes.replace(/["$`]/g, "\\$&"),
    backslashes.replaceAll('"', "\\x22"),
    text.replace(/[^\w@%+=:,./-]/g, "\\$&"),
    text.replace(/[^\w@%+=:,./\u0080-\uffff-]/g, "\\$&"),
    ...["'\\''", `'"'"'`, "''"].map((apostrophe) => text.replaceAll("'", apostrophe)),
    text.replaceAll('"', '""'),
    ...sources.map((source) => bytes(/[^ -~]/gu, source, (byte) => `\\${byte.toString(8).padStart(3, "0")}`)),
    ...inBothCases(
      [
        ...sources.map((source) => bytes(/[^ -~]/gu, source, (byte) => `\\x${hex(byte, 2).toUpperCase()}`)),
        bytes(/[^ -~]|["\\]/gu, text, (byte) => `\\x${hex(byte, 2).toUpperCase()}`),
        bytes(/[^A-Za-z0-9]/gu, text, (byte) => `\\x${hex(byte, 2).toUpperCase()}`),
        bytes(/[^ -~]|=/gu, text, (byte) => `=${hex(byte, 2).toUpperCase()}`),
      ],
      /(?:\\x|=)[0-9A-F]{2}/g,
    ),
  ];
}

/** Each sign as its number, letters and digits included. */
function everySign(text: string): string[] {
  const signs = [...text];
  const bytes = Buffer.from(text);
  return [
    ...inBothCases([eachByte(bytes, (byte) => `%${hex(byte, 2).toUpperCase()}`)], /%[0-9A-F]{2}/g),
    ...inBothCases([eachByte(bytes, (byte) => `\\x${hex(byte, 2).toUpperCase()}`)], /\\x[0-9A-F]{2}/g),
    ...inBothCases(
      [text.replace(/[\s\S]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4).toUpperCase()}`)],
      /\\u[0-9A-F]{4}/g,
    ),
    signs.map((sign) => `&#${codeOf(sign)};`).join(""),
    ...inBothCases([signs.map((sign) => `&#x${hex(codeOf(sign), 2).toUpperCase()};`).join("")], /[0-9A-F]+;/g),
  ];
}

/** Shorter ones would match numbers and words by chance. */
const shortestHexadecimal = 8;
const shortestBase64 = 4;
const shortestCore = 6;

function hexadecimal(text: string): string[] {
  const whole = Buffer.from(text).toString("hex");
  return whole.length < shortestHexadecimal ? [] : [whole, whole.toUpperCase()];
}

/**
 * Base64 takes three bytes at a time, so a text inside a longer one looks different at each of three offsets. Per offset:
 * the characters that depend on this text alone. The whole secret's own encoding comes with its padding.
 */
function base64(text: string): string[] {
  const bytes = Buffer.from(text, "utf8");
  const cores = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64url");
    const start = offset === 0 ? 0 : offset + 1;
    return encoded.slice(start, Math.floor(((offset + bytes.length) * 8) / 6));
  });
  return [
    ...[bytes.toString("base64"), bytes.toString("base64url")].filter((whole) => whole.length >= shortestBase64),
    ...cores.filter((core) => core.length >= shortestCore),
  ].flatMap((core) => [
    core,
    core.replaceAll("+", "-").replaceAll("/", "_"),
    core.replaceAll("-", "+").replaceAll("_", "/"),
  ]);
}

function eachByte(bytes: Uint8Array, write: (byte: number) => string): string {
  return Array.from(bytes, write).join("");
}

function codeOf(sign: string): number {
  return sign.codePointAt(0) ?? 0;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

function inBothCases(texts: readonly string[], digits: RegExp): string[] {
  return texts.flatMap((text) => [text, text.replace(digits, (found) => found.toLowerCase())]);
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
