import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";

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
  server.listen(port, host);
  await once(server, "listening");
  const { port: actual } = server.address() as AddressInfo;
  let isOver = false;
  let reopening: NodeJS.Timeout | undefined;
  let reserved: Reservation | undefined;
  const free = () => {
    reserved?.end();
    reserved = undefined;
  };
  const reopenIn = (milliseconds: number) => {
    reopening = setTimeout(() => {
      free();
      server.listen(actual, host);
    }, milliseconds);
  };
  // Somebody else has taken the port meanwhile.
  server.on("error", () => reopenIn(100));
  return {
    url: `http://${host}:${actual}`,
    refuse(seconds) {
      if (isOver) return;
      clearTimeout(reopening);
      server.close();
      server.closeAllConnections();
      free();
      reserved = reserve(actual);
      reopenIn(seconds * 1000);
    },
    close() {
      isOver = true;
      clearTimeout(reopening);
      free();
      return close(server);
    },
  };
}

interface Reservation {
  end(): void;
}

/**
 * Keeps a port on which nobody listens from being given to somebody else, whom clients would take for this server: a connection begins
 * at it.
 */
function reserve(port: number): Reservation {
  let holder: Socket | undefined;
  const other = createTcpServer().listen(0, host, () => {
    const { port: otherPort } = other.address() as AddressInfo;
    // Where somebody else was faster there is nothing to keep.
    holder = connect({ host, port: otherPort, localAddress: host, localPort: port }).on("error", () => undefined);
  });
  return {
    end() {
      holder?.destroy();
      other.close();
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
