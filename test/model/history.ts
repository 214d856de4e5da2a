import fc from "fast-check";
import type { Fault, KnobValues } from "../../simulator/index";

/** How a program declares one license. */
export interface Declaration {
  readonly product: "cloudlinux" | "softaculous" | "kernelcare";
  /** One of a few addresses, so that licenses meet on them. */
  readonly address: number;
  readonly isNamed: boolean;
  readonly suspended: boolean;
  readonly autoRenew: boolean;
  /** Days from the beginning of the history. */
  readonly paidUntil: number | undefined;
  readonly renewBeforeDays: number | undefined;
  readonly deleteBeforeReplace: boolean;
  readonly deletionPolicy: "delete" | "suspend";
  readonly recreateWhenDeleted: boolean;
}

export const NAMES = ["web", "db", "mail"] as const;
export type Name = (typeof NAMES)[number];
/** Two stacks of one account: `b` may declare what `a` has. */
export type Stack = "a" | "b";

/** What cuts a run short, counted in calls that change something. */
export interface Interruption {
  /** `ctrl-c`: what is under way ends. `kill`: engine and provider end. `orphan`: the engine alone, and the provider goes on. */
  readonly how: "ctrl-c" | "kill" | "orphan";
  /** So many such calls go out. */
  readonly afterChanges: number;
}

export interface Run {
  readonly stack: Stack;
  readonly interruption: Interruption | undefined;
  /** The run logs in with a password that is no longer right. */
  readonly isRefused: boolean;
}

export type Act =
  | ({ readonly act: "up"; readonly replace: Name | undefined; readonly previews: boolean } & Run)
  | ({ readonly act: "refresh" } & Run)
  | ({ readonly act: "destroy" } & Run)
  | { readonly act: "preview"; readonly stack: Stack; readonly replace: Name | undefined }
  | { readonly act: "declare"; readonly stack: Stack; readonly name: Name; readonly as: Declaration | undefined }
  /** The resource gets another name, or its first one back, with an alias for the one that it had; a member another key. */
  | { readonly act: "rename"; readonly stack: Stack; readonly name: Name | "fleet" }
  /** From a resource of its own to a member of the fleet, or back. */
  | { readonly act: "move"; readonly stack: Stack; readonly name: Name }
  /** The program shall take over one of the licenses that were ordered by hand, counted round. */
  | {
      readonly act: "adopt";
      readonly stack: Stack;
      readonly name: Name;
      readonly as: Declaration;
      readonly which: number;
    }
  | { readonly act: "fault"; readonly fault: Fault }
  | {
      readonly act: "outside";
      readonly does: "suspend" | "abuse" | "resume" | "rename" | "move" | "prolong" | "delete";
      /** Which of the account's live licenses, counted round. */
      readonly which: number;
    }
  | { readonly act: "by hand"; readonly product: Declaration["product"]; readonly address: number }
  | { readonly act: "days"; readonly count: number };

/** Licenses that are declared together, as the members of one resource. */
export interface FleetForm {
  /** At first. */
  readonly members: readonly Name[];
  /** The program makes it depend on all else. */
  readonly waits: boolean;
  /** It stays in the program when it has lost its last member. */
  readonly staysEmpty: boolean;
}

/** What happens to an account and the stacks that work on it, from the first `pulumi up` on. */
export interface History {
  readonly program: Readonly<Partial<Record<Name, Declaration>>>;
  readonly acts: readonly Act[];
  /** Whether the panel shows the claim beside the name. */
  readonly showsRemoteId: boolean;
  readonly fleet?: FleetForm;
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>, weight: number) => fc.option(arbitrary, { nil: undefined, freq: weight });
/** Once in so many times. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, times: number) =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const stack: fc.Arbitrary<Stack> = fc.constantFrom("a", "a", "a", "b");
const name = fc.constantFrom(...NAMES);

/** @param addresses a few, so that licenses meet on them */
const declarationOn = (addresses: number): fc.Arbitrary<Declaration> =>
  fc.record({
    product: fc.constantFrom("cloudlinux", "cloudlinux", "softaculous", "kernelcare"),
    address: fc.nat({ max: addresses - 1 }),
    isNamed: fc.boolean(),
    suspended: fc.constantFrom(false, false, false, true),
    autoRenew: fc.constantFrom(false, false, true),
    paidUntil: maybe(fc.integer({ min: 1, max: 120 }), 1),
    renewBeforeDays: maybe(fc.constantFrom(0, 3, 10), 1),
    deleteBeforeReplace: fc.constantFrom(false, false, true),
    deletionPolicy: fc.constantFrom("delete", "delete", "suspend"),
    recreateWhenDeleted: fc.boolean(),
  });
const declaration = declarationOn(4);
/** Two members on one address are refused before anything is done: that shall not be all that happens. */
const declarationOfAMember = declarationOn(6);

const CHANGING = [
  "softexternal.order.param",
  "softexternal.order.param",
  "service.prolong",
  "softexternal.edit",
  "softexternal.suspend",
  "softexternal.resume",
  "softexternal.delete",
] as const;

const target = {
  func: fc.constantFrom(...CHANGING),
  effect: fc.constantFrom("change" as const, "charge" as const),
  skip: fc.nat({ max: 1 }),
  /** What is booked may show some lists later. */
  hiddenFor: fc.constantFrom(0, 0, 0, 1, 3),
};

/** Calls that change something, of which the caller is left in doubt or is refused. */
const faultOfAChange: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ ...target, kind: fc.constantFrom("reset", "closed", "empty", "slow-call", "answered", "silence") }),
  fc.record({ ...target, kind: fc.constant("cut"), framing: fc.constantFrom("chunked", "content-length") }),
  fc.record({ ...target, kind: fc.constant("http"), status: fc.constantFrom(429, 502, 504), booked: fc.boolean() }),
  fc.record({ ...target, kind: fc.constant("login-page"), booked: fc.boolean() }),
  fc.record({ ...target, kind: fc.constant("error"), type: fc.constantFrom("limit", "internal", "access", "missed") }),
  fc.record({
    ...target,
    kind: fc.constant("knobs"),
    knobs: fc.constantFrom<KnobValues>(
      { orderAnswer: "none" },
      { orderAnswer: "item.id" },
      { processing: { open: { polls: 1 }, edit: { polls: 1 }, prolong: { polls: 1 }, close: { polls: 1 } } },
    ),
  }),
) as fc.Arbitrary<Fault>;

/** Lists that cannot be read. */
const faultOfAList: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    func: fc.constant("softexternal"),
    skip: fc.nat({ max: 2 }),
    kind: fc.constantFrom("reset", "closed", "empty"),
  }),
  fc.record({
    func: fc.constant("softexternal"),
    skip: fc.nat({ max: 2 }),
    kind: fc.constant("error"),
    type: fc.constantFrom("access", "internal"),
    times: fc.constantFrom(1, 3),
  }),
) as fc.Arbitrary<Fault>;

/** Balance and prices that cannot be read: no reason to order anything twice, or not at all. */
const faultOfAPrice: fc.Arbitrary<Fault> = fc
  .record({ func: fc.constantFrom("subaccount", "softexternal.order.param"), skip: fc.nat({ max: 1 }) })
  .chain((target) =>
    fc.constantFrom<Fault>(
      { ...target, effect: "read", kind: "error", type: "access" },
      { ...target, effect: "read", kind: "http", status: 403 },
      { ...target, effect: "read", kind: "reset" },
    ),
  );

const fault = fc.oneof(
  { weight: 8, arbitrary: faultOfAChange },
  { weight: 2, arbitrary: faultOfAList },
  { weight: 1, arbitrary: faultOfAPrice },
);

const run = {
  stack,
  interruption: rarely(
    fc.record({ how: fc.constantFrom("kill", "kill", "orphan", "ctrl-c"), afterChanges: fc.nat({ max: 3 }) }),
    3,
  ),
  isRefused: fc.constantFrom(...Array<boolean>(11).fill(false), true),
};

const update = fc.record({ act: fc.constant("up"), replace: rarely(name, 8), previews: fc.boolean(), ...run });

const actsOf = (declared: fc.Arbitrary<Declaration>, renamed: fc.Arbitrary<Name | "fleet">) => [
  { weight: 8, arbitrary: update },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("refresh"), ...run }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("destroy"), ...run }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("preview"), stack, replace: rarely(name, 4) }) },
  { weight: 5, arbitrary: fc.record({ act: fc.constant("declare"), stack, name, as: maybe(declared, 4) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("rename"), stack, name: renamed }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant("adopt"), stack, name, as: declared, which: fc.nat({ max: 2 }) }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constant("fault"), fault }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("outside"),
      does: fc.constantFrom("suspend", "abuse", "resume", "rename", "move", "prolong", "delete"),
      which: fc.nat({ max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant("by hand"),
      product: fc.constantFrom("cloudlinux", "softaculous", "kernelcare"),
      address: fc.nat({ max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("days"), count: fc.constantFrom(1, 1, 5, 8, 20, 33) }) },
];

const act = fc.oneof(...actsOf(declaration, name)) as fc.Arbitrary<Act>;

const refusedDelete: fc.Arbitrary<Fault> = fc.record({
  func: fc.constant("softexternal.delete"),
  effect: fc.constant("change"),
  skip: fc.nat({ max: 1 }),
  kind: fc.constant("error"),
  type: fc.constant("limit"),
}) as fc.Arbitrary<Fault>;

/** Several members change at once, their keys too, licenses go into a fleet and out of it, and what leaves it may not go at once. */
const actOfAFleet = fc.oneof(
  ...actsOf(declarationOfAMember, fc.constantFrom(...NAMES, ...NAMES, "fleet")),
  { weight: 10, arbitrary: update },
  { weight: 4, arbitrary: fc.record({ act: fc.constant("declare"), stack, name, as: maybe(declarationOfAMember, 4) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("rename"), stack, name }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("move"), stack, name }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("declare"), stack, name, as: fc.constant(undefined) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("fault"), fault: refusedDelete }) },
) as fc.Arbitrary<Act>;

const fleet: fc.Arbitrary<FleetForm> = fc.record({
  members: fc.oneof(fc.constant([...NAMES]), fc.subarray([...NAMES])),
  waits: fc.boolean(),
  staysEmpty: fc.boolean(),
});

const beginningWith = (declared: fc.Arbitrary<Declaration>) => ({
  program: fc.dictionary(name, declared, { minKeys: 1, maxKeys: NAMES.length }),
  showsRemoteId: fc.boolean(),
});

const actsAmong = (one: fc.Arbitrary<Act>, without: readonly Act["act"][], lengths: fc.ArrayConstraints) =>
  fc.array(
    one.filter(({ act }) => !without.includes(act)),
    lengths,
  );

/** Of licenses that are resources of their own. @param length acts at most */
export function histories(length: number, without: readonly Act["act"][] = []): fc.Arbitrary<History> {
  return fc.record({
    ...beginningWith(declaration),
    acts: actsAmong(act, without, { minLength: 2, maxLength: length }),
  });
}

/** Of licenses that are members of a fleet, or become members: long enough for each to meet several updates. @param length acts at most */
export function historiesOfFleets(length: number, without: readonly Act["act"][] = []): fc.Arbitrary<History> {
  const acts = actsAmong(actOfAFleet, without, { minLength: 4, maxLength: length, size: "max" });
  return fc.record({ ...beginningWith(declarationOfAMember), fleet, acts });
}
