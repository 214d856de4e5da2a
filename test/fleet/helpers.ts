import { createFaces, type DynamicFace, type DynamicFaces } from "../../provider/dynamicProvider";
import { automaticName, claimOf } from "../../provider/license/claim";
import type { SharedDeclarations } from "../../provider/license/run";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/index";

type Properties = Record<string, unknown>;

const ACCOUNT = { username: "tester", password: "canary-P4ss" };

/** One license of a fleet, as it stands in the outputs. */
export interface Member {
  readonly id: string;
  readonly licenseName: string;
  readonly claim: string;
  readonly ip?: string;
  readonly pricelist: number;
  readonly status: string;
  readonly expiresOn?: string;
}

/** What the engine has of a fleet. */
export interface State {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** What an update has come to. */
export interface Ended {
  readonly failures?: readonly string[];
  readonly reasons?: readonly string[];
}

export const FLEET = fleetOf("web");

/** What the package calls a fleet of this name. */
export function fleetOf(name: string): string {
  return automaticName(name, claimOf(`urn:pulumi:dev::test::billmanager:index:LicenseFleet::${name}`));
}

/** One fleet of one program, as the engine handles it: check, compare, create or update, in a new process each time. */
export class FleetStack {
  readonly printed: string[] = [];
  state: State | undefined;

  private constructor(
    readonly simulator: Simulator,
    private readonly config: Readonly<Record<string, string>>,
  ) {}

  static async start({
    balance = "10000.00",
    config = {},
    ...options
  }: SimulatorOptions & { balance?: string; config?: Readonly<Record<string, string>> } = {}): Promise<FleetStack> {
    const simulator = await startSimulator({ accounts: [{ ...ACCOUNT, balance }], ...options });
    return new FleetStack(simulator, { activationTimeout: "5", searchTimeout: "1", timeout: "5", ...config });
  }

  /** A process of the provider. */
  process(config: Readonly<Record<string, string>> = {}): DynamicFace {
    return this.faces(config).fleet;
  }

  /** The faces of one process, and what it shares with others of its run. */
  faces(config: Readonly<Record<string, string>> = {}, declarations?: SharedDeclarations): DynamicFaces {
    const faces = createFaces({
      print: (line) => this.printed.push(line),
      env: {
        BILLMANAGER_ENDPOINT: this.simulator.endpoint,
        BILLMANAGER_USERNAME: ACCOUNT.username,
        BILLMANAGER_PASSWORD: ACCOUNT.password,
      },
      declarations,
      engineIsGone: async () => false,
      now: () => this.simulator.clock.now(),
    });
    const settings = { ...this.config, ...config };
    void faces.fleet.configure({ config: { get: (key) => settings[key.replace("billmanager:", "")] } });
    return faces;
  }

  /** @returns what is wrong with the inputs, each as `property: reason` */
  async preview(inputs: Properties, config: Readonly<Record<string, string>> = {}): Promise<string[]> {
    const { failures } = await this.#compared(this.process(config), inputs);
    return failures;
  }

  async up(inputs: Properties, config: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const face = this.process(config);
    const { checked, failures, changes } = await this.#compared(face, inputs);
    if (failures.length > 0) {
      return { failures };
    }
    const { state } = this;
    try {
      if (state === undefined) {
        const { id, outs } = await face.create(checked);
        this.state = { id, inputs: checked, outputs: outs };
      } else if (changes) {
        const { outs } = await face.update(state.id, state.outputs, checked);
        this.state = { ...state, inputs: checked, outputs: outs };
      } else {
        this.state = { ...state, inputs: checked };
      }
      return {};
    } catch (error) {
      const { id, properties, reasons, message } = error as Error & {
        id?: string;
        properties?: Properties;
        reasons?: readonly string[];
      };
      if (id === undefined || properties === undefined || reasons === undefined) {
        return { reasons: [message] };
      }
      this.state = { id, inputs: checked, outputs: properties };
      return { reasons };
    }
  }

  async refresh(): Promise<void> {
    const state = this.#saved();
    const { props } = await this.process().read(state.id, state.outputs);
    this.state = { ...state, outputs: props };
  }

  async destroy(): Promise<void> {
    const state = this.#saved();
    await this.process().delete(state.id, state.outputs);
    this.state = undefined;
  }

  /** The licenses of the state, by their keys. */
  get members(): Readonly<Record<string, Member>> {
    return this.#saved().outputs.licenses as Record<string, Member>;
  }

  /** Licenses that are still to be given up. */
  get leaving(): Readonly<Record<string, Member>> {
    return (this.#saved().outputs.leaving ?? {}) as Record<string, Member>;
  }

  /** Every request since the last time, as `func → result`, with how often it came. */
  calls(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { func, result } of this.simulator.journal()) {
      const call = `${func} → ${result}`;
      counts[call] = (counts[call] ?? 0) + 1;
    }
    this.simulator.clearJournal();
    return counts;
  }

  lines(): string[] {
    return this.printed.splice(0).flatMap((text) => text.split("\n"));
  }

  /** How often the account was charged. */
  get charges(): number {
    return this.simulator.ledger().filter(({ kind }) => kind === "order" || kind === "prolong").length;
  }

  /** The vendor's own code of a license's status: 2 active, 3 suspended, 4 deleted. */
  statusOf(id: unknown): string | undefined {
    return this.simulator.licenses().find((license) => license.id === id)?.status;
  }

  close(): Promise<void> {
    return this.simulator.close();
  }

  #saved(): State {
    if (this.state === undefined) {
      throw new Error("the state holds no fleet");
    }
    return this.state;
  }

  async #compared(
    face: DynamicFace,
    inputs: Properties,
  ): Promise<{ checked: Properties; failures: string[]; changes: boolean }> {
    const { state } = this;
    const news = { __provider: "text", fleet: FLEET, ...inputs };
    const { inputs: checked, failures } = await face.check(state?.inputs ?? {}, news);
    const wrong = failures.map(({ property, reason }) => `${property}: ${reason}`);
    if (wrong.length > 0 || state === undefined) {
      return { checked: { ...checked, __provider: "text" }, failures: wrong, changes: true };
    }
    const { changes } = await face.diff(state.id, { ...state.outputs, __provider: "text" }, checked);
    return { checked: { ...checked, __provider: "text" }, failures: [], changes };
  }
}

/** `{ web001: "198.51.100.1", … }` */
export function servers(count: number, from = 1): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const number = from + index;
      return [`web${String(number).padStart(3, "0")}`, `198.51.${100 + Math.floor(number / 250)}.${number % 250}`];
    }),
  );
}
