import { connect } from "node:net";
import { type RawInputs, UNKNOWN } from "./license/inputs";

/** How the engine writes a value that a preview does not know yet. */
export const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The mark of an envelope, and what it holds there if the envelope is that of a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const OF_SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Properties from the engine as the lifecycle takes them: absent ones left out, unknown ones marked, secrets as they are. */
export function fromEngine(properties: RawInputs): RawInputs {
  return mapped(properties, opened);
}

/** Properties from the lifecycle as the engine takes them; what is `undefined` is left out. */
export function toEngine(properties: RawInputs): RawInputs {
  return mapped(properties, closed);
}

function opened(value: unknown): unknown {
  if (value === UNKNOWN_TEXT) {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    return value.map(opened);
  }
  if (!isObject(value)) {
    return value;
  }
  return value[SIGNATURE] === OF_SECRET ? opened(value.value) : mapped(value, opened);
}

function closed(value: unknown): unknown {
  if (value === UNKNOWN) {
    return UNKNOWN_TEXT;
  }
  if (Array.isArray(value)) {
    return value.map(closed);
  }
  return isObject(value) ? mapped(value, closed) : value;
}

/** The object itself where nothing in it changes: the members of a large fleet are not copied. */
function mapped(object: RawInputs, change: (value: unknown) => unknown): RawInputs {
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(object)) {
    const value = object[name];
    const changed = isPresent(value) ? change(value) : undefined;
    if (changed === value) {
      continue;
    }
    copy ??= Object.fromEntries(Object.entries(object).filter(([, each]) => isPresent(each)));
    if (isPresent(changed)) {
      copy[name] = changed;
    } else {
      delete copy[name];
    }
  }
  return copy ?? object;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isObject(value: unknown): value is RawInputs {
  return typeof value === "object" && value !== null;
}

/** How long a busy engine may take to accept a connection on loopback before it counts as there, in ms. */
const PATIENCE = 2_000;

/**
 * Whether the engine that started this process no longer listens, so that nobody is left to save what a further call would do.
 *
 * Only its own address tells: a killed engine leaves its providers running, under whatever parent the system gives them.
 *
 * @param address `127.0.0.1:<port>`, as the engine hands it over; without one nothing can be known and the engine counts as there
 */
export function engineIsGone(address: string | undefined): Promise<boolean> {
  const port = portOf(address);
  if (port === undefined) {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: Number(port), timeout: PATIENCE });
    const answer = (gone: boolean) => {
      socket.destroy();
      resolve(gone);
    };
    socket.once("connect", () => answer(false));
    socket.once("timeout", () => answer(false));
    socket.once("error", (error: NodeJS.ErrnoException) => answer(error.code === "ECONNREFUSED"));
  });
}

/** @returns `undefined` for what is no engine's address */
export function portOf(address: string | undefined): string | undefined {
  return /^(?:127\.0\.0\.1|localhost):(\d+)$/.exec(address ?? "")?.[1];
}
