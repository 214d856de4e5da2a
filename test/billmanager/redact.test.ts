import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Redactor } from "../../provider/billmanager/redact";

const secret = `p&ss<w0rd>"it's"+/?=%й ~secret`;
const authinfo = `user:${secret}`;
const redactor = new Redactor([secret, authinfo]);

const base64 = (text: string) => Buffer.from(text).toString("base64");
const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const spellings: readonly [string, string][] = [
  ["plain", secret],
  ["URL component", encodeURIComponent(secret)],
  ["URL component in small hex", encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase())],
  ["URL twice", encodeURIComponent(encodeURIComponent(secret))],
  ["form", new URLSearchParams({ x: secret }).toString().slice(2)],
  [
    "form in small hex",
    new URLSearchParams({ x: secret })
      .toString()
      .slice(2)
      .replace(/%../g, (hex) => hex.toLowerCase()),
  ],
  ["XML text", xml(secret)],
  ["XML attribute", xml(secret).replaceAll('"', "&quot;").replaceAll("'", "&apos;")],
  ["HTML attribute", xml(secret).replaceAll('"', "&quot;").replaceAll("'", "&#39;")],
  ["JSON", JSON.stringify(secret).slice(1, -1)],
  ["JSON with escaped slashes", JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/")],
  ["JSON in ASCII", JSON.stringify(secret).slice(1, -1).replace("й", "\\u0439")],
  ["base64", base64(secret)],
  ["base64url", Buffer.from(secret).toString("base64url")],
  ["authinfo", authinfo],
  ["authinfo in base64", base64(authinfo)],
];

describe("Redactor", () => {
  it.each(spellings)("hides a secret spelled as %s", (_name, spelled) => {
    const text = redactor.redact(`before ${spelled} after`);
    expect(text).toBe("before [hidden] after");
  });

  it.each([0, 1, 2, 3, 4, 5])("hides a secret in base64 after %i other bytes", (before) => {
    const encoded = base64(`${"x".repeat(before)}${secret}tail`);
    const redacted = redactor.redact(encoded);
    const kept = redacted.split("[hidden]").map((part) => Buffer.from(part, "base64").toString());
    expect(redacted).toContain("[hidden]");
    expect(kept.join("")).not.toMatch(/w0rd|secret/);
  });

  it("leaves other text as it is", () => {
    expect(redactor.redact("Invalid username or password")).toBe("Invalid username or password");
  });

  it("hides a session id learned later", () => {
    const learning = new Redactor(["other"]);
    learning.add("a1b2c3d4");
    expect(learning.redact("auth=a1b2c3d4&x")).toBe("auth=[hidden]&x");
  });

  it("treats a secret as text, not as an expression", () => {
    expect(new Redactor(["a.c$"]).redact("abc a.c$")).toBe("abc [hidden]");
  });

  it("does nothing without secrets", () => {
    expect(new Redactor([""]).redact("text")).toBe("text");
  });

  it("makes causes printable: no bytes of the answer, no secret in message, stack or deeper causes", () => {
    const original = Object.assign(new Error(`read ${secret}`, { cause: new Error(authinfo) }), {
      code: "HPE_INVALID",
      data: Buffer.from(secret).toString(),
    });
    const cause = redactor.cause(original);
    expect(inspect(cause, { depth: 10 })).not.toContain("w0rd");
    expect(cause).toMatchObject({ message: "read [hidden]", code: "HPE_INVALID" });
  });

  it("takes a cause that is no Error", () => {
    expect(redactor.cause(secret).message).toBe("[hidden]");
  });
});
