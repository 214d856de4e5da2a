/**
 * One node of an answer, before it becomes XML or JSON.
 */
export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Absent for an element that is empty, such as `<ok/>`. */
  readonly text?: string;
  readonly children?: readonly Element[];
  /** Whether json shows it in an array even when it stands alone. */
  readonly inArray?: boolean;
}

export function leaf(name: string, text: string, attributes?: Record<string, string>): Element {
  return { name, text, ...(attributes !== undefined && { attributes }) };
}

export function branch(name: string, children: readonly Element[], attributes?: Record<string, string>): Element {
  return { name, children, ...(attributes !== undefined && { attributes }) };
}

/** A choice list of a form: `<slist name="…"><val key="…">…</val></slist>`. */
export function choices(name: string, options: readonly (readonly [key: string, label: string])[]): Element {
  const values = options.map(([key, label]) => ({ ...leaf("val", label, { key }), inArray: true }));
  return { ...branch("slist", values, { name }), inArray: true };
}

export const ok: Element = { name: "ok" };
