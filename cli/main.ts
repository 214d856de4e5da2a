#!/usr/bin/env node
import { importLicenses } from "./import";
import { simulate } from "./simulate";
import { UsageError } from "./usage";

const help = `Usage: pulumi-billmanager <command> [options]

Commands:
  import     write an account's licenses as a file for pulumi import, or as a
             program
  simulate   run a local BILLmanager that spends no money

Run "pulumi-billmanager <command> --help" for the options of a command.
`;

const commands: Readonly<Record<string, (args: string[]) => Promise<void>>> = {
  import: importLicenses,
  simulate,
};

async function main([name, ...args]: string[]): Promise<void> {
  if (name === "--help" || name === "-h") {
    process.stdout.write(help);
    return;
  }
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    throw new UsageError(
      name === undefined ? "no command given" : `unknown command "${name}"`,
      "pulumi-billmanager --help",
    );
  }
  await command(args);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`pulumi-billmanager: ${error instanceof Error ? error.message : String(error)}\n`);
  if (isUsage) process.stderr.write(`Run "${error.helpCommand}" for help.\n`);
  process.exitCode = isUsage ? 2 : 1;
});
