import { join } from "node:path";
import { type LedgerEntry, type SimulatedLicense, type Simulator, startSimulator } from "pulumi-billmanager/simulator";
import { ensurePulumi } from "./pulumi/ensure.mts";
import { PulumiWorkspace } from "./pulumi/workspace.mts";

const CREDENTIALS = { username: "demo", password: "demo" };
const PRODUCTS = ["CloudLinux", "KernelCare", "Softaculous"];

/** The vendor's codes, as far as they occur here. */
const STATUS: Readonly<Record<string, string>> = { "2": "active", "3": "suspended", "4": "deleted" };

interface Step {
  readonly title: string;
  /** What the user changes in the stack's config before the run. */
  readonly config?: Readonly<Record<string, string>>;
  readonly command: "preview" | "up" | "destroy";
  /** What has to come of it: movements of money, and what each license must look like then. */
  readonly bookings: readonly string[];
  readonly holds: (licenses: Readonly<Record<string, SimulatedLicense>>) => boolean;
}

const inAMonthAndABit = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);

const STEPS: readonly Step[] = [
  {
    title: "Preview: says what would be bought, and spends nothing",
    command: "preview",
    bookings: [],
    holds: (licenses) => Object.keys(licenses).length === 0,
  },
  {
    title: "Order one license of each product",
    command: "up",
    bookings: PRODUCTS.map((product) => `order ${product}`),
    holds: ({ CloudLinux, KernelCare, Softaculous }) =>
      CloudLinux?.status === "2" && KernelCare?.status === "2" && Softaculous?.status === "2",
  },
  {
    title: "Edit: move CloudLinux to another server, and rename Softaculous",
    command: "up",
    config: { webServer: "192.0.2.11", panelName: "customer panel" },
    bookings: [],
    holds: ({ CloudLinux, Softaculous }) =>
      CloudLinux?.ip === "192.0.2.11" && Softaculous?.licname === "customer panel",
  },
  {
    title: "Suspend KernelCare while its server is out of service",
    command: "up",
    config: { databaseInUse: "false" },
    bookings: [],
    holds: ({ KernelCare }) => KernelCare?.status === "3",
  },
  {
    title: "Resume it",
    command: "up",
    config: { databaseInUse: "true" },
    bookings: [],
    holds: ({ KernelCare }) => KernelCare?.status === "2",
  },
  {
    title: `Renew CloudLinux until at least ${inAMonthAndABit}`,
    command: "up",
    config: { paidUntil: inAMonthAndABit },
    bookings: ["prolong CloudLinux"],
    holds: ({ CloudLinux }) => (CloudLinux?.expiredate ?? "") >= inAMonthAndABit,
  },
  {
    title: "Give all of them up",
    command: "destroy",
    bookings: [],
    holds: (licenses) => Object.values(licenses).every(({ status }) => status === "4"),
  },
];

const begun = performance.now();
const cli = await ensurePulumi();
const ready = performance.now();
const panel = await startSimulator({ accounts: [CREDENTIALS] });
console.log(`A local BILLmanager with ${panel.balance()} EUR in the account listens on ${panel.endpoint}`);
const workspace = await PulumiWorkspace.create({
  cli,
  project: join(import.meta.dirname, "../examples/typescript"),
  env: {
    BILLMANAGER_ENDPOINT: panel.endpoint,
    BILLMANAGER_USERNAME: CREDENTIALS.username,
    BILLMANAGER_PASSWORD: CREDENTIALS.password,
  },
});
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => reject(new Error(`Interrupted by ${signal}; nothing is left behind.`)));
  }
});
try {
  for (const [index, step] of STEPS.entries()) {
    await Promise.race([take(step, `${index + 1}/${STEPS.length}`), interrupted]);
  }
  printLedger(panel.ledger());
  const seconds = (from: number) => ((performance.now() - from) / 1000).toFixed(0);
  console.log(
    `\nEvery step did what it said. ${seconds(ready)} s, after ${((ready - begun) / 1000).toFixed(0)} s of set-up.`,
  );
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await workspace.remove();
  await panel.close();
}

async function take(step: Step, position: string): Promise<void> {
  console.log(`\n── ${position} ${step.title}`);
  const before = { ledger: panel.ledger(), licenses: panel.licenses() };
  await workspace.configure(step.config ?? {});
  for (const [key, value] of Object.entries(step.config ?? {})) {
    console.log(`   $ pulumi config set ${key} "${value}"`);
  }
  console.log(`   $ pulumi ${step.command}`);
  const result = await workspace.run(
    step.command === "preview" ? ["preview"] : [step.command, "--yes", "--skip-preview"],
  );
  if (result.code !== 0) {
    throw new Error(`pulumi ${step.command} failed:\n${result.output}`);
  }
  const said = new Set([...result.output.matchAll(/^ {4}(?!pulumi:)(.*: an update .*)$/gm)].map(([, line]) => line));
  for (const line of said) {
    console.log(`   ${line}`);
  }
  const bookings = panel.ledger().slice(before.ledger.length);
  printChanges(before.licenses, panel);
  console.log(
    `   cost: ${bookings.length === 0 ? "nothing" : bookings.map(price).join(" + ")}; left in the account: ${panel.balance()} EUR`,
  );

  const booked = bookings.map(({ kind, tariff }) => `${kind} ${tariff}`).sort();
  const licenses = Object.fromEntries(panel.licenses().map((license) => [license.tariff, license]));
  if (booked.join() !== [...step.bookings].sort().join() || !step.holds(licenses)) {
    throw new Error(
      `This step did not do what it says. Booked: ${booked.join(", ") || "nothing"}. Licenses: ${JSON.stringify(licenses, null, 2)}`,
    );
  }
}

function printChanges(before: readonly SimulatedLicense[], { licenses }: Simulator): void {
  for (const license of licenses()) {
    const old = before.find(({ id }) => id === license.id);
    const fields = ["licname", "ip", "status", "expiredate"] as const;
    const changes = fields
      .filter((field) => old?.[field] !== license[field])
      .map(
        (field) =>
          `${field} ${old === undefined ? "" : `${shown(field, old[field])} → `}${shown(field, license[field])}`,
      );
    if (changes.length > 0) {
      console.log(`   at the vendor: ${license.tariff} ${license.id}: ${changes.join(", ")}`);
    }
  }
}

function shown(field: string, value: string | undefined): string {
  return (field === "status" && value !== undefined && STATUS[value]) || String(value);
}

function price({ amount, currency, tariff }: LedgerEntry): string {
  return `${amount} ${currency} (${tariff})`;
}

function printLedger(ledger: readonly LedgerEntry[]): void {
  console.log("\n── The account's ledger");
  for (const { kind, tariff, license, ip, amount, currency, paidUntil } of ledger) {
    console.log(
      `   ${kind.padEnd(8)} ${String(tariff).padEnd(12)} ${license} ${String(ip).padEnd(12)} ${amount.padStart(6)} ${currency}  paid until ${paidUntil}`,
    );
  }
}
