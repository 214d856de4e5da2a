/**
 * Money as whole minor units (cents) in a bigint, so that no sum is ever rounded by accident.
 */
export type MinorUnits = bigint;

/**
 * Reads a decimal amount such as `"14.00"`.
 *
 * @throws RangeError when the text is no amount, or is finer than the currency's smallest coin
 */
export function parseAmount(text: string, currency: string): MinorUnits {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  const decimals = decimalsOf(currency);
  const fraction = match?.[3] ?? "";
  if (match === null || fraction.length > decimals) {
    throw new RangeError(`"${text}" is no amount of ${currency}; expected digits with at most ${decimals} decimals`);
  }
  const units = BigInt(`${match[2]}${fraction.padEnd(decimals, "0")}`);
  return match[1] === "-" ? -units : units;
}

/** `1400n` EUR → `"14.00"`; `minimumDecimals` pads further, as the panel's price list does. */
export function formatAmount(units: MinorUnits, currency: string, minimumDecimals = 0): string {
  const decimals = decimalsOf(currency);
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).padEnd(minimumDecimals, "0");
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** How many decimals the currency has: 2 for EUR, 0 for JPY. */
export function decimalsOf(currency: string): number {
  let decimals = knownDecimals.get(currency);
  if (decimals === undefined) {
    if (!/^[A-Z]{3}$/.test(currency)) {
      throw new RangeError(`"${currency}" is no currency; expected three capital letters such as EUR`);
    }
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
    knownDecimals.set(currency, decimals);
  }
  return decimals;
}

const knownDecimals = new Map<string, number>();
