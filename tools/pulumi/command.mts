import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "./systemError.mts";

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** The command is ended once it has neither written nor changed `progress()` for this long. */
  readonly silence: number;
  /** Any value that changes while the command gets on with its work. */
  readonly progress?: () => Promise<number>;
}

/** A command that could not be started, failed, or was ended; the message is the reason alone. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/**
 * Runs one command and returns what it wrote to its standard output.
 *
 * It runs in a process group of its own, so that what it has started in turn ends with it.
 *
 * @throws CommandError with the last lines of what it wrote
 */
export async function command(file: string, args: readonly string[], options: CommandOptions): Promise<string> {
  options.signal?.throwIfAborted();
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let everything = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
    everything += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    everything += chunk;
  });

  const ended = new AbortController();
  let silent = false;
  const end = (): void => killGroup(child.pid);
  options.signal?.addEventListener("abort", end, { once: true });
  const watch = untilSilent(options, () => everything.length, ended.signal).then((quiet) => {
    silent = quiet;
    if (quiet) {
      end();
    }
  });

  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    options.signal?.throwIfAborted();
    if (silent) {
      throw new CommandError(`no progress for ${options.silence / 1000} s`);
    }
    if (code !== 0) {
      throw new CommandError(lastLines(everything) || `it ended with ${code ?? "a signal"} and said nothing`);
    }
    return output;
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      throw new CommandError(`there is no \`${file}\``);
    }
    throw error;
  } finally {
    ended.abort();
    options.signal?.removeEventListener("abort", end);
    await watch;
  }
}

async function untilSilent(options: CommandOptions, written: () => number, ended: AbortSignal): Promise<boolean> {
  let last = "";
  let since = performance.now();
  while (!ended.aborted) {
    const now = `${written()} ${(await options.progress?.()) ?? 0}`;
    if (now !== last) {
      last = now;
      since = performance.now();
    } else if (performance.now() - since >= options.silence) {
      return true;
    }
    // Seldom: telling the progress may mean to walk through thousands of files.
    await sleep(options.silence / 10, undefined, { signal: ended }).catch(() => undefined);
  }
  return false;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended by itself in the meantime.
  }
}

function lastLines(text: string): string {
  const telling = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("go: downloading "));
  return telling.slice(-5).join("\n").trim();
}
