/** An element as XML defines it, read by the slow and obvious reader below. */
export interface ReferenceElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly ReferenceElement[];
  readonly text: string;
}

const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * A second reader of XML, which shares nothing with the client's: one character after the other, one function per production of
 * the standard. What it does not read is no complete document (or holds what no panel sends: a document type, instructions).
 */
export function readReference(bytes: Uint8Array): ReferenceElement | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return new Reader(text.replace(/\r\n?/g, "\n")).document();
  } catch {
    return undefined;
  }
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): ReferenceElement {
    if (this.text.startsWith("<?xml ")) this.until("?>");
    this.outside();
    const root = this.element();
    this.outside();
    if (this.at !== this.text.length) throw new Error("trailing text");
    return root;
  }

  /** White space and comments, all that may surround the root. */
  private outside(): void {
    for (;;) {
      this.space();
      if (!this.skip("<!--")) return;
      this.comment();
    }
  }

  private element(): ReferenceElement {
    this.expect("<");
    const name = this.name();
    const attributes = new Map<string, string>();
    while (this.space() && !this.sees("/") && !this.sees(">")) {
      const attribute = this.name();
      this.space();
      this.expect("=");
      this.space();
      const quote = this.next();
      if (quote !== '"' && quote !== "'") throw new Error("no quote");
      let value = "";
      while (!this.sees(quote)) {
        if (this.sees("<")) throw new Error("tag in an attribute");
        value += this.character();
      }
      this.expect(quote);
      if (attributes.has(attribute)) throw new Error("repeated attribute");
      attributes.set(attribute, value);
    }
    if (this.skip("/>")) return { name, attributes, children: [], text: "" };
    this.expect(">");
    const children: ReferenceElement[] = [];
    let text = "";
    for (;;) {
      if (this.skip("</")) {
        if (this.name() !== name) throw new Error("crossed tags");
        this.space();
        this.expect(">");
        return { name, attributes, children, text: text.trim() };
      }
      if (this.skip("<!--")) this.comment();
      else if (this.skip("<![CDATA[")) text += this.until("]]>");
      else if (this.sees("<")) children.push(this.element());
      else if (this.sees("]]>")) throw new Error("end of character data in text");
      else text += this.character();
    }
  }

  private comment(): void {
    this.until("--");
    this.expect(">");
  }

  private character(): string {
    const one = this.next();
    if (one !== "&") return one;
    const name = this.until(";");
    const number = /^#(?:([0-9]+)|x([0-9a-fA-F]+))$/.exec(name);
    if (number !== null) {
      const code = number[1] === undefined ? Number.parseInt(number[2] ?? "", 16) : Number(number[1]);
      if ((code < 0x20 && ![9, 10, 13].includes(code)) || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
        throw new Error("no character");
      return String.fromCodePoint(code);
    }
    const named = Object.hasOwn(characters, name) ? characters[name] : undefined;
    if (named === undefined) throw new Error("unknown entity");
    return named;
  }

  private name(): string {
    const found = /^[^ \t\r\n<>/=!?&;"'[\]-][^ \t\r\n<>/=!?&;"'[\]]*/u.exec(
      this.text.slice(this.at, this.at + 200),
    )?.[0];
    if (found === undefined || /^[.0-9]/.test(found)) throw new Error("no name");
    this.at += found.length;
    return found;
  }

  private next(): string {
    const one = this.text[this.at++];
    if (one === undefined || (one < " " && !"\t\n\r".includes(one))) throw new Error("no character");
    return one;
  }

  private until(end: string): string {
    const found = this.text.indexOf(end, this.at);
    if (found === -1) throw new Error("no end");
    const passed = this.text.slice(this.at, found);
    this.at = found + end.length;
    return passed;
  }

  private space(): boolean {
    const start = this.at;
    while (/^[ \t\r\n]$/.test(this.text[this.at] ?? "")) this.at++;
    return this.at > start;
  }

  private sees(what: string): boolean {
    return this.text.startsWith(what, this.at);
  }

  private skip(what: string): boolean {
    const is = this.sees(what);
    if (is) this.at += what.length;
    return is;
  }

  private expect(what: string): void {
    if (!this.skip(what)) throw new Error(`no ${what}`);
  }
}
