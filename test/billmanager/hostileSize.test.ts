import { describe, expect, it } from "vitest";
import { listLicenses, orderLicense, type Panel } from "../../provider/billmanager";
import { describeRefusal } from "../../provider/billmanager/errors/RefusedError";
import { longCallLink } from "../../provider/billmanager/longCall";
import { moneyIn, parseMoney } from "../../provider/billmanager/money";
import { readOutcome } from "../../provider/billmanager/outcome";
import { Redactor } from "../../provider/billmanager/redact";
import { readXml } from "../../provider/billmanager/xml";
import { clientOf, type Reply, scriptedPanel } from "./scriptedPanel";

const order = { pricelist: 9203, period: 1, licenseName: "web01", ip: "192.0.2.10" };
const megabyte = 1024 * 1024;
const page = new URL("https://panel.example/billmgr");
const redactor = new Redactor([`p&ss<w0rd>"it's"`, `user:p&ss<w0rd>"it's"`]);

const answerOf = (text: string) =>
  ({ kind: "answer", status: 200, header: () => "", body: Buffer.from(text) }) as const;

/** The client's whole reading of an answer, as result or as the client's own error. */
function outcomeOf(text: string): string {
  try {
    readOutcome({ func: "f", effect: "charge", parameters: {} }, answerOf(text), redactor, 0);
    return "accepted";
  } catch (error) {
    return (error as Error).name;
  }
}

/** Sends a body without end, as fast as it is taken, and counts what the client's side has taken. */
function flood(begin: string, part: Buffer, limit: number) {
  const sent = { bytes: 0, ended: false };
  const reply: Reply = (response) => {
    const more = () => {
      while (!response.destroyed && sent.bytes < limit) {
        sent.bytes += part.length;
        if (!response.write(part)) return;
      }
      if (!response.destroyed) {
        sent.ended = true;
        response.end();
      }
    };
    response.writeHead(200, { "content-type": "text/xml" }).on("drain", more);
    response.write(begin);
    more();
  };
  return { sent, reply };
}

describe("an answer of 100 MB", () => {
  it.each([
    ["white space", "", " "],
    ["text", "<doc><id>1234567</id><ok>", "x"],
    ["elements", "<doc><id>1234567</id><ok/>", "<a>x</a>"],
    ["a comment", "<doc><!-- ", "x"],
    ["a page", '<html><a href="/long1/billmgr">', "<p>"],
  ])("of %s is cut off long before its end, and the order is unknown", async (_name, begin, unit) => {
    const part = Buffer.from(unit.repeat(Math.ceil((64 * 1024) / unit.length)));
    const { sent, reply } = flood(begin, part, 100 * megabyte);
    const server = await scriptedPanel([reply]);
    await expect(orderLicense(clientOf(server), order)).rejects.toMatchObject({
      name: "UnknownOutcomeError",
      reason: "too-large",
    });
    // What the client has taken, and what the sockets' buffers between the two hold.
    expect(sent.ended).toBe(false);
    expect(sent.bytes).toBeLessThan(24 * megabyte);
    expect(server.calls).toHaveLength(1);
  });
});

describe("a document made to grow", () => {
  const laughs = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join("");

  it.each([
    ["entities within entities", `<!DOCTYPE doc [<!ENTITY l0 "lol">${laughs}]><doc><id>&l10;</id><ok/></doc>`],
    ["an entity from elsewhere", '<!DOCTYPE doc [<!ENTITY x SYSTEM "file:///etc/passwd">]><doc><id>&x;</id></doc>'],
    ["a document type from elsewhere", '<!DOCTYPE doc SYSTEM "http://elsewhere.example/x"><doc><ok/></doc>'],
    ["10,000 levels", `<doc>${"<a>".repeat(10_000)}${"</a>".repeat(10_000)}<ok/></doc>`],
    ["10,000 levels in a row", `<doc><elem>${"<a>".repeat(10_000)}${"</a>".repeat(10_000)}</elem></doc>`],
    ["10,000 levels of the echo", `<doc><tparams>${"<a>".repeat(10_000)}${"</a>".repeat(10_000)}</tparams></doc>`],
    ["a million elements", `<doc><ok/>${"<a/>".repeat(1_000_000)}</doc>`],
    ["a million elements in a row", `<doc><elem>${"<a/>".repeat(1_000_000)}</elem></doc>`],
    ["a million rows", `<doc>${"<elem/>".repeat(1_000_000)}</doc>`],
    ["half a million attributes", `<doc ${Array.from({ length: 500_001 }, (_, n) => `a${n}=""`).join(" ")}/>`],
  ])("is not read: %s", (_name, text) => expect(outcomeOf(text)).toBe("UnknownOutcomeError"));

  it("may ask by its error's placeholders for more than there is memory", () => {
    const parameter = `<param name="a">${"x".repeat(1_000_000)}</param>`;
    expect(outcomeOf(`<doc><error type="value">${parameter}<msg>${"__a__".repeat(400_000)}</msg></error></doc>`)).toBe(
      "RefusedError",
    );
  });

  it("has its words shortened, once the credentials in them are hidden", () => {
    const secret = "c4nary-c4nary";
    const long = `${"x".repeat(1_995)}${secret}${"y".repeat(100_000)}`;
    const text = `<doc><error type="${"t".repeat(195)}${secret}" object="${long}"><msg>${long}</msg></error></doc>`;
    const read = () =>
      readOutcome({ func: "f", effect: "read", parameters: {} }, answerOf(text), new Redactor([secret]), 0);
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining("c4n") }));
    expect(read).toThrow(expect.toSatisfy((error: Error) => error.message.length < 3_000));
  });
});

describe("names that JavaScript uses itself", () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "__defineGetter__"];
  const before = Object.getOwnPropertyNames(Object.prototype);

  it.each(names)("do no harm as elements and attributes: %s", (name) => {
    const inner = `<${name} polluted="yes"><polluted>yes</polluted></${name}>`;
    const texts = [
      `<doc ${name}="x" a="1">${inner}<id ${name}="x">1</id><elem ${name}="x">${inner}<id>2</id></elem><ok/></doc>`,
      `<doc><error type="value" ${name}="x">${inner}<param name="${name}">x</param><msg>__${name}__</msg></error></doc>`,
      `<${name}>${inner}</${name}>`,
    ];
    expect(texts.map(outcomeOf)).toEqual(["accepted", "RefusedError", "UnknownOutcomeError"]);
    const reading = readXml(texts[0] ?? "");
    for (const element of "root" in reading ? reading.root.children : []) {
      for (const { text } of element.children) expect(text).toEqual(expect.any(String));
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("a list without end", () => {
  it("is given up", async () => {
    let calls = 0;
    const panel: Pick<Panel, "call"> = {
      call: async (call) => {
        calls++;
        const row = `<doc func="softexternal"><elem><id>${call.parameters.p_num}</id></elem><p_cnt>1</p_cnt></doc>`;
        return readOutcome(call, answerOf(row), redactor, 0);
      },
    };
    await expect(listLicenses(panel as Panel)).rejects.toMatchObject({ reason: "malformed" });
    expect(calls).toBe(10_000);
  });
});

/** Processor time of this process, which other work on the machine does not lengthen. The best of three. */
function costOf(work: () => unknown): number {
  const costs = [0, 1, 2].map(() => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return user + system;
  });
  return Math.min(...costs);
}

type Case = [name: string, make: (length: number) => string, work: (text: string) => unknown];

describe("the work for a text", () => {
  const repeated = (unit: string, length: number) => unit.repeat(Math.ceil(length / unit.length));
  const answers: readonly [string, (length: number) => string][] = [
    ["comments that do not end", (length) => `<doc>${repeated("<!--", length)}`],
    ["comments", (length) => `<doc>${repeated("<!-- -->", length)}</doc>`],
    ["character data", (length) => `<doc>${repeated("<![CDATA[]]>", length)}</doc>`],
    ["character data that does not end", (length) => `<doc>${repeated("<![CDATA[", length)}`],
    ["ampersands", (length) => `<doc>${repeated("&amp;", length)}</doc>`],
    ["ampersands that stand alone", (length) => `<doc>${repeated("&", length)}</doc>`],
    ["white space in a tag", (length) => `<doc${repeated(" ", length)}`],
    ["white space in the declaration", (length) => `<?xml version="1.0"${repeated(" ", length)}`],
    ["white space before the root", (length) => `${repeated(" ", length)}x`],
    ["a name without end", (length) => `<${repeated("a", length)}`],
    ["a name with an attribute", (length) => `<${repeated("a", length)} b="c"/>`],
    ["a name of an attribute", (length) => `<doc ${repeated("a", length)}="b"/>`],
    ["a name in a row", (length) => `<doc><elem><${repeated("a", length)}/><b><c/></b></elem></doc>`],
    ["attributes", (length) => `<doc ${Array.from({ length: length / 10 }, (_, n) => `a${n}=''`).join(" ")}/>`],
    [
      "attributes in a row",
      (length) =>
        `<doc><elem><a ${Array.from({ length: length / 10 }, (_, n) => `a${n}=""`).join(" ")}><b/></a></elem></doc>`,
    ],
    ["quotes", (length) => `<doc a="${repeated("'", length)}" b='${repeated('"', length)}'/>`],
    ["open tags", (length) => repeated("<a>", length)],
    ["end tags", (length) => `<doc>${repeated("</a>", length)}`],
    ["rows that look like cells", (length) => `<doc><elem>${repeated("<a>x</a> ", length)}<a><b/></a></elem></doc>`],
    ["rows within a row", (length) => `<doc><elem>${repeated("<elem></elem>", length)}</elem></doc>`],
    [
      "white space in a row",
      (length) => `<doc><elem>${repeated(" ", length)}<a/>${repeated("\n", length)}</elem></doc>`,
    ],
    ["text between rows", (length) => `<doc>${repeated("<elem/>x", length)}</doc>`],
    ["comments between rows", (length) => `<doc>${repeated("<elem/><!---->", length)}</doc>`],
    ["attributes of rows", (length) => `<doc>${repeated("<elem a='b'/>", length)}</doc>`],
    ["echoes", (length) => `<doc>${repeated("<tparams a='b'/>", length)}</doc>`],
    ["echoes within the echo", (length) => `<doc><tparams>${repeated("<tparams/>", length)}</tparams></doc>`],
    ["underscores in an error", (length) => `<doc><error><msg>${repeated("_", length)}</msg></error></doc>`],
    ["placeholders in an error", (length) => `<doc><error><msg>${repeated("__a", length)}</msg></error></doc>`],
    [
      "parameters of an error",
      (length) => `<doc><error>${repeated('<param name="a">b</param>', length)}</error></doc>`,
    ],
    ["dots in an error", (length) => `<doc><error><msg>${repeated(". ", length)}x</msg></error></doc>`],
  ];
  const texts: Case[] = [
    ...answers.map<Case>(([name, make]) => [`an answer of ${name}`, make, outcomeOf]),
    ["a sum of digits", (length) => repeated("1", length), moneyIn],
    ["a sum of digits and spaces", (length) => repeated("1 ", length), moneyIn],
    ["a sum after its total", (length) => `Total amount ${repeated("1.", length)}`, moneyIn],
    ["a sum of open tags", (length) => repeated("<", length), moneyIn],
    ["a sum of white space", (length) => `1${repeated(" ", length)}x`, moneyIn],
    ["a sum of lines", (length) => `1${repeated("\n", length)}x`, moneyIn],
    ["money of white space", (length) => `1${repeated(" ", length)}x`, parseMoney],
    ["a page of comments", (length) => `<!--${repeated("<!--", length)}`, (text) => longCallLink(answerOf(text), page)],
    ["a page of quotes", (length) => `<html>${repeated('"', length)}`, (text) => longCallLink(answerOf(text), page)],
    [
      "a page of paths",
      (length) => `<html>"${repeated("/long", length)}`,
      (text) => longCallLink(answerOf(text), page),
    ],
    ["a page of links", (length) => `<html>${repeated("'long", length)}`, (text) => longCallLink(answerOf(text), page)],
    ["a message to redact", (length) => repeated("p&ss<w0rd", length), (text) => redactor.redact(text)],
    ["a message in hexadecimal", (length) => repeated("70", length), (text) => redactor.redact(text)],
    [
      "a refusal",
      (length) => repeated(" .", Math.min(length, 2000)),
      (vendorMessage) => describeRefusal({ func: "f", type: "t", vendorMessage }),
    ],
  ];

  it.each(texts)("grows no faster than the text: %s", (_name, make, work) => {
    const [small, large] = [make(16 * 1024), make(16 * 16 * 1024)];
    work(small);
    const [before, after] = [costOf(() => work(small)), costOf(() => work(large))];
    // Sixteen times the text: sixteen times the work, or 256 times where it grows with the square. Below 2 ms chance decides.
    expect(after / Math.max(before, 2_000)).toBeLessThan(96);
  });
});
