import { cp } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { command } from "./command.mts";
import { PULUMI_VERSION } from "./version.mts";
import type { Way } from "./way.mts";

const SILENCE = 120_000;

/**
 * The official npm package `pulumi` downloads the whole distribution when it is first asked for anything.
 *
 * It unpacks right into `$PULUMI_HOME`, which would leave half of it there when interrupted; so it is given another home to fill.
 */
export const npmWay: Way = {
  source: "npm",
  title: `the npm package \`pulumi\` ${PULUMI_VERSION}, which downloads the CLI`,
  async install(staging, { env, signal }) {
    await command(process.execPath, [launcher(), "version"], {
      env: {
        ...env,
        PULUMI_HOME: staging.temporary,
        PULUMI_VERSION,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        TMPDIR: staging.temporary,
      },
      signal,
      silence: SILENCE,
      progress: staging.progress,
    });
    await cp(join(staging.temporary, "versions", PULUMI_VERSION, "bin"), staging.bin, { recursive: true });
  },
};

function launcher(): string {
  try {
    return createRequire(import.meta.url).resolve("pulumi/run.js");
  } catch {
    throw new Error("the package is not installed; `npm ci` installs it");
  }
}
