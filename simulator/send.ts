import type { ServerResponse } from "node:http";
import type { Response } from "./respond";

export function send(response: ServerResponse, { status, contentType, body }: Response): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(body, "utf8");
  response.writeHead(status, { "content-type": contentType, "content-length": bytes.length });
  response.end(bytes);
}

/**
 * Sends the beginning of an answer.
 *
 * @param framing "content-length": as if the part were all; "chunked": the connection ends where more is announced
 * @param at the share that is sent
 */
export function cut(
  response: ServerResponse,
  { status, contentType, body }: Response,
  framing: "chunked" | "content-length",
  at: number,
): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(body, "utf8");
  const part = bytes.subarray(0, Math.floor(bytes.length * at));
  if (framing === "content-length") {
    response.writeHead(status, { "content-type": contentType, "content-length": part.length });
    response.end(part);
  } else {
    response.writeHead(status, { "content-type": contentType });
    response.write(part, () => response.destroy());
  }
}
