import { connect } from "node:net";
import { type LicenseInputs, type RawInputs, UNKNOWN } from "./license/inputs";

/** How the engine writes a value that a preview does not know yet. */
export const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The properties as the lifecycle takes them. */
export function fromEngine(properties: RawInputs): RawInputs {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, value === UNKNOWN_TEXT ? UNKNOWN : value]),
  );
}

/** The inputs to record, as the engine takes them. */
export function toEngine(inputs: LicenseInputs): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [key, value === UNKNOWN ? UNKNOWN_TEXT : value]),
  );
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
