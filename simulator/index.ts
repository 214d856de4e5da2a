/**
 * A local, stateful BILLmanager: answers as a panel does, keeps the books, and spends nobody's money.
 *
 * It follows the vendor's documented API and, where that is silent, behaviour seen in public clients; what is neither is
 * marked as inferred in the source, and can be varied through {@link Knobs}.
 */
import { setMaxListeners } from "node:events";
import type { RequestListener } from "node:http";
import { ArmedFaults } from "./armedFaults";
import { Acts } from "./books/acts";
import { Books } from "./books/books";
import { Lags } from "./books/lags";
import { pictureOf } from "./books/license";
import { Timeline } from "./books/timeline";
import { parseMoment } from "./calendar";
import { Clock } from "./clock";
import { control } from "./control";
import { Journal } from "./journal";
import { createKnobs } from "./knobTable";
import { type Listener, listen } from "./listen";
import { formatAmount } from "./money";
import { createOutside } from "./outside";
import type { Panel } from "./panel/call";
import { Logins } from "./panel/logins";
import { PanelServer } from "./server";
import { Tariffs } from "./tariffs";
import type { Simulator, SimulatorClock, SimulatorOptions } from "./types";

export type { Effect } from "./effect";
export type { Fault, FaultKind, Faults, Hiding } from "./faults";
export type {
  ExtraFormField,
  ExtraListColumn,
  Knobs,
  KnobValues,
  LiveKnobs,
  ProcessingAction,
  ProcessingDelay,
} from "./knobs";
export { parseKnobs } from "./knobTable";
export { totpCode } from "./panel/logins";
export type { Tariff } from "./tariffs";
export type {
  JournalEntry,
  LedgerEntry,
  Outside,
  OutsideOrder,
  SimulatedAccount,
  SimulatedLicense,
  Simulator,
  SimulatorClock,
  SimulatorOptions,
  SuspensionCode,
} from "./types";

/**
 * Starts a simulator on 127.0.0.1.
 *
 * @throws RangeError for options that make no sense, and the system's error for a port that is taken
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { accounts = [{ username: "demo", password: "demo" }], tariffs = [], knobs: initialKnobs = {} } = options;
  const start = options.now === undefined ? new Date() : parseMoment(options.now);
  const knobs = createKnobs(initialKnobs);
  const clock = new Clock(start, options.clock === "running");
  const books = new Books(accounts);
  const acts = new Acts(books, knobs);
  const panel: Panel = {
    knobs,
    clock,
    books,
    acts,
    tariffs: new Tariffs(tariffs),
    lags: new Lags(),
    logins: new Logins(books, clock, knobs),
  };
  const timeline = new Timeline(books, acts, knobs, start);
  const catchUp = () => timeline.runTo(clock.now());
  const journal = new Journal();
  const end = new AbortController();
  // Every delayed answer listens to it.
  setMaxListeners(0, end.signal);
  const faults = new ArmedFaults((seconds) => address.refuse(seconds));
  const server = new PanelServer(panel, journal, faults, catchUp, end.signal);

  const address = await listen(
    options.port ?? 0,
    guarded((request, response) => server.serve(request, response)),
    (socket) => server.connected(socket),
  );
  let controlAddress: Listener | undefined;

  const simulator: Simulator = {
    endpoint: `${address.url}/billmgr`,
    get control() {
      return controlAddress?.url ?? "";
    },
    clock: publicClock(clock, catchUp),
    knobs,
    outside: createOutside(panel, catchUp),
    faults,
    journal: () => journal.all(),
    clearJournal: () => journal.clear(),
    ledger() {
      catchUp();
      return structuredClone(books.ledger);
    },
    licenses() {
      catchUp();
      return [...books.licenses.values()].map(pictureOf);
    },
    balance(username) {
      catchUp();
      const account = books.account(username);
      return formatAmount(account.balance, account.currency);
    },
    async close() {
      end.abort();
      await Promise.all([address.close(), controlAddress?.close()]);
    },
  };
  try {
    controlAddress = await listen(
      options.controlPort ?? 0,
      guarded((request, response) => control(simulator, request, response)),
    );
  } catch (error) {
    await address.close();
    throw error;
  }
  return simulator;
}

function publicClock(clock: Clock, catchUp: () => void): SimulatorClock {
  function moveTo(moment: Date): void {
    clock.moveTo(moment);
    catchUp();
  }
  return {
    now: () => clock.now(),
    today: () => clock.today(),
    set: (iso) => moveTo(parseMoment(iso)),
    advance: ({ days = 0, seconds = 0 }) => moveTo(new Date(clock.now().getTime() + (days * 86_400 + seconds) * 1000)),
  };
}

/** A fault of the simulator itself is a 500 with its reason, never silence. */
function guarded(handle: (...args: Parameters<RequestListener>) => Promise<void>): RequestListener {
  return (request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain; charset=UTF-8" });
      response.end(
        `The simulator failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
    });
  };
}
