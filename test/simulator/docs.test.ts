import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { panel } from "./panel";

const page = readFile(join(__dirname, "../../docs/simulator.md"), "utf8");

describe("docs/simulator.md", () => {
  it("lists every knob with its default, and no other", async () => {
    const { simulator } = await panel();
    const rows = (await page)
      .slice((await page).indexOf("## Knobs"))
      .matchAll(/^\| `(\w+)` \| (?:per action: )?`([^`]*)`/gm);
    const listed = Object.fromEntries([...rows].map(([, name, value]) => [name, value]));
    const { processing, ...others } = simulator.knobs;
    const defaults = Object.entries(others).map(([name, value]) => [
      name,
      typeof value === "string" && value !== "" ? value : JSON.stringify(value),
    ]);
    expect(listed).toEqual({ processing: JSON.stringify(processing.open), ...Object.fromEntries(defaults) });
  });

  it("lists every fault, and no other", async () => {
    const { simulator } = await panel();
    const section = /## Faults(.*?)All take/s.exec(await page)?.[1] ?? "";
    const listed = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, kind]) => kind);
    const arm = () => simulator.faults.arm({ kind: "none" } as never);
    expect(arm).toThrow(`expected one of ${listed.join(", ")}`);
  });

  it("lists every outside act", async () => {
    const { simulator } = await panel();
    const section = /### Acts of others(.*?)\n## /s.exec(await page)?.[1] ?? "";
    const listed = [...section.matchAll(/^\| ([^|]+) \|/gm)].flatMap(
      ([, cell]) => cell?.match(/(?<=`)\w+(?=`)/g) ?? [],
    );
    expect(listed.sort()).toEqual(Object.keys(simulator.outside).sort());
  });
});
