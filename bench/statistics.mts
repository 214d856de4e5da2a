/** The same figure, measured again and again. */
export interface Repeated {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** `undefined` where nothing was measured. */
export function repeated(values: readonly number[]): Repeated | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, most] = [sorted.at(0), sorted.at(-1)];
  return least === undefined || most === undefined ? undefined : { median: middleOf(sorted), least, most };
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** One point of a figure that grows with the number of licenses. */
export interface Point {
  readonly size: number;
  readonly value: number;
}

/**
 * The exponent with which a figure grows: 1 where twice as many licenses take twice as long, 2 where they take four times as long. It is
 * the slope of the straight line that lies closest to the points on logarithmic axes.
 *
 * @returns `undefined` for fewer than two sizes, and where a value has no logarithm
 */
export function growthExponent(points: readonly Point[]): number | undefined {
  const logs = points.map(({ size, value }) => ({ x: Math.log(size), y: Math.log(value) }));
  const [meanX, meanY] = [sum(logs.map(({ x }) => x)) / logs.length, sum(logs.map(({ y }) => y)) / logs.length];
  const slope = sum(logs.map(({ x, y }) => (x - meanX) * (y - meanY))) / sum(logs.map(({ x }) => (x - meanX) ** 2));
  return Number.isFinite(slope) ? slope : undefined;
}

function middleOf(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  const pair = [sorted[Math.floor(middle)] ?? Number.NaN, sorted[Math.ceil(middle)] ?? Number.NaN];
  return sum(pair) / 2;
}
