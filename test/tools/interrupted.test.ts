import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { temporaryFolder } from "./folders";

const SLOW = `
  import { ensurePulumi } from "${pathToFileURL("tools/pulumi/ensure.mts")}";
  import { command } from "${pathToFileURL("tools/pulumi/command.mts")}";
  const install = (staging, { env, signal }) =>
    command("/bin/sh", ["-c", 'mkdir "$0"; sleep 60 & wait', staging.bin], { env, signal, silence: 60000 });
  await ensurePulumi({ ways: [{ source: "go", title: "a slow way", install }] });
`;

it.each(["SIGINT", "SIGTERM"] as const)(
  "leaves nothing behind when %s interrupts it, and ends by it",
  async (signal) => {
    const home = await temporaryFolder();
    const versions = join(home, "versions");
    const run = spawn(process.execPath, ["--input-type=module", "--eval", SLOW], {
      env: { PATH: "/usr/bin:/bin", PULUMI_HOME: home },
      stdio: "ignore",
    });
    const ended = once(run, "exit");
    while ((await readdir(versions).catch(() => [])).length < 2) {
      await sleep(20);
    }
    await sleep(100);

    run.kill(signal);

    expect(await ended).toEqual([null, signal]);
    expect(await readdir(versions)).toEqual([]);
  },
);
