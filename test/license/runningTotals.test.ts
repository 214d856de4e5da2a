import { describe, expect, it } from "vitest";
import { RunningTotals } from "../../provider/license/runningTotals";

describe("running totals", () => {
  /** Counts how often two amounts are added up. */
  function totals(...amounts: readonly number[]) {
    let additions = 0;
    const sums = new RunningTotals<number, number>(0, (one, other) => {
      additions += 1;
      return one + other;
    });
    for (const [key, amount] of amounts.entries()) {
      sums.set(key, amount);
    }
    return { sums, additions: () => additions };
  }

  it("tell what came before each, and what all come to before one that is not there", () => {
    const { sums } = totals(5, 7, 11);
    expect([0, 1, 2, 3].map((key) => sums.before(key))).toEqual([0, 5, 12, 23]);
  });

  it("keep the place of what is changed, and lose that of what is taken out", () => {
    const { sums } = totals(5, 7, 11);
    sums.before(2);
    sums.set(0, 1);
    expect([1, 2].map((key) => sums.before(key))).toEqual([1, 8]);
    sums.delete(1);
    expect([2, 3].map((key) => sums.before(key))).toEqual([1, 12]);
    sums.set(1, 100);
    expect([2, 1, 3].map((key) => sums.before(key))).toEqual([1, 12, 112]);
  });

  it("are added up once, however many ask, also where all are told once more", () => {
    const { sums, additions } = totals();
    for (const _ of ["check", "diff"]) {
      for (let key = 0; key < 10_000; key++) {
        sums.set(key, 14);
        expect(sums.before(key)).toBe(14 * key);
      }
    }
    expect(additions()).toBeLessThanOrEqual(10_000);
  });
});
