import type { LicenseId } from "../billmanager/types";
import { claimInName } from "../license/claim";
import { type Foreseen, foreseen } from "../license/create";
import { NotFinishedError, OrderStoppedError, PartialFailure, WrongNumberError } from "../license/errors";
import { type Payments, paymentsOf } from "../license/guards";
import type { RawInputs } from "../license/inputs";
import type { Lifecycle } from "../license/lifecycle";
import { plan } from "../license/plan";
import type { LicenseOutputs } from "../license/state";
import { Barrier } from "./barrier";
import { FleetFailure, type MemberFailure, reasonsOf } from "./errors";
import { type FleetOutputs, fleetOutputs, type Held } from "./outputs";
import { Progress } from "./progress";

/** One member that the program has, and the license that the state has for it. */
export interface Member {
  readonly key: string;
  /** the inputs of one license */
  readonly member: RawInputs;
  readonly old: Held | undefined;
}

/** What an update is to make of a fleet. */
export interface FleetPlan {
  readonly id: string;
  readonly fleet: string;
  /** what the program calls it */
  readonly name: string;
  readonly members: readonly Member[];
  /** Licenses that no member has any more. */
  readonly left: readonly Held[];
}

/** What is to be done for one member. */
type Task = Member & {
  readonly act: "keep" | "update" | "order" | "replace";
  /** due for a license that is there */
  readonly payments: Payments;
};

/** What has become of one member. */
interface Outcome {
  readonly key: string;
  readonly held?: Held | undefined;
  /** It was to be ordered. */
  readonly isOrder?: true;
  /** The license that another has taken the place of. */
  readonly replaced?: Held | undefined;
  readonly error?: unknown;
}

/**
 * Makes all members of a fleet as the program wants them, at the same time, and gives up the licenses that no member has any more when
 * that is done. May charge for orders and renewals; each member keeps the rules of a license of its own.
 *
 * What cannot be ordered in all is not begun. What fails for one member keeps no other from being done.
 *
 * @throws FleetFailure with all that is there; an `Error` where nothing is
 */
export async function bringAboutFleet(
  lifecycle: Lifecycle,
  { id, fleet, name, members, left }: FleetPlan,
): Promise<FleetOutputs> {
  const { tasks, failed } = planned(lifecycle, members);
  const due = tasks.filter(({ act }) => act !== "keep");
  const isNew = members.every(({ old }) => old === undefined) && left.length === 0;
  const replacing = tasks.filter(({ act }) => act === "replace").length;
  const total = due.length + replacing + left.length;
  const progress = new Progress(name, total, (line) => lifecycle.run.log.info(line));
  try {
    const { refusal, stopped, found = [] } = await judgeOrders(lifecycle, tasks);
    const work = isNew && stopped !== undefined ? stopped : due;
    const orders = new Barrier(tasks.filter(isOrdering).length);
    const outcomes: Outcome[] = [
      ...failed,
      ...tasks.filter(({ act }) => act === "keep").map(({ key, old }) => ({ key, held: moved(old, key) })),
      ...(await Promise.all(work.map((task) => progress.of(carryOut(lifecycle, task, { orders, refusal, progress }))))),
    ];
    const isOrderMissing = outcomes.some(({ error, isOrder }) => isOrder === true && error !== undefined);
    const awaited = new Set(
      outcomes.flatMap(({ error, held }) => (error === undefined || held === undefined ? [] : held.outputs.claim)),
    );
    const giveUpUnlessAwaited = (one: Held) =>
      progress.of(awaited.has(one.outputs.claim) ? stays(one) : leave(lifecycle, one));
    const gone = [
      ...outcomes.flatMap(({ replaced }) => (replaced === undefined ? [] : giveUpUnlessAwaited(replaced))),
      ...left.map((one) => (isOrderMissing ? stays(one, ordersFirst()) : giveUpUnlessAwaited(one))),
    ];
    const all: Outcome[] = [...outcomes, ...(await Promise.all(gone))];
    const held = all.flatMap((outcome) => (outcome.held === undefined ? [] : [outcome.held]));
    const failures = all.filter(isFailure);
    const outputs = fleetOutputs(fleet, held);
    if (failures.length === 0) {
      return outputs;
    }
    if (held.length === 0 && isNew) {
      throw new Error([...reasonsOf(failures), ...(stopped === undefined ? [] : found.map(savedLater))].join("\n"));
    }
    throw new FleetFailure(id, outputs, failures);
  } finally {
    for (const { member } of tasks.filter(isOrdering)) {
      lifecycle.run.funds.release(lifecycle.wish(member).claim);
    }
    progress.end();
  }
}

/** A license that no member has any more may be what serves until the orders of the same update are carried out. */
function ordersFirst(): Error {
  return new NotFinishedError(
    "no member has it any more, and it is given up only when all orders of the program are carried out",
  );
}

/** As long as no state has it, a message has to. */
function savedLater({ key, id }: { readonly key: string; readonly id: LicenseId }): string {
  return `${key}: license ${id}, which an earlier run has bought for it, is saved when nothing is stopped any more`;
}

/** What has to be done for whom, as far as the state tells. */
function planned(lifecycle: Lifecycle, members: readonly Member[]): { tasks: Task[]; failed: Outcome[] } {
  const tasks: Task[] = [];
  const failed: Outcome[] = [];
  for (const one of members) {
    const { key, member, old } = one;
    try {
      tasks.push({ ...one, ...taskFor(lifecycle, member, old) });
    } catch (error) {
      failed.push({ key, held: moved(old, key), error });
    }
  }
  return { tasks, failed };
}

/** @throws TooManyPeriodsError */
function taskFor(lifecycle: Lifecycle, member: RawInputs, old: Held | undefined): Pick<Task, "act" | "payments"> {
  const wish = lifecycle.wish(member);
  if (old === undefined) {
    return { act: "order", payments: paymentsOf(plan(undefined, wish, lifecycle.run.today())) };
  }
  const { isReplaced } = lifecycle.note(old.id, old.outputs, wish);
  const { changes, payments } = lifecycle.compare({ ...old.outputs }, member);
  // What the vendor was still at work on is looked at again, as that of a license of its own is.
  const isUpdated = changes || old.isLeaving || old.outputs.status === "processing";
  return { act: isReplaced ? "replace" : isUpdated ? "update" : "keep", payments };
}

function isOrdering({ act }: Task): boolean {
  return act === "order" || act === "replace";
}

/** What is known of all orders of an update together before the first. */
interface Judgement {
  /** why nothing may be ordered */
  readonly refusal?: Error | undefined;
  /**
   * Those that are stopped, where all others are found bought already: no first update of a fleet comes to that, but one that has it
   * replaced as it is. To save it without those that are stopped would leave them to the old one, which is given up afterwards.
   */
  readonly stopped?: readonly Task[] | undefined;
  /** What is bought already, and in no state. */
  readonly found?: readonly { readonly key: string; readonly id: LicenseId }[];
}

/** Orders are judged together with the renewals that are due beside them. */
async function judgeOrders(lifecycle: Lifecycle, tasks: readonly Task[]): Promise<Judgement> {
  if (!tasks.some(isOrdering)) {
    return {};
  }
  const { run } = lifecycle;
  try {
    return await run.operate(async () => {
      const listing = await run.listings.next();
      const looked = await Promise.all(
        tasks.map(async (task) => {
          const wish = lifecycle.wish(task.member);
          return { task, wish, comes: isOrdering(task) ? await foreseen(run, wish, listing) : undefined };
        }),
      );
      const due = looked.filter(({ task, comes }) =>
        comes === undefined ? task.payments.renewals > 0 : comes.does === "order",
      );
      const dues = due.map(async ({ task, wish }) => {
        return { wish, payments: task.payments, purse: await run.funds.read(wish) };
      });
      const refusal = run.funds.reserve(await Promise.all(dues));
      const ends = new Set<Foreseen["does"] | undefined>(looked.map(({ comes }) => comes?.does));
      const isBoughtOrStopped = ends.size === 2 && ends.has("find its own") && ends.has("stop");
      const found = looked.flatMap(({ task: { key }, comes }) =>
        comes?.does === "find its own" ? [{ key, id: comes.id }] : [],
      );
      return {
        refusal: refusal === undefined ? undefined : new OrderStoppedError(`${refusal}. Nothing was ordered`),
        found,
        stopped: isBoughtOrStopped
          ? looked.flatMap(({ task, comes }) => (comes?.does === "stop" ? [task] : []))
          : undefined,
      };
    });
  } catch (error) {
    return { refusal: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** What the members of one update have in common. */
interface Common {
  readonly orders: Barrier;
  /** why nothing is ordered */
  readonly refusal: Error | undefined;
  readonly progress: Progress;
}

async function carryOut(lifecycle: Lifecycle, task: Task, common: Common): Promise<Outcome> {
  const { key, member, old } = task;
  if (isOrdering(task)) {
    return common.orders.with((pass) => order(lifecycle, task, pass, common));
  }
  if (old === undefined) {
    throw new TypeError(`${key} is neither ordered nor there: nothing was called`);
  }
  try {
    return await byOwnNumber(old, async (id) => ({
      key,
      held: heldAs(key, id, await lifecycle.update(id, { ...old.outputs }, member)),
    }));
  } catch (error) {
    return {
      key,
      held: error instanceof PartialFailure ? heldAs(key, error.id, error.outputs) : moved(old, key),
      error,
    };
  }
}

async function order(
  lifecycle: Lifecycle,
  { key, member, old }: Task,
  pass: () => Promise<void>,
  { refusal, progress }: Common,
): Promise<Outcome> {
  const isThere = () => {
    progress.ordered();
    return pass();
  };
  try {
    if (refusal !== undefined) {
      throw refusal;
    }
    const { id, outputs } = await lifecycle.create(member, isThere);
    return { key, held: heldAs(key, id, outputs), replaced: old, isOrder: true };
  } catch (error) {
    return error instanceof PartialFailure
      ? { key, held: heldAs(key, error.id, error.outputs), replaced: old, isOrder: true, error }
      : { key, held: moved(old, key), isOrder: true, error };
  }
}

/** What has lost its place to a license that is not finished yet serves until that is. */
function stays(one: Held, error?: Error): Promise<Outcome> {
  return Promise.resolve({ key: one.key, held: { ...one, isLeaving: true }, error });
}

/**
 * Gives up what no member has any more. What a new resource of the program is to take over stays in the state until that has it: the
 * engine may come to it later, and it may be refused. So does what has lost its claim to a name of somebody's own: another resource may
 * have it since an earlier run, and the engine may compare that one later.
 */
function leave(lifecycle: Lifecycle, one: Held): Promise<Outcome> {
  const { run } = lifecycle;
  const isAwaited = () => run.isAskedFor(one.id, one.outputs.claim) && !run.isDeclared(one.id);
  return run.turns.take([`license ${one.id}`], async () => {
    if (isAwaited()) {
      return stays(one);
    }
    const name = await nameOfOthers(lifecycle, one);
    if (name === undefined || run.isDeclared(one.id)) {
      return isAwaited() ? stays(one) : giveUp(lifecycle, one);
    }
    run.log.warn(
      `${one.outputs.licenseName}: license ${one.id} is not given up: it is called "${name}" now, by which nothing tells whose it is; if no ` +
        "other resource has it, run pulumi refresh, after which an update gives it up",
    );
    return stays(one);
  });
}

/** The name of a license that is called otherwise than the state knows, and without a claim. */
async function nameOfOthers({ run }: Lifecycle, { id, outputs }: Held): Promise<string | undefined> {
  // What cannot be read is not given up either, and says why.
  const listing = await run.operate(() => run.listings.recent(id)).catch(() => undefined);
  const name = listing?.get(id)?.licenseName;
  return name === undefined || name === outputs.licenseName || claimInName(name) !== undefined ? undefined : name;
}

/** @returns an outcome that holds the license for as long as it is not given up */
async function giveUp(lifecycle: Lifecycle, one: Held): Promise<Outcome> {
  try {
    await byOwnNumber(one, (id) => lifecycle.delete(id, { ...one.outputs }));
    return { key: one.key };
  } catch (error) {
    return { key: one.key, held: { ...one, isLeaving: true }, error };
  }
}

/** The engine keeps the number of a resource, and a fleet can mend that of a member which the order's answer has not named aright. */
async function byOwnNumber<T>(one: Held, job: (id: LicenseId) => Promise<T>): Promise<T> {
  try {
    return await job(one.id);
  } catch (error) {
    if (error instanceof WrongNumberError) {
      return job(error.id);
    }
    throw error;
  }
}

function heldAs(key: string, id: LicenseId, outputs: LicenseOutputs): Held {
  return { key, id, outputs, isLeaving: false };
}

function moved(old: Held | undefined, key: string): Held | undefined {
  return old === undefined ? undefined : { ...old, key, isLeaving: false };
}

/** How many are read at a time: all that wait for one list take memory for as long. */
const TOGETHER = 500;

/**
 * What the vendor shows of each license now. One that cannot be read, or is in doubt, stays as it was, with a warning: the others are no
 * worse for it.
 *
 * @param name the fleet's
 * @throws Error where none could be read
 */
export async function readAll(lifecycle: Lifecycle, name: string, held: readonly Held[]): Promise<Held[]> {
  const read = await readInParts(lifecycle, held);
  const failures = read.filter(isFailure);
  if (failures.length > 0 && failures.length === held.length) {
    refuse(read);
  }
  for (const reason of reasonsOf(failures)) {
    lifecycle.run.log.warn(`${name}: ${reason}. The state keeps what it had`);
  }
  return read.flatMap((one) => (one.held === undefined ? [] : [one.held]));
}

async function readInParts(lifecycle: Lifecycle, held: readonly Held[]): Promise<Outcome[]> {
  try {
    await lifecycle.listForReading(held.map(({ id }) => id));
  } catch (error) {
    return held.map((one) => ({ key: one.key, held: one, error }));
  }
  const read: Outcome[] = [];
  for (let from = 0; from < held.length; from += TOGETHER) {
    read.push(...(await Promise.all(held.slice(from, from + TOGETHER).map((one) => readOne(lifecycle, one)))));
  }
  return read;
}

async function readOne(lifecycle: Lifecycle, one: Held): Promise<Outcome> {
  try {
    return await byOwnNumber(one, async (id) => ({
      key: one.key,
      held: { ...one, id, outputs: await lifecycle.readAgain(id, one.outputs) },
    }));
  } catch (error) {
    return { key: one.key, held: one, error };
  }
}

/** The state still has all of them as they were, by which an update would find nothing to do. */
const AFTERWARDS =
  "run destroy again; to keep the others instead, run pulumi refresh, after which an update orders those again that have recreateWhenDeleted";

/** @throws Error naming all that could not be given up; what is gone is found gone by the next destroy */
export async function giveUpAll(lifecycle: Lifecycle, name: string, held: readonly Held[]): Promise<void> {
  const progress = new Progress(name, held.length, (line) => lifecycle.run.log.info(line));
  try {
    const outcomes = await Promise.all(held.map((one) => progress.of(giveUp(lifecycle, one))));
    const gone = outcomes.filter(({ error }) => error === undefined).length;
    // The engine keeps a resource that was not deleted as it was.
    refuse(outcomes, gone === 0 ? [] : [`${gone} of ${held.length} licenses are given up: ${AFTERWARDS}`]);
  } finally {
    progress.end();
  }
}

function refuse(outcomes: readonly Outcome[], alsoTold: readonly string[] = []): void {
  const failures = outcomes.filter(isFailure);
  if (failures.length > 0) {
    throw new Error([...reasonsOf(failures), ...alsoTold].join("\n"));
  }
}

function isFailure(outcome: Outcome): outcome is Outcome & MemberFailure {
  return outcome.error !== undefined;
}
