import { XMLParser } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { anOrder, panel } from "./panel";

async function raw(options = {}) {
  const { simulator } = await panel(options);
  return async (params: Record<string, string>) => {
    const body = new URLSearchParams({ authinfo: "demo:demo", ...params });
    return (await fetch(simulator.endpoint, { method: "POST", body })).text();
  };
}

const read = (xml: string) => new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(xml).doc;
const unknownFunction = { func: "nope", out: "json" };

describe("xml", () => {
  it("carries names of any alphabet and every markup character", async () => {
    const post = await raw();
    const licname = `<a href="x">&amp;'"]]> 服务器 ☃ 🂡`;
    await post({ func: "softexternal.order.param", ...anOrder, licname });
    expect(read(await post({ func: "softexternal", out: "xml" })).elem.licname).toBe(licname);
  });

  it("drops what xml cannot carry", async () => {
    const post = await raw();
    await post({ func: "softexternal.order.param", ...anOrder, licname: "a\u0000\u001b\ufffeb" });
    expect(read(await post({ func: "softexternal", out: "xml" })).elem.licname).toBe("ab");
  });

  it("names function, language and host at its root", async () => {
    const post = await raw();
    const doc = read(await post({ func: "softexternal", out: "xml", lang: "ru" }));
    expect([doc["@_func"], doc["@_lang"], doc["@_binary"]]).toEqual(["softexternal", "ru", "/billmgr"]);
  });

  it("puts the status code beside its word", async () => {
    const post = await raw();
    await post({ func: "softexternal.order.param", ...anOrder });
    expect(await post({ func: "softexternal", out: "xml" })).toContain('<item_status orig="2">Active</item_status>');
  });

  it("leaves out a parameter whose name is none in xml", async () => {
    const post = await raw();
    expect(read(await post({ func: "whoami", out: "xml", "1 <2": "x" })).tparams).toEqual({
      func: "whoami",
      out: "xml",
    });
  });
});

describe("the echo of the request", () => {
  it("holds what was asked, without credentials", async () => {
    const post = await raw();
    const { doc } = JSON.parse(await post({ func: "whoami", out: "json", ip: "10.0.0.1" }));
    expect(doc.tparams).toEqual({ func: { $: "whoami" }, out: { $: "json" }, ip: { $: "10.0.0.1" } });
  });

  it("holds credentials where the knob says so", async () => {
    const post = await raw({ knobs: { tparams: "echoed" } });
    expect(JSON.parse(await post({ func: "whoami", out: "json" })).doc.tparams.authinfo).toEqual({ $: "demo:demo" });
  });
});

describe("json", () => {
  it.each(["json", "sjson", "xjson"])("as %s wraps texts and marks attributes", async (out) => {
    const post = await raw();
    await post({ func: "softexternal.order.param", ...anOrder });
    const { doc } = JSON.parse(await post({ func: "softexternal", out }));
    expect([doc.$func, doc.elem[0].item_status]).toEqual(["softexternal", { $: "Active", $orig: "2" }]);
  });

  it("can show a single row bare", async () => {
    const post = await raw({ knobs: { jsonSingleRow: "object" } });
    await post({ func: "softexternal.order.param", ...anOrder });
    expect(JSON.parse(await post({ func: "softexternal", out: "json" })).doc.elem.id).toEqual({ $: "1000001" });
  });

  it("survives a parameter called __proto__", async () => {
    const post = await raw();
    expect(await post({ func: "whoami", out: "json", ["__proto__"]: "x" })).toContain('"__proto__":{"$":"x"}');
  });

  it.each([
    ["plain", "1000001"],
    ["wrapped", { v: "1000001" }],
  ] as const)("as bjson has %s texts at its top", async (bjsonScalars, id) => {
    const post = await raw({ knobs: { bjsonScalars } });
    expect(JSON.parse(await post({ func: "softexternal.order.param", ...anOrder, out: "bjson" }))).toEqual({
      id,
      ok: true,
    });
  });

  it("as bjson puts a form under model and a code beside its word", async () => {
    const post = await raw();
    await post({ func: "softexternal.order.param", ...anOrder });
    const form = JSON.parse(await post({ func: "softexternal.edit", elid: "1000001", out: "bjson" }));
    const list = JSON.parse(await post({ func: "softexternal", out: "bjson" }));
    expect([form.model.status, list.elem[0].item_status_orig]).toEqual(["2", "2"]);
  });
});

describe("an error", () => {
  it("names type, object, and says it in words", async () => {
    const post = await raw();
    const { error } = JSON.parse(await post(unknownFunction)).doc;
    expect(error).toMatchObject({
      $type: "missed",
      $object: "func",
      msg: { $: "The function 'nope' does not exist" },
      stack: { action: { $user: "demo", $: "nope" } },
    });
  });

  it("can be minimal", async () => {
    const post = await raw({ knobs: { errorBody: "minimal" } });
    const { error } = JSON.parse(await post(unknownFunction)).doc;
    expect(Object.keys(error)).toEqual(["$type", "$object", "msg"]);
  });

  it("can leave placeholders for its params, and end in a space", async () => {
    const post = await raw({ knobs: { errorPlaceholders: true, errorTrailingSpace: true } });
    const { error } = JSON.parse(await post(unknownFunction)).doc;
    expect([error.msg.$, error.param[1]]).toEqual([
      "The function '__value__' does not exist ",
      { $name: "value", $: "nope" },
    ]);
  });

  it.each([
    ["object", { $name: "object", $type: "msg", $: "licname" }],
    ["array", [{ $name: "object", $type: "msg", $: "licname" }]],
  ] as const)("can show a lone param as %s", async (jsonParam, param) => {
    const post = await raw({ knobs: { jsonParam } });
    const answer = await post({ func: "softexternal.order.param", ...anOrder, licname: "", out: "json" });
    expect(JSON.parse(answer).doc.error.param).toEqual(param);
  });

  it("can be of a type that nobody has seen, in another language", async () => {
    const post = await raw({ knobs: { unseenErrorType: "zeitgeist", errorMessages: "localised" } });
    const { error } = JSON.parse(await post(unknownFunction)).doc;
    expect([error.$type, error.msg.$]).toEqual(["zeitgeist", "Функция «nope» не существует"]);
  });

  it("shows no value as markup", async () => {
    const post = await raw();
    expect(read(await post({ func: "<b>", out: "xml" })).error.msg).toBe("The function '<b>' does not exist");
  });
});
