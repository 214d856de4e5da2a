import { writeFile } from "node:fs/promises";
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { LicenseRow } from "../provider/billmanager/types";
import { utcDay } from "../provider/license/calendar";
import { ArgumentsError } from "../provider/license/errors";
import { type Filter, filterAsked } from "../provider/license/functionArguments";
import { findLicenses } from "../provider/license/functions";
import { isLive, whyClosing } from "../provider/license/match";
import { READING, type Run, startRun } from "../provider/license/run";
import { readSettings, type Settings, SettingsError } from "../provider/license/settings";
import { type Chosen, type LeftOut, programOf, quoted } from "./adoptingProgram";
import { resourceNames } from "./resourceNames";
import { UsageError } from "./usage";

const help = `Usage: pulumi-billmanager import [options]

Reads the licenses of an account, and prints the file that "pulumi import --file"
takes. With --typescript it prints a program that takes them over by adoptId. It
only reads: nothing is ordered, charged or changed.

Options:
  --output FILE       write to this file instead
  --typescript        a TypeScript program that takes the licenses over
  --endpoint URL      where the panel answers (default: BILLMANAGER_ENDPOINT, or
                      the vendor's documented address)
  --username U        the account (default: BILLMANAGER_USERNAME)
  --auth MODE         authinfo or session: how to log in (default: authinfo)
  --help              this text

Only licenses that fit all of:
  --product NAME      cloudlinux, softaculous or kernelcare
  --pricelist N       this number of a tariff
  --ip ADDRESS        this address
  --name NAME         this whole name at the vendor
  --status STATUS     processing, active or suspended
  --expiring-within-days N
                      at most so many days of their term are left

The password is taken from BILLMANAGER_PASSWORD, and from nowhere else.
`;

const options = {
  output: { type: "string" },
  typescript: { type: "boolean", default: false },
  endpoint: { type: "string" },
  username: { type: "string" },
  auth: { type: "string" },
  product: { type: "string" },
  pricelist: { type: "string" },
  ip: { type: "string" },
  name: { type: "string" },
  status: { type: "string" },
  "expiring-within-days": { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const satisfies ParseArgsConfig["options"];

type Given = ReturnType<typeof parse>;

/**
 * `pulumi-billmanager import`: what an account holds, as a file for `pulumi import` or as a program.
 *
 * @throws UsageError for a command line that makes no sense, before any call
 */
export async function importLicenses(args: string[]): Promise<void> {
  const given = parse(args);
  if (given.help) {
    process.stdout.write(help);
    return;
  }
  const settings = settingsOf(given);
  const filter = filterOf(given, settings);
  const run = startRun(settings, READING);
  const { panel } = run;
  try {
    const { text, count, leftOut } = await written(run, filter, given.typescript);
    for (const { id, licenseName, why } of leftOut) {
      process.stderr.write(panel.redact(`license ${id} (${quoted(licenseName)}) is left out: ${why}\n`));
    }
    if (given.output === undefined) {
      process.stdout.write(text);
    } else {
      await writeFile(given.output, text);
      const next = given.typescript ? "pulumi preview" : `pulumi import --file ${given.output}`;
      process.stderr.write(
        `${count} ${count === 1 ? "license is" : "licenses are"} in ${given.output}. Next: ${next}\n`,
      );
    }
  } finally {
    await panel.close();
  }
}

async function written(
  run: Run,
  filter: Filter,
  isProgram: boolean,
): Promise<{ text: string; count: number; leftOut: readonly LeftOut[] }> {
  const rows = await findLicenses(run, filter);
  // Of all licenses, so that those of one product get the names that they have among all.
  const names = resourceNames(run.listings.latest?.rows() ?? rows);
  const leftOut: LeftOut[] = [];
  const chosen: Chosen[] = [];
  for (const row of rows) {
    const why = whyLeftOut(row);
    if (why === undefined) {
      chosen.push({ ...row, name: names.get(row.id) ?? row.id });
    } else {
      leftOut.push({ ...row, why });
    }
  }
  if (isProgram) {
    const program = await programOf(run, chosen);
    return { ...program, leftOut: [...leftOut, ...program.leftOut] };
  }
  const resources = chosen.map(({ id, name }) => ({ type: "billmanager:index:License", name, id }));
  return { text: `${JSON.stringify({ resources }, null, 2)}\n`, count: resources.length, leftOut };
}

/** What keeps a license from being a resource. */
function whyLeftOut(row: LicenseRow): string | undefined {
  if (row.status === undefined) {
    return "the panel does not show its status";
  }
  if (row.status === "deleted") {
    return "the vendor has deleted it";
  }
  if (row.status === "ordered") {
    return "it is ordered but not paid; pay for it in the panel, or delete it there";
  }
  if (row.pricelist === undefined) {
    return "the panel does not show its tariff number";
  }
  return isLive(row) ? undefined : whyClosing(row);
}

function parse(args: string[]) {
  if (args.some((arg) => /^--password(?:=|$)/.test(arg))) {
    throw usageError("there is no option --password, since others can read a command line: set BILLMANAGER_PASSWORD");
  }
  try {
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

/** Settings by option or by environment; a stack's config is none of this command's. */
function settingsOf(given: Given): Settings {
  const { env } = process;
  if (!(given.username || env.BILLMANAGER_USERNAME)) {
    throw usageError("no user name: set BILLMANAGER_USERNAME, or give --username");
  }
  if (!env.BILLMANAGER_PASSWORD) {
    throw usageError("no password: set BILLMANAGER_PASSWORD");
  }
  const options: Readonly<Record<string, string | undefined>> = {
    endpoint: given.endpoint,
    username: given.username,
    auth: given.auth,
  };
  try {
    return readSettings((key) => options[key], env);
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      throw error;
    }
    throw usageError(error.failures.map(({ reason }) => reason.replace(/^billmanager:/, "")).join("; "));
  }
}

/** The arguments of getLicenses by their options. */
const OPTION_OF: Readonly<Record<string, string>> = { licenseName: "name", expiringWithinDays: "expiring-within-days" };

/** Deleted licenses are found as well, to be named among those that are left out. */
function filterOf(given: Given, { pricelists }: Settings): Filter {
  const { product, ip, name: licenseName, status } = given;
  const asked = {
    ...{ product, ip, licenseName, status },
    pricelist: numberOr(given.pricelist),
    expiringWithinDays: numberOr(given["expiring-within-days"]),
  };
  try {
    return { ...filterAsked(asked, pricelists, utcDay(READING.now())), deleted: true };
  } catch (error) {
    if (!(error instanceof ArgumentsError)) {
      throw error;
    }
    const complaints = error.failures.map(
      ({ property, reason }) => `--${OPTION_OF[property] ?? property}${reason.slice(property.length)}`,
    );
    // A stack's config, which may name more products, is not read here.
    throw usageError(
      complaints.join("; ").replace(/others are added with: .*?<tariff number>/, "for another, give --pricelist"),
    );
  }
}

/** What is no number stays a text, for the complaint to show it. */
function numberOr(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function usageError(message: string): UsageError {
  return new UsageError(message, "pulumi-billmanager import --help");
}
