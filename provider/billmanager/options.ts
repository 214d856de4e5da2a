import { InvalidRequestError } from "./errors/InvalidRequestError";

/** Clock, sleep and chance, so that tests need not wait. */
export interface Timing {
  /** Milliseconds since 1970. */
  now(): number;
  /** @param signal ends it early, and lets go of the process: a timer would keep that alive */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** At least 0, less than 1. */
  random(): number;
}

export interface PanelOptions {
  /**
   * Where the API answers, e.g. `https://api.ispmanager.com/manager/billmgr`. Without a path, `/billmgr` is meant. Plain http
   * only to this machine.
   */
  readonly endpoint: string;
  readonly username: string;
  readonly password: string;
  /** `authinfo` (default): the login travels with each call. `session`: one login, then its session id. */
  readonly auth?: "authinfo" | "session";
  /** Seconds that one call may take, its answer's last byte included. Default 60. */
  readonly timeoutSeconds?: number;
  /** Calls in flight at a time. Default 8. */
  readonly parallel?: number;
  /** How often a call that is safe to repeat is repeated. Default 3. */
  readonly retries?: number;
  readonly timing?: Timing;
}

export interface CheckedOptions extends Required<Omit<PanelOptions, "endpoint">> {
  readonly endpoint: URL;
}

const realTiming: Timing = {
  now: Date.now,
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
  random: Math.random,
};

/**
 * @throws InvalidRequestError naming the option. The message never repeats the value: an endpoint may have the password in it
 */
export function checkOptions(options: PanelOptions): CheckedOptions {
  const { username, password, auth = "authinfo", timeoutSeconds = 60, parallel = 8, retries = 3 } = options;
  const endpoint = checkEndpoint(options.endpoint);
  check(typeof username === "string" && username !== "", "username must not be empty");
  check(typeof password === "string" && password !== "", "password must not be empty");
  check(auth === "authinfo" || auth === "session", 'auth must be "authinfo" or "session"');
  check(
    auth === "session" || !username.includes(":"),
    'username must not contain a colon with auth "authinfo", where the colon ends it; use auth "session"',
  );
  check(
    Number.isFinite(timeoutSeconds) && timeoutSeconds > 0 && timeoutSeconds <= 86_400,
    "timeoutSeconds must be above 0 and at most 86400",
  );
  check(Number.isInteger(parallel) && parallel >= 1, "parallel must be a whole number of at least 1");
  check(Number.isInteger(retries) && retries >= 0, "retries must be a whole number of at least 0");
  return {
    endpoint,
    username,
    password,
    auth,
    timeoutSeconds,
    parallel,
    retries,
    timing: options.timing ?? realTiming,
  };
}

function check(condition: boolean, problem: string): void {
  if (!condition) throw new InvalidRequestError(`${problem}. No call was made.`);
}

function checkEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new InvalidRequestError(
      "endpoint must be an https address such as https://api.ispmanager.com/manager/billmgr. No call was made.",
    );
  }
  check(url.username === "" && url.password === "", "endpoint must not hold a user name or password");
  check(url.search === "" && url.hash === "" && !/[?#]/.test(text), "endpoint must not hold a query or a fragment");
  check(
    url.protocol === "https:" || isLoopback(url.hostname),
    "endpoint must begin with https: plain http would send the password in the clear, and is accepted only for this machine (127.0.0.0/8, ::1, localhost)",
  );
  // The vendor's page names the API's host without a path; its other pages serve it at /billmgr.
  if (url.pathname === "/") url.pathname = "/billmgr";
  return url;
}

/** The URL parser has already brought every spelling of an IPv4 address into four decimal parts. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.[0-9]+\.[0-9]+\.[0-9]+$/.test(hostname);
}
