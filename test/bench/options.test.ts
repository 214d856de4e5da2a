import { describe, expect, it } from "vitest";
import { readOptions } from "../../bench/options.mts";
import { declaration, licensesOf, SUBJECTS } from "../../bench/subjects.mts";

describe("the options", () => {
  it("measure everything unless told", () => {
    expect(readOptions([])).toEqual({
      subjects: SUBJECTS,
      sizes: [100, 300, 500, 1000],
      latencies: [0, 50, 200],
      repetitions: 3,
      rounds: 3,
      starts: 15,
      parts: ["stacks", "start"],
      warmUp: true,
      write: true,
    });
  });

  it("can be a small run that writes nothing", () => {
    expect(readOptions(["--quick"])).toMatchObject({ sizes: [3], repetitions: 1, rounds: 1, write: false });
    expect(readOptions(["--only", "start", "--starts", "9"])).toMatchObject({ parts: ["start"], starts: 9 });
    expect(readOptions(["--sizes", "300,20", "--no-write"])).toMatchObject({ sizes: [20, 300], write: false });
    expect(readOptions(["--subjects", "fleetPlugin,bare"])).toMatchObject({ subjects: ["bare", "fleetPlugin"] });
  });

  it("name the files that keep results", () => {
    expect(readOptions(["--out", "kept.json"])).toMatchObject({ out: "kept.json" });
    expect(readOptions(["--render", "a.json,b.json"])).toMatchObject({ render: ["a.json", "b.json"] });
  });

  it("refuse what makes no sense", () => {
    for (const args of [
      ["--sizes", "0"],
      ["--latencies", "fast"],
      ["--only", "stop"],
      ["--subjects", "license,fast"],
      ["--starts", "0"],
      ["--repetitions", "-1"],
      ["--rounds", "0"],
      ["--what"],
    ]) {
      expect(() => readOptions(args)).toThrow();
    }
  });
});

describe("the licenses of a benchmark", () => {
  it("have addresses of their own, and a tenth of them others later", () => {
    const [before, after] = [licensesOf(1000, false), licensesOf(1000, true)];
    expect(new Set(Object.values(after)).size).toBe(1000);
    expect(Object.keys(before).filter((name) => before[name] !== after[name])).toHaveLength(100);
    expect(licensesOf(1, true)).not.toEqual(licensesOf(1, false));
  });

  it("are declared one by one, or as one fleet", () => {
    const licenses = licensesOf(2, false);
    const [file, program] = declaration("fleetPlugin", licenses);
    expect(file).toBe("Pulumi.yaml");
    expect(JSON.parse(program).resources.fleet.properties.licenses).toEqual(licenses);
    for (const subject of ["license", "licensePlugin", "fleet"] as const) {
      expect(declaration(subject, licenses)).toEqual(["licenses.json", JSON.stringify(licenses)]);
    }
  });
});
