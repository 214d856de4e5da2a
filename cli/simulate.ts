import { type ParseArgsConfig, parseArgs } from "node:util";
import { parseKnobs, type Simulator, type SimulatorOptions, startSimulator } from "../simulator";
import { UsageError } from "./usage";

const help = `Usage: pulumi-billmanager simulate [options]

Runs a local BILLmanager on 127.0.0.1 until it is interrupted. It answers as a
panel does, keeps the books in memory, and spends no money.

Options:
  --port N            port of the panel (default: any free one)
  --control-port N    port of the JSON control address (default: any free one)
  --username U        account name (default: demo)
  --password P        its password (default: demo)
  --balance AMOUNT    its balance (default: 1000.00)
  --currency CODE     its currency (default: EUR)
  --now DATE          ISO date or date-time at which the simulator's clock starts
                      (default: now)
  --running-clock     let that clock run; otherwise it moves only by the control
                      address
  --knobs JSON        how the panel behaves, e.g. '{"duplicate":"exists"}'
  --help              this text
`;

const options = {
  port: { type: "string" },
  "control-port": { type: "string" },
  username: { type: "string", default: "demo" },
  password: { type: "string", default: "demo" },
  balance: { type: "string", default: "1000.00" },
  currency: { type: "string", default: "EUR" },
  now: { type: "string" },
  "running-clock": { type: "boolean", default: false },
  knobs: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const satisfies ParseArgsConfig["options"];

/**
 * `pulumi-billmanager simulate`: runs until SIGINT or SIGTERM.
 *
 * @throws UsageError for a command line that makes no sense
 */
export async function simulate(args: string[]): Promise<void> {
  const given = parse(args);
  if (given.help) {
    process.stdout.write(help);
    return;
  }
  const { username, password, balance, currency } = given;
  const simulator = await start(() => ({
    ...(given.port !== undefined && { port: portOf("port", given.port) }),
    ...(given["control-port"] !== undefined && { controlPort: portOf("control-port", given["control-port"]) }),
    ...(given.now !== undefined && { now: given.now }),
    ...(given.knobs !== undefined && { knobs: parseKnobs(given.knobs) }),
    clock: given["running-clock"] ? "running" : "standing",
    accounts: [{ username, password, balance, currency }],
  }));
  // Listening for the signals comes before the first line: whoever waits for that line may interrupt at once.
  const interrupted = interruption();
  process.stdout.write(greeting(simulator, username, password, currency));
  await interrupted;
  await simulator.close();
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    throw usageError(error);
  }
}

/** Options that make no sense are the caller's mistake; a port that is taken is not. */
async function start(optionsOf: () => SimulatorOptions): Promise<Simulator> {
  try {
    return await startSimulator(optionsOf());
  } catch (error) {
    throw error instanceof RangeError ? usageError(error) : error;
  }
}

function portOf(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new RangeError(`--${name} must be a number from 0 to 65535, not "${text}"`);
  return port;
}

function usageError(error: unknown): UsageError {
  return new UsageError(error instanceof Error ? error.message : String(error), "pulumi-billmanager simulate --help");
}

function interruption(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

function greeting(simulator: Simulator, username: string, password: string, currency: string): string {
  const [endpoint, user, secret] = [simulator.endpoint, username, password].map(quoted);
  return `BILLmanager simulator, no money is spent. Ctrl+C stops it and forgets everything.

  endpoint  ${simulator.endpoint}
  control   ${simulator.control}
  account   ${username}, balance ${simulator.balance()} ${currency}
  today     ${simulator.clock.today()}

Point a stack at it:
  pulumi config set billmanager:endpoint ${endpoint}
  pulumi config set billmanager:username ${user}
  pulumi config set --secret billmanager:password ${secret}

or a shell:
  export BILLMANAGER_ENDPOINT=${endpoint}
  export BILLMANAGER_USERNAME=${user}
  export BILLMANAGER_PASSWORD=${secret}
`;
}

/** The text as one word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
