import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Interlock } from "../../provider/license/interlock";

describe("an interlock", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Changes and lists that go on until they are told to end. */
  function underWay(parallel: number) {
    const interlock = new Interlock(parallel);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const job = (name: string) => () =>
      new Promise<void>((resolve) => {
        begun.push(name);
        ends.set(name, resolve);
      });
    const pass = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);
    return {
      begun,
      pass,
      order: (name: string) => void interlock.change("order", job(name)),
      change: (name: string) => void interlock.change("change", job(name)),
      list: (name: string) => void interlock.list(job(name)),
      async end(...names: string[]) {
        for (const name of names) {
          ends.get(name)?.();
          await pass();
        }
      },
    };
  }

  it("lets as many changes go at a time as calls may, and orders take turns with other changes", async () => {
    const { begun, order, change, pass, end } = underWay(2);
    for (const name of ["o1", "o2", "o3", "o4"]) {
      order(name);
    }
    change("c1");
    await pass();
    expect(begun).toEqual(["o1", "o2"]);
    await end("o1", "o2", "o3");
    expect(begun).toEqual(["o1", "o2", "o3", "c1", "o4"]);
  });

  it("lets the changes go before a list that were asked for before it, and no other", async () => {
    const { begun, order, list, pass, end } = underWay(1);
    order("o1");
    order("o2");
    list("list");
    order("late");
    await pass();
    await end("o1");
    expect(begun).toEqual(["o1", "o2"]);
    await end("o2");
    expect(begun).toEqual(["o1", "o2", "list"]);
    await end("list");
    expect(begun).toEqual(["o1", "o2", "list", "late"]);
  });

  it("lets a list go before hundreds of orders once it has waited for ten seconds, but never beside one", async () => {
    const { begun, order, list, pass, end } = underWay(2);
    for (let index = 0; index < 500; index++) {
      order(`o${index}`);
    }
    list("list");
    await pass(10_000);
    await end("o0");
    expect(begun).toEqual(["o0", "o1"]);
    await end("o1");
    expect(begun).toEqual(["o0", "o1", "list"]);
    await end("list");
    expect(begun).toEqual(["o0", "o1", "list", "o2", "o3"]);
  });
});
