import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LicenseRow, licenseId } from "../../provider/billmanager/types";
import { Listings } from "../../provider/license/listings";
import { Turns } from "../../provider/license/turns";

const ONE = licenseId("1");
const OTHER = licenseId("2");
const row = (id: string): LicenseRow => ({ id: licenseId(id), licenseName: `web${id}` });

/** A panel whose answers come when the test says so. */
function panel() {
  const asked: { answer(rows: LicenseRow[]): void; fail(error: Error): void }[] = [];
  const fetch = () => new Promise<LicenseRow[]>((resolve, reject) => asked.push({ answer: resolve, fail: reject }));
  const listings = new Listings(fetch, 8);
  const askedTimes = async (times: number) => expect.poll(() => asked.length).toBe(times);
  return { asked, askedTimes, listings };
}

describe("listings", () => {
  it("ask once for all who ask together", async () => {
    const { asked, askedTimes, listings } = panel();
    const all = [listings.next(), listings.next(), listings.next()];
    await askedTimes(1);
    asked[0]?.answer([row("1")]);
    for (const listing of await Promise.all(all)) {
      expect(listing.rows().map(({ id }) => id)).toEqual(["1"]);
    }
    expect(asked).toHaveLength(1);
  });

  it("ask again for one who came after the call had begun", async () => {
    const { asked, askedTimes, listings } = panel();
    const first = listings.next();
    await askedTimes(1);
    const second = listings.next();
    asked[0]?.answer([]);
    expect((await first).rows()).toEqual([]);
    await askedTimes(2);
    asked[1]?.answer([row("1")]);
    expect((await second).rows()).toHaveLength(1);
  });

  it("serve one who could wait together with one who could not", async () => {
    const { asked, askedTimes, listings } = panel();
    const patient = listings.next(60_000);
    const hasty = listings.next();
    await askedTimes(1);
    asked[0]?.answer([row("1")]);
    expect(await patient).toBe(await hasty);
  });

  it("tell everyone who asked when the call fails, and try again for the next", async () => {
    const { asked, askedTimes, listings } = panel();
    const both = Promise.allSettled([listings.next(), listings.recent(ONE)]);
    await askedTimes(1);
    asked[0]?.fail(new Error("list refused"));
    expect((await both).map((outcome) => outcome.status)).toEqual(["rejected", "rejected"]);
    const later = listings.recent(ONE);
    await askedTimes(2);
    asked[1]?.answer([]);
    expect((await later).rows()).toEqual([]);
  });

  it("answer all reads of a refresh from one call", async () => {
    const { asked, askedTimes, listings } = panel();
    const first = listings.recent(ONE);
    await askedTimes(1);
    const during = listings.recent(OTHER);
    asked[0]?.answer([row("1")]);
    await Promise.all([first, during]);
    expect((await listings.recent(ONE)).rows()).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  it("answer no read from before an order of this process, nor of a license that it has changed", async () => {
    const { asked, askedTimes, listings } = panel();
    const before = listings.recent(ONE);
    await askedTimes(1);
    asked[0]?.answer([row("1")]);
    await before;
    await listings.change(() => Promise.resolve(), OTHER);
    expect((await listings.recent(ONE)).rows()).toHaveLength(1);
    const changed = listings.recent(OTHER);
    await askedTimes(2);
    asked[1]?.answer([]);
    expect((await changed).rows()).toEqual([]);
    await listings.change(() => Promise.resolve());
    const after = listings.recent(ONE);
    await askedTimes(3);
    asked[2]?.answer([row("1")]);
    expect((await after).rows()).toHaveLength(1);
  });
});

describe("operations under way together", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** So many operations that have begun, each asking for a listing when it is told to. */
  function underWay(count: number, ask: "next" | "nextInStream") {
    const { asked, listings } = panel();
    const operations = Array.from({ length: count }, () => {
      const told = Promise.withResolvers<void>();
      void listings.during(async () => {
        await told.promise;
        await listings[ask]();
      });
      return told.resolve;
    });
    const tell = async (several: number) => {
      for (const go of operations.splice(0, several)) {
        go();
      }
      await vi.advanceTimersByTimeAsync(0);
    };
    return { asked, tell };
  }

  it("share one listing that begins when all of them wait, once it is known how many there are", async () => {
    const { asked, tell } = underWay(4, "next");
    await tell(4);
    expect(asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toHaveLength(1);
  });

  it("that come in a stream are listed for when half of them wait", async () => {
    const { asked, tell } = underWay(4, "nextInStream");
    await tell(1);
    expect(asked).toHaveLength(0);
    await tell(1);
    expect(asked).toHaveLength(1);
    asked[0]?.answer([]);
    await tell(2);
    expect(asked).toHaveLength(2);
  });

  it.each([
    { gap: 5, pause: 25 },
    { gap: 40, pause: 60 },
    { gap: 400, pause: 100 },
  ])(
    "that all wait at the end of a stream are listed for after $pause ms where one began each $gap ms",
    async ({ gap, pause }) => {
      const { asked, listings } = panel();
      const together = Array.from({ length: 4 }, () => listings.during(() => Promise.resolve()));
      await Promise.all(together);
      for (let another = 0; another < 3; another += 1) {
        await listings.during(() => Promise.resolve());
        await vi.advanceTimersByTimeAsync(gap);
      }
      void listings.during(() => listings.nextInStream());
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(asked).toHaveLength(0);
      await vi.advanceTimersByTimeAsync(1);
      expect(asked).toHaveLength(1);
    },
  );

  it("that are fewer than before are listed for when none has begun for a while", async () => {
    const { asked, tell } = underWay(4, "nextInStream");
    await tell(1);
    expect(asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toHaveLength(1);
  });
});

describe("a change", () => {
  it("waits for the list under way, and the next list for the change", async () => {
    const { asked, askedTimes, listings } = panel();
    const events: string[] = [];
    const first = listings.next();
    await askedTimes(1);
    let endChange = () => {};
    const change = listings.change(() => {
      events.push("change begins");
      return new Promise<void>((resolve) => {
        endChange = resolve;
      });
    });
    expect(events).toEqual([]);
    asked[0]?.answer([row("1")]);
    await first;
    await expect.poll(() => events).toEqual(["change begins"]);
    const second = listings.next(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const late = listings.change(() => Promise.resolve(events.push("late change")));
    expect(asked).toHaveLength(1);
    endChange();
    await change;
    await askedTimes(2);
    expect(events).toEqual(["change begins"]);
    asked[1]?.answer([]);
    await Promise.all([second, late]);
    expect(events).toEqual(["change begins", "late change"]);
  });

  it("that fails holds nobody up", async () => {
    const { asked, askedTimes, listings } = panel();
    await expect(listings.change(() => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
    const next = listings.next();
    await askedTimes(1);
    asked[0]?.answer([]);
    expect((await next).rows()).toEqual([]);
  });
});

describe("turns", () => {
  it("go one after the other where a key is shared, and at once where none is", async () => {
    const turns = new Turns();
    const events: string[] = [];
    const gates = new Map<string, () => void>();
    const job = (name: string) => () =>
      new Promise<void>((resolve) => {
        events.push(`begin ${name}`);
        gates.set(name, () => {
          events.push(`end ${name}`);
          resolve();
        });
      });
    const a = turns.take(["claim-a", "ip-1"], job("a"));
    const b = turns.take(["claim-b", "ip-1"], job("b"));
    const c = turns.take(["claim-c", "ip-2"], job("c"));
    await expect.poll(() => events).toEqual(["begin a", "begin c"]);
    gates.get("a")?.();
    await a;
    await expect.poll(() => events).toEqual(["begin a", "begin c", "end a", "begin b"]);
    gates.get("b")?.();
    gates.get("c")?.();
    await Promise.all([b, c]);
  });

  it("come round after a job that failed", async () => {
    const turns = new Turns();
    const failed = turns.take(["claim"], () => Promise.reject(new Error("refused")));
    const next = turns.take(["claim"], () => Promise.resolve("done"));
    await expect(failed).rejects.toThrow("refused");
    expect(await next).toBe("done");
  });
});
