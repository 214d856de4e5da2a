import { describe, expect, it } from "vitest";
import { outlineOf } from "../../provider/billmanager/wellFormed";
import { fixtureText } from "./scriptedPanel";

function flawIn(text: string): string | undefined {
  const outline = outlineOf(text, new Set());
  return "flaw" in outline ? outline.flaw : undefined;
}

describe("a complete document", () => {
  it.each([
    "<doc/>",
    "<doc></doc>",
    '<?xml version="1.0"?><doc/>',
    "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<doc/>\n",
    "<!-- before --><doc/><!-- after -->\n",
    "<doc a='1' b=\"2\"  c = '\"' />",
    "<doc>&amp;&lt;&gt;&quot;&apos;&#1086;&#x1F600;</doc>",
    "<doc><![CDATA[ <not a tag> & ]] > ]]></doc>",
    "<doc><a.b-c_d:e/></doc>",
    "<док>слово</док>",
    "<doc><a>x</a >\n</doc\t>",
    "<doc><a/>text<b>more</b></doc>",
    "<doc a=']]>'><b c=\"]]>\">]] ></b></doc>",
    "<doc><!----><!-- - -></doc> --></doc>",
  ])("is accepted: %s", (text) => expect(flawIn(text)).toBeUndefined());
});

describe("a document that is not whole", () => {
  const whole = fixtureText("order-id.xml").trimEnd();

  it("is noticed wherever it was cut", () => {
    const unnoticed = Array.from(whole, (_, length) => length).filter(
      (length) => flawIn(whole.slice(0, length)) === undefined,
    );
    expect(unnoticed).toEqual([]);
  });

  it.each([
    ["nothing", ""],
    ["white space", " \n"],
    ["a declaration alone", '<?xml version="1.0"?>'],
    ["text alone", "ok"],
    ["two roots", "<doc/><doc/>"],
    ["two roots of leaves", "<doc>1</doc><doc>2</doc>"],
    ["text after the root", "<doc/>x"],
    ["text before the root", "x<doc/>"],
    ["character data after the root", "<doc/><![CDATA[x]]>"],
    ["an end tag too many", "<doc></doc></doc>"],
    ["crossed tags", "<doc><a><b></a></b></doc>"],
    ["another letter case at the end", "<doc></DOC>"],
    ["an unquoted attribute", "<doc a=1/>"],
    ["an attribute without a value", "<doc a/>"],
    ["a repeated attribute", "<doc a='1' a='2'/>"],
    ["attributes that touch", "<doc a='1'b='2'/>"],
    ["a tag in an attribute", "<doc a='<b>'/>"],
    ["an open quote", "<doc a='1/><b></b></doc>"],
    ["a stray ampersand", "<doc>a & b</doc>"],
    ["a stray ampersand in an attribute", "<doc a='&'/>"],
    ["an unknown entity", "<doc>&nbsp;</doc>"],
    ["an inherited property as an entity", "<doc>&constructor;</doc>"],
    ["a number that is no character", "<doc>&#0;</doc>"],
    ["half a surrogate", "<doc>&#xD800;</doc>"],
    ["a number beyond Unicode", "<doc>&#x110000;</doc>"],
    ["an open comment", "<doc/><!-- "],
    ["an open comment inside", "<doc><!-- </doc>"],
    ["open character data", "<doc><![CDATA[ </doc>"],
    ["an open instruction", "<doc><?x </doc>"],
    ["a second declaration", '<doc><?xml version="1.0"?></doc>'],
    ["a declaration that is not first", '\n<?xml version="1.0"?><doc/>'],
    ["a control character", "<doc>\u0001</doc>"],
    ["a tag name that is none", "<doc><1/></doc>"],
    ["an empty tag", "<doc><></doc>"],
    ["an end of character data in text", "<doc>]]></doc>"],
    ["an end of character data in a leaf", "<doc><a>]]></a></doc>"],
    ["a second end of character data", "<doc><![CDATA[x]]>]]></doc>"],
    ["two hyphens in a comment", "<doc><!-- a -- b --></doc>"],
    ["three hyphens at a comment's end", "<doc><!-- a ---></doc>"],
    ["a name with U+FEFF, which JavaScript takes for white space", "<doc><id\ufeff>1</id\ufeff></doc>"],
    ["another encoding", '<?xml version="1.0" encoding="windows-1251"?><doc/>'],
  ])("is refused: %s", (_name, text) => expect(flawIn(text)).toEqual(expect.any(String)));
});

describe("a document made to harm", () => {
  it.each([
    "<!DOCTYPE doc><doc/>",
    '<!DOCTYPE doc [<!ENTITY a "b">]><doc>&a;</doc>',
    '<?xml version="1.0"?><!doctype doc SYSTEM "file:///etc/passwd"><doc/>',
    "<doc><!DOCTYPE doc></doc>",
    "<doc><!ELEMENT a ANY></doc>",
    "<?note x?><doc/>",
    "<doc><?note <doc> ?></doc>",
  ])("is refused for what it has beside elements and text: %s", (text) =>
    expect(flawIn(text)).toEqual(expect.any(String)),
  );

  it("may be 64 levels deep and no deeper", () => {
    const nested = (depth: number) => "<a>".repeat(depth) + "</a>".repeat(depth);
    expect([flawIn(nested(64)), flawIn(nested(65))]).toEqual([undefined, expect.stringContaining("64 levels")]);
  });

  it("may have half a million parts and no more: what is read of them would fill the memory", () => {
    const most = 500_000;
    const elements = (count: number) => `<doc>${"<a></a >".repeat(count - 1)}</doc>`;
    const attributes = (count: number) => `<doc ${Array.from({ length: count - 1 }, (_, i) => `a${i}=""`).join(" ")}/>`;
    const flaws = (...texts: string[]) => texts.map((text) => flawIn(text));
    expect(flaws(elements(most), attributes(most))).toEqual([undefined, undefined]);
    expect(flaws(elements(most + 1), attributes(most + 1), `<doc>${"<a/>".repeat(most)}</doc>`)).toEqual(
      Array(3).fill("it has more parts than any answer"),
    );
  });

  it("does not count a leaf as less than a level", () => {
    const nested = `${"<a>".repeat(64)}<b>x</b>${"</a>".repeat(64)}`;
    expect(flawIn(nested)).toContain("64 levels");
  });
});
