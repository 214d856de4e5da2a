import type { Effect } from "./effect";
import type { Fault, Faults } from "./faults";
import { checkFault } from "./faultTable";

/** What a fault needs to know of a call. */
interface Asked {
  readonly func: string;
  readonly effect: Effect;
}

interface Armed {
  readonly fault: Fault;
  skip: number;
  left: number;
}

export class ArmedFaults implements Faults {
  private waiting: Armed[] = [];

  /** @param refuse lets nobody in for so many seconds */
  constructor(readonly refuse: (seconds: number) => void) {}

  arm(given: Fault): void {
    checkFault(given);
    const fault = structuredClone(given);
    if (fault.kind === "refused" && fault.func === undefined) {
      this.refuse(fault.seconds);
      return;
    }
    const { times = 1, skip = 0 } = fault;
    this.waiting.push({ fault, skip, left: times === "always" ? Number.POSITIVE_INFINITY : times });
  }

  armed(): Fault[] {
    return this.waiting.map(({ fault, left, skip }) => ({
      ...structuredClone(fault),
      times: Number.isFinite(left) ? left : "always",
      skip,
    }));
  }

  clear(): void {
    this.waiting = [];
  }

  /** What happens to this call. */
  take(call: Asked): Fault | undefined {
    const meant = this.waiting.filter(({ fault }) => isMeant(fault, call));
    const due = meant.find(({ skip }) => skip === 0);
    for (const armed of meant) if (armed.skip > 0) armed.skip -= 1;
    if (due === undefined) return undefined;
    due.left -= 1;
    this.waiting = this.waiting.filter(({ left }) => left > 0);
    return due.fault;
  }
}

function isMeant({ kind, func, effect }: Fault, call: Asked): boolean {
  const wanted = kind === "twin" ? "charge" : effect;
  return (func ?? call.func) === call.func && (wanted ?? call.effect) === call.effect;
}

/** Whether the panel carries the call out all the same. */
export function isBooked(fault: Fault): boolean {
  switch (fault.kind) {
    case "reset":
    case "error":
      return false;
    case "http":
    case "login-page":
      return fault.booked === true;
    default:
      return true;
  }
}
