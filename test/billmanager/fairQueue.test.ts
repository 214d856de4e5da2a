import { describe, expect, it } from "vitest";
import { FairQueue } from "../../provider/billmanager/fairQueue";

function queueOf(...items: readonly (readonly [kind: string, item: number])[]) {
  const queue = new FairQueue<string, number>();
  for (const [kind, item] of items) queue.push(kind, item);
  return queue;
}

const allOf = (queue: FairQueue<string, number>) => Array.from({ length: queue.size }, () => queue.shift());

describe("a fair queue", () => {
  it("is first in, first out where all are of one kind", () => {
    expect(allOf(queueOf(["order", 1], ["order", 2], ["order", 3]))).toEqual([1, 2, 3]);
  });

  it("lets the kinds take turns", () => {
    const queue = queueOf(["order", 1], ["order", 2], ["order", 3], ["read", 4], ["read", 5], ["change", 6]);
    expect(allOf(queue)).toEqual([1, 4, 6, 2, 5, 3]);
  });

  it("lets one who comes late go next but one, however many of another kind wait", () => {
    const queue = queueOf(...Array.from({ length: 1000 }, (_, index) => ["order", index] as const));
    expect([queue.shift(), queue.shift()]).toEqual([0, 1]);
    queue.push("read", -1);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([2, -1, 3]);
  });

  it("has nobody when all are gone, and goes on with those who come then", () => {
    const queue = queueOf(["order", 1]);
    expect([queue.shift(), queue.shift(), queue.size]).toEqual([1, undefined, 0]);
    queue.push("order", 2);
    expect(queue.shift()).toBe(2);
  });
});
