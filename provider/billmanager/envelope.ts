import type { Refusal } from "./errors/RefusedError";
import { readXml, type XmlElement } from "./xml";

/** What one answer's bytes say, before anyone asks what the call was for. */
type Answer =
  | { readonly kind: "accepted"; readonly doc: XmlElement }
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      /** A result stands beside the error: the two cannot both be true. */
      readonly namesResult: boolean;
    }
  | { readonly kind: "unreadable"; readonly reason: "not-xml" | "malformed"; readonly detail: string };

interface RawAnswer {
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly contentEncoding: string;
}

/**
 * Reads the panel's envelope. Only direct children of the root count: deeper ones echo the request or describe the form.
 *
 * The order of judgment is error first, since a refusal may come with the form or the request beside it.
 */
export function readAnswer(func: string, raw: RawAnswer): Answer {
  const text = readText(raw);
  if (text === undefined) return malformed("it is not UTF-8 text");
  if (!/^\s*<(?!!doctype html|html)/i.test(text)) {
    return { kind: "unreadable", reason: "not-xml", detail: "something other than XML came in place of the answer" };
  }
  const reading = readXml(text);
  if ("flaw" in reading) return malformed(reading.flaw);
  const { root } = reading;
  if (root.name !== "doc") {
    // Whole or not at all: half of a credential would not be recognized as one.
    return malformed(`its root is ${root.name.length > 40 ? "another element" : `<${root.name}>`} instead of <doc>`);
  }
  const error = child(root, "error");
  if (error === undefined) return { kind: "accepted", doc: root };
  const namesResult = root.children.some(({ name }) => results.has(name));
  return { kind: "refused", refusal: readRefusal(func, error), namesResult };
}

/** What only a call that was carried out brings. */
const results = new Set(["ok", "id", "item.id", "billorder", "payment_id"]);

function malformed(detail: string): Answer {
  return { kind: "unreadable", reason: "malformed", detail: `the answer is damaged: ${detail}` };
}

function readText({ body, contentType, contentEncoding }: RawAnswer): string | undefined {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? "utf-8";
  if (!/^(utf-?8|us-ascii)$/i.test(charset) || !/^(identity)?$/i.test(contentEncoding.trim())) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

/**
 * `<error type object><param name>…</param><detail/><msg/></error>`: everything but the type is optional. Placeholders
 * `__name__` in the text stand for the parameters (seen in real clients).
 */
function readRefusal(func: string, error: XmlElement): Refusal {
  const parameters = new Map(
    children(error, "param").flatMap((param) => {
      const name = param.attributes.get("name");
      return name === undefined ? [] : [[name, param.text] as const];
    }),
  );
  const object = error.attributes.get("object") || parameters.get("object");
  const value = parameters.get("value");
  if (object !== undefined) parameters.set("object", object);
  const text = textOf(error, "msg") ?? textOf(error, "detail") ?? error.text;
  return {
    func,
    type: error.attributes.get("type") || "unknown",
    ...(object ? { object } : {}),
    ...(value ? { value } : {}),
    vendorMessage: filled(text, parameters),
  };
}

/** Longer than any message. Placeholders beyond it stay: a few bytes of them could ask for more memory than there is. */
const longestFilled = 100_000;

function filled(text: string, parameters: ReadonlyMap<string, string>): string {
  let length = text.length;
  return text.replace(/__(\w+?)__/g, (placeholder, name) => {
    const value = parameters.get(name) ?? placeholder;
    length += value.length - placeholder.length;
    return length <= longestFilled ? value : placeholder;
  });
}

export function children(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((candidate) => candidate.name === name);
}

export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((candidate) => candidate.name === name);
}

/** The text of a direct child, `undefined` when there is none or it is empty. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text || undefined;
}
