/* A panel whose list names no day until which a license is paid: it may show a phrase there, and the date in the form. */
import { afterEach, describe, expect, it } from "vitest";
import type { CalendarDate } from "../../provider/billmanager/types";
import { addMonths } from "../../provider/license/calendar";
import { createLicense } from "../../provider/license/create";
import type { Wish } from "../../provider/license/inputs";
import { readLicenseOutputs } from "../../provider/license/read";
import { diffLicense, updateLicense } from "../../provider/license/update";
import { type Gate, startGate } from "../engine/helpers/gate";
import { type Bench, setUp, wishFor } from "./helpers";

const LIST = "softexternal → list";
const FORM = "softexternal.edit → form";
const NO_DATE =
  "the panel shows no date until which this license is paid, so no update can renew it: look in the panel, and renew it there";

let bench: Bench;
let gate: Gate;
afterEach(async () => {
  await gate.close();
  await bench.close();
});

/** @param forms whether the form shows the date */
async function begin(forms: boolean): Promise<void> {
  bench = await setUp({ now: "2026-01-15" });
  gate = await startGate(bench.simulator);
  gate.rewrite((call, answer) =>
    call.get("func") === "softexternal" || !forms
      ? answer.replaceAll(/<expiredate>[^<]*<\/expiredate>/g, "<expiredate>Daily charges</expiredate>")
      : answer,
  );
}
const day = (text: string) => text as CalendarDate;
const today = () => bench.simulator.clock.today() as CalendarDate;
const run = () =>
  bench.run({ endpoint: gate.endpoint, activationTimeout: 1 }, undefined, () => bench.simulator.clock.now());
const wish = (changes: Partial<Wish> = {}) => wishFor("web01", changes);
const warnings = () => bench.said.filter((line) => line.startsWith("warning: "));

describe("a date that only the form shows", () => {
  it("is read there for renewals, which are paid by it", async () => {
    await begin(true);
    const paid = wish({ paidUntil: day("2026-03-15"), renewBeforeDays: 7 });
    const { id, outputs } = await createLicense(run(), paid);
    expect(outputs.expiresOn).toBe("2026-03-15");
    bench.simulator.clock.set("2026-03-10");
    const seen = await readLicenseOutputs(run(), id, outputs);
    expect(diffLicense(seen, paid, today()).steps).toEqual(["renews until 2026-04-15 at 14.00 EUR / Month"]);
    expect(await updateLicense(run(), id, seen, paid)).toMatchObject({ expiresOn: "2026-04-15" });
    expect(bench.spending()).toEqual(["order CloudLinux", "prolong CloudLinux", "prolong CloudLinux"]);
    expect(warnings()).toEqual([]);
  });

  it("is looked for as soon as a renewal is asked for, and not before", async () => {
    await begin(true);
    const { id, outputs } = await createLicense(run(), wish());
    expect(outputs).not.toHaveProperty("expiresOn");
    bench.calls();
    expect(await readLicenseOutputs(run(), id, outputs)).not.toHaveProperty("expiresOn");
    expect(bench.calls()).toEqual([LIST]);
    const updated = await updateLicense(run(), id, outputs, wish({ renewBeforeDays: 7 }));
    expect(updated).toMatchObject({ expiresOn: "2026-02-15", renewBeforeDays: 7 });
    expect(bench.calls()).toEqual([LIST, FORM]);
  });

  it("is what a license that is taken over is renewed by", async () => {
    await begin(true);
    const id = bench.simulator.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.10" });
    const { outputs } = await createLicense(run(), wish({ adoptId: id, paidUntil: day("2026-03-01") }));
    expect(outputs.expiresOn).toBe(addMonths(day("2026-01-15"), 2));
  });
});

describe("a date that nothing shows", () => {
  it("is told where a renewal is asked for", async () => {
    await begin(false);
    const { id, outputs } = await createLicense(run(), wish({ renewBeforeDays: 7 }));
    expect(warnings()).toEqual([`warning: ${outputs.licenseName}: ${NO_DATE}`]);
    const seen = await readLicenseOutputs(run(), id, outputs);
    expect(diffLicense(seen, wish({ renewBeforeDays: 7 }), today()).warnings).toEqual([NO_DATE]);
    expect(diffLicense(seen, wish(), today()).warnings).toEqual([]);
  });

  it("is told where the panel refuses the form", async () => {
    await begin(false);
    const { outputs } = await createLicense(run(), wish());
    bench.simulator.faults.arm({ func: "softexternal.edit", kind: "error", type: "access", times: 9 });
    const id = bench.simulator.licenses()[0]?.id ?? "";
    await updateLicense(run(), id as never, outputs, wish({ renewBeforeDays: 7 }));
    expect(warnings()).toEqual([`warning: ${outputs.licenseName}: ${NO_DATE}`]);
  });
});
