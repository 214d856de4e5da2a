import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Life, live, type Told } from "./matrix/cell";
import { FAULTS, type MatrixFault } from "./matrix/faults";
import { ALONE, type Form, MEMBER } from "./matrix/forms";
import { CLAIM, type Inputs, OPERATIONS, type Operation, SUSPEND } from "./matrix/operations";
import { type Entry, withTables } from "./matrix/tables";
import { rowOf } from "./matrix/words";

const PAGE = join(__dirname, "../../docs/reliability.md");
/** Cells that live at the same time. They wait far more than they compute. */
const PLACES = 24;

const concerns = (fault: MatrixFault, operation: Operation) => (fault.concerns ?? OPERATIONS).includes(operation);

class Cell {
  readonly life: Promise<Life>;
  begin: () => Promise<unknown> = () => Promise.resolve();

  constructor(
    readonly operation: Operation,
    readonly fault: MatrixFault,
    form: Form,
  ) {
    this.life = new Promise((resolve, reject) => {
      this.begin = () => live(operation, fault, form).then(resolve, reject);
    });
    // Whoever asks for it learns of its failure.
    this.life.catch(() => undefined);
  }
}

const cellsOf = (form: Form) =>
  OPERATIONS.flatMap((operation) =>
    FAULTS.filter((fault) => concerns(fault, operation)).map((fault) => new Cell(operation, fault, form)),
  );
const CELLS = cellsOf(ALONE);
const MEMBERS = cellsOf(MEMBER);

beforeAll(() => {
  const waiting = [...CELLS, ...MEMBERS].values();
  for (let place = 0; place < PLACES; place += 1) {
    void (async () => {
      for (const cell of waiting) {
        await cell.begin();
      }
    })();
  }
});

describe.each(OPERATIONS.map((operation) => [operation.title, operation] as const))("%s", (_, operation) => {
  const cells = CELLS.filter((cell) => cell.operation === operation).map((cell) => [cell.fault.name, cell] as const);

  it.each(cells)("spends nothing twice, hides nothing, and ends as declared after: %s", async (_name, cell) => {
    const life = await cell.life;
    expect(life.unmet, "faults that happened to no call").toEqual([]);
    const tolds = [life.under, ...life.nexts, life.last];
    nothingIsBoughtTwice(cell, life, tolds);
    for (const told of tolds) {
      whatWasDoneIsNotDenied(told);
    }
    expect(JSON.stringify([tolds, life.stack.saved])).not.toMatch(new RegExp(`${escaped(ACCOUNT.password)}|canary`));
    everythingIsAsDeclared(cell, life);
    expect(life.last).toMatchObject({ errors: [], calls: [], reads: 0, spent: [] });
  });
});

it("tells of a renewal although a later step of the same update has failed", async () => {
  const operation = { ...SUSPEND, wanted: { ...SUSPEND.wanted, paidUntil: "2026-03-01" } };
  const refused = FAULTS.find(({ name }) => name === "suspending and resuming not allowed");
  const { under, nexts } = await live(operation, refused as MatrixFault);
  expect(under.errors.join()).toMatch(
    /^license 1000001: it was renewed until 2026-03-15, but then BILLmanager refused softexternal\.suspend .*; nothing is lost, and the next update goes on$/,
  );
  expect([under.spent, nexts[0]?.spent]).toEqual([["14.00"], []]);
});

describe.each(OPERATIONS.map((operation) => [operation.title, operation] as const))(
  "%s, of one of three members of a fleet",
  (_, operation) => {
    const members = MEMBERS.filter((cell) => cell.operation === operation).map(
      (cell) => [cell.fault.name, cell] as const,
    );

    it.each(members)(
      "comes to the same as for a license of its own, and leaves the others alone, after: %s",
      async (_name, cell) => {
        const { fault } = cell;
        const alone = await CELLS.find((one) => one.operation === operation && one.fault === fault)?.life;
        const member = await cell.life;
        const { books, others } = MEMBER.split(member.books);
        const isRefreshed = fault.nexts?.some(({ refreshes }) => refreshes) === true && operation.wanted === undefined;
        // A refresh looks at the others, too.
        const rowIn = (life: Life) => ({ ...rowOf(life), ...(isRefreshed ? { next: "" } : {}) });
        expect(rowIn(member)).toEqual(rowIn(alone as Life));
        expect(booksOf(books, MEMBER.claim)).toEqual(booksOf((alone as Life).books, CLAIM));
        expect(others).toEqual({ orders: 2, active: 2 });
        expect(member.last).toMatchObject({ errors: [], calls: [], reads: 0, spent: [] });
        for (const told of [member.under, ...member.nexts, member.last]) {
          whatWasDoneIsNotDenied(told);
        }
      },
    );
  },
);

describe("docs/reliability.md", () => {
  it("shows the matrix as it is", async () => {
    const entries = await Promise.all(
      OPERATIONS.flatMap((operation) =>
        FAULTS.map(async (fault): Promise<Entry> => {
          const cell = CELLS.find((one) => one.operation === operation && one.fault === fault);
          return { operation, fault, row: cell === undefined ? undefined : rowOf(await cell.life) };
        }),
      ),
    );
    const page = readFileSync(PAGE, "utf8");
    const wanted = withTables(page, entries);
    expect(wanted).not.toContain("undefined");
    if (process.env.UPDATE_DOCS === "1") {
      writeFileSync(PAGE, wanted);
    }
    expect(readFileSync(PAGE, "utf8"), "run this test with UPDATE_DOCS=1 to write it anew").toBe(wanted);
  });
});

/** One order for the license and one renewal for the period, whatever happens; the panel alone may book an order twice. */
function nothingIsBoughtTwice({ fault, operation }: Cell, life: Life, tolds: readonly Told[]): void {
  const carriedOut = tolds.flatMap(({ calls }) => calls.filter((call) => call.endsWith(" → ok")));
  const orders = carriedOut.filter((call) => call.startsWith("softexternal.order.param"));
  const renewals = life.books.ledger.filter(({ kind }) => kind === "prolong");
  expect(orders.length, "orders sent and carried out").toBeLessThanOrEqual(operation.before === undefined ? 1 : 0);
  expect(renewals.length, "renewals paid").toBe(operation.wanted?.paidUntil === undefined ? 0 : 1);
  expect(life.books.ledger.filter(({ kind }) => kind === "order")).toHaveLength(fault.licenses ?? 1);
}

/** A run that has changed or bought something never ends by saying that nothing was; where it has spent, it says so. */
function whatWasDoneIsNotDenied({ errors, calls, spent }: Told): void {
  for (const error of errors) {
    if (calls.some((call) => call.endsWith(" → ok"))) {
      expect(error).not.toMatch(/nothing was (?:changed|charged|ordered)/i);
    }
    if (spent.length > 0) {
      expect(error).toMatch(/charged|bought and saved|accepted the order|nothing is lost/);
    }
  }
}

/** What was paid for and what is left of it, whatever claim it carries. */
function booksOf({ licenses, ledger }: Life["books"], claim: string): unknown {
  return {
    licenses: licenses.map(({ licname, ip, status, expiredate }) => [
      licname.replace(claim, ""),
      ip,
      status,
      expiredate,
    ]),
    ledger: ledger.map(({ kind, amount, paidUntil }) => [kind, amount, paidUntil]),
  };
}

function everythingIsAsDeclared({ operation, fault }: Cell, { books, stack, id }: Life): void {
  const live = books.licenses.filter(({ status }) => status !== "4");
  if (operation.wanted === undefined) {
    expect(stack.saved).toEqual([]);
    // What the vendor had suspended, and brings back by itself, serves to the end of its term.
    const isBack = fault.name.startsWith("suspended by the vendor");
    expect(live.map(({ status }) => status)).toEqual(operation.leaves === true ? [isBack ? "2" : "3"] : []);
    return;
  }
  expect(live).toHaveLength(fault.licenses ?? 1);
  const { licenseName, ip, suspended = false, paidUntil = "" }: Inputs = operation.wanted;
  const license = live.find((one) => one.id === id);
  expect(license).toMatchObject({ licname: licenseName, ip, status: suspended === true ? "3" : "2" });
  expect((license?.expiredate ?? "") >= String(paidUntil)).toBe(true);
  const [saved] = stack.saved;
  expect(saved).toMatchObject({ id, hasInitErrors: false });
  expect(saved?.outputs).toMatchObject({
    claim: CLAIM,
    licenseName,
    ip,
    status: suspended === true ? "suspended" : "active",
    expiresOn: license?.expiredate,
  });
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
