import type { Life } from "../../bench/results.mts";
import { OPERATIONS, type Operation, type SubjectName } from "../../bench/subjects.mts";

/** What the repetitions of one subject took, the same for each operation that is not named by itself. */
export interface Taken {
  readonly size?: number;
  readonly latencyMs?: number;
  readonly seconds?: readonly number[];
  readonly operations?: Partial<Record<Operation, number>>;
  readonly memory?: number;
}

/** The lives of a subject, without a benchmark. */
export function livesOf(
  subject: SubjectName,
  { size = 10, latencyMs = 0, seconds = [1], operations = {}, memory = 100 }: Taken,
): Life[] {
  return seconds.map((each, repetition) => {
    const samples = OPERATIONS.map((operation) => [
      operation,
      {
        seconds: operations[operation] ?? each,
        cpu: { engine: 1, host: 1, program: 1, panel: 1 },
        hostMemory: memory,
        calls: repetition === 0 ? { list: 2 } : { list: 3 },
      },
    ]);
    return {
      subject,
      size,
      latencyMs,
      day: `2026-01-${15 + repetition}`,
      samples: Object.fromEntries(samples),
      stored: { bytesPerLicense: 100, providerBytes: 50 },
    };
  });
}

export const MACHINE = { cpu: "a CPU", cores: 2, memoryBytes: 2 ** 33, system: "Linux", node: "24", pulumi: "3" };
