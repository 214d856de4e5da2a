import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { command } from "./pulumi/command.mts";
import type { Staging, WayContext } from "./pulumi/way.mts";

/**
 * The flags with which every Go program here is built: what is built with the same ones is compiled once. Nobody debugs these programs, and
 * without what a debugger needs the build takes a tenth less.
 */
export const GO_BUILD_FLAGS = ["-trimpath", "-gcflags=all=-dwarf=false"];

/** Leaves out the symbols and what a debugger needs of the libraries. */
export const GO_LINK_FLAGS = "-s -w";

export const GO_MODULES = fileURLToPath(new URL("go/", import.meta.url));

/** Milliseconds after which a command that neither writes nor gets on with its work is ended. */
export const GO_SILENCE = 300_000;

/** What is built of one module. */
export interface GoBuild {
  /** A folder of `tools/go`. */
  readonly module: string;
  readonly ldflags: string;
  readonly packages: readonly string[];
}

/** @throws CommandError where Go is missing or the build fails */
export async function goBuild(
  { module, ldflags, packages }: GoBuild,
  staging: Staging,
  context: GoContext,
): Promise<void> {
  await go(
    ["build", ...GO_BUILD_FLAGS, "-ldflags", ldflags, "-o", `${staging.bin}/`, ...packages],
    module,
    staging,
    context,
  );
}

type GoContext = Pick<WayContext, "env" | "signal">;

/**
 * Runs `go` in a module, without flags and a workspace of the caller's own.
 *
 * @param module a folder of `tools/go`
 * @returns what it wrote to its standard output
 * @throws CommandError with the last lines of what it wrote
 */
export function go(
  args: readonly string[],
  module: string,
  { temporary, progress }: Staging,
  { env, signal }: GoContext,
): Promise<string> {
  return command("go", args, {
    cwd: join(GO_MODULES, module),
    // GOGC: the compiler spends a fifth less time where it collects garbage seldom, at hardly more memory.
    env: { GOGC: "400", ...env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly", GOTMPDIR: temporary },
    signal,
    silence: GO_SILENCE,
    progress,
  });
}
