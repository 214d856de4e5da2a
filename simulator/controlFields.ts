/** What a caller of the control address got wrong: answered with 400 and this message. */
export class BadRequestError extends Error {
  override readonly name = "BadRequestError";
}

/** A JSON object, not yet looked into. */
export type Fields = Record<string, unknown>;

export function recordOf(value: unknown, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadRequestError(`${name} must be a JSON object`);
  }
  return value as Fields;
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new BadRequestError(`"${name}" must be a text`);
  return value;
}

export function numberOf(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new BadRequestError(`"${name}" must be a whole number`);
  }
  return value;
}

export function textIfAny(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : textOf(fields, name);
}

export function numberIfAny(fields: Fields, name: string): number | undefined {
  return fields[name] === undefined ? undefined : numberOf(fields, name);
}

/** Months, or `null` for off. */
export function monthsOf(fields: Fields, name: string): number | null {
  return fields[name] === null ? null : numberOf(fields, name);
}
