import { expect, it, onTestFinished, vi } from "vitest";
import { listen } from "../../simulator/listen";

const answering = (word: string, port = 0) =>
  listen(port, (_request, response) => {
    response.end(word);
  });

it("a listener that was closed is not opened again by a refusal", async () => {
  const listener = await answering("here");
  await listener.close();
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  listener.refuse(0);
  expect(vi.getTimerCount()).toBe(0);
});

it("a listener comes back to its port, though somebody else has held it meanwhile", async () => {
  const listener = await answering("first");
  onTestFinished(() => listener.close());
  listener.refuse(3600);
  const other = await answering("other", Number(new URL(listener.url).port));
  listener.refuse(0);
  expect(await (await fetch(listener.url)).text()).toBe("other");
  await other.close();
  const word = () => fetch(listener.url).then((answer) => answer.text());
  await expect.poll(() => word().catch(() => undefined)).toBe("first");
});
