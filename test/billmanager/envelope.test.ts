import { describe, expect, it } from "vitest";
import { children, readAnswer, textOf } from "../../provider/billmanager/envelope";
import { fixtureText } from "./scriptedPanel";

function read(text: string | Uint8Array, contentType = "text/xml; charset=UTF-8", contentEncoding = "") {
  const body = typeof text === "string" ? Buffer.from(text) : text;
  return readAnswer("softexternal.edit", { body, contentType, contentEncoding });
}

function accepted(text: string) {
  const answer = read(text);
  if (answer.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(answer)}`);
  return answer.doc;
}

function refused(name: string) {
  const answer = read(fixtureText(name));
  if (answer.kind !== "refused") throw new Error("not refused");
  return answer.refusal;
}

describe("an error document", () => {
  it("is read with type, object and text, as captured from a panel", () => {
    expect(refused("error-badpassword.xml")).toEqual({
      func: "softexternal.edit",
      type: "auth",
      object: "badpassword",
      vendorMessage: "Invalid username or password",
    });
  });

  it("has its placeholders filled from its parameters", () => {
    expect(refused("error-value.xml")).toEqual({
      func: "softexternal.edit",
      type: "value",
      object: "ip",
      value: "10.0.0.300",
      vendorMessage: "The 'ip' field has invalid value 10.0.0.300.",
    });
  });

  it("may consist of its type alone", () => {
    expect(refused("error-minimal.xml")).toEqual({ func: "softexternal.edit", type: "exists", vendorMessage: "" });
  });

  it("may have its text in detail alone", () => {
    expect(refused("error-detail-only.xml").vendorMessage).toBe("Something is wrong");
  });

  it("may have a type that nobody has seen and a text in any language", () => {
    expect(refused("error-unheard-of.xml")).toMatchObject({
      type: "pricelist_min_order",
      vendorMessage: "Сервис нельзя удалить раньше срока",
    });
  });

  it("outweighs an ok and an id beside it", () => {
    expect(refused("error-beside-ok.xml")).toMatchObject({ type: "value", object: "ip" });
  });

  it("does not grow without end by its own placeholders", () => {
    const value = "x".repeat(50_000);
    const answer = read(
      `<doc><error type="x"><param name="a">${value}</param><msg>${"__a__".repeat(1_000)}</msg></error></doc>`,
    );
    expect(answer.kind === "refused" && answer.refusal.vendorMessage.length).toBeLessThan(110_000);
  });

  it("leaves placeholders without a parameter as they are", () => {
    const answer = read(
      '<doc><error type="x"><msg>__who__ did __what__</msg><param name="who">panel</param></error></doc>',
    );
    expect(answer).toMatchObject({ refusal: { vendorMessage: "panel did __what__" } });
  });
});

describe("values", () => {
  it("are direct children of the root; the echo of the request is not even read", () => {
    const doc = accepted(fixtureText("order-form-again.xml"));
    expect(children(doc, "tparams")).toEqual([{ name: "tparams", attributes: new Map(), children: [], text: "" }]);
    expect(textOf(doc, "id")).toBeUndefined();
  });

  it("stay text: zeros, signs and exponents survive", () => {
    const doc = accepted("<doc><a>007</a><b>+1e3</b><c>true</c><d> x </d><e>0x10</e></doc>");
    expect(["a", "b", "c", "d", "e"].map((name) => textOf(doc, name))).toEqual(["007", "+1e3", "true", "x", "0x10"]);
  });

  it("come from the first element of their name, and an empty one is none", () => {
    const doc = accepted("<doc><a/><b>1</b><b>2</b></doc>");
    expect([textOf(doc, "a"), textOf(doc, "b"), textOf(doc, "c")]).toEqual([undefined, "1", undefined]);
  });

  it("have entities resolved once", () => {
    const doc = accepted("<doc><a>&amp;lt;&#38;amp;&#x1F600;</a></doc>");
    expect(textOf(doc, "a")).toBe("&lt;&amp;😀");
  });

  it("in attributes have entities resolved as well", () => {
    const doc = accepted("<doc><a b='&quot;&amp;amp;'/></doc>");
    expect(children(doc, "a")[0]?.attributes.get("b")).toBe('"&amp;');
  });

  it("keep the white space between the pieces of a text: 12 and 34 are not 1234", () => {
    const doc = accepted("<doc><a>12 <![CDATA[34]]></a><b>12<![CDATA[ 34]]></b><c>12 <!-- -->34</c></doc>");
    expect(["a", "b", "c"].map((name) => textOf(doc, name))).toEqual(["12 34", "12 34", "12 34"]);
  });

  it("may have the names of JavaScript's own properties", () => {
    const doc = accepted(
      "<doc><__proto__><id>9</id></__proto__><constructor/><prototype>x</prototype><toString>s</toString><hasOwnProperty/><id __proto__='a' constructor='b'>1</id></doc>",
    );
    expect(textOf(doc, "id")).toBe("1");
    expect(textOf(doc, "hasOwnProperty")).toBeUndefined();
    expect(Object.prototype).not.toHaveProperty("id");
  });

  it("are read alike in rows and elsewhere", () => {
    const cells = `<a x="1" y='2'>t &amp; u</a><b/><c><![CDATA[<&>]]></c><d>  s  </d><e orig="&lt;">l</e>`;
    const doc = accepted(`<doc><elem>${cells}</elem><other>${cells}</other></doc>`);
    const [row, other] = ["elem", "other"].map((name) => doc.children.find((child) => child.name === name));
    expect(row?.children).toHaveLength(5);
    expect(row?.children).toEqual(other?.children);
  });
});

describe("an answer that cannot be trusted", () => {
  const order = fixtureText("order-id.xml");

  it.each([
    ["cut inside the id", order.slice(0, order.indexOf("4567"))],
    ["cut before the end", order.trimEnd().slice(0, -1)],
    ["followed by another document", `${order}${order}`],
    ["with a document type", order.replace("<doc", "<!DOCTYPE doc><doc")],
    ["with another root", "<answer><id>1</id></answer>"],
  ])("is damaged when it is %s", (_name, text) =>
    expect(read(text)).toMatchObject({ kind: "unreadable", reason: "malformed" }),
  );

  it.each([
    ["HTML", fixtureText("gateway-error.html")],
    ["HTML without a document type", "<html><body><doc><id>1</id></doc></body></html>"],
    ["JSON", '{"doc":{"id":{"$":"1"}}}'],
    ["words", "ok"],
    ["nothing", ""],
  ])("is no XML when it is %s", (_name, text) =>
    expect(read(text)).toMatchObject({ kind: "unreadable", reason: "not-xml" }),
  );

  it("shows the name of another root whole or not at all: half of a credential would not be recognized as one", () => {
    const name = "c4nary".repeat(20);
    expect(JSON.stringify(read(`<${name}/>`))).not.toContain("c4nary");
  });

  it("is damaged when its bytes are not UTF-8", () => {
    expect(read(Buffer.from("<doc><id>1</id><a>\xe9</a></doc>", "latin1"))).toMatchObject({ reason: "malformed" });
  });

  it.each(["text/xml; charset=windows-1251", 'text/xml; charset="KOI8-R"'])(
    "is damaged when it comes as %s",
    (type) => {
      expect(read("<doc/>", type)).toMatchObject({ reason: "malformed" });
    },
  );

  it("is damaged when it is packed, which nobody asked for", () => {
    expect(read("<doc/>", "text/xml", "gzip")).toMatchObject({ reason: "malformed" });
  });

  it.each(["text/xml", "text/xml; charset=utf-8", 'application/xml;charset="UTF-8"', "", "text/html"])(
    "is fine as %j",
    (type) => {
      expect(read("\ufeff<doc/>", type)).toMatchObject({ kind: "accepted" });
    },
  );
});
