const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs work that must clean up before the process ends: a signal aborts it, and takes its usual effect once it has returned.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupted = new AbortController();
  let received: NodeJS.Signals | undefined;
  const abort = (signal: NodeJS.Signals): void => {
    received = signal;
    interrupted.abort(new Error(`interrupted by ${signal}`));
  };
  for (const signal of SIGNALS) {
    process.on(signal, abort);
  }
  try {
    return await work(interrupted.signal);
  } finally {
    for (const signal of SIGNALS) {
      process.off(signal, abort);
    }
    if (received !== undefined) {
      process.kill(process.pid, received);
    }
  }
}
