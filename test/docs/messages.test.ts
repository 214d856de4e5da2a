import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { Balance } from "../../provider/billmanager/account";
import { LoginRefusedError } from "../../provider/billmanager/errors/LoginRefusedError";
import { NotSentError } from "../../provider/billmanager/errors/NotSentError";
import { RefusedError } from "../../provider/billmanager/errors/RefusedError";
import { type CalendarDate, type LicenseRow, licenseId } from "../../provider/billmanager/types";
import { claimOf, nameWithClaim } from "../../provider/license/claim";
import { filterAsked, priceAsked } from "../../provider/license/functionArguments";
import { judgePrice, limitOnOrders, measure, type Quote } from "../../provider/license/guards";
import { checkInputs, type Wish } from "../../provider/license/inputs";
import { matchOrder } from "../../provider/license/match";
import { describe as describeStep, notices, plan, warnings } from "../../provider/license/plan";
import { readSettings, SettingsError } from "../../provider/license/settings";
import type { LicenseOutputs, Observed } from "../../provider/license/state";
import { diffLicense } from "../../provider/license/update";
import { fencesOf, REPOSITORY, textOf } from "./pages";

const QUOTING = [
  "docs/reliability.md",
  "docs/license.md",
  "docs/fleets.md",
  "docs/renewal.md",
  "docs/suspension.md",
  "docs/configuration.md",
  "docs/adopting.md",
  "docs/importing.md",
  "docs/deleting.md",
  "docs/price-guards.md",
  "docs/functions.md",
  "docs/pipelines.md",
];

/** Every line of a `text` block is a message as it is printed. */
const QUOTES = QUOTING.flatMap((page) => fencesOf(page, "text").flatMap(({ text }) => text.trim().split("\n")));

/** The texts of the source from which messages are put together, those with words in them. */
const PIECES = new Set(
  globSync("{sdk,provider,cli}/**/*.ts", { cwd: REPOSITORY }).flatMap((file) => {
    const pieces: string[] = [];
    const visit = (node: ts.Node) => {
      if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
        pieces.push(node.text);
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(join(REPOSITORY, file), "utf8"), ts.ScriptTarget.Latest));
    // What comes before a sentence of its own may be left out of a quote.
    const sentences = pieces.flatMap((piece) => /^\. (.*)$/s.exec(piece)?.[1] ?? []);
    return [...pieces, ...sentences].filter((piece) => piece.length > 2 || /^[^\p{L}]+$/u.test(piece));
  }),
);

/** What a message may hold of its own: values, and the words of the vendor. */
const VALUES = new RegExp(
  [
    /\d{4}-\d{2}-\d{2}|\d+\.\d+\.\d+\.\d+|\d+\.\d{2}(?: EUR(?: \/ Month)?)?|EUR|USD/,
    /web01-3aywehbv|web02-f5g8gvbw|web03-rr1hhaez|web0[123]|shop|servers|3aywehbv|\d+/,
    /(?:demo|other)@panel\.example|BILLMANAGER_(?:USERNAME|PASSWORD)|(?<=the option )\w+|(?<=ask for it: )ip|(?<=not ")\w+(?=")/,
    /active|open|(?:abuse|employee)suspend|auth|badpassword|access|exists|ECONNREFUSED/,
    /orders|moves/,
    /Invalid username or password|The license exists|Access denied|not_enough_money|Not allowed|The balance is too low/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);

/** Whether a message is a sequence of pieces of the source and of values. */
function isSaid(message: string): boolean {
  const reached = new Set([0]);
  for (const at of reached) {
    for (const piece of PIECES) {
      if (piece !== "" && message.startsWith(piece, at)) {
        reached.add(at + piece.length);
      }
    }
    VALUES.lastIndex = at;
    const value = VALUES.exec(message)?.[0];
    if (value !== undefined) {
      reached.add(at + value.length);
    }
  }
  return reached.has(message.length);
}

const CLAIM = claimOf("urn:pulumi:dev::licenses::billmanager:index:License::web01");
const day = (text: string) => text as CalendarDate;
const TODAY = day("2026-12-20");
const wish: Wish = {
  claim: CLAIM,
  licenseName: `web01-${CLAIM}`,
  product: "cloudlinux",
  pricelist: 9203,
  ip: "192.0.2.10",
  period: 1,
  suspended: false,
  autoRenew: false,
  deletionPolicy: "delete",
  recreateWhenDeleted: false,
};
const row: LicenseRow = {
  id: licenseId("1000001"),
  licenseName: `web01-${CLAIM}`,
  ip: "192.0.2.10",
  pricelist: 9203,
  status: "active",
  createdOn: TODAY,
};
const OTHER = claimOf("urn:pulumi:dev::licenses::billmanager:index:License::web02");

function stopped(rows: readonly LicenseRow[], wanted: Partial<Wish> = {}): string {
  const none = { known: new Set<never>(), replaced: new Set<never>(), stateClaims: new Set<never>() };
  const match = matchOrder(rows, { ...wish, ...wanted }, none, TODAY);
  expect(match.kind).toBe("stop");
  return (match.kind === "stop" ? match.reason : "").replaceAll(OTHER, CLAIM);
}

const observed: Observed = {
  licenseName: wish.licenseName,
  ip: "192.0.2.10",
  status: "active",
  expiresOn: day("2026-12-23"),
  tariff: "CloudLinux",
  cost: "14.00 EUR / Month",
  autoRenew: false,
};

function planned(wanted: Partial<Wish>): string {
  const asked = { ...wish, ...wanted };
  const [phrase] = plan(observed, asked, TODAY).flatMap((step) => describeStep(step, observed, asked));
  return `${wish.licenseName}: an update ${phrase}`;
}

const KERNELCARE = { product: "kernelcare", pricelist: 11738 };
const state: LicenseOutputs = { ...wish, ...observed, account: "demo@panel.example" };

/** What a preview says of a license in the state. */
function differing(old: Partial<LicenseOutputs>, wanted: Partial<Wish>): string[] {
  const { steps } = diffLicense({ ...state, ...old }, { ...wish, ...wanted }, TODAY);
  return steps.map((step) => `${wish.licenseName}: an update ${step}`);
}

/** All phrases, in their order. */
function announced(changes: Partial<Observed>, wanted: Partial<Wish>): string[] {
  const [seen, asked] = [
    { ...observed, ...changes },
    { ...wish, ...wanted },
  ];
  const phrases = plan(seen, asked, TODAY).flatMap((step) => describeStep(step, seen, asked));
  return phrases.map((phrase) => `${wish.licenseName}: an update ${phrase}`);
}

function invalid(inputs: Readonly<Record<string, unknown>>): string {
  const given = { claim: CLAIM, licenseName: wish.licenseName, ip: "192.0.2.10", pricelist: 55369, ...inputs };
  return checkInputs(undefined, given, {})
    .failures.map(({ reason }) => reason)
    .join();
}

function warned(changes: Partial<Observed>, wanted: Partial<Wish> = {}): string {
  return warnings({ ...observed, ...changes }, { ...wish, ...wanted }, TODAY).join();
}

/** On the last day of its term. */
function lapsed(wanted: Partial<Wish> = {}): string {
  const seen = { ...observed, status: "suspended", statusReason: "autosuspend" } as const;
  return warnings(seen, { ...wish, ...wanted }, day("2026-12-23")).join();
}

const SUSPENDED_AND_DUE = { suspended: true, renewBeforeDays: 7 };

function complaints(config: Readonly<Record<string, string>>): string[] {
  try {
    readSettings((key) => config[key], {});
  } catch (error) {
    return error instanceof SettingsError ? error.failures.map(({ reason }) => reason) : [];
  }
  return [];
}

const priced = (amount: string, currency: string): Quote => ({ kind: "priced", price: { amount, currency } });

function refused(quote: Quote): string {
  const { reason, advice } = judgePrice(quote, { amount: "20.00", currency: "EUR" }) ?? {};
  return `${reason}. Nothing was ordered; ${advice}`;
}

function doubted(all: Balance[]): string {
  const measured = measure(priced("14.00", "USD"), { kind: "read", all });
  return `warning: ${measured.kind === "doubt" ? measured.why : ""}: whether the account can pay is left to the vendor`;
}

function complaintOf(ask: () => unknown): string {
  try {
    ask();
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "";
}

/** What the code says in the situations that the pages describe. */
const SAID: Readonly<Record<string, () => string>> = {
  "a license bought by hand": () => stopped([{ ...row, licenseName: "by hand" }]),
  "a license of another resource": () => stopped([{ ...row, licenseName: nameWithClaim("x", OTHER) }]),
  "an old license of ours": () => stopped([{ ...row, createdOn: day("2026-01-15") }], {}),
  "a license of ours elsewhere": () => stopped([row], { ip: "192.0.2.11" }),
  "a license of ours of another tariff": () => stopped([row], { pricelist: 11738, product: "kernelcare" }),
  "two licenses of ours": () => stopped([row, { ...row, id: licenseId("1000002") }]),
  "a license about to close": () => stopped([{ ...row, scheduledClose: { on: day("2026-02-15") } }]),
  "a move": () => planned({ ip: "192.0.2.11" }).replace(/\.11$/, ".11"),
  "a renewal": () => planned({ renewBeforeDays: 7 }),
  "two renewals": () => planned({ paidUntil: day("2027-02-01") }),
  "the vendor's own renewal": () => planned({ autoRenew: true }),
  "too many renewals": () => {
    try {
      return planned({ paidUntil: day("2036-10-14") });
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
  },
  "a price above maxPrice": () => refused(priced("24.00", "EUR")),
  "a price in another currency": () => refused(priced("24.00", "USD")),
  "a price that is not named": () => refused({ kind: "none" }),
  "a price that cannot be read": () =>
    refused({
      kind: "unread",
      why: "softexternal.order.param has no readable answer: the server answered HTTP 502",
    }),
  "a balance in another currency": () => doubted([{ amount: "30.00", currency: "EUR" }]),
  "a credit that nobody can read": () => doubted([{ amount: "30.00", currency: "USD", unreadCredit: "1,000" }]),
  "too many orders": () => `${limitOnOrders({ allowOrders: true, maxOrders: 2 }, 3)}. Nothing was ordered`,
  "orders that are switched off": () => `${limitOnOrders({ allowOrders: false }, 1)}. Nothing was ordered`,
  "a lapsed license": () => lapsed(),
  "a license suspended as unpaid before its term is over": () =>
    warned({ status: "suspended", statusReason: "autosuspend" }),
  "a license that the vendor will close": () => warned({ closesOn: day("2026-12-23") }),
  "a license that the vendor will close some day": () => warned({ closesOn: "some day" }),
  "a license suspended by staff": () => warned({ status: "suspended", statusReason: "abusesuspend" }),
  "a date that the panel does not show": () => {
    const { expiresOn: _, ...dateless } = observed;
    return warnings(dateless, { ...wish, renewBeforeDays: 7 }, TODAY).join();
  },
  "a renewal that the panel does not let be changed": () => warned({ autoRenewFixed: true }, { autoRenew: true }),
  "a renewal that the panel does not let be switched off": () => warned({ autoRenew: true, autoRenewFixed: true }),
  "a renewal that the panel does not show": () => {
    const { autoRenew: _, ...hidden } = observed;
    return warnings(hidden, { ...wish, autoRenew: true }, TODAY).join();
  },
  "the vendor's own renewal, switched off": () => announced({ autoRenew: true }, {})[0] ?? "",
  "the vendor's renewal for another period": () =>
    announced({ autoRenew: true, autoRenewPeriod: 1 }, { autoRenew: true, period: 3 })[0] ?? "",
  "a term that has ended unseen": () => warned({ expiresOn: day("2026-12-19") }).replace("-19", "-23"),
  "a lapsed license without a date": () => {
    const { expiresOn: _, ...dateless } = observed;
    return warnings({ ...dateless, status: "suspended", statusReason: "autosuspend" }, wish, TODAY).join();
  },
  "a trial that has lapsed": () => lapsed({ period: -100 }),
  "a license suspended by an employee": () => warned({ status: "suspended", statusReason: "employeesuspend" }),
  "a suspended license that is due, first": () => announced({ status: "suspended" }, SUSPENDED_AND_DUE)[0] ?? "",
  "a suspended license that is due, last": () => announced({ status: "suspended" }, SUSPENDED_AND_DUE)[2] ?? "",
  "a suspension that is not allowed": () =>
    new RefusedError({ func: "softexternal.suspend", type: "access", vendorMessage: "Not allowed" }).message,
  "a renewal beyond the balance": () =>
    new RefusedError({
      func: "service.prolong",
      type: "not_enough_money",
      vendorMessage: "The balance is too low",
    }).message,
  "days that are no number": () => invalid({ renewBeforeDays: "7" }),
  "a day that does not exist": () => invalid({ paidUntil: "2027-02-31" }),
  "a limit without a currency": () => invalid({ maxPrice: "20" }),
  "a name for a number": () => invalid({ adoptId: "web01" }),
  "a policy that there is not": () => invalid({ deletionPolicy: "keep" }),
  "a day for what has no months": () => invalid({ paidUntil: "2027-02-01", period: 0 }),
  "a license that is gone": () => `${wish.licenseName}: ${warned({ status: "deleted" })}`,
  "a license that is gone, and is to be ordered again": () =>
    `${wish.licenseName}: ${warned({ status: "deleted" }, { recreateWhenDeleted: true })}`,
  "a license that nothing renews": () => `${wish.licenseName}: ${notices(observed, wish, TODAY).join()}`,
  "an order instead of what is gone": () => differing({ status: "deleted" }, { recreateWhenDeleted: true })[0] ?? "",
  "an order that nobody waited for": () => differing({ status: "processing", account: "" }, {})[0] ?? "",
  "a renewal that an interrupted run has sent": () => differing({ renewalSought: day("2026-12-23") }, {})[0] ?? "",
  "a renewal that is not shown yet": () => differing({ renewedFrom: day("2026-12-23") }, {})[0] ?? "",
  "a replacement": () => differing({}, KERNELCARE)[1] ?? "",
  "a replacement that leaves the old license in the account": () =>
    differing({ deletionPolicy: "suspend" }, KERNELCARE)[1] ?? "",
  "a refusal": () =>
    new RefusedError({ func: "softexternal.order.param", type: "exists", vendorMessage: "The license exists" }).message,
  "a wrong password": () =>
    new LoginRefusedError({
      func: "softexternal",
      type: "auth",
      object: "badpassword",
      vendorMessage: "Invalid username or password",
    }).message,
  "no connection": () =>
    new NotSentError("softexternal", "connect", "no connection to the panel could be made (ECONNREFUSED)").message,
  "no user name": () => complaints({})[0] ?? "",
  "no password": () => complaints({})[1] ?? "",
  "a bad login": () => complaints({ auth: "token" }).find((text) => text.includes("auth")) ?? "",
  "a bad number": () => complaints({ timeout: "fast" }).find((text) => text.includes("timeout")) ?? "",
  "arguments that cannot be meant": () =>
    `getLicenses: ${complaintOf(() => filterAsked({ status: "expired", expiringWithinDays: "7" }, {}, TODAY))}`,
  "an argument too many": () =>
    `getPrice: ${complaintOf(() => priceAsked({ product: "cloudlinux", pricelist: 9203 }, {}))}`,
  "a bad switch": () => complaints({ allowOrders: "no" }).find((text) => text.includes("allowOrders")) ?? "",
};

describe("the pages quote", () => {
  it.each(Object.entries(SAID))("what is said of %s", (_, say) => {
    expect(QUOTES).toContain(say());
  });

  it.each(QUOTES)("only what the source can say: %s", (message) => {
    expect(isSaid(message)).toBe(true);
  });

  it("nothing that the source cannot say", () => {
    expect(isSaid("license 1000001 is still shown 120 seconds after the vendor accepted to remove it")).toBe(false);
    expect(isSaid("Nothing was purchased")).toBe(false);
  });

  it("the line of an interrupted run that is made good, word for word", () => {
    const source = readFileSync(join(REPOSITORY, "provider/license/create.ts"), "utf8");
    const [, line = ""] = /`\$\{wish\.licenseName\}: (found license .*)`/.exec(source) ?? [];
    expect(line).not.toBe("");
    expect(QUOTES).toContain(`${wish.licenseName}: ${line.replace(/\$\{match\.id\}/, "1000001")}`);
  });

  it("every error of the lifecycle by what a user sees of it", () => {
    const classes = [...readFileSync(join(REPOSITORY, "provider/license/errors.ts"), "utf8").matchAll(/class (\w+)/g)];
    const named = QUOTING.flatMap((page) => [...textOf(page).matchAll(/`(\w+Error)`/g)].map(([, name]) => name));
    expect(named.filter((name) => !classes.some(([, known]) => known === name))).toEqual([]);
  });
});
