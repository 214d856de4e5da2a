import fc from "fast-check";
import type { Act, Asked, Day, Weather } from "./bookkeeper";
import { daysAfter } from "./bookkeeper";

/** What is sold: the simulator's own, and one in quarters, so that terms differ. */
export const QUARTERLY = { pricelist: 55369, name: "BitNinja", price: "10.00", periods: [3] };
export const PRICES = { cloudlinux: 1400n, kernelcare: 350n, quarterly: 1000n } as const;

/** One license of the fleet and what becomes of its declaration; days are counted from the first one. */
export interface Member {
  readonly name: string;
  readonly sold: keyof typeof PRICES;
  readonly startsOn: number;
  readonly asked: Asked;
  /** From a day on the program asks for something else. */
  readonly later: { readonly on: number; readonly asked: Asked } | undefined;
  readonly acts: readonly { readonly on: number; readonly act: Act }[];
}

export interface Fleet {
  readonly members: readonly Member[];
  /** By day; a day that is not named is clear. */
  readonly weather: ReadonlyMap<number, Weather>;
}

const WINDOWS = [undefined, 0, 3, 10, 40] as const;
const UNTIL = ["none", "near", "far", "moved later"] as const;

/** Each mix of the settings once: 2 × 5 × 4 × 2. */
const MIXES = [false, true].flatMap((autoRenew) =>
  WINDOWS.flatMap((renewBeforeDays) =>
    UNTIL.flatMap((until) => [false, true].map((suspended) => ({ autoRenew, renewBeforeDays, until, suspended }))),
  ),
);
type Mix = (typeof MIXES)[number];

/** Days of the first three months whose months have ends of different lengths, and ordinary ones. */
const START_DAYS = ["29", "30", "31", "28", "01", "15"];
const ACTS: readonly Act[] = ["renew", "suspend", "resume", "abuse", "switch autoRenew"];
/** One without connection costs a second of real time, in which the client tries again: there are fewer of these. */
const BAD: readonly Weather[] = [
  "down",
  "no list",
  "answers lost",
  "renewals hidden",
  "answers lost",
  "renewals hidden",
];

/** @returns so many parts of one fleet, each for an account of its own, that live side by side: most of a night is waiting */
export function fleetsOf(parts: number, size: number, firstDay: Day, days: number, seed: number): Fleet[] {
  const starts = Array.from({ length: 100 }, (_, day) => day).filter((day) =>
    START_DAYS.includes(daysAfter(firstDay, day).slice(-2)),
  );
  const chances = fc.record({
    mix: fc.constantFrom(...MIXES),
    sold: fc.constantFrom("cloudlinux", "cloudlinux", "kernelcare", "quarterly"),
    startsOn: fc.constantFrom(...starts),
    near: fc.integer({ min: 5, max: 80 }),
    far: fc.integer({ min: 150, max: 600 }),
    movedOn: fc.integer({ min: 20, max: days - 120 }),
    resumes: fc.boolean(),
    acts: fc.array(fc.record({ on: fc.integer({ min: 120, max: days - 1 }), act: fc.constantFrom(...ACTS) }), {
      maxLength: 5,
    }),
  });
  const drawn = fc.sample(chances, { seed, numRuns: size });
  const [mixes = []] = fc.sample(fc.shuffledSubarray(MIXES, { minLength: MIXES.length }), { seed, numRuns: 1 });
  const members = drawn.map(({ mix, sold, startsOn, acts, ...chance }, index): Member => {
    const settings = mixes[index] ?? mix;
    const day = (count: number) => daysAfter(firstDay, startsOn + count);
    const asked = askedOf(settings, day(chance.near), day(chance.far));
    return {
      name: `m${index}`,
      sold: sold as Member["sold"],
      startsOn,
      asked,
      later: laterOf(settings, asked, startsOn + chance.movedOn, firstDay, chance.resumes),
      acts: [...acts].sort((one, other) => one.on - other.on),
    };
  });
  return Array.from({ length: parts }, (_, part) => ({
    members: members.filter((_member, index) => index % parts === part),
    weather: weatherOf(days, seed + part),
  }));
}

function askedOf({ autoRenew, renewBeforeDays, until, suspended }: Mix, near: Day, far: Day): Asked {
  const paidUntil = { none: undefined, near, far, "moved later": near }[until];
  return { autoRenew, renewBeforeDays, suspended, paidUntil };
}

function laterOf({ until }: Mix, asked: Asked, on: number, firstDay: Day, resumes: boolean): Member["later"] {
  const isMoved = until === "moved later";
  if (!isMoved && !resumes) {
    return undefined;
  }
  return {
    on,
    asked: {
      ...asked,
      suspended: resumes ? !asked.suspended : asked.suspended,
      paidUntil: isMoved ? daysAfter(firstDay, on + 100) : asked.paidUntil,
    },
  };
}

/** Bad nights after the fleet has been ordered, never more than two in a row. */
function weatherOf(days: number, seed: number): ReadonlyMap<number, Weather> {
  const nights = fc.record({ on: fc.integer({ min: 101, max: days - 2 }), weather: fc.constantFrom(...BAD) });
  const weather = new Map<number, Weather>();
  for (const night of fc.sample(nights, { seed, numRuns: Math.floor(days / 25) })) {
    const isThird = [-2, -1, 1, 2].filter((step) => weather.has(night.on + step)).length > 1;
    if (!isThird) {
      weather.set(night.on, night.weather);
    }
  }
  return weather;
}
