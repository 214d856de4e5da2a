import type { DynamicFace, DynamicFaces } from "../../provider/dynamicProvider";

export type Kind = keyof DynamicFaces;

/** What a program declares, as the engine hands it to `check`. */
export interface Goal {
  readonly kind: Kind;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly deleteBeforeReplace?: boolean;
  /** The name that it had before. */
  readonly alias?: string;
  /** It depends on all that are declared before it. */
  readonly waits?: boolean;
}

/** One resource in the state. */
export interface Saved {
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The last create or update failed partially: the next update goes on even without a change. */
  readonly hasInitErrors: boolean;
  /** Replaced already, and still to be deleted. */
  readonly isToDelete: boolean;
  /** Deleted already, and still to be created again. */
  readonly isToCreate: boolean;
}

/** A process of the provider, and what ends it or the run. */
export interface Process {
  readonly faces: DynamicFaces;
  /** Rejects with {@link Killed} when engine and provider are killed, and settles no other way. */
  readonly killed: Promise<never>;
  /** After one Ctrl+C: what is under way ends and is saved, nothing new begins. */
  isStopping(): boolean;
}

/** The run was killed: what was under way is not saved. */
export class Killed extends Error {}

/** What a run has ended with. */
export interface Ending {
  /** Messages of failed operations, as the user reads them. */
  readonly errors: readonly string[];
  readonly wasKilled: boolean;
  readonly wasStopped: boolean;
}

export interface UpdateOptions {
  /** As `--replace`. */
  readonly replace?: string;
  readonly parallel: number;
}

/** One stack and the engine that works on it. */
export interface EngineStack {
  readonly saved: readonly Saved[];
  preview(process: Process, goals: readonly Goal[], options: UpdateOptions): Promise<Ending>;
  update(process: Process, goals: readonly Goal[], options: UpdateOptions): Promise<Ending>;
  refresh(process: Process, parallel: number): Promise<Ending>;
  destroy(process: Process, parallel: number): Promise<Ending>;
}

/** An error of the face that carries a resource to save. */
interface Partial {
  readonly id: string;
  readonly properties: Record<string, unknown>;
}

/**
 * The calling order of the Pulumi engine, as far as a dynamic provider meets it: which of its methods are called when, with what,
 * and what of their results is saved. It follows `resource/deploy` of the engine, version 3.259 (step generator, step executor and
 * steps), and the Node.js host of dynamic providers.
 */
export class ModelledStack implements EngineStack {
  saved: readonly Saved[] = [];

  /** The same checks and comparisons as an update, of which nothing is saved. */
  async preview(process: Process, goals: readonly Goal[], options: UpdateOptions): Promise<Ending> {
    const before = this.saved;
    const ending = await this.#run(process, async (job) => {
      for (const goal of goals) {
        await this.#plan(job, goal, options);
      }
    });
    this.saved = before;
    return ending;
  }

  update(process: Process, goals: readonly Goal[], options: UpdateOptions): Promise<Ending> {
    return this.#run(process, async (job) => {
      const pool = new Pool(options.parallel);
      for (const goal of goals) {
        if (!job.goesOn()) {
          break;
        }
        if (goal.waits === true) {
          await pool.end();
          if (!job.goesOn()) {
            break;
          }
        }
        const step = await this.#plan(job, goal, options);
        if (step !== undefined) {
          await pool.start(() => job.attempt(step));
        }
        if (options.parallel === 1) {
          // The program, too, declares the next one when this one is done.
          await pool.end();
        }
      }
      await pool.end();
      const isDeclared = (saved: Saved) => goals.some((goal) => isOf(saved, goal));
      await this.#deleteAll(job, options.parallel, (saved) => saved.isToDelete || !isDeclared(saved));
    });
  }

  refresh(process: Process, parallel: number): Promise<Ending> {
    return this.#run(process, async (job) => {
      const pool = new Pool(parallel);
      for (const saved of this.saved) {
        await pool.start(() =>
          job.attempt(async () => {
            const { props } = await job.call(saved.kind, (face) => face.read(saved.id, saved.outputs));
            const refreshed = { ...saved, outputs: withProvider(props, saved.outputs), hasInitErrors: false };
            await job.call(saved.kind, (face) => face.diff(saved.id, refreshed.outputs, saved.inputs));
            this.#replace(saved, refreshed);
          }),
        );
      }
      await pool.end();
    });
  }

  destroy(process: Process, parallel: number): Promise<Ending> {
    return this.#run(process, (job) => this.#deleteAll(job, parallel, () => true));
  }

  async #run(process: Process, work: (job: Job) => Promise<void>): Promise<Ending> {
    const job = new Job(process);
    try {
      await work(job);
    } catch (error) {
      job.note(error);
    }
    return { errors: job.errors, wasKilled: job.wasKilled, wasStopped: process.isStopping() };
  }

  /** Checks and compares one resource. @returns what is to be done about it */
  async #plan(job: Job, goal: Goal, { replace }: UpdateOptions): Promise<(() => Promise<void>) | undefined> {
    const old =
      this.saved.find((saved) => isOf(saved, { ...goal, alias: undefined }) && !saved.isToDelete) ??
      this.saved.find((saved) => isOf(saved, goal) && !saved.isToDelete);
    const isForced = old !== undefined && replace === goal.name;
    const inputs = await this.#check(job, goal, isForced ? undefined : old);
    if (old === undefined) {
      return () => this.#create(job, goal, inputs);
    }
    if (isForced) {
      return () => this.#replacement(job, goal, old, inputs);
    }
    const { changes, replaces } = await job.call(goal.kind, (face) =>
      face.diff(old.id, { ...old.outputs }, { ...inputs }),
    );
    if (replaces.length > 0 || old.isToCreate) {
      const anew = await this.#check(job, goal, undefined);
      return () => this.#replacement(job, goal, old, anew);
    }
    if (changes || old.hasInitErrors) {
      return () => this.#update(job, goal, old, inputs);
    }
    this.#replace(old, { ...old, name: goal.name, inputs });
    return undefined;
  }

  async #check(job: Job, goal: Goal, old: Saved | undefined): Promise<Record<string, unknown>> {
    const { inputs, failures } = await job.call(goal.kind, (face) =>
      face.check({ ...old?.inputs }, { ...goal.inputs }),
    );
    if (failures.length > 0) {
      throw new Error(failures.map(({ reason }) => reason).join("; "));
    }
    return withProvider(inputs, goal.inputs);
  }

  async #create(job: Job, goal: Goal, inputs: Record<string, unknown>): Promise<void> {
    const saved = (id: string, outputs: Record<string, unknown>, hasInitErrors: boolean): void => {
      const created: Saved = {
        kind: goal.kind,
        name: goal.name,
        id,
        inputs,
        outputs,
        hasInitErrors,
        isToDelete: false,
        isToCreate: false,
      };
      this.saved = [...this.saved.filter((other) => !isOf(other, goal) || other.isToDelete), created];
    };
    try {
      const { id, outs } = await job.call(goal.kind, (face) => face.create({ ...inputs }));
      saved(id, withProvider(outs, inputs), false);
    } catch (error) {
      if (isPartial(error)) {
        saved(error.id, error.properties, true);
      }
      throw error;
    }
  }

  async #replacement(job: Job, goal: Goal, old: Saved, inputs: Record<string, unknown>): Promise<void> {
    if (old.isToCreate) {
      return this.#create(job, goal, inputs);
    }
    if (goal.deleteBeforeReplace === true) {
      await job.call(goal.kind, (face) => face.delete(old.id, { ...old.outputs }));
      this.#replace(old, { ...old, name: goal.name, isToCreate: true });
      return this.#create(job, goal, inputs);
    }
    const leaving = { ...old, isToDelete: true };
    this.#replace(old, leaving);
    try {
      await this.#create(job, goal, inputs);
    } finally {
      // A replacement that was not created leaves the old one as it was.
      if (!this.saved.some((saved) => isOf(saved, goal) && !saved.isToDelete)) {
        this.#replace(leaving, old);
      }
    }
  }

  async #update(job: Job, goal: Goal, old: Saved, inputs: Record<string, unknown>): Promise<void> {
    const updated = (outputs: Record<string, unknown>, hasInitErrors: boolean) =>
      this.#replace(old, { ...old, name: goal.name, inputs, outputs, hasInitErrors });
    try {
      const { outs } = await job.call(goal.kind, (face) => face.update(old.id, { ...old.outputs }, { ...inputs }));
      updated(withProvider(outs, inputs), false);
    } catch (error) {
      if (isPartial(error)) {
        updated(error.properties, true);
      }
      throw error;
    }
  }

  async #deleteAll(job: Job, parallel: number, which: (saved: Saved) => boolean): Promise<void> {
    const pool = new Pool(parallel);
    for (const saved of this.saved.filter(which).reverse()) {
      if (!job.goesOn()) {
        break;
      }
      await pool.start(() =>
        job.attempt(async () => {
          if (!saved.isToCreate) {
            await job.call(saved.kind, (face) => face.delete(saved.id, { ...saved.outputs }));
          }
          this.saved = this.saved.filter((other) => other !== saved);
        }),
      );
    }
    await pool.end();
  }

  #replace(old: Saved, now: Saved): void {
    this.saved = this.saved.map((saved) => (saved === old ? now : saved));
  }
}

/** One run of the engine over a process of the provider. */
class Job {
  readonly errors: string[] = [];
  wasKilled = false;

  constructor(private readonly process: Process) {}

  /** The engine starts nothing new after the first error, a Ctrl+C or its end. */
  goesOn(): boolean {
    return this.errors.length === 0 && !this.wasKilled && !this.process.isStopping();
  }

  call<T>(kind: Kind, method: (face: DynamicFace) => Promise<T>): Promise<T> {
    return Promise.race([method(this.process.faces[kind]), this.process.killed]);
  }

  async attempt(step: () => Promise<void>): Promise<void> {
    if (!this.goesOn()) {
      return;
    }
    try {
      await step();
    } catch (error) {
      this.note(error);
    }
  }

  note(error: unknown): void {
    if (error instanceof Killed) {
      this.wasKilled = true;
    } else {
      this.errors.push(error instanceof Error ? error.message : String(error));
    }
  }
}

/** So many at a time, as the engine's `--parallel` says. */
class Pool {
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly places: number) {}

  async start(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.places) {
      await Promise.race(this.#running);
    }
    const running = work().finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async end(): Promise<void> {
    await Promise.all(this.#running);
  }
}

/** What a resource is known by: its type, and its name or the one that it had before. */
function isOf(
  saved: Saved,
  { kind, name, alias }: Pick<Goal, "kind" | "name"> & { readonly alias?: string | undefined },
): boolean {
  return saved.kind === kind && (saved.name === name || saved.name === alias);
}

function isPartial(error: unknown): error is Partial & Error {
  return error instanceof Error && "id" in error && "properties" in error && "reasons" in error;
}

/** The host carries the provider's text over from the inputs. */
function withProvider(properties: object, from: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...properties, __provider: from.__provider };
}
