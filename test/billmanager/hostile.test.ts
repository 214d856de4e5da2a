import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  deleteLicense,
  isBillmanagerError,
  isRefused,
  isUnknownOutcome,
  licenseId,
  listLicenses,
  orderLicense,
  type Panel,
  prolongLicense,
  quotePrice,
  readBalances,
  readLicense,
} from "../../provider/billmanager";
import { readOutcome } from "../../provider/billmanager/outcome";
import { Redactor } from "../../provider/billmanager/redact";
import { readXml, type XmlElement } from "../../provider/billmanager/xml";
import { seedOf } from "../seed";
import { damage, damaged, orderAnswer, outsideOf, rendered } from "./hostileAnswers";
import { type ReferenceElement, readReference } from "./referenceXml";
import { clientOf, fixtureText, raw, scriptedPanel, xml } from "./scriptedPanel";

/*
 * Valid answers, damaged by chance. `FC_RUNS` is the number of cases per property; the long form is
 * `FC_RUNS=200000 npx vitest run test/billmanager/hostile.test.ts`. A failure prints its seed and path; with `FC_SEED` and
 * `FC_PATH` set to them, and its test named with `-t`, it comes again.
 */
const RUNS = Number(process.env.FC_RUNS ?? 2000);
vi.setConfig({ testTimeout: 3_600_000 });
const chosen = {
  seed: seedOf(process.env.FC_SEED, process.env.FC_RUNS !== undefined),
  ...(process.env.FC_PATH === undefined ? {} : { path: process.env.FC_PATH }),
};
const runs = (share = 1) => ({ numRuns: Math.max(20, Math.round(RUNS * share)), ...chosen });

const id = licenseId("1234567");
const order = { pricelist: 9203, period: 1, licenseName: "web01", ip: "192.0.2.10" };
const fixtures = readdirSync(join(__dirname, "fixtures")).filter((name) => name.endsWith(".xml"));
const anyFixture = fc.constantFrom(...fixtures);
const someDamage = fc.array(damage, { minLength: 1, maxLength: 4 });

const redactor = new Redactor(["c4nary"]);

/** A panel whose one answer is these bytes, read by the client's own functions without a wire between. */
function panelAnswering(body: Uint8Array): Panel {
  const header = (name: string) => (name === "content-type" ? "text/xml; charset=UTF-8" : "");
  const panel: Pick<Panel, "call" | "redact"> = {
    call: async (call) => readOutcome(call, { kind: "answer", status: 200, header, body }, redactor, 0),
    redact: (text) => redactor.redact(text),
  };
  return panel as Panel;
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/** What a reader without mistakes finds of an order's answer: the receipt's id, a refusal, or nothing that anyone may rely on. */
function truthOf(body: Uint8Array): { readonly kind: "refusal" | "nothing" } | { kind: "ids"; ids: Set<string> } {
  const root = readReference(body);
  if (root?.name !== "doc") return { kind: "nothing" };
  if (root.children.some(({ name }) => name === "error")) return { kind: "refusal" };
  const named = root.children.filter(({ name, text }) => (name === "id" || name === "item.id") && text !== "");
  return { kind: "ids", ids: new Set(named.map(({ text }) => text)) };
}

/** Whether the client's word on an order agrees with the truth, or is that it does not know. */
async function checkOrder(panel: Panel, body: Uint8Array): Promise<string | undefined> {
  const truth = truthOf(body);
  try {
    const receipt = await orderLicense(panel, order);
    expect(truth).toEqual({ kind: "ids", ids: new Set(receipt.id === undefined ? [] : [receipt.id]) });
    return receipt.id ?? "none";
  } catch (error) {
    if (isRefused(error)) expect(truth.kind).toBe("refusal");
    else expect(error).toMatchObject({ name: "UnknownOutcomeError", effect: "charge" });
    return undefined;
  }
}

describe("an order whose answer was damaged", () => {
  it("never has another id than the answer names, and is refused only by a whole document", async () => {
    await fc.assert(
      fc.asyncProperty(orderAnswer, someDamage, async (answer, acts) => {
        const body = damaged(Buffer.from(rendered(answer)), acts);
        await checkOrder(panelAnswering(body), body);
      }),
      runs(2),
    );
  });

  it("has the true id, or none, whatever one act of damage did outside of the id", async () => {
    await fc.assert(
      fc.asyncProperty(orderAnswer, outsideOf(rendered, ">1234567<"), async (answer, hurt) => {
        const body = hurt(answer);
        const shown = await checkOrder(panelAnswering(body), body);
        if (answer.id !== undefined) expect([answer.id, "none", undefined]).toContain(shown);
      }),
      runs(),
    );
  });

  it("is unknown wherever its answer was cut", async () => {
    const answers = fixtures.filter((name) => /^order|^error/.test(name)).map((name) => fixtureText(name).trimEnd());
    const otherwise: string[] = [];
    for (const answer of answers) {
      const whole = Buffer.from(answer);
      for (let length = 0; length < whole.length; length++) {
        const failure = await failureOf(orderLicense(panelAnswering(whole.subarray(0, length)), order));
        if (!isUnknownOutcome(failure)) otherwise.push(answer.slice(0, length));
      }
    }
    expect(otherwise).toEqual([]);
  });

  it.each([
    ["a comment", "12345<!-- 9 -->67"],
    ["character data", "<![CDATA[1234567]]>"],
    ["character data in the middle", "12<![CDATA[345]]>67"],
    ["numbers of characters", "&#49;23456&#x37;"],
    ["white space around", "\r\n\t 1234567 \n"],
  ])("still has its id when that is written with %s", async (_name, spelled) => {
    for (const element of [
      `<id>${spelled}</id>`,
      `<id a="x" b='&gt;'>${spelled}</id >`,
      `<item.id>${spelled}</item.id>`,
    ])
      expect(await orderLicense(panelAnswering(Buffer.from(`<doc>${element}<ok/></doc>`)), order)).toEqual({ id });
  });

  it.each([
    "12345 <![CDATA[67]]>",
    "12345 <!-- -->67",
    "12345&#32;67",
    "12345<b/>67",
    "12345\u00a067",
    "1234567-",
    "+1234567",
    "1234567.0",
    "１２３４５６７",
  ])("has no id when that is no number: %s", async (spelled) => {
    const answer = Buffer.from(`<doc><id>${spelled}</id><ok/></doc>`);
    expect(await failureOf(orderLicense(panelAnswering(answer), order))).toMatchObject({ reason: "malformed" });
  });

  it.each([
    "<id\ufeff>999</id\ufeff>",
    "<id\u1680>999</id\u1680>",
    "<tparams><![CDATA[</tparams>]]><id>999</id></tparams>",
    "<tparams><!-- </tparams> --><id>999</id></tparams>",
    "<tparams a='</tparams>'><id>999</id></tparams>",
    "<tparams><tparams/><tparams><id>999</id></tparams><id>999</id></tparams>",
    "<elem><elem/><elem a='/'></elem><id>999</id><error/></elem>",
    "<x:id>999</x:id>",
    "<Id>999</Id>",
    "<__proto__><id>999</id><error/></__proto__>",
    "<a><![CDATA[<id>999</id><error/>]]></a>",
    "<!-- <id>999</id><error/> -->",
  ])("is not read from what is beside it: %s", async (decoy) => {
    for (const body of [`<doc>${decoy}<id>1234567</id><ok/></doc>`, `<doc><id>1234567</id><ok/>${decoy}</doc>`])
      await expect(
        orderLicense(panelAnswering(Buffer.from(body)), order).catch((error) => isUnknownOutcome(error) || error),
      ).resolves.toSatisfy((outcome: unknown) => outcome === true || (outcome as { id?: string }).id === id);
  });

  it("is judged alike over the wire", async () => {
    let body: Uint8Array = Buffer.alloc(0);
    const server = await scriptedPanel(() => xml(Buffer.from(body)));
    await fc.assert(
      fc.asyncProperty(orderAnswer, someDamage, async (answer, acts) => {
        body = damaged(Buffer.from(rendered(answer)), acts);
        const asked = server.calls.length;
        const overTheWire = await checkOrder(clientOf(server), body);
        expect(server.calls).toHaveLength(asked + 1);
        expect(overTheWire).toBe(await checkOrder(panelAnswering(body), body));
      }),
      runs(0.05),
    );
  });

  it("is unknown when the connection ends within its answer", async () => {
    const answer = fixtureText("order-id.xml").trimEnd();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: answer.length - 1 }), fc.boolean(), async (length, announced) => {
        const head = `HTTP/1.1 200 OK\r\n${announced ? `content-length: ${answer.length}\r\n` : ""}\r\n`;
        const server = await scriptedPanel([raw(head + answer.slice(0, length))]);
        expect(await failureOf(orderLicense(clientOf(server), order))).toSatisfy(isUnknownOutcome);
      }),
      runs(0.02),
    );
  });
});

/** Parts whose insides the client never looks into. */
const neverRead = new Set(["tparams", "metadata", "messages", "saved_filters"]);
/** Names that JavaScript uses itself come with underscores before them. */
const plain = (name: string) => name.replace(/^_+/, "");
const spaced = (value: string) => value.replace(/\s/g, " ").trim();

function shapeOf({ name, attributes, children, text }: XmlElement | ReferenceElement, level = 0): unknown {
  const read = level !== 1 || !neverRead.has(name);
  // Of a row the cells alone are anybody's.
  const isRow = level === 1 && name === "elem";
  return {
    name: plain(name),
    attributes: isRow ? [] : [...attributes].map(([key, value]) => [plain(key), spaced(value)]),
    text: read && !isRow ? text : "",
    children: read ? children.map((child) => shapeOf(child, level + 1)) : [],
  };
}

describe("an answer", () => {
  it.each([
    ["text around what is read apart", "<doc>a<elem/> <p_elems>0</p_elems> <elem/>b</doc>"],
    ["a line's end between rows", "<doc>7<elem/>\r\n<elem/>7</doc>"],
    ["an echo that is a leaf", "<doc><tparams>12</tparams><id>7</id></doc>"],
    ["an echo that holds an answer", '<doc><tparams a="1"><id>12</id><ok/></tparams><id>7</id></doc>'],
    ["a form that is a leaf", '<doc><metadata type="form"/><id>7</id></doc>'],
    [
      "rows and echoes in other places",
      "<doc><a><elem><id>1</id></elem><tparams>2</tparams></a><elem><id>3</id></elem></doc>",
    ],
    ["a comment between rows", "<doc><elem><id>1</id></elem><!-- <elem/> --><elem><id>2</id></elem></doc>"],
    ["rows in character data", "<doc><![CDATA[<elem/>]]><elem><id>2</id></elem><error/></doc>"],
    ["an attribute in single quotes", "<doc a='1'><elem b='2'><id>1</id></elem><tparams c='3'>4</tparams></doc>"],
    [
      "attributes with entities",
      '<doc a="&lt;&#10;b"><metadata c="&amp;amp;"><a/></metadata><id d="&quot;">7</id></doc>',
    ],
    ["white space around everything", "<doc >\n <elem >\n\t<id >\t7 </id >\n</elem >\n </doc >"],
    ["spaces that are none to XML", "<doc>\u00a0<id>7</id>\u2003<ok/></doc>"],
    [
      "an error",
      '<doc><error type="value"><param name="object">ip</param><msg>no</msg></error><tparams><ip>1</ip></tparams></doc>',
    ],
  ])("is read as the standard reads it: %s", (_what, text) => {
    const reading = readXml(text);
    const reference = readReference(Buffer.from(text));
    if ("flaw" in reading || reference === undefined) throw new Error("it is not read");
    expect(shapeOf(reading.root)).toEqual(shapeOf(reference));
  });

  it("tells what stands in a row beside its cells without the white space around it", () => {
    const reading = readXml("<doc><elem> x <id>7</id></elem><elem> </elem></doc>");
    if ("flaw" in reading) throw new Error(reading.flaw);
    expect(reading.root.children.map(({ text }) => text)).toEqual(["x", ""]);
  });
});

describe("any answer that was damaged", () => {
  it("is read as the standard reads it, or not at all", () => {
    let read = 0;
    fc.assert(
      fc.property(anyFixture, someDamage, (name, acts) => {
        const body = damaged(Buffer.from(fixtureText(name)), acts);
        const text = body.toString();
        const reading = readXml(text);
        if ("flaw" in reading) return;
        const reference = readReference(Buffer.from(text.replace(/^\ufeff/, "")));
        expect(reference, "accepted a document that is not well-formed").toBeDefined();
        if (reference?.name === "doc") expect(shapeOf(reading.root)).toEqual(shapeOf(reference));
        read++;
      }),
      runs(2),
    );
    // Damage after which nothing can be read would prove nothing.
    if (chosen.path === undefined) expect(read).toBeGreaterThan(RUNS / 10);
  });

  it.each<[string, (panel: Panel) => Promise<unknown>]>([
    ["listLicenses", listLicenses],
    ["readLicense", (panel) => readLicense(panel, id)],
    ["readBalances", readBalances],
    ["quotePrice", (panel) => quotePrice(panel, { pricelist: 9203, period: 1 })],
    ["prolongLicense", (panel) => prolongLicense(panel, id, 1)],
    ["deleteLicense", (panel) => deleteLicense(panel, id)],
    ["orderLicense", (panel) => orderLicense(panel, order)],
  ])("is a result or an error of the client's own: %s", async (_name, perform) => {
    await fc.assert(
      fc.asyncProperty(anyFixture, fc.array(damage, { maxLength: 3 }), async (name, acts) => {
        const body = damaged(Buffer.from(fixtureText(name)), acts);
        const failure = await failureOf(perform(panelAnswering(body)));
        expect(failure === undefined || isBillmanagerError(failure), String(failure)).toBe(true);
        if (isRefused(failure)) expect(readReference(body)?.children.map((child) => child.name)).toContain("error");
      }),
      runs(0.3),
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("never makes a session of anything but a direct child of a whole answer", async () => {
    let body: Uint8Array = Buffer.alloc(0);
    const server = await scriptedPanel((call) =>
      call.form.get("func") === "auth" ? xml(Buffer.from(body)) : xml("<doc><ok/></doc>"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { maxLength: 3 }), async (acts) => {
        body = damaged(Buffer.from(fixtureText("auth-session.xml")), acts);
        const asked = server.calls.length;
        const panel = clientOf(server, { auth: "session", retries: 0 });
        const failure = await failureOf(deleteLicense(panel, id));
        expect(failure === undefined || isBillmanagerError(failure), String(failure)).toBe(true);
        const used = server.calls.slice(asked + 1).map((call) => call.form.get("auth"));
        const [auth] = readReference(body)?.children.filter(({ name }) => name === "auth") ?? [];
        if (used.length > 0) expect([auth?.text, auth?.attributes.get("id")?.trim()]).toContain(used[0]);
      }),
      runs(0.05),
    );
  });
});
