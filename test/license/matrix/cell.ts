import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createFaces } from "../../../provider/dynamicProvider";
import {
  type Fault,
  type LedgerEntry,
  type SimulatedLicense,
  type Simulator,
  startSimulator,
} from "../../../simulator/index";
import { ModelledStack } from "../../model/engine";
import type { MatrixFault, Next } from "./faults";
import { ALONE, type Form } from "./forms";
import { CREATE, type Inputs, NAMING, type Operation, TODAY } from "./operations";

export const ACCOUNT = { username: "tester", password: "canary-P4ss%wörd&<>" };

/** One run of `pulumi up`, as its user and the panel have seen it. */
export interface Told {
  /** What has to have happened before it, in words. */
  readonly when: string;
  readonly errors: readonly string[];
  readonly printed: readonly string[];
  /** Calls that change or charge, as `func → result`; `result` is what the panel did. */
  readonly calls: readonly string[];
  readonly reads: number;
  /** Amounts of the ledger. */
  readonly spent: readonly string[];
}

export interface Books {
  readonly licenses: readonly SimulatedLicense[];
  readonly ledger: readonly LedgerEntry[];
}

/** What became of an operation that met a fault. */
export interface Life {
  readonly under: Told;
  /** Faults that were armed for one call and have not happened. */
  readonly unmet: readonly Fault[];
  readonly nexts: readonly Told[];
  /** One more run, which ought to have nothing to do. */
  readonly last: Told;
  readonly stack: ModelledStack;
  readonly books: Books;
  /** The license that the operation is about. */
  readonly id: string;
}

/** Lives through one cell: the operation under the fault, and the runs after it, each in a process of its own. */
export async function live(operation: Operation, fault: MatrixFault, form: Form = ALONE): Promise<Life> {
  const isNew = operation === CREATE || operation === NAMING;
  const balance = `${form.others + (fault.isPoor === true ? (isNew ? 5 : 20) : 1000)}.00`;
  const simulator = await startSimulator({ now: TODAY, accounts: [{ ...ACCOUNT, balance }] });
  try {
    const stack = new ModelledStack();
    const program = { simulator, stack, form };
    await up(program, operation.before);
    const id = form.licenseIn(stack.saved)?.id ?? "";
    fault.arm(simulator, operation, { id, form });
    const under = await up(program, operation.wanted, { fault, password: fault.password });
    const unmet = simulator.faults.armed().filter(({ times }) => times !== "always");
    await passes(simulator);
    const nexts: Told[] = [];
    let wanted = operation.wanted;
    for (const next of fault.nexts ?? [{ when: "" }]) {
      next.act?.(simulator);
      wanted = wanted && { ...wanted, ...next.adds?.((nexts.at(-1) ?? under).errors) };
      nexts.push(await up(program, wanted, { fault, next }));
    }
    const last = await up(program, wanted);
    const books = { licenses: simulator.licenses(), ledger: simulator.ledger() };
    return { under, unmet, nexts, last, stack, books, id: form.licenseIn(stack.saved)?.id ?? id };
  } finally {
    await simulator.close();
  }
}

interface Circumstances {
  readonly fault?: MatrixFault;
  readonly next?: Next;
  readonly password?: string | undefined;
}

async function up(
  { simulator, stack, form }: { simulator: Simulator; stack: ModelledStack; form: Form },
  inputs: Inputs | undefined,
  { fault, next, password = ACCOUNT.password }: Circumstances = {},
): Promise<Told> {
  simulator.clearJournal();
  const before = simulator.ledger().length;
  const printed: string[] = [];
  const faces = createFaces({
    print: (line) => void printed.push(line),
    env: {
      BILLMANAGER_ENDPOINT: simulator.endpoint,
      BILLMANAGER_USERNAME: ACCOUNT.username,
      BILLMANAGER_PASSWORD: password,
    },
    engineIsGone: () => Promise.resolve(false),
    now: () => simulator.clock.now(),
  });
  const config = { ...(fault?.inVain === true ? BRIEF : PATIENT), ...fault?.config };
  await faces.license.configure({
    config: { get: (key) => new Map(Object.entries(config)).get(key.split(":")[1] ?? "") },
  });
  const process = { faces, killed: new Promise<never>(() => undefined), isStopping: () => false };
  const refreshed = next?.refreshes === true ? await stack.refresh(process, 1) : undefined;
  const { errors } = await stack.update(process, form.goals(inputs), { parallel: 1 });
  const journal = simulator.journal();
  const isChange = (effect: string) => effect === "change" || effect === "charge";
  return {
    when: next?.when ?? "",
    errors: [...(refreshed?.errors ?? []), ...errors].flatMap(form.errorsIn),
    printed,
    calls: journal.filter(({ effect }) => isChange(effect)).map(({ func, result }) => `${func} → ${result}`),
    reads: journal.filter(({ effect }) => !isChange(effect)).length,
    spent: simulator
      .ledger()
      .slice(before)
      .map(({ amount }) => amount),
  };
}

/** Where something comes that is waited for, it comes long before these seconds are over; where nothing comes, a short wait will do. */
const PATIENT = { timeout: "30", activationTimeout: "30", searchTimeout: "30" };
const BRIEF = { timeout: "30", activationTimeout: "1", searchTimeout: "1" };

/** The fault is over: everything works again, and shows. */
async function passes(simulator: Simulator): Promise<void> {
  simulator.faults.clear();
  simulator.outside.reveal();
  simulator.faults.arm({ kind: "refused", seconds: 0 });
  for (let isListening = false; !isListening; ) {
    const socket = connect(Number(new URL(simulator.endpoint).port), "127.0.0.1");
    isListening = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    await sleep(isListening ? 0 : 10);
  }
}
