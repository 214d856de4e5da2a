import fc from "fast-check";
import { describe, it } from "vitest";
import { seedOf } from "../seed";
import { type History, histories, historiesOfFleets } from "./history";
import { World } from "./world";

/**
 * `HISTORIES`: how many (the long form: `npm run histories`); `HISTORY_SEED` and `HISTORY_PATH`: the ones that a failure has printed.
 */
const COUNT = Number(process.env.HISTORIES ?? 5_000);
/** Of how many one is of fleets. */
const FLEETS = 8;
const SEED = seedOf(process.env.HISTORY_SEED, process.env.HISTORIES !== undefined);
const PATH = process.env.HISTORY_PATH;
const LENGTH = 8;
const LENGTH_OF_FLEETS = 12;
/** Most of a history is waiting, so that many can be lived through side by side. */
const AT_ONCE = 100;

async function live(history: History): Promise<void> {
  const world = await World.begin(history);
  try {
    for (const act of history.acts) {
      await world.take(act);
    }
    await world.finish();
  } finally {
    await world.end();
  }
}

const KINDS = [
  { of: "licenses", arbitrary: histories(LENGTH), count: COUNT - Math.ceil(COUNT / FLEETS) },
  { of: "fleets", arbitrary: historiesOfFleets(LENGTH_OF_FLEETS), count: Math.ceil(COUNT / FLEETS) },
];

describe.each(KINDS)(`in generated histories of $of (seed ${SEED})`, ({ arbitrary, count }) => {
  /** A part of the histories, told apart by its own seed. */
  function part(seed: number, numRuns: number): Promise<void> {
    const parameters = PATH === undefined ? { seed, numRuns } : { seed, numRuns: 1, path: PATH };
    return fc.assert(fc.asyncProperty(arbitrary, live), parameters);
  }

  it("nothing is bought or renewed twice, nothing that was paid for is lost, and nothing is taken from others", async () => {
    if (PATH !== undefined) {
      return part(SEED, 1);
    }
    const parts = Math.min(AT_ONCE, count);
    await Promise.all(Array.from({ length: parts }, (_, index) => part(SEED + index, Math.ceil(count / parts))));
  }, 3_600_000);
});
