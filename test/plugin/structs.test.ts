import fc from "fast-check";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { PbfWriter } from "pbf";
import { describe, expect, it } from "vitest";
import { readStruct, writeStruct } from "../../provider/plugin/structs";

type Plain = Record<string, unknown>;

const struct = (plain: Plain) => Struct.fromJavaScript(plain as Record<string, JavaScriptValue>);

function written(plain: Plain): Uint8Array {
  const writer = new PbfWriter();
  writeStruct(plain, writer);
  return writer.finish();
}

const text = fc.string({ unit: "binary" });
const key = text.filter((name) => name !== "__proto__");
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value")),
    fc.dictionary(key, tie("value")),
  ),
}));
const properties = fc.dictionary(key, value) as fc.Arbitrary<Plain>;

describe("properties on the wire", () => {
  it("are read as google-protobuf has written them", () => {
    fc.assert(
      fc.property(properties, (plain) => {
        expect(readStruct(struct(plain).serializeBinary())).toEqual({ ...plain });
      }),
    );
  });

  it("are written as google-protobuf reads them", () => {
    fc.assert(
      fc.property(properties, (plain) => {
        expect(Struct.deserializeBinary(written(plain)).toJavaScript()).toEqual({ ...plain });
      }),
    );
  });

  it("may hold any character", () => {
    const long = "web01.example.com";
    const plain = {
      "\u{10ffff}": "\u{1ffff}\u{20000}\u{70000}\u{2f800} \ud800",
      [long]: `\ufeff${long}`,
      [`\ufeff${long}`]: 1,
    };
    expect(readStruct(written(plain))).toEqual({
      ...plain,
      "\u{10ffff}": "\u{1ffff}\u{20000}\u{70000}\u{2f800} \ufffd",
    });
  });

  it("of a large fleet are whole", () => {
    const member = (index: number) => [`web${index}`, { ip: `192.0.2.${index}`, pricelist: index / 3, on: true }];
    const plain = { licenses: Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => member(index))) };
    expect(readStruct(written(plain))).toEqual(plain);
    expect(Struct.deserializeBinary(written(plain)).toJavaScript()).toEqual(plain);
  });

  it("come in the order of their names, whatever order the engine sends them in", () => {
    const back = readStruct(
      written({ web02: { ip: "192.0.2.11", claim: "b" }, web10: 1, web01: { ip: 1, claim: "a" } }),
    );
    expect(JSON.stringify(back)).toBe(
      '{"web01":{"claim":"a","ip":1},"web02":{"claim":"b","ip":"192.0.2.11"},"web10":1}',
    );
  });

  it("leave out what is undefined, as a member and not as an element", () => {
    expect(readStruct(written({ a: undefined, b: [undefined], c: 1 }))).toEqual({ b: [null], c: 1 });
  });

  it("may have names that mean something in JavaScript", () => {
    const plain = JSON.parse('{ "__proto__": { "polluted": true }, "constructor": 1 }') as Plain;
    const back = readStruct(written(plain));
    expect(Object.keys(back)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(back.polluted).toBeUndefined();
  });

  it("keep the last of what is sent twice, and pass over what nobody knows", () => {
    const [first, second] = [struct({ a: 1, b: 1 }).serializeBinary(), struct({ a: 2 }).serializeBinary()];
    // Field 9 as a varint, as 8 bytes, as 4 bytes, and as bytes of a length.
    const unknown = [0x48, 0xac, 0x02, 0x49, 1, 2, 3, 4, 5, 6, 7, 8, 0x4d, 1, 2, 3, 4, 0x4a, 2, 7, 7];
    expect(readStruct(Buffer.concat([first, Buffer.from(unknown), second]))).toEqual({ a: 2, b: 1 });
  });

  it("cannot be what has no form on the wire", () => {
    expect(() => written({ a: 1n })).toThrow("a bigint cannot be sent to the engine");
  });
});
