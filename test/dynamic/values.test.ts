import { describe, expect, it } from "vitest";
import { fromEngine, toEngine, UNKNOWN_TEXT } from "../../provider/engine";
import { UNKNOWN } from "../../provider/license/inputs";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

describe("properties from the engine", () => {
  it("lose what is absent, at any depth, inside a secret too", () => {
    const given = { ip: null, claim: secret(null), licenses: { web01: { ip: undefined, period: 1 } } };
    expect(fromEngine(given)).toEqual({ licenses: { web01: { period: 1 } } });
  });

  it("have secrets opened and unknown ones marked, and go back as they came", () => {
    const given = { licenses: { web01: { ip: UNKNOWN_TEXT, maxPrice: secret("14.00 EUR") }, web02: "192.0.2.10" } };
    const opened = { licenses: { web01: { ip: UNKNOWN, maxPrice: "14.00 EUR" }, web02: "192.0.2.10" } };
    expect(fromEngine(given)).toEqual(opened);
    expect(toEngine(opened)).toEqual({
      licenses: { web01: { ip: UNKNOWN_TEXT, maxPrice: "14.00 EUR" }, web02: "192.0.2.10" },
    });
  });

  it("are not changed in place", () => {
    const given = Object.freeze({ web01: Object.freeze({ ip: UNKNOWN_TEXT }), web02: Object.freeze({ ip: null }) });
    expect(fromEngine(given)).toEqual({ web01: { ip: UNKNOWN }, web02: {} });
  });
});
