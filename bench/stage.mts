import type { Calls } from "./panel.mts";
import type { Part } from "./processes.mts";
import type { StateFigures } from "./state.mts";
import type { Operation } from "./subjects.mts";

/** One operation, once. */
export interface Sample {
  readonly seconds: number;
  /** CPU seconds, of the user and of the system. */
  readonly cpu: Readonly<Record<Part | "panel", number>>;
  readonly hostMemory: number;
  readonly calls: Calls;
}

/** One subject with a panel of its own, and with a stack where it is a Pulumi program. */
export interface Stage {
  run(operation: Operation): Promise<Sample>;
  /** `undefined` where there is no state. */
  state(): Promise<StateFigures | undefined>;
  close(): Promise<void>;
}
