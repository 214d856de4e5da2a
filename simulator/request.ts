import type { IncomingMessage } from "node:http";

/** Larger bodies are refused with 413. */
export const bodyLimit = 1_048_576;

/** The parameters of one call; the body wins over the query. */
export type Params = ReadonlyMap<string, string>;

/** Parameters that are never written down or echoed. `auth` is a session id. */
const secretNames = new Set(["authinfo", "password", "auth", "key", "qrcode"]);

export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
}

/**
 * Reads a whole body.
 *
 * @throws BodyTooLargeError beyond {@link bodyLimit}
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // The rest is read and dropped: a client that is cut off while it sends never sees the answer.
    if (size <= bodyLimit) chunks.push(chunk);
  }
  if (size > bodyLimit) throw new BodyTooLargeError(`the body has ${size} bytes; at most ${bodyLimit} are read`);
  return Buffer.concat(chunks).toString("utf8");
}

/** Query and form body together, as `application/x-www-form-urlencoded` in UTF-8. */
export function paramsOf(query: URLSearchParams, contentType: string | undefined, body: string): Params {
  const isForm = contentType === undefined || /^application\/x-www-form-urlencoded\b/i.test(contentType);
  return new Map([...query, ...(isForm ? new URLSearchParams(body) : [])]);
}

/** The parameters with every secret replaced by `***`. */
export function redacted(params: Params): Record<string, string> {
  return Object.fromEntries([...params].map(([name, value]) => [name, secretNames.has(name) ? "***" : value]));
}

/** The parameters without the secret ones. */
export function withoutSecrets(params: Params): [string, string][] {
  return [...params].filter(([name]) => !secretNames.has(name));
}
