import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CommandError, command } from "../../tools/pulumi/command.mts";
import { temporaryFolder } from "./folders";

const env = { PATH: "/usr/bin:/bin" };

describe("command", () => {
  it("returns what was written to standard output alone", async () => {
    expect(await shell("echo noise >&2; echo answer")).toBe("answer\n");
  });

  it("gives the last lines as the reason of a failure, without Go's list of downloads", async () => {
    const failure = shell("echo 'go: downloading a v1' >&2; echo 'no such module' >&2; exit 1");

    await expect(failure).rejects.toEqual(new CommandError("no such module"));
  });

  it("names a program that does not exist", async () => {
    await expect(command("no-such-program", [], { env, silence: 1_000 })).rejects.toThrow(
      "there is no `no-such-program`",
    );
  });

  it("ends a command that makes no progress, with all that it has started", async () => {
    const note = join(await temporaryFolder(), "pid");
    await expect(shell(`sleep 600 & echo $! > '${note}'; wait`, 500)).rejects.toThrow("no progress for 0.5 s");
    const pid = (await readFile(note, "utf8")).trim();
    // What nobody has waited for yet stays in the table as a zombie.
    await expect.poll(() => shell(`ps -o stat= -p ${pid} || true`)).toMatch(/^(Z\S*\s*)?$/);
  });

  it("lets a silent command run on while its progress changes", async () => {
    let size = 0;

    const output = await command("/bin/sh", ["-c", "sleep 1; echo done"], {
      env,
      silence: 400,
      progress: async () => size++,
    });

    expect(output).toBe("done\n");
  });

  it("ends a command when asked to", async () => {
    const asked = new AbortController();
    const running = command("/bin/sh", ["-c", "sleep 60 & wait"], { env, silence: 60_000, signal: asked.signal });
    asked.abort(new Error("interrupted"));

    await expect(running).rejects.toThrow("interrupted");
  });
});

function shell(line: string, silence = 10_000): Promise<string> {
  return command("/bin/sh", ["-c", line], { env, silence });
}
