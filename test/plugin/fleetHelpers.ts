/** A simulator, a plugin and a fleet that the engine knows, for tests of the wire protocol. */
import { afterEach, beforeEach, expect } from "vitest";
import { claimOf } from "../../provider/license/claim";
import { type Simulator, startSimulator } from "../../simulator/index";
import { type RunningPlugin, startPlugin, type Values } from "./helpers";

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const ORDER = "softexternal.order.param";
export const DIFF = { none: 1, some: 2 };

export const URN = "urn:pulumi:dev::test::billmanager:index:LicenseFleet::servers";
export const FLEET = `servers-${claimOf(URN)}`;
export const two = { product: "cloudlinux", licenses: { web01: "192.0.2.10", "web02.example.com": "192.0.2.11" } };

const PASSWORD = "canary-P4ss%wörd&<>";

/** New ones for each test. */
export let panel: Simulator;
export let plugin: RunningPlugin;

/** Has each test of a file begin with an empty account and a plugin that knows nothing. */
export function startingAnewForEachTest(): void {
  beforeEach(async () => {
    panel = await startSimulator({ accounts: [{ username: "tester", password: PASSWORD, balance: "1000.00" }] });
    plugin = await startPlugin();
  });
  afterEach(async () => {
    await plugin.stop();
    await panel.close();
  });
}

export function login(more: Values = {}): Promise<void> {
  return plugin.configure({ endpoint: panel.endpoint, username: "tester", password: PASSWORD, ...more });
}

/** As the next run of the engine does. */
export async function startAnew(config: Values = {}): Promise<void> {
  await plugin.stop();
  plugin = await startPlugin();
  await login(config);
}

/** What the engine has of a fleet. */
interface Saved {
  readonly id: string;
  readonly inputs: Values;
  readonly outputs: Values;
}

/** The inputs that a check records, with nothing wrong about them. */
export async function checked(news: Values, olds: Values = {}): Promise<Values> {
  const { inputs, failures } = await plugin.check(URN, olds, news);
  expect(failures).toEqual({});
  return inputs;
}

/** A fleet that is there, as the engine of the next run has it. */
export async function ordered(news: Values = two): Promise<Saved> {
  await login();
  const inputs = await checked(news);
  const fleet = { ...(await plugin.create(URN, inputs)), inputs };
  await startAnew();
  panel.clearJournal();
  return fleet;
}

export function membersOf({ licenses }: Values): Readonly<Record<string, Values>> {
  return licenses as Readonly<Record<string, Values>>;
}

/** The functions that were called, and those of them that change something. */
export const calls = () => panel.journal().map(({ func }) => func);
export const changing = () => panel.journal().flatMap(({ func, effect }) => (effect === "read" ? [] : [func]));

/** Each license with its address and the vendor's digit for its status. */
export const books = () => panel.licenses().map(({ ip, status }) => `${ip} ${status}`);
