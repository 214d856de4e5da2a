import { Panel } from "../../provider/billmanager/panel";
import { type LicenseId, licenseId } from "../../provider/billmanager/types";
import { automaticName, claimOf } from "../../provider/license/claim";
import type { Wish } from "../../provider/license/inputs";
import { Run, type SharedDeclarations } from "../../provider/license/run";
import type { Settings } from "../../provider/license/settings";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/index";

const ACCOUNT = { username: "tester", password: "canary-P4ss" };

/** One account at a simulator, and processes of the provider that work on it one after the other. */
export interface Bench {
  readonly simulator: Simulator;
  /** What has been said to the user, all runs together. */
  readonly said: string[];
  /** A new process of the provider: it knows nothing of the ones before. */
  run(
    settings?: Partial<Settings>,
    engineIsGone?: () => Promise<boolean>,
    now?: () => Date,
    declarations?: SharedDeclarations,
  ): Run;
  /** Every request since the last time, as `func → result`. */
  calls(): string[];
  /** Every movement of money, as `kind tariff`. */
  spending(): string[];
  close(): Promise<void>;
}

export async function setUp({
  balance = "1000.00",
  credit = "0.00",
  ...options
}: SimulatorOptions & { balance?: string; credit?: string } = {}): Promise<Bench> {
  const simulator = await startSimulator({ accounts: [{ ...ACCOUNT, balance, credit }], ...options });
  const panels: Panel[] = [];
  const said: string[] = [];
  return {
    simulator,
    said,
    run(settings = {}, engineIsGone = () => Promise.resolve(false), now = () => new Date(), declarations?) {
      const all: Settings = {
        ...ACCOUNT,
        endpoint: simulator.endpoint,
        auth: "authinfo",
        pricelists: {},
        timeout: 5,
        activationTimeout: 5,
        searchTimeout: 1,
        parallel: 8,
        allowOrders: true,
        sendRemoteId: true,
        owner: "",
        ...settings,
      };
      const panel = new Panel({ ...all, timeoutSeconds: all.timeout });
      panels.push(panel);
      const log = {
        info: (line: string) => void said.push(line),
        warn: (line: string) => void said.push(`warning: ${line}`),
      };
      return new Run(panel, all, { log, engineIsGone, now, declarations });
    },
    calls() {
      const calls = simulator.journal().map((entry) => `${entry.func} → ${entry.result}`);
      simulator.clearJournal();
      return calls;
    },
    spending: () => simulator.ledger().map(({ kind, tariff }) => `${kind} ${tariff}`),
    async close() {
      await Promise.all(panels.map((panel) => panel.close()));
      await simulator.close();
    },
  };
}

export function wishFor(name: string, changes: Partial<Wish> = {}): Wish {
  const claim = claimOf(`urn:pulumi:dev::test::billmanager:index:License::${name}`);
  return {
    claim,
    licenseName: automaticName(name, claim),
    product: "cloudlinux",
    pricelist: 9203,
    ip: "192.0.2.10",
    period: 1,
    suspended: false,
    autoRenew: false,
    deletionPolicy: "delete",
    recreateWhenDeleted: false,
    ...changes,
  };
}

export const UNHEARD_OF: LicenseId = licenseId("9999999");
