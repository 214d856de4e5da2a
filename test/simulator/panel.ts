import { onTestFinished } from "vitest";
import { type SimulatorOptions, startSimulator } from "../../simulator";

/** A json answer, scalars unwrapped: `doc.id`, `doc.error.$type`. */
export type Doc = { [name: string]: Doc } & Doc[];

/** A simulator on 2026-01-15 that ends with the test, and a way to ask it things. */
export async function panel(options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ now: "2026-01-15", ...options });
  onTestFinished(() => simulator.close());

  /** Posts a form as `demo` and reads the answer as json. */
  async function ask(func: string, params: Record<string, string> = {}): Promise<Doc> {
    const body = new URLSearchParams({ authinfo: "demo:demo", out: "json", func, ...params });
    const response = await fetch(simulator.endpoint, { method: "POST", body });
    return docOf(await response.text());
  }

  const order = (params: Record<string, string> = {}) => ask("softexternal.order.param", { ...anOrder, ...params });

  /** Orders CloudLinux and returns the id. */
  async function ordered(params: Record<string, string> = {}): Promise<string> {
    const { id } = await order(params);
    return String(id);
  }

  /** The raw code of a license in the books. */
  const status = (id: string) => simulator.licenses().find((license) => license.id === id)?.status;
  const expires = (id: string) => simulator.licenses().find((license) => license.id === id)?.expiredate;

  return { simulator, ask, order, ordered, status, expires };
}

/** The contract's own example. */
export const anOrder = {
  clicked_button: "finish",
  ip: "10.10.10.10",
  licname: "web01",
  period: "1",
  pricelist: "9203",
  sok: "ok",
  skipbasket: "on",
};

/** An error's type and object. */
export function refusal(doc: Doc): string {
  return `${doc.error?.$type} ${doc.error?.$object}`;
}

export function docOf(text: string): Doc {
  return unwrapped(JSON.parse(text).doc) as Doc;
}

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "$") return entries[0][1];
  return Object.fromEntries(entries.map(([name, each]) => [name, unwrapped(each)]));
}
