import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** The only address that the simulator ever listens on: it holds no secret and guards nothing. */
const host = "127.0.0.1";

/** A listening server. */
export interface Listener {
  readonly url: string;
  /** Refuses every connection for so many seconds of real time, those that are open included. */
  refuse(seconds: number): void;
  /** Stops listening and destroys open connections. */
  close(): Promise<void>;
}

/** Starts to listen; fails with the system's error when the port is taken. */
export async function listen(
  port: number,
  onRequest: RequestListener,
  onConnection?: (socket: Socket) => void,
): Promise<Listener> {
  const server = createServer(onRequest);
  // As long as usual web servers keep them, so that clients meet kept connections and not their end.
  server.keepAliveTimeout = 65_000;
  if (onConnection !== undefined) server.on("connection", onConnection);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  let reopening: NodeJS.Timeout | undefined;
  return {
    url: `http://${host}:${actual}`,
    refuse(seconds) {
      clearTimeout(reopening);
      server.close();
      server.closeAllConnections();
      reopening = setTimeout(() => server.listen(actual, host), seconds * 1000);
    },
    close() {
      clearTimeout(reopening);
      return close(server);
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
