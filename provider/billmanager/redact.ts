const hidden = "[hidden]";

/**
 * Replaces secrets in foreign text, in the encodings in which a panel, a proxy or a library may echo them:
 * plain, URL, form, XML, JSON and base64, also inside a longer base64 text.
 *
 * Redact before a text is shortened: half a secret matches nothing.
 */
export class Redactor {
  readonly #patterns = new Set<string>();
  #expression: RegExp | undefined;

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) this.add(secret);
  }

  add(secret: string): void {
    if (secret === "") return;
    for (const spelling of spellings(secret)) this.#patterns.add(spelling);
    const longestFirst = [...this.#patterns].sort((a, b) => b.length - a.length);
    this.#expression = new RegExp(longestFirst.map(escapeExpression).join("|"), "g");
  }

  redact(text: string): string {
    return this.#expression === undefined ? text : text.replace(this.#expression, hidden);
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

function spellings(secret: string): string[] {
  const once = percentEncodings(secret);
  const twice = once.flatMap(percentEncodings);
  return [secret, ...once, ...twice, ...xmlEscapes(secret), ...jsonEscapes(secret), ...base64Cores(secret)];
}

function percentEncodings(text: string): string[] {
  const well = text.toWellFormed();
  const uri = encodeURIComponent(well);
  const form = new URLSearchParams([["", well]]).toString().slice(1);
  const strict = uri.replace(/[!'()*~._-]/g, percent);
  const all = [encodeURI(well), uri, form, strict];
  return [...all, ...all.map((encoded) => encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()))];
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

function xmlEscapes(text: string): string[] {
  const minimal = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const usual = minimal.replaceAll(">", "&gt;");
  const quoted = usual.replaceAll('"', "&quot;");
  const numeric = (form: (code: number) => string) =>
    text.replace(/[<>&"']/g, (character) => form(character.charCodeAt(0)));
  return [
    minimal,
    usual,
    quoted,
    quoted.replaceAll("'", "&apos;"),
    quoted.replaceAll("'", "&#39;"),
    quoted.replaceAll("'", "&#039;"),
    quoted.replaceAll("'", "&#x27;"),
    numeric((code) => `&#${code};`),
    numeric((code) => `&#x${code.toString(16)};`),
    numeric((code) => `&#x${code.toString(16).toUpperCase()};`),
  ];
}

function jsonEscapes(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = (escaped: string, digits: (hex: string) => string) =>
    escaped.replace(/[\u007f-\uffff]/g, (unit) => `\\u${digits(unit.charCodeAt(0).toString(16).padStart(4, "0"))}`);
  return [
    json,
    json.replaceAll("/", "\\/"),
    ascii(json, (hex) => hex),
    ascii(json, (hex) => hex.toUpperCase()),
    json.replace(/[<>&']/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`),
  ];
}

/** Shorter pieces would match by chance, and tell little. */
const shortestCore = 6;

/**
 * Base64 takes three bytes at a time, so a text inside a longer one looks different at each of three offsets. Per offset:
 * the characters that depend on this text alone. The whole secret's own encoding comes with its padding.
 */
function base64Cores(text: string): string[] {
  const bytes = Buffer.from(text, "utf8");
  const cores = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64url");
    const start = offset === 0 ? 0 : offset + 1;
    return encoded.slice(start, Math.floor(((offset + bytes.length) * 8) / 6));
  });
  return [
    bytes.toString("base64"),
    bytes.toString("base64url"),
    ...cores.filter((core) => core.length >= shortestCore),
  ].flatMap((core) => [
    core,
    core.replaceAll("+", "-").replaceAll("/", "_"),
    core.replaceAll("-", "+").replaceAll("_", "/"),
  ]);
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
