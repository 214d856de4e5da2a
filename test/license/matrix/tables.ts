import type { MatrixFault } from "./faults";
import { OPERATIONS, type Operation } from "./operations";
import type { Row } from "./words";

/** One cell of the matrix; without a row where the fault cannot happen to the operation. */
export interface Entry {
  readonly operation: Operation;
  readonly fault: MatrixFault;
  readonly row: Row | undefined;
}

const BEGIN = "<!-- The tables are written by test/license/matrix.test.ts, run with UPDATE_DOCS=1. -->";
const END = "<!-- End of the tables. -->";
const HEADER =
  "| fault | what you see | calls sent | money spent | the next `pulumi up` |\n| --- | --- | --- | --- | --- |";
const NO_CONCERN: Row = { outcome: "does not concern it", calls: "–", money: "–", next: "–" };

/** The page with its tables written anew. */
export function withTables(page: string, entries: readonly Entry[]): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new TypeError(`the page has no place for the tables: ${BEGIN} … ${END}`);
  }
  const tables = OPERATIONS.map((operation) => {
    const own = entries.filter((entry) => entry.operation === operation);
    return `### ${operation.title}\n\n${HEADER}\n${linesOf(own).join("\n")}`;
  });
  return `${before}${BEGIN}\n\n${tables.join("\n\n")}\n\n${END}${after}`;
}

/** Faults that end alike share a line; those that do not concern the operation come last. */
function linesOf(entries: readonly Entry[]): string[] {
  const lines = new Map<string, string[]>();
  const sorted = [...entries.filter(({ row }) => row !== undefined), ...entries.filter(({ row }) => row === undefined)];
  for (const { fault, row = NO_CONCERN } of sorted) {
    const cells = [row.outcome, row.calls, row.money, row.next].join(" | ");
    lines.set(cells, [...(lines.get(cells) ?? []), fault.name]);
  }
  return [...lines].map(([cells, names]) => `| ${familiesOf(names).join("<br>")} | ${cells} |`);
}

/** Those with the same beginning in one: "list refused: before the call, after the call". */
function familiesOf(names: readonly string[]): string[] {
  const families = new Map<string, string[]>();
  for (const name of names) {
    const [family = "", member] = name.split(": ");
    families.set(family, [...(families.get(family) ?? []), ...(member === undefined ? [] : [member])]);
  }
  return [...families].map(([family, members]) => (members.length === 0 ? family : `${family}: ${members.join(", ")}`));
}
