import { type FileHandle, open, stat, unlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, ignoreMissing } from "./systemError.mts";

export interface LockOptions {
  readonly signal: AbortSignal;
  /** A lock whose holder has given no sign of life for this long is taken over. */
  readonly staleAfter: number;
  /** Called once, where another process holds the lock. */
  onWait(): void;
}

/**
 * Waits until this process alone holds the lock file, and runs `work`.
 *
 * The holder touches the file again and again. A dead holder is known by a file that no longer changes, which also works between
 * containers, where process ids say nothing. Two processes that take over in the same instant could both believe to hold the lock:
 * so what is guarded must merely be wasteful to do twice, not wrong.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const file = await acquire(path, options);
  const beat = setInterval(() => {
    const now = new Date();
    // Through the handle: once the lock was taken over, the path is another process's file.
    file.utimes(now, now).catch(() => undefined);
  }, options.staleAfter / 5);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    const mine = await file.stat();
    await file.close();
    const there = await stat(path).catch(ignoreMissing);
    if (there?.ino === mine.ino) {
      await unlink(path);
    }
  }
}

async function acquire(path: string, options: LockOptions): Promise<FileHandle> {
  let seen = "";
  let since = 0;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      return await open(path, "wx");
    } catch (error) {
      if (!hasCode(error, "EEXIST")) {
        throw error;
      }
    }
    const there = await stat(path).catch(ignoreMissing);
    if (there === undefined) {
      continue;
    }
    const state = `${there.ino} ${there.mtimeMs}`;
    if (seen === "") {
      options.onWait();
    }
    if (state !== seen) {
      seen = state;
      since = performance.now();
    } else if (performance.now() - since > options.staleAfter) {
      await unlink(path).catch(ignoreMissing);
      continue;
    }
    await sleep(options.staleAfter / 20, undefined, { signal: options.signal });
  }
}
