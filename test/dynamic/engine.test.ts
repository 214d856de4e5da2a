import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { engineIsGone } from "../../provider/engine";

/** An engine that listens, and its address. */
async function engine() {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the server has no port");
  }
  return { address: `127.0.0.1:${address.port}`, kill: () => new Promise((resolve) => server.close(resolve)) };
}

describe("the engine of a run", () => {
  it("is there while it listens, and gone once it does not", async () => {
    const { address, kill } = await engine();
    expect(await engineIsGone(address)).toBe(false);
    await kill();
    expect(await engineIsGone(address)).toBe(true);
  });

  it.each([undefined, "", "web01", "127.0.0.1", "192.0.2.1:80"])(
    "counts as there where its address is not known: %j",
    async (address) => {
      expect(await engineIsGone(address)).toBe(false);
    },
  );
});
