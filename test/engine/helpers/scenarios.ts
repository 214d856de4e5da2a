import { expect } from "vitest";
import type { Simulator, SimulatorOptions } from "../../../simulator/index";
import { changing, type DeclaredLicense, FACES, type Face, type Stage, setStage } from "./harness";

type Program = Readonly<Record<string, DeclaredLicense>>;

/** One run of the engine, and what has to come of it on either face. */
export interface Step {
  readonly run: "preview" | "up" | "refresh" | "destroy";
  readonly flags?: readonly string[];
  /** What the program declares from now on. */
  readonly program?: Program;
  /** What happens at the vendor before the run. */
  readonly before?: (panel: Simulator) => void;
  /** The calls that change or charge, in their order. */
  readonly changes: readonly string[];
  /** What a run that fails says. */
  readonly fails?: string;
  /** A line that a run says. */
  readonly says?: string;
}

export interface Scenario {
  readonly title: string;
  readonly simulator?: SimulatorOptions;
  readonly config?: Readonly<Record<string, string>>;
  /** Members of a fleet share the lists that are asked for while they wait: how many there are is a matter of time. */
  readonly sharesLists?: true;
  readonly steps: readonly Step[];
}

/** What a step has led to, as far as both faces have to agree. */
interface Outcome {
  readonly code: number | null;
  /** With their parameters. */
  readonly changes: readonly string[];
  /** How often each was called, in the order of their names. */
  readonly reads: readonly string[];
  readonly ledger: readonly string[];
  readonly books: readonly string[];
  readonly state: readonly string[];
  /** The lines of the provider, each once. */
  readonly said: readonly string[];
  readonly output: string;
}

/** Has each step come out as the scenario says on either face, and both faces agree in all that they call, save and say. */
export async function playOnBothFaces(scenario: Scenario): Promise<void> {
  const [dynamic = [], plugin = []] = await Promise.all(FACES.map((face) => play(scenario, face)));
  scenario.steps.forEach((step, number) => {
    for (const [face, outcomes] of Object.entries({ dynamic, plugin })) {
      const { output, code, changes } = outcomes[number] as Outcome;
      const where = `step ${number + 1} on the ${face} face:\n${output}`;
      expect(
        changes.map((call) => call.split(" ")[0]),
        where,
      ).toEqual(step.changes);
      expect(code === 0, where).toBe(step.fails === undefined);
      expect(output, where).toContain(step.fails ?? step.says ?? "");
    }
    const agreed = ({ output: _, reads, ...others }: Outcome) => ({
      ...others,
      reads: scenario.sharesLists ? reads.map((call) => call.replace(/^\d+ × (?=softexternal → list$)/, "")) : reads,
    });
    expect(agreed(plugin[number] as Outcome), `step ${number + 1}`).toEqual(agreed(dynamic[number] as Outcome));
  });
}

/** Plays the steps on one face, from an empty account on. */
async function play({ simulator, config, steps }: Scenario, face: Face): Promise<Outcome[]> {
  const options = { face, ...(simulator && { simulator }), workspace: { ...(config && { config }) } };
  const stage = await setStage(options);
  try {
    const outcomes: Outcome[] = [];
    for (const step of steps) {
      outcomes.push(await take(stage, step));
    }
    return outcomes;
  } finally {
    await stage.close();
  }
}

async function take(stage: Stage, { run, flags = [], program, before }: Step): Promise<Outcome> {
  const { panel, workspace } = stage;
  if (program !== undefined) {
    await stage.declare(program);
  }
  before?.(panel);
  panel.clearJournal();
  const oneByOne = run === "preview" ? ["--parallel", "1"] : ["--parallel", "1", "--skip-preview"];
  const { code, output } = await workspace[run](...oneByOne, ...flags);
  const entries = panel.journal();
  const host = new URL(panel.endpoint).host;
  const neutral = (text: string) => text.replaceAll(host, "<host>");
  return {
    code,
    output,
    changes: changing(entries).map(({ func, params, result }) => `${func} ${told(params)} → ${result}`),
    reads: counted(entries.filter(({ effect }) => effect === "read").map(({ func, result }) => `${func} → ${result}`)),
    ledger: panel
      .ledger()
      .map(({ kind, tariff, ip, amount, license }) => `${kind} ${license} ${tariff} ${ip} ${amount}`),
    books: panel
      .licenses()
      .map(({ id, status, licname, ip, expiredate, autoprolong }) =>
        [id, status, licname, ip, expiredate, autoprolong].join(" "),
      ),
    state: (await workspace.licenses())
      .map(({ id, urn, outputs }) => {
        const { __provider: _, ...shown } = outputs ?? {};
        const sorted = Object.entries(shown).sort(([one], [other]) => one.localeCompare(other));
        return neutral(`${urn.split("::").at(-1)} ${id} ${JSON.stringify(sorted)}`);
      })
      .sort(),
    said: [...new Set(linesOf(output).map(neutral))].sort(),
  };
}

/** What a call asks for, without the login. */
function told({ authinfo: _, auth: __, ...params }: Readonly<Record<string, string>>): string {
  return new URLSearchParams(Object.entries(params).sort(([one], [other]) => one.localeCompare(other))).toString();
}

function counted(calls: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const call of calls) {
    counts.set(call, (counts.get(call) ?? 0) + 1);
  }
  return [...counts].map(([call, count]) => `${count} × ${call}`).sort();
}

/** The lines about licenses: each names one, after the word for a warning where it is one. Errors are told in each host's own way. */
function linesOf(output: string): string[] {
  const diagnostics = output.split("\nDiagnostics:\n")[1] ?? "";
  return diagnostics
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !/^\w*error: /i.test(line))
    .filter((line) =>
      /^(?:warning: )?[^:]+: (?:[^:]+: )?(?:an? |license |found |nothing |this |the |auto|with |in all)/.test(line),
    );
}
