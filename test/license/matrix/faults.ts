import type { Fault, Simulator } from "../../../simulator/index";
import type { Form } from "./forms";
import { CREATE, DELETE, EDIT, type Inputs, type Operation, RENEW, RESUME, SET_ASIDE, SUSPEND } from "./operations";

/** The license that a fault hits. */
export interface Hit {
  readonly id: string;
  readonly form: Form;
}

/** One thing that goes wrong, as the tables name it, and how to bring it about. */
export interface MatrixFault {
  readonly name: string;
  /** Operations that it can happen to. Default: all. */
  readonly concerns?: readonly Operation[];
  /** Nothing that the run waits for comes, so it shall not wait for long. */
  readonly inVain?: true;
  readonly config?: Readonly<Record<string, string>>;
  readonly password?: string;
  /** What is left on the account for the operation. Default: plenty. */
  readonly isPoor?: true;
  /** Licenses of this claim in the books when all is done. Default 1. */
  readonly licenses?: number;
  arm(simulator: Simulator, operation: Operation, hit: Hit): void;
  /** The runs that follow, with what has happened before each. Default: one, after the fault has passed. */
  readonly nexts?: readonly Next[];
}

export interface Next {
  /** Words for the table, where something has to happen first. */
  readonly when: string;
  act?(simulator: Simulator): void;
  /** What the user adds to the program after reading these errors. */
  adds?(errors: readonly string[]): Inputs;
  /** The run is `pulumi up --refresh`. */
  readonly refreshes?: true;
}

const HOUR = 3600;
const ORDERS = [CREATE];
const CHARGES = [CREATE, RENEW];
const NEVER = 1_000_000;

/** A fault of the one call that the operation is about. */
function atTheCall(name: string, fault: Fault, more: Partial<MatrixFault> = {}): MatrixFault {
  return { name, arm: (simulator, operation) => armAtTheCall(simulator, operation, fault), ...more };
}

function armAtTheCall({ faults }: Simulator, operation: Operation, fault: Fault): void {
  const effect = CHARGES.includes(operation) ? "charge" : "change";
  faults.arm({ ...fault, func: operation.func, effect });
}

/** The call was not carried out, or what it did does not show: whoever waits for it waits in vain. */
const inVain = (name: string, fault: Fault) => atTheCall(name, fault, { inVain: true });

/** The lists before and after the call. */
const LISTS = {
  before: (operation: Operation, { form }: Hit) => ({ func: "softexternal", skip: form.looks(operation) }),
  after: (operation: Operation, { form }: Hit) => ({ func: "softexternal", skip: form.looks(operation) + 1 }),
};

function refusedLogin(name: string, more: Partial<MatrixFault> & Pick<MatrixFault, "arm">): MatrixFault {
  return { name: `login refused: ${name}`, nexts: [{ when: "with a login that is let in" }], ...more };
}

function allCallsMeet(type: string, object?: string): MatrixFault["arm"] {
  return (simulator) =>
    simulator.faults.arm({ kind: "error", type, times: "always", ...(object === undefined ? {} : { object }) });
}

const ERROR_TYPES = [
  "value",
  "exists",
  "limit",
  "access",
  "missed",
  "processing",
  "wizard_unavailable",
  "pricelist_min_order",
  "never_heard_of",
  "internal",
];

/** Names with the same beginning, up to a colon, are told together where they end alike. */
export const FAULTS: readonly MatrixFault[] = [
  { name: "none", arm: () => undefined },
  ...transport(),
  ...slowness(),
  ...ERROR_TYPES.map((type) => inVain(`error of type: \`${type}\``, { kind: "error", type })),
  ...money(),
  ...suspensions(),
  ...identity(),
  ...lists(),
  ...logins(),
  ...sessions(),
];

function transport(): MatrixFault[] {
  const lost = "carried out, answer lost:";
  const not = "not carried out:";
  const impatient = { config: { timeout: "1" } };
  return [
    {
      name: "connection refused: from the start",
      arm: ({ faults }) => faults.arm({ kind: "refused", seconds: HOUR }),
    },
    {
      name: "connection refused: from the call on",
      arm: ({ faults }, operation, hit) =>
        faults.arm({ kind: "refused", seconds: HOUR, ...LISTS.before(operation, hit) }),
    },
    atTheCall("connection refused: after the answer", { kind: "refused", seconds: HOUR }),
    inVain(`${not} connection reset`, { kind: "reset" }),
    inVain(`${not} HTTP 502`, { kind: "http", status: 502 }),
    inVain(`${not} HTTP 503`, { kind: "http", status: 503 }),
    inVain(`${not} HTTP 504`, { kind: "http", status: 504 }),
    inVain(`${not} HTTP 403 of a guard`, { kind: "http", status: 403 }),
    inVain(`${not} login page`, { kind: "login-page" }),
    inVain("HTTP 429 with `Retry-After`", { kind: "http", status: 429, retryAfter: 1 }),
    atTheCall(`${lost} connection closed`, { kind: "closed" }),
    atTheCall(`${lost} silence`, { kind: "silence" }, impatient),
    atTheCall(`${lost} later than \`timeout\``, { kind: "late", seconds: HOUR }, impatient),
    atTheCall(`${lost} cut in its midst`, { kind: "cut", framing: "chunked" }),
    atTheCall(`${lost} cut to the length that it announces`, { kind: "cut", framing: "content-length" }),
    atTheCall(`${lost} empty`, { kind: "empty" }),
    atTheCall(`${lost} HTTP 502`, { kind: "http", status: 502, booked: true }),
    atTheCall(`${lost} HTTP 503`, { kind: "http", status: 503, booked: true }),
    atTheCall(`${lost} HTTP 504`, { kind: "http", status: 504, booked: true }),
    atTheCall(`${lost} login page`, { kind: "login-page", booked: true }),
    atTheCall("page that asks to wait, with a link to the answer", { kind: "slow-call" }),
  ];
}

function slowness(): MatrixFault[] {
  return [
    atTheCall("shown after a while: answered", { kind: "answered", hiddenFor: 1 }),
    atTheCall("shown after a while: answer lost", { kind: "closed", hiddenFor: 1 }),
    inVain("not shown before the run has ended: answered", { kind: "answered", hiddenFor: NEVER }),
    inVain("not shown before the run has ended: answer lost", { kind: "closed", hiddenFor: NEVER }),
    {
      name: "accepted, and not finished within `activationTimeout`",
      inVain: true,
      arm: ({ knobs }) => {
        knobs.processing = processing("stuck");
      },
      nexts: [
        {
          when: "once the vendor is done",
          act: ({ knobs, outside, licenses }) => {
            knobs.processing = processing("none");
            for (const { id } of licenses()) {
              outside.finish(id);
            }
          },
        },
      ],
    },
  ];
}

function processing(delay: "none" | "stuck") {
  return { open: delay, prolong: delay, suspend: delay, resume: delay, close: delay, edit: delay };
}

function money(): MatrixFault[] {
  const unpaid: readonly Next[] = [{ when: "before payment" }, { when: "once it is paid", act: pay }];
  const deposited: readonly Next[] = [
    {
      when: "after a deposit",
      act: ({ knobs, outside }) => {
        knobs.subaccount = "readable";
        outside.deposit("100.00");
      },
    },
  ];
  const unreadable = "not enough money, and a balance that cannot be read:";
  return [
    { name: "not enough money", concerns: CHARGES, isPoor: true, arm: () => undefined, nexts: deposited },
    {
      name: `${unreadable} an error`,
      concerns: CHARGES,
      isPoor: true,
      arm: ({ knobs }) => {
        knobs.subaccount = "access";
      },
      nexts: deposited,
    },
    {
      name: `${unreadable} an unpaid order`,
      concerns: ORDERS,
      isPoor: true,
      arm: ({ knobs }) => knobs.set({ subaccount: "access", insufficientFunds: "unpaid" }),
      nexts: unpaid,
    },
    {
      name: `${unreadable} a bill`,
      concerns: CHARGES,
      isPoor: true,
      inVain: true,
      arm: ({ knobs }) => knobs.set({ subaccount: "access", insufficientFunds: "billorder" }),
      nexts: unpaid,
    },
    {
      name: "balance not readable: refused",
      concerns: CHARGES,
      arm: ({ knobs }) => {
        knobs.subaccount = "access";
      },
    },
    {
      name: "balance not readable: HTTP 502",
      concerns: CHARGES,
      arm: ({ faults }) => faults.arm({ func: "subaccount", kind: "http", status: 502, times: "always" }),
    },
    {
      name: "no price in the order form, and none in the price list",
      concerns: CHARGES,
      arm: ({ knobs }) => knobs.set({ quote: "absent", pricelistExport: "access" }),
    },
    ...(["billorder", "payment_id"] as const).map(
      (orderAnswer): MatrixFault => ({
        name: `ordered but unpaid: \`${orderAnswer}\``,
        concerns: ORDERS,
        arm: ({ knobs }) => {
          knobs.orderAnswer = orderAnswer;
        },
        nexts: unpaid,
      }),
    ),
  ];
}

function suspensions(): MatrixFault[] {
  return [
    {
      name: "suspending and resuming not allowed",
      concerns: [SUSPEND, RESUME, SET_ASIDE],
      arm: ({ knobs }) => {
        knobs.suspendResume = "access";
      },
      nexts: [
        {
          when: "once it is allowed",
          act: ({ knobs }) => {
            knobs.suspendResume = "allowed";
          },
        },
      ],
    },
    ...(["3_abusesuspend", "3_employeesuspend"] as const).map(
      (code): MatrixFault => ({
        name: `suspended by the vendor: \`${code}\``,
        concerns: [RENEW, EDIT, SUSPEND, RESUME, DELETE, SET_ASIDE],
        arm: ({ outside }, operation, { id }) => {
          if (operation === RESUME) {
            outside.resume(id);
          }
          outside.suspend(id, code);
        },
        nexts: [
          {
            when: "once the vendor has lifted it, with `--refresh`",
            act: ({ outside, licenses }) => {
              for (const { id } of licenses().filter(({ status }) => status === code)) {
                outside.resume(id);
              }
            },
            refreshes: true,
          },
        ],
      }),
    ),
  ];
}

function identity(): MatrixFault[] {
  const nexts: readonly Next[] = [{ when: "" }, { when: "with `adoptId` as the message says", adds: adoptIdIn }];
  return [
    {
      name: "no id in the answer",
      concerns: ORDERS,
      arm: ({ knobs }) => {
        knobs.orderAnswer = "none";
      },
    },
    atTheCall("booked twice by the panel", { kind: "twin" }, { concerns: ORDERS, licenses: 2 }),
    {
      name: "booked twice by the panel, no id in the answer",
      concerns: ORDERS,
      licenses: 2,
      arm: (simulator, operation) => {
        simulator.knobs.orderAnswer = "none";
        armAtTheCall(simulator, operation, { kind: "twin" });
      },
      nexts,
    },
    {
      name: "two licenses of this claim in the account before",
      concerns: ORDERS,
      licenses: 2,
      arm: ({ outside }, _, { form }) => {
        for (const licname of [`a-${form.claim}`, `b-${form.claim}`]) {
          outside.order({ pricelist: 9203, licname, ip: "192.0.2.10" });
        }
      },
      nexts,
    },
  ];
}

function lists(): MatrixFault[] {
  const times = "always";
  const beforeAndAfter = (["before", "after"] as const).flatMap((when): MatrixFault[] => [
    {
      name: `list refused: ${when} the call`,
      inVain: true,
      arm: ({ faults }, operation, hit) =>
        faults.arm({ kind: "error", type: "access", times, ...LISTS[when](operation, hit) }),
    },
    {
      name: `list not readable (HTTP 502): ${when} the call`,
      inVain: true,
      arm: ({ faults }, operation, hit) =>
        faults.arm({ kind: "http", status: 502, times, ...LISTS[when](operation, hit) }),
    },
  ]);
  return [
    ...beforeAndAfter,
    {
      name: "list refused: after a call whose answer is lost",
      inVain: true,
      arm: (simulator, operation, hit) => {
        armAtTheCall(simulator, operation, { kind: "closed" });
        simulator.faults.arm({ kind: "error", type: "access", times, ...LISTS.after(operation, hit) });
      },
    },
    {
      name: "rows hidden by a filter saved in the panel, answer lost",
      arm: (simulator, operation) => {
        simulator.knobs.savedFilter = { pricelist: "9204" };
        armAtTheCall(simulator, operation, { kind: "closed" });
      },
    },
  ];
}

function logins(): MatrixFault[] {
  const wrong = { kind: "error", type: "auth", object: "badpassword" } as const;
  return [
    refusedLogin("wrong password", { password: "canary-wr0ng", arm: () => undefined }),
    refusedLogin("user blocked", { arm: allCallsMeet("auth", "blocklogon") }),
    refusedLogin("address blocked", { arm: allCallsMeet("auth", "blocked_ip") }),
    refusedLogin("captcha", { arm: allCallsMeet("captcha_verification_failed") }),
    refusedLogin("second factor", { arm: allCallsMeet("totp") }),
    refusedLogin("`forbidden_auth`", { arm: allCallsMeet("forbidden_auth") }),
    refusedLogin("from the call on", {
      arm: (simulator, operation, hit) => {
        armAtTheCall(simulator, operation, wrong);
        simulator.faults.arm({ ...wrong, times: "always", ...LISTS.after(operation, hit) });
      },
    }),
    refusedLogin("after the call", {
      arm: ({ faults }, operation, hit) => faults.arm({ ...wrong, times: "always", ...LISTS.after(operation, hit) }),
    }),
    refusedLogin("after a call whose answer is lost", {
      inVain: true,
      arm: (simulator, operation, hit) => {
        armAtTheCall(simulator, operation, { kind: "closed" });
        simulator.faults.arm({ ...wrong, times: "always", ...LISTS.after(operation, hit) });
      },
    }),
  ];
}

function sessions(): MatrixFault[] {
  const bySession = { config: { auth: "session" } };
  return [
    atTheCall("login by session: none", { kind: "answered" }, bySession),
    atTheCall("login by session: it ends before the call", { kind: "error", type: "auth" }, bySession),
    atTheCall("login by session: carried out, connection closed", { kind: "closed" }, bySession),
    atTheCall("login by session: page that asks to wait, with a link to the answer", { kind: "slow-call" }, bySession),
  ];
}

/** Whoever has ordered or been billed pays, and the panel carries it out. */
function pay({ knobs, licenses, outside }: Simulator): void {
  knobs.set({ orderAnswer: "id", subaccount: "readable" });
  outside.deposit("100.00");
  for (const { id, status } of licenses()) {
    if (status === "1") {
      outside.pay(id);
    } else {
      outside.prolong(id);
    }
  }
}

function adoptIdIn(errors: readonly string[]): Inputs {
  return { adoptId: /set adoptId: "(\d+)"/.exec(errors.join())?.[1] };
}
