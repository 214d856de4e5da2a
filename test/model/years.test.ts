import { describe, expect, it, onTestFinished } from "vitest";
import { seedOf } from "../seed";
import { fleetsOf } from "./years/fleet";
import { Nights } from "./years/nights";

/** `YEARS_FLEET`: how many licenses, for the long form; `HISTORY_SEED`: the ones that a failure has printed. */
const SIZE = Number(process.env.YEARS_FLEET ?? 100);
const SEED = seedOf(process.env.HISTORY_SEED, process.env.YEARS_FLEET !== undefined);
const PARTS = 10;
/** Two years with the end of each month, and with 29 February 2028. */
const FIRST_DAY = "2027-01-31";
const DAYS = 731;

describe(`two years of nightly updates over ${SIZE} licenses (seed ${SEED})`, () => {
  it("let nothing lapse that the program keeps, renew nothing once too often, and cost what the pages say, to the cent", async () => {
    const fleets = fleetsOf(PARTS, SIZE, FIRST_DAY, DAYS, SEED);
    const parts = await Promise.all(fleets.map((fleet, part) => Nights.begin(fleet, FIRST_DAY, part % 2 === 0)));
    onTestFinished(async () => {
      await Promise.all(parts.map((part) => part.end()));
    });
    await Promise.all(
      parts.map(async (part) => {
        for (let day = 0; day < DAYS; day += 1) {
          await part.live(day);
        }
      }),
    );
    for (const part of parts) {
      const { charged, expected } = part.totals();
      expect(charged).toBe(expected);
      expect(charged > 0n).toBe(true);
    }
    const met = new Set(parts.flatMap((part) => [...part.met.keys()]));
    expect([...met].sort()).toEqual(["answers lost", "down", "no list", "renewals hidden"]);
  }, 3_600_000);
});
