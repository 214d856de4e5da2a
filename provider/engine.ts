import { connect } from "node:net";

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
  const port = /^(?:127\.0\.0\.1|localhost):(\d+)$/.exec(address ?? "")?.[1];
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
