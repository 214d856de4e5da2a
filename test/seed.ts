/**
 * The seed of generated cases. The bounded form of a suite, which CI runs, goes through the same cases each time: a failure there is
 * news about the change. A long form is for finding what nobody has thought of, and takes new cases each time.
 *
 * @param given the seed that a failure has printed, to have its cases again
 */
export function seedOf(given: string | undefined, isLong: boolean): number {
  return given === undefined ? (isLong ? Date.now() % 2 ** 31 : 20_260_115) : Number(given);
}
