import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { JournalEntry, SimulatedLicense } from "pulumi-billmanager/simulator";
import { cpuSeconds } from "./processes.mts";

/** How often each kind of call was made, such as `softexternal.edit → form`. */
export type Calls = Readonly<Record<string, number>>;

const COMMAND = join(import.meta.dirname, "../dist/cli/main.js");

/** The package's simulator as a process of its own, as a vendor's panel would be: what it takes is not mistaken for the provider's. */
export class Panel {
  readonly endpoint: string;
  /** Of the simulator's account. */
  readonly username = "demo";
  readonly password = "demo";
  readonly #process: ChildProcess;
  readonly #control: string;

  private constructor(process: ChildProcess, endpoint: string, control: string) {
    this.#process = process;
    this.endpoint = endpoint;
    this.#control = control;
  }

  /**
   * @param latencyMs how long each answer is held back
   * @param balance what the account can spend
   */
  static async start(latencyMs: number, balance = "1000000.00"): Promise<Panel> {
    const knobs = JSON.stringify({ latencyMs });
    const child = spawn(process.execPath, [COMMAND, "simulate", "--balance", balance, "--knobs", knobs], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const addresses = new Map<string, string>();
    for await (const line of createInterface(child.stdout)) {
      const [, name, address] = /^ {2}(endpoint|control) +(\S+)$/.exec(line) ?? [];
      if (name !== undefined && address !== undefined) {
        addresses.set(name, address);
      }
      const [endpoint, control] = [addresses.get("endpoint"), addresses.get("control")];
      if (endpoint !== undefined && control !== undefined) {
        child.stdout.resume();
        return new Panel(child, endpoint, control);
      }
    }
    throw new Error("the simulator ended before it told its addresses");
  }

  /** The calls since the last time that they were taken. */
  async takeCalls(): Promise<Calls> {
    const journal = (await (await fetch(`${this.#control}/journal`)).json()) as JournalEntry[];
    await fetch(`${this.#control}/journal`, { method: "DELETE" });
    const calls: Record<string, number> = {};
    for (const { func, result } of journal) {
      const call = `${func} → ${result}`;
      calls[call] = (calls[call] ?? 0) + 1;
    }
    return calls;
  }

  /** What the account holds; read past the API, and in no journal. */
  async licenses(): Promise<SimulatedLicense[]> {
    return (await (await fetch(`${this.#control}/licenses`)).json()) as SimulatedLicense[];
  }

  cpuSeconds(): number {
    return this.#process.pid === undefined ? 0 : cpuSeconds(this.#process.pid);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, "exit");
      this.#process.kill();
      await ended;
    }
  }
}
