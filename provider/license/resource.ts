import type { InputFailure, RawInputs } from "./inputs";

/**
 * One kind of resource, as both faces drive it: what the engine can ask, in plain properties with unknown values marked. A license is
 * one, a fleet of licenses another.
 */
export interface Resource {
  /**
   * Judges the inputs of a program, and says what an order would do and what would be refused of it. Reads only.
   *
   * @param olds the inputs recorded before, `undefined` for a new resource, and for one that is to be replaced
   * @param urn where the engine tells it
   */
  check(
    olds: RawInputs | undefined,
    news: RawInputs,
    urn?: string,
  ): Promise<{ inputs: object; failures: readonly InputFailure[] }>;
  /** Compares what a program asks for with the state, and says what an update would do. Reads only. */
  diff(
    id: string,
    olds: RawInputs,
    news: RawInputs,
  ): Promise<{ readonly changes: boolean; readonly replaces: readonly string[] }>;
  /** Whether an update would have anything to do. Calls nothing, and says nothing. */
  hasChanges(olds: RawInputs, news: RawInputs): boolean;
  create(inputs: RawInputs): Promise<{ readonly id: string; readonly outputs: object }>;
  /** The outputs of {@link create} as a preview can tell them. Calls nothing. */
  planCreate(inputs: RawInputs): object;
  read(id: string, properties: RawInputs): Promise<object>;
  update(id: string, olds: RawInputs, news: RawInputs): Promise<object>;
  /** The outputs of {@link update} as a preview can tell them. Calls nothing. */
  planUpdate(olds: RawInputs, news: RawInputs): object;
  delete(id: string, properties: RawInputs): Promise<void>;
}
