import { beforeAll, describe, expect, it } from "vitest";
import { Figures } from "../../bench/figures.mts";
import { measure } from "../../bench/measure.mts";
import type { Calls } from "../../bench/panel.mts";
import { renderStacks } from "../../bench/report.mts";
import type { Life } from "../../bench/results.mts";
import { measureStarts, STARTS, type StartTimes } from "../../bench/start.mts";
import { OPERATIONS, type Operation, SUBJECTS, type SubjectName } from "../../bench/subjects.mts";
import { ensurePulumi } from "../../tools/pulumi/ensure.mts";
import { MACHINE } from "./lives";

const LIST = "softexternal → list";
const ORDER = "softexternal.order.param → ok";
const BALANCE = "subaccount → list";
const QUOTE = "softexternal.order.param → form";
const FORM = "softexternal.edit → form";
const EDIT = "softexternal.edit → ok";
const DELETE = "softexternal.delete → ok";

/** Figures of so small a run mean nothing, and none of them is judged here. */
describe.runIf(process.platform === "linux")("the benchmark, with three licenses", () => {
  let lives: readonly Life[] = [];
  let started: StartTimes;
  const saved: number[] = [];
  const said: string[] = [];

  beforeAll(async () => {
    const options = {
      cli: await ensurePulumi({ report: () => undefined }),
      subjects: SUBJECTS,
      sizes: [3],
      latencies: [0],
      repetitions: 1,
      rounds: 1,
      warmUp: false,
      signal: new AbortController().signal,
      report: (line: string) => said.push(line),
    };
    started = await measureStarts({ starts: 2, ...options });
    const save = async (kept: readonly Life[]) => {
      lives = kept;
      saved.push(kept.length);
    };
    await measure({ ...options, subjects: ["bare"] }, [], save);
    await measure(options, lives, save);
  });

  const calls = (subject: SubjectName, operation: Operation): Calls | undefined =>
    lives.find((life) => life.subject === subject)?.samples[operation].calls;

  it("goes on from what was measured before", () => {
    expect(saved).toEqual([1, SUBJECTS.length]);
    expect(lives.map(({ subject }) => subject).toSorted()).toEqual([...SUBJECTS].sort());
  });

  it.each(["license", "licensePlugin", "fleet", "fleetPlugin"] as const)(
    "counts what this package calls: %s",
    (subject) => {
      expect(calls(subject, "create")).toEqual({
        [BALANCE]: 1,
        [QUOTE]: expect.any(Number),
        [LIST]: expect.any(Number),
        [ORDER]: 3,
      });
      expect(calls(subject, "unchanged")).toEqual({});
      expect(calls(subject, "change")).toEqual({ [LIST]: expect.any(Number), [EDIT]: 1 });
      expect(calls(subject, "refresh")).toEqual({ [LIST]: 1 });
      expect(calls(subject, "destroy")).toEqual({ [LIST]: expect.any(Number), [DELETE]: 3 });
    },
  );

  it("has the plugin serve what is to be served by it, and dynamic resources what is not", () => {
    const texts = SUBJECTS.map((subject) => lives.find((life) => life.subject === subject)?.stored?.providerBytes);
    expect(SUBJECTS.filter((_, index) => texts[index] === 0)).toEqual(["licensePlugin", "fleetPlugin"]);
  });

  it("counts a call of the naive provider for each thing that it does, and none of the engine alone", () => {
    expect(calls("naive", "create")).toEqual({ [ORDER]: 3, [FORM]: 3 });
    expect(calls("naive", "unchanged")).toEqual({});
    expect(calls("naive", "change")).toEqual({ [EDIT]: 1, [FORM]: 1 });
    expect(calls("naive", "refresh")).toEqual({ [FORM]: 3 });
    expect(calls("naive", "destroy")).toEqual({ [DELETE]: 3 });
    for (const operation of OPERATIONS) {
      expect(calls("floor", operation)).toEqual({});
    }
  });

  it("sends bare what cannot be done without", () => {
    const sent = OPERATIONS.map((operation) => calls("bare", operation));
    expect(sent).toEqual([{ [ORDER]: 3 }, {}, { [EDIT]: 1 }, { [LIST]: 1 }, { [DELETE]: 3 }]);
  });

  it("sees what the processes of every run of the engine take", () => {
    for (const { subject, samples } of lives.filter((life) => life.subject !== "bare")) {
      for (const operation of OPERATIONS) {
        const { seconds, cpu, hostMemory } = samples[operation];
        expect(seconds, subject).toBeGreaterThan(0);
        expect(cpu.engine, subject).toBeGreaterThan(0);
        expect(cpu.host, subject).toBeGreaterThan(0);
        expect(hostMemory, subject).toBeGreaterThan(20e6);
      }
    }
  });

  it("sees each plugin accept a license as often as it was started", () => {
    for (const name of STARTS) {
      expect(started[name]).toEqual([expect.any(Number), expect.any(Number)]);
      expect(Math.min(...started[name])).toBeGreaterThan(10);
    }
  });

  it("makes a page of it without a gap", () => {
    const page = renderStacks(new Figures(lives), MACHINE);
    expect(page).toContain("### Answers at once");
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });
});
