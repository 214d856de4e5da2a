import type { Life, Told } from "./cell";

/** What a cell of the tables says. */
export interface Row {
  readonly outcome: string;
  readonly calls: string;
  readonly money: string;
  readonly next: string;
}

const CALLS = new Map([
  ["softexternal.order.param", "order"],
  ["service.prolong", "renewal"],
  ["softexternal.edit", "edit"],
  ["softexternal.suspend", "suspension"],
  ["softexternal.resume", "resumption"],
  ["softexternal.delete", "deletion"],
]);

/** The messages that a run may end in, and what the tables make of each. The first that fits counts. */
const ERRORS: readonly (readonly [RegExp, string])[] = [
  [
    /was bought and charged, perhaps more than once: (\d+) and (\d+) carry its claim.*set adoptId/,
    "`OrderOutcomeUnknownError`: bought and charged, perhaps twice; names both licenses, and what to set",
  ],
  [
    /was not (?:found in the account within|looked for to the end) .*, so it may or may not have been bought and charged\. Look for it in the panel/,
    "`OrderOutcomeUnknownError`: may have been bought and charged; look in the panel",
  ],
  [
    /so the renewal may or may not have been charged\. Check the account's expenses/,
    "`RenewalOutcomeUnknownError`: may have been charged; look at the expenses",
  ],
  [
    /accepted the renewal, and may still .*; nothing more is paid until the date moves/,
    "`RenewalOutcomeUnknownError`: accepted, but not shown yet; look at the expenses and bills",
  ],
  [
    /^14\.00 EUR are needed(?:, and .*\. Nothing was ordered; top up the account| in all, and .*; top up the account\. Nothing was ordered)$/,
    "stop: the balance does not cover it; nothing was ordered",
  ],
  [
    /^14\.00 EUR are needed, and \d+\.\d\d EUR are available .*\. Nothing was renewed; top up the account$/,
    "stop: the balance does not cover it; nothing was renewed",
  ],
  [/it is bought and saved, but not yet as the program says: .*/, "error: bought and saved, but not finished"],
  [/is ordered but not paid; pay for it in the panel/, "error: ordered and saved, but not paid; pay in the panel"],
  [
    /accepted the order but does not show the license after .*; the next update looks again$/,
    "error: ordered and saved, but not shown yet",
  ],
  [/it is still being processed by the vendor after .*; nothing is lost/, "error: saved, and still in processing"],
  [
    /carries this resource's claim \S+, but not alone: .*\. Nothing was ordered; to keep it, set adoptId/,
    "stop: nothing was ordered; names both licenses, and what to set",
  ],
  [/it does not show yet that it was \w+ after .*; nothing is lost/, "error: accepted, but not shown yet"],
  [
    /accepted that it was \w+, but it could not be looked at since/,
    "error: accepted, but the list that would show it failed",
  ],
  [
    /accepted to delete it, and it could not be looked at since/,
    "error: accepted, but the list that would show it failed",
  ],
  [/^BILLmanager refused .* is still shown after \d+ seconds/, "error: not found, but still shown"],
  [
    /accepted the call, but the license could not be looked at since/,
    "error: accepted, but the list that would show it failed",
  ],
  [
    /accepted the call, but the license does not show after .* that it was suspended/,
    "error: accepted, but not shown yet",
  ],
  [/is still shown \d+ seconds after the vendor accepted to delete it/, "error: accepted, but still shown"],
  [
    /The change may or may not have been made: .*the next (?:update|destroy) goes on$/,
    "error: may or may not have been done",
  ],
  [
    /^(?:softexternal was not sent: )?BILLmanager refused .* Nothing was changed or charged, and no further call is made with this login\.$/,
    "error: the login is refused; nothing was changed or charged",
  ],
  [
    /^BILLmanager refused softexternal \(.* Nothing was changed or charged by this call\.$/,
    "error: the list is refused; nothing was changed or charged",
  ],
  [
    /^BILLmanager refused .* Nothing was changed or charged by this call\.$/,
    "error: refused; nothing was changed or charged",
  ],
  [
    /^\S+ was not carried out: .* Nothing was changed or charged\.$/,
    "error: not carried out; nothing was changed or charged",
  ],
  [/The call only reads: nothing was changed\.$/, "error: the list cannot be read; nothing was changed or charged"],
];

const WARNINGS: readonly (readonly [RegExp, string])[] = [
  [/accepted to renew this license from .* and does not show it yet/, "warning: accepted, and not paid for again"],
  [
    /is suspended by the vendor \(\w+\); only the vendor can bring it back/,
    "warning: only the vendor can bring it back",
  ],
  [/was bought for this resource, too: /, "warning: names the second license, and what to do about it"],
  [
    /: whether the account can pay is left to the vendor$/,
    "warning: whether the account can pay is left to the vendor",
  ],
  [/is ordered but not paid: pay for it in the panel/, ""],
];

export function rowOf({ under, nexts }: Life): Row {
  return {
    outcome: outcomeOf(under),
    calls: callsOf(under),
    money: moneyOf(under),
    next: nexts.map((next) => nextOf(next, under)).join("<br>"),
  };
}

function outcomeOf({ errors, printed }: Told): string {
  if (errors.length > 0) {
    return errors.map((error) => worded(error.replace(/^license \d+: /, ""), ERRORS)).join("; ");
  }
  const warnings = printed
    .filter((line) => line.startsWith("warning: "))
    .map((line) => worded(line, WARNINGS))
    .filter((words) => words !== "");
  return ["done", ...warnings].join("; ");
}

function nextOf(told: Told, under: Told): string {
  const outcome = outcomeOf(told);
  const sent = told.calls.length === 0 ? [] : [callsOf(told), ...(told.spent.length === 0 ? [] : [moneyOf(told)])];
  const isFound = told.printed.some((line) =>
    line.includes("which an earlier run has bought for it; nothing is ordered"),
  );
  const quiet =
    told.reads === 0 ? "nothing to do" : isFound ? "finds it, and orders nothing" : "looks, and sends nothing";
  const isSame = told.errors.length > 0 && outcome === outcomeOf(under);
  const ending = outcome === "done" ? [] : [isSame ? "the same error" : outcome];
  const words = [...sent, ...ending];
  return (told.when === "" ? "" : `${told.when}: `) + (words.length === 0 ? quiet : words.join(", "));
}

function callsOf({ calls }: Told): string {
  const counts = new Map<string, number>();
  for (const call of calls) {
    const func = call.split(" ")[0] ?? "";
    const name = CALLS.get(func) ?? `unknown call ${func}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${name}${count === 1 ? "" : "s"}`).join(", ") || "none";
}

function moneyOf({ spent }: Told): string {
  const cents = spent.reduce((sum, amount) => sum + Number(amount.replace(".", "")), 0);
  return cents === 0 ? "nothing" : `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

/** @throws TypeError for a message that no table knows yet */
function worded(message: string, table: typeof ERRORS): string {
  const [, words] = table.find(([pattern]) => pattern.test(message)) ?? [];
  if (words === undefined) {
    throw new TypeError(`no words for: ${message}`);
  }
  return words;
}
