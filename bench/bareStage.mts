import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Panel } from "./panel.mts";
import { watchSession } from "./processes.mts";
import type { Sample, Stage } from "./stage.mts";
import { licensesOf, type Operation, PARALLEL } from "./subjects.mts";

const SENDER = join(import.meta.dirname, "programs/bare/index.js");
/** The rows that a provider asks for in one page of the list. */
const PAGE_SIZE = 1000;

/**
 * The requests that an operation cannot do without, one for each license to order, move or give up, sent by undici and nothing else. What
 * is measured begins with the first request and ends with the last answer, without the start of the process.
 */
export class BareStage implements Stage {
  readonly #panel: Panel;
  readonly #size: number;
  readonly #signal: AbortSignal;

  private constructor(panel: Panel, size: number, signal: AbortSignal) {
    this.#panel = panel;
    this.#size = size;
    this.#signal = signal;
  }

  static async open(size: number, latencyMs: number, signal: AbortSignal): Promise<BareStage> {
    return new BareStage(await Panel.start(latencyMs), size, signal);
  }

  async run(operation: Operation): Promise<Sample> {
    this.#signal.throwIfAborted();
    const bodies = (await this.#requests(operation)).map((params) => this.#body(params));
    const panelBefore = this.#panel.cpuSeconds();
    const sender = spawn(process.execPath, [SENDER], { stdio: ["pipe", "pipe", "inherit"], detached: true });
    const interrupt = () => sender.kill("SIGINT");
    this.#signal.addEventListener("abort", interrupt);
    const watch = watchSession(sender.pid ?? 0);
    const closed = once(sender, "close");
    sender.stdin.end(JSON.stringify({ endpoint: this.#panel.endpoint, bodies, parallel: PARALLEL }));
    const seconds = Number(await text(sender.stdout));
    const [code] = await closed;
    const { cpu } = watch.stop();
    this.#signal.removeEventListener("abort", interrupt);
    this.#signal.throwIfAborted();
    if (code !== 0) {
      throw new Error(`the bare requests of "${operation}" failed`);
    }
    return {
      seconds,
      cpu: { engine: 0, host: 0, program: cpu.engine, panel: this.#panel.cpuSeconds() - panelBefore },
      hostMemory: 0,
      calls: await this.#panel.takeCalls(),
    };
  }

  async state(): Promise<undefined> {
    return undefined;
  }

  close(): Promise<void> {
    return this.#panel.stop();
  }

  async #requests(operation: Operation): Promise<Record<string, string>[]> {
    switch (operation) {
      case "create": {
        const order = { func: "softexternal.order.param", pricelist: "9203", period: "1", skipbasket: "on", sok: "ok" };
        return Object.entries(licensesOf(this.#size, false)).map(([licname, ip]) => ({ ...order, licname, ip }));
      }
      case "unchanged":
        return [];
      case "change": {
        const [before, after] = [licensesOf(this.#size, false), licensesOf(this.#size, true)];
        return (await this.#panel.licenses())
          .filter(({ licname }) => before[licname] !== after[licname])
          .map(({ id, licname }) => ({
            func: "softexternal.edit",
            elid: id,
            licname,
            ip: after[licname] ?? "",
            sok: "ok",
          }));
      }
      case "refresh":
        return Array.from({ length: Math.ceil(this.#size / PAGE_SIZE) }, (_, page) => ({
          func: "softexternal",
          filter: "off",
          p_cnt: String(PAGE_SIZE),
          p_num: String(page + 1),
        }));
      case "destroy":
        return (await this.#panel.licenses()).map(({ id }) => ({ func: "softexternal.delete", elid: id, sok: "ok" }));
    }
  }

  #body(params: Readonly<Record<string, string>>): string {
    const authinfo = `${this.#panel.username}:${this.#panel.password}`;
    return new URLSearchParams({ authinfo, out: "xml", ...params }).toString();
  }
}
